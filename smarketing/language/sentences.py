"""Texts put together as sentences."""

from __future__ import annotations


def sentence(text: str) -> str:
    """Return the text with a capital first letter and a full stop.

    Examples
    --------
    >>> sentence("there are no deals")
    'There are no deals.'
    """
    text = text.strip()
    if not text:
        return text
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?…" else text + "."
