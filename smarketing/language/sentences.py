"""Texts put together as sentences."""

from __future__ import annotations


def capital(text: str) -> str:
    """Return a text as a sentence begins.

    Examples
    --------
    >>> capital("the agreed card")
    'The agreed card'
    """
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return the text with a capital first letter and a full stop.

    Examples
    --------
    >>> sentence("there are no deals")
    'There are no deals.'
    """
    text = capital(text.strip())
    return text if not text or text[-1] in ".!?…" else text + "."
