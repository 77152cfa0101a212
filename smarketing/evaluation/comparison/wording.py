"""What models are called in sentences."""

from __future__ import annotations

from smarketing.language.catalogue import mark, tr

_CALLED = {
    "agreed": mark("the agreed card"),
    "card": mark("the learned card"),
    "boosted": mark("the boosted model"),
    "logistic": mark("the logistic model"),
    "status_quo": mark("the score in use today"),
}


def called(name: str) -> str:
    """Return what a model is called within a sentence.

    Examples
    --------
    >>> called("agreed"), called("boosted")
    ('the agreed card', 'the boosted model')
    """
    return tr(_CALLED[name]) if name in _CALLED else tr("the {model} model", model=name)


def capital(text: str) -> str:
    """Return a text as a sentence begins.

    Examples
    --------
    >>> capital("the agreed card")
    'The agreed card'
    """
    return text[:1].upper() + text[1:]
