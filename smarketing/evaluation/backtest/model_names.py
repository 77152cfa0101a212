"""The names under which models are judged, and what they are called in sentences."""

from __future__ import annotations

from smarketing.language.catalogue import mark, tr

AGREED = "agreed"
STATUS_QUO = "status_quo"
_CALLED = {
    AGREED: mark("the agreed card"),
    "card": mark("the learned card"),
    "boosted": mark("the boosted model"),
    "logistic": mark("the logistic model"),
    STATUS_QUO: mark("the score in use today"),
}


def called(name: str) -> str:
    """Return what a model is called within a sentence.

    Examples
    --------
    >>> called("agreed"), called("boosted")
    ('the agreed card', 'the boosted model')
    """
    return tr(_CALLED[name]) if name in _CALLED else tr("the {model} model", model=name)
