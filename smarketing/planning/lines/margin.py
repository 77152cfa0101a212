"""What lines earn and whether the desks can take them: money and capacity over monthly tables."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np
from scipy.special import ndtr
from scipy.stats import nbinom

from smarketing.agreement.model import Agreement
from smarketing.agreement.sla import Capacity
from smarketing.planning.lines.line_grid import LinePair, Tables
from smarketing.planning.lines.line_record import AS_DRAWN, LineRecord


@dataclass(frozen=True)
class Terms:
    """The agreement's economics and capacities, with the demand expected.

    Attributes
    ----------
    customer_value : float or None
        Revenue per customer × margin share; None where no money can be promised.
    cost_qualified, cost_worked : float
        Per lead qualified, per lead worked by a rep.
    qualification, closing : float
        Leads a month each desk can take; infinite where no capacity applies.
    confidence : float
        The chance with which a month's leads must fit the capacity.
    demand : float
        Expected leads a month ÷ those of the months judged.
    one_line : bool
        No qualification desk.
    variation : float or None
        Variance of a coming month's leads ÷ their squared mean beyond chance, as forecast; None:
        as the months judged varied, trend and season among it.
    hold_sql : bool
        History cannot tell what reps make of leads handed to them unqualified
        (:func:`~smarketing.planning.lines.unqualified_leads.unworked_note`), so the SQL line is
        not moved but for the capacity.
    dated : bool
        False for tables without dates: all leads are one lot, and no capacity applies.
    record : LineRecord
        How far people keep to the lines, and what comes beside them.
    no_money : str
        Why no money can be promised (:mod:`~smarketing.planning.lines.grounds`), in a sentence.

    Examples
    --------
    >>> Terms(24000.0, 250.0, 1500.0, 160.0, 48.0).closing
    48.0
    """

    customer_value: float | None
    cost_qualified: float
    cost_worked: float
    qualification: float
    closing: float
    confidence: float = 0.8
    demand: float = 1.0
    one_line: bool = False
    variation: float | None = None
    hold_sql: bool = False
    dated: bool = True
    record: LineRecord = AS_DRAWN
    no_money: str = ""

    @classmethod
    def of(
        cls,
        agreement: Agreement,
        demand: float = 1.0,
        variation: float | None = None,
        hold_sql: bool = False,
        dated: bool = True,
        record: LineRecord = AS_DRAWN,
        no_money: str = "",
    ) -> Terms:
        """Read the terms from an agreement."""
        money, desk, reps = (
            agreement.economics, agreement.capacity.qualification, agreement.capacity.closing
        )  # fmt: skip

        def room(capacity: Capacity | None) -> float:
            return math.inf if capacity is None or not dated else float(capacity.leads_per_month)

        value = float(money.revenue_per_customer * money.margin_share)
        return cls(
            customer_value=None if no_money else value,
            cost_qualified=float(money.cost_per_qualified_lead),
            cost_worked=float(money.cost_per_worked_lead),
            qualification=room(desk),
            closing=room(reps),
            confidence=float(agreement.sla.confidence),
            demand=demand,
            one_line=desk is None,
            variation=variation,
            hold_sql=hold_sql,
            dated=dated,
            record=record,
            no_money=no_money,
        )


@dataclass(frozen=True)
class Money:
    """Means per month for every pair of lines, shape (MQL lines, SQL lines).

    Attributes
    ----------
    margin : numpy.ndarray
        Expected margin a month; leads that a full desk cannot take earn and cost nothing.
    fits_qualification, fits_closing : numpy.ndarray
        P(a month's leads <= capacity).
    """

    margin: np.ndarray
    fits_qualification: np.ndarray
    fits_closing: np.ndarray

    def overflow(self, pair: LinePair, terms: Terms) -> dict[str, float]:
        """Return in which part of months each desk that has a limit gets more than it can take."""
        risks = {}
        for desk in ("qualification", "closing"):
            absent = desk == "qualification" and terms.one_line
            if not absent and math.isfinite(getattr(terms, desk)):
                risks[desk] = max(0.0, float(1 - getattr(self, f"fits_{desk}")[pair]))
        return risks

    def fits(self, terms: Terms) -> np.ndarray:
        """Return which pairs of lines keep the capacities as often as agreed."""
        fits = self.fits_closing >= terms.confidence
        return fits if terms.one_line else fits & (self.fits_qualification >= terms.confidence)


def judge(
    tables: Tables, terms: Terms, months: np.ndarray | None = None, resampled: bool = False
) -> Money:
    """Return margin and fit to capacity of every pair of lines.

    What comes beside the lines takes room at the desks, and is in no margin: no line moves it.

    Parameters
    ----------
    tables : Tables
        Monthly sums.
    terms : Terms
    months : numpy.ndarray, optional
        How often each month counts, shape (months,); all once by default.
    resampled : bool
        Whether leads were drawn with replacement: the noise this adds is taken out again.

    Returns
    -------
    Money
    """
    weight = np.ones(len(tables.direct)) if months is None else months.astype(float)
    weight = (weight / weight.sum())[:, None, None]
    n = int((weight > 0).sum())
    tables, record = terms.record.kept_to(tables), terms.record
    ready = tables.direct + tables.passed + record.sales_ready
    moments = [
        next_count(counts, weight, noise, n, terms, resampled)
        for counts, noise in ((tables.qualified + record.mqls, 0.0), (ready, tables.noise))
    ]
    if terms.variation is None:
        margin = (weight * _margin(tables, terms, None)).sum(axis=0)
    else:
        # The forecast says how the coming months vary; those judged say what a lead is worth.
        mean = Tables(*((weight * each).sum(axis=0) for each in astuple(tables)))
        margin = _margin(mean, terms, [variance for _, variance in moments])
    return Money(
        margin=margin,
        fits_qualification=fits(*moments[0], terms.qualification),
        fits_closing=fits(*moments[1], terms.closing),
    )


def _margin(tables: Tables, terms: Terms, variances: list[np.ndarray] | None) -> np.ndarray:
    """Return the margin of every pair of lines, for leads that come as given or vary around it."""
    f, (q_var, r_var) = terms.demand, variances or (None, None)
    qualified, direct, record = f * tables.qualified, f * tables.direct, terms.record
    taken = _share(qualified + f * record.mqls, terms.qualification, q_var)
    load = direct + taken * f * tables.passed + f * record.sales_ready
    worked = _share(load, terms.closing, r_var)
    value = terms.customer_value or 0.0
    return (
        worked * f * (value * tables.direct_won - terms.cost_worked * tables.direct)
        + worked * taken * f * (value * tables.passed_won)
        - worked * taken * f * terms.cost_worked * tables.passed
        - taken * qualified * terms.cost_qualified
    )


def next_count(
    counts: np.ndarray,
    weight: np.ndarray,
    noise: np.ndarray | float,
    n: int,
    terms: Terms,
    resampled: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of a coming month's count, from the forecast where there is one.

    A part of leads that come gamma–Poisson comes gamma–Poisson with the same variation; how
    large a part is counted on n months, hence the factor 1 + 1/n.

    Examples
    --------
    >>> terms = Terms(1.0, 0.0, 0.0, 9, 9, demand=2.0, variation=0.1)
    >>> counts, weight = np.array([10.0, 10.0]), np.array([0.5, 0.5])
    >>> [float(x) for x in next_count(counts, weight, 0.0, 2, terms)]
    [20.0, 70.0]
    """
    if terms.variation is None:
        return count_moments(counts, weight, noise, n, terms.demand, resampled)
    mean = terms.demand * (weight * counts).sum(axis=0)
    return mean, mean * (1 + 1 / max(n, 1)) + terms.variation * mean**2


def count_moments(
    counts: np.ndarray,
    weight: np.ndarray,
    noise: np.ndarray | float,
    n: int,
    demand: float = 1.0,
    resampled: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of the next month's count, months along the first axis.

    Gamma–Poisson by moments: the months' variance beyond what chance alone gives is demand's
    own; the mean of n months is itself uncertain, hence the factor 1 + 1/n.

    Examples
    --------
    >>> mean, variance = count_moments(np.array([10.0, 10.0]), np.array([0.5, 0.5]), 0.0, 2)
    >>> float(mean), float(variance)
    (10.0, 15.0)
    """
    mean = (weight * counts).sum(axis=0)
    spread = (weight * (counts - mean) ** 2).sum(axis=0) * (n / (n - 1) if n > 1 else 0.0)
    spread = spread + (weight * np.asarray(noise)).sum(axis=0)
    chance = mean * (2.0 if resampled else 1.0)
    excess = np.maximum(spread - chance, 0.0)
    return demand * mean, (demand * mean + demand**2 * excess) * (1 + 1 / max(n, 1))


def fits(mean: np.ndarray, variance: np.ndarray, capacity: float) -> np.ndarray:
    """Return P(count <= capacity) of a gamma–Poisson count with these moments.

    Examples
    --------
    >>> fits(np.array([0.0, 10.0]), np.array([0.0, 15.0]), 12).round(2)
    array([1.  , 0.76])
    """
    mean, variance = np.asarray(mean, float), np.asarray(variance, float)
    if math.isinf(capacity):
        return np.ones_like(mean)
    chance = np.ones_like(mean)
    # A mean so small that it is none at all would divide by zero.
    some = mean > 1e-9
    shape, odds = _shape(mean[some], variance[some])
    chance[some] = nbinom.cdf(math.floor(capacity), shape, odds)
    return chance


def between(mean: float, variance: float, share: float = 0.8) -> tuple[int, int]:
    """Return the central prediction interval of a gamma–Poisson count.

    Examples
    --------
    >>> between(10.0, 15.0)
    (5, 15)
    """
    if mean <= 1e-9:
        return 0, 0
    shape, odds = _shape(np.array(mean), np.array(variance))
    tail = (1 - share) / 2
    return int(nbinom.ppf(tail, shape, odds)), int(nbinom.ppf(1 - tail, shape, odds))


def _shape(mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    variance = np.maximum(variance, mean * (1 + 1e-6))
    return mean**2 / (variance - mean), mean / variance


def _share(load: np.ndarray, capacity: float, variance: np.ndarray | None = None) -> np.ndarray:
    """Return the part of a month's leads that a desk takes, in the order they come.

    With a variance: E[min(load, capacity)] / E[load] of a normal load.
    """
    if math.isinf(capacity):
        return np.ones_like(load)
    some = np.maximum(load, 1e-12)
    if variance is None:
        return np.where(load > capacity, capacity / some, 1.0)
    spread = np.sqrt(np.maximum(variance, 1e-12))
    z = (load - capacity) / spread
    lost = spread * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) + (load - capacity) * ndtr(z)
    return np.clip(1 - lost / some, 0.0, np.minimum(capacity / some, 1.0))
