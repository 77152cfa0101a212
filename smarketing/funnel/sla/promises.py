"""A promise of the agreement against what was delivered: arithmetic first, luck second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

KEPT, BROKEN, PENDING = "kept", "broken", "pending"
NOT_AGREED, NO_DATA = "not agreed", "no data"


@dataclass(frozen=True)
class Promise:
    """One line of the SLA and what became of it.

    Attributes
    ----------
    side : str
        marketing or sales.
    name : str
        mqls, sales_ready, acceptance, first_contact, follow_up, disposition, customers, revenue.
    basis : str
        cohort (the month's hand-overs, followed on) or calendar (what happened in the month).
    unit : str
        number, share, or a currency.
    promised, delivered : float or None
    k, n : int or None
        Behind a share: `k` of `n` whose time is over.
    pending : int
        Younger than the promise: neither kept nor broken, and not in `n`.
    verdict : str
        kept, broken, pending, not agreed, or no data. Plain arithmetic.
    luck_low, luck_high : float or None
        What luck alone explains if the promise were exactly right, in the unit of the promise
        (a share: of `n`), at the agreement's confidence; none while leads may still add to it.
    luck : str or None
        within, below or above that interval.
    note : str
        What a reader must know beside it.
    """

    side: str
    name: str
    basis: str
    unit: str
    promised: float | None = None
    delivered: float | None = None
    k: int | None = None
    n: int | None = None
    pending: int = 0
    verdict: str = NO_DATA
    luck_low: float | None = None
    luck_high: float | None = None
    luck: str | None = None
    note: str = ""


def share_promise(
    side: str,
    name: str,
    promised: float | None,
    k: int,
    n: int,
    pending: int,
    confidence: float,
    note: str = "",
) -> Promise:
    """Judge a promised share on `k` of `n`; luck is binomial.

    Examples
    --------
    >>> made = share_promise("sales", "first_contact", 0.6, 58, 100, 3, 0.8)
    >>> made.verdict, made.luck
    ('broken', 'within')
    """
    delivered = k / n if n else None
    low = high = luck = None
    if promised is None:
        verdict = NOT_AGREED
    elif delivered is None:
        verdict = PENDING if pending else NO_DATA
    else:
        verdict = KEPT if delivered >= promised else BROKEN
        counts = _central(stats.binom(n, promised), confidence)
        low, high = counts[0] / n, counts[1] / n
        luck = _place(k, *counts)
    return Promise(
        side, name, "cohort", "share", promised, delivered, k, n, pending, verdict,
        low, high, luck, note,
    )  # fmt: skip


def count_promise(
    side: str,
    name: str,
    promised: float | None,
    delivered: float,
    basis: str,
    confidence: float,
    *,
    waiting: int = 0,
    running: bool = False,
    chances: tuple[int, float] | None = None,
    note: str = "",
) -> Promise:
    """Judge a promised number; luck is Poisson, or binomial where `chances` are known.

    Parameters
    ----------
    waiting : int
        Leads that may still add to it.
    running : bool
        Whether the month is not over; then, or while leads are waiting, too few is pending.
    chances : tuple of int and float, optional
        Trials and the promised chance of each.

    Examples
    --------
    >>> made = count_promise("sales", "customers", 5, 4, "calendar", 0.8)
    >>> made.verdict, made.luck_low, made.luck_high
    ('broken', 2.0, 8.0)
    """
    low = high = luck = None
    verdict = _verdict(promised, delivered, bool(waiting) or running)
    if promised is not None and not running and not waiting:
        spread = stats.binom(*chances) if chances else stats.poisson(promised)
        low, high = _central(spread, confidence)
        luck = _place(delivered, low, high)
    return Promise(
        side, name, basis, "number", promised, delivered, None, None, waiting, verdict,
        low, high, luck, note,
    )  # fmt: skip


def revenue_promise(
    promised: float | None,
    delivered: float,
    basis: str,
    currency: str,
    amounts: np.ndarray,
    customers: float | None,
    confidence: float,
    *,
    waiting: int = 0,
    running: bool = False,
    note: str = "",
) -> Promise:
    """Judge promised revenue; luck is Poisson many customers with amounts drawn from history.

    Parameters
    ----------
    amounts : numpy.ndarray of float
        Amounts of won deals. Only their spread is used: they are scaled so that their mean
        gives the promised revenue.
    customers : float or None
        Customers promised; None: promised revenue over the mean amount.
    """
    low = high = luck = None
    verdict = _verdict(promised, delivered, bool(waiting) or running)
    if promised and len(amounts) >= 10 and amounts.mean() > 0 and not (running or waiting):
        expected = customers or promised / amounts.mean()
        draw = np.random.default_rng(0)
        number = draw.poisson(expected, 2000)
        picked = draw.choice(amounts * (promised / expected / amounts.mean()), number.sum())
        month = np.repeat(np.arange(len(number)), number)
        sums = np.bincount(month, weights=picked, minlength=len(number))
        low, high = np.quantile(sums, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist()
        luck = _place(delivered, low, high)
    return Promise(
        "sales", "revenue", basis, currency, promised, delivered, None, None, waiting, verdict,
        low, high, luck, note,
    )  # fmt: skip


def _verdict(promised: float | None, delivered: float, undecided: bool) -> str:
    if promised is None:
        return NOT_AGREED
    if delivered >= promised:
        return KEPT
    return PENDING if undecided else BROKEN


def _central(spread: stats.distributions.rv_frozen, confidence: float) -> tuple[float, float]:
    low, high = spread.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _place(value: float, low: float, high: float) -> str:
    return "below" if value < low else "above" if value > high else "within"
