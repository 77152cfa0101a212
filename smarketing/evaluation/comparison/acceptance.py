"""A rule of thumb for whether a score is good enough to route leads by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, fixed, percent

FLAGGED = (0.15, 0.35)
LEAST_HELD = 0.6
LEAST_TIMES = 10.0
LEAST_BELOW = 5
"""The fewest conversions in the lowest half that make a ratio meaningful."""
_TEXTS = {
    (True, True): mark(
        "Passed: flagging {share} of leads holds {held} of conversions; they convert {times} "
        "times as often as the lowest half."
    ),
    (True, False): mark(
        "Passed: flagging {share} of leads holds {held} of conversions; in the lowest half "
        "{few} of {n} converted."
    ),
    (False, True): mark(
        "Not passed: flagging {share} of leads holds {held} of conversions; they convert "
        "{times} times as often as the lowest half."
    ),
    (False, False): mark(
        "Not passed: flagging {share} of leads holds {held} of conversions; in the lowest half "
        "{few} of {n} converted."
    ),
}
"""By whether it is passed, and whether enough of the lowest half convert to compare with."""


def acceptance(
    outcome: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None
) -> dict[str, Any]:
    """Say whether the best 15 to 35 % of leads hold most conversions (MadKudu's acceptance test).

    Passed if some cut of the score flags 15 to 35 % of the leads, these hold at least 60 % of
    the conversions, and convert at least ten times as often as the lowest-scored half. The cut
    is the smallest that holds 60 %, else the largest allowed; leads of one score stay together.

    Parameters
    ----------
    outcome, score, weight : array of shape (n,)

    Returns
    -------
    dict
        ``flagged_share``, ``conversions_share``, ``times_bottom`` (None where nobody in the
        lowest half converted), ``passed``, ``sentence``. Shares are None where no cut of the
        score flags 15 to 35 %, or nobody converted.

    Examples
    --------
    >>> acceptance([1] * 20 + [0] * 80, range(100, 0, -1))["passed"]
    True
    """
    y, s = np.asarray(outcome, float), np.asarray(score, float)
    w = np.ones_like(y) if weight is None else np.asarray(weight, float)
    if len(y) == 0 or (w * y).sum() <= 0:
        return _answer(tr("Not passed: nobody converted."))
    order = np.argsort(-s, kind="stable")
    y, s, w = y[order], s[order], w[order]
    last = np.r_[s[1:] != s[:-1], True]  # a cut may only fall between different scores
    flagged = (np.cumsum(w) / w.sum())[last]
    held = (np.cumsum(w * y) / (w * y).sum())[last]
    allowed = np.flatnonzero((flagged >= FLAGGED[0] - 1e-9) & (flagged <= FLAGGED[1] + 1e-9))
    if len(allowed) == 0:
        return _answer(tr("Not passed: no cut of the score flags 15 to 35 % of the leads."))
    enough = allowed[held[allowed] >= LEAST_HELD]
    cut = int(enough[0] if len(enough) else allowed[-1])
    share, won = float(flagged[cut]), float(held[cut])
    low = np.cumsum(w[::-1])[::-1] / w.sum() <= 0.5
    bottom = float((w * y)[low].sum() / w[low].sum()) if low.any() else 0.0
    top = won * (w * y).sum() / (share * w.sum())
    times = float(top / bottom) if bottom > 0 else None
    passed = won >= LEAST_HELD and (times is None or times >= LEAST_TIMES)
    below = int((y[low] > 0).sum())
    text = _TEXTS[passed, below >= LEAST_BELOW]
    figures = {
        "share": percent(share, 0),
        "held": percent(won, 0),
        "times": fixed(times, 1),
        "few": count(below),
        "n": count(int(low.sum())),
    }
    return _answer(tr(text, **figures), share, won, times, passed)


def _answer(
    sentence: str,
    share: float | None = None,
    won: float | None = None,
    times: float | None = None,
    passed: bool = False,
) -> dict[str, Any]:
    return {
        "flagged_share": share,
        "conversions_share": won,
        "times_bottom": times,
        "passed": passed,
        "sentence": sentence,
    }
