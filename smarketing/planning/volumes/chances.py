"""The chance of a promise that counts successes: leads handed over, customers won."""

from __future__ import annotations

import math

from scipy.stats import binom

from smarketing.errors import CannotAnswer, Problem, UsageError

MOST_TRIALS = 10_000_000
"""Beyond this many leads a month a promise is called unreachable."""


def chance_of(at_least: int, trials: int, rate: float) -> float:
    """Return the chance of at least so many successes, each trial succeeding with `rate`.

    Parameters
    ----------
    at_least : int
        Successes wanted, such as customers a month.
    trials : int
        Trials made, such as sales-ready leads a month.
    rate : float
        Chance of one trial, in [0, 1].

    Returns
    -------
    float
        P(X >= at_least) of the binomial distribution.

    Raises
    ------
    UsageError
        If the rate is outside [0, 1] or a count is negative.

    Examples
    --------
    >>> round(chance_of(at_least=5, trials=20, rate=0.25), 5)
    0.58516
    """
    _check(at_least, rate)
    if trials < 0:
        raise UsageError(Problem("trials cannot be negative", found=str(trials), allowed=">= 0"))
    return float(binom.sf(at_least - 1, trials, rate))


def trials_needed(at_least: int, rate: float, confidence: float) -> int:
    """Return the fewest trials that give at least so many successes with that confidence.

    Parameters
    ----------
    at_least : int
        Successes wanted.
    rate : float
        Chance of one trial, in [0, 1].
    confidence : float
        Chance wanted, in (0, 1).

    Returns
    -------
    int

    Raises
    ------
    UsageError
        If an argument is out of its range.
    CannotAnswer
        If no number of trials is enough, because the rate is zero or nearly so.

    Examples
    --------
    >>> [trials_needed(at_least=5, rate=0.25, confidence=q) for q in (0.8, 0.9, 0.95)]
    [26, 30, 34]
    """
    _check(at_least, rate)
    check_confidence(confidence)
    return fewest(lambda n: chance_of(at_least, n, rate), confidence, start=at_least)


def fewest(chance, confidence: float, start: int = 0) -> int:
    """Return the smallest n >= start with chance(n) >= confidence; chance must not fall with n.

    Examples
    --------
    >>> fewest(lambda n: min(n / 10, 1), 0.75)
    8
    """
    start = max(start, 0)
    if chance(start) >= confidence:
        return start
    low, high = start, max(2 * start, 1)
    while chance(high) < confidence:
        low, high = high, 2 * high
        if high > MOST_TRIALS:
            raise CannotAnswer(
                Problem(
                    f"no volume reaches a chance of {round(confidence * 100)} %",
                    todo="The rate is zero or nearly so: lower the goal, or raise the rate first.",
                )
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle) >= confidence else (middle, high)
    return high


def check_confidence(confidence: float) -> float:
    """Return the confidence if it lies between 0 and 1; raise :class:`UsageError` otherwise.

    Examples
    --------
    >>> check_confidence(0.8)
    0.8
    """
    if not (isinstance(confidence, (int, float)) and 0 < confidence < 1):
        raise UsageError(
            Problem("a confidence is needed", found=repr(confidence), allowed="between 0 and 1")
        )
    return confidence


def _check(at_least: int, rate: float) -> None:
    if at_least < 0:
        raise UsageError(Problem("at_least is a count", found=str(at_least), allowed=">= 0"))
    if math.isnan(rate) or not 0 <= rate <= 1:
        raise UsageError(Problem("a rate is needed", found=str(rate), allowed="between 0 and 1"))
