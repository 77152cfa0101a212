"""The coming months, many times over: leads, MQLs, hand-overs, customers, revenue."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.stats import binom

from smarketing.planning.volumes.chances import fewest
from smarketing.planning.volumes.demand_forecast import DemandForecast, Luck
from smarketing.planning.volumes.rate import Rate

DRAWS = 20_000
RATE_DRAWS = 4_000
"""Draws of a rate when the fewest leads are searched; the count's own chance is exact."""


FORECAST = (
    "visitors", "leads", "mqls", "sales_ready", "accepted", "sqls", "opportunities", "customers",
)  # fmt: skip
"""Measures that are forecast by their own counts."""


@dataclass(frozen=True)
class Outlook:
    """What the coming months are drawn from, at given lines.

    Attributes
    ----------
    sales_ready : DemandForecast or None
        Hand-overs to reps; None where nobody records them.
    close : Rate or None
        Customers per hand-over, at these lines; None where nobody records customers.
    visitors, leads, mqls, accepted, sqls, opportunities : DemandForecast or None
    customers : DemandForecast or None
        By the month they buy in. None, but with a close rate: those of a month's hand-overs,
        whenever they buy; that answers what a volume would give.
    deals : DemandForecast or None
        Won deals with an amount in the agreement's currency; None: one for each customer.
    acceptance, opportunity : Rate or None
        Per hand-over.
    amounts : numpy.ndarray
        Amounts of deals won in history; one value repeats itself.
    closing : float
        Hand-overs a month that reps can work; what comes beyond is not worked.
    per_lead : Rate or None
        Hand-overs per lead.
    moved : mapping of str to float
        Measure -> what comes of it at these lines ÷ what comes at today's; 1 where left out.
        Only hand-overs beyond today's can be more than reps can work, as history has what they
        made of today's.
    """

    sales_ready: DemandForecast | None
    close: Rate | None
    mqls: DemandForecast | None = None
    leads: DemandForecast | None = None
    visitors: DemandForecast | None = None
    accepted: DemandForecast | None = None
    sqls: DemandForecast | None = None
    opportunities: DemandForecast | None = None
    customers: DemandForecast | None = None
    deals: DemandForecast | None = None
    acceptance: Rate | None = None
    opportunity: Rate | None = None
    amounts: np.ndarray = field(default_factory=lambda: np.array([]))
    closing: float = math.inf
    per_lead: Rate | None = None
    moved: Mapping[str, float] = field(default_factory=dict)
    unmoved: Mapping[str, DemandForecast] = field(default_factory=dict)

    @property
    def ready_a_month(self) -> float:
        """Hand-overs expected a month; none where nobody records them."""
        return 0.0 if self.sales_ready is None else float(self.sales_ready.mean.mean())

    @property
    def close_rate(self) -> Rate:
        """Customers per hand-over; none where nobody records them."""
        return self.close or Rate.known(0.0)

    @property
    def at_todays_lines(self) -> Outlook:
        """What comes if no line moves."""
        forecasts: dict[str, Any] = dict(self.unmoved)
        return replace(self, moved={}, unmoved={}, **forecasts)


def simulate(outlook: Outlook, draws: int = DRAWS, seed: int = 0) -> dict[str, np.ndarray]:
    """Simulate the coming months.

    Counts of one month rise and fall together, each around its own forecast; each run has one
    value of every rate, drawn from its posterior.

    Returns
    -------
    dict of str to numpy.ndarray
        Measure -> values, shape (draws, horizon): those of :data:`FORECAST` that the outlook
        has, ``customers``, ``deals`` (those with an amount), ``acceptance_rate`` and, with deal
        amounts, ``revenue``. A month without hand-overs keeps any acceptance promise.

    Examples
    --------
    >>> twenty = Outlook(fixed(20), Rate.known(0.25))
    >>> won = simulate(twenty, draws=20_000)["customers"]
    >>> round(float((won >= 5).mean()), 1)
    0.6
    """
    rng = np.random.default_rng(seed)
    forecasts = [getattr(outlook, name) for name in (*FORECAST, "deals")]
    horizon = max((len(forecast.mean) for forecast in forecasts if forecast is not None), default=0)
    if not horizon:
        return {}  # nothing was on record yet
    luck = Luck.draw(draws, horizon, rng)
    out: dict[str, np.ndarray] = {}
    for name, forecast in zip(FORECAST, forecasts, strict=False):
        if forecast is not None:
            out[name] = forecast.draw(luck, rng)
    if outlook.sales_ready is not None:
        worked = np.minimum(out["sales_ready"], _room(outlook.closing)).astype(int)
        if outlook.acceptance is not None:
            accepted = rng.binomial(worked, outlook.acceptance.draw(draws, rng)[:, None])
            out["acceptance_rate"] = np.where(worked > 0, accepted / np.maximum(worked, 1), 1.0)
        if outlook.customers is None and outlook.close is not None:
            out["customers"] = rng.binomial(worked, outlook.close.draw(draws, rng)[:, None])
        elif outlook.customers is not None and outlook.moved.get("sales_ready", 1.0) > 1:
            out["customers"] = _if_worked(out["customers"], out["sales_ready"], outlook, rng)
    if "customers" in out and len(outlook.amounts):
        out["deals"] = out["customers"]
        if outlook.deals is not None:
            out["deals"] = outlook.deals.draw(luck, rng)
        out["revenue"] = revenue_of(out["deals"], outlook.amounts, rng)
    return out


def _room(closing: float) -> float:
    return closing if math.isinf(closing) else math.floor(closing)


def _if_worked(
    customers: np.ndarray, ready: np.ndarray, outlook: Outlook, rng: np.random.Generator
) -> np.ndarray:
    """Return the customers left where lines hand over more than today's and reps are full."""
    room = _room(outlook.closing)
    today = ready / outlook.moved["sales_ready"]
    kept = np.minimum(room / np.maximum(ready, 1), 1) / np.minimum(room / np.maximum(today, 1), 1)
    return rng.binomial(customers, np.clip(kept, 0.0, 1.0))


def fixed(count: int, horizon: int = 1) -> DemandForecast:
    """Return a forecast of exactly so many every month, to ask what a volume would give."""
    return DemandForecast(np.full(horizon, float(count)), 0.0, 0.0, 0, ("",) * horizon, exact=True)


def revenue_of(customers: np.ndarray, amounts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the summed amounts of so many deals drawn from history for every cell."""
    flat = customers.ravel()
    total = np.r_[0.0, rng.choice(amounts, int(flat.sum())).cumsum()]
    ends = flat.cumsum()
    return (total[ends] - total[ends - flat]).reshape(customers.shape)


def promised(values: np.ndarray, confidence: float) -> float:
    """Return the largest value met with that confidence.

    Examples
    --------
    >>> promised(np.arange(10), 0.8)
    2.0
    """
    ordered = np.sort(values, axis=None)
    return float(ordered[math.floor((1 - confidence) * len(ordered) + 1e-9)])


def chance_with(at_least: int, trials: int, rates: np.ndarray) -> float:
    """Return the chance of at least so many successes, averaged over the draws of the rate.

    Examples
    --------
    >>> round(chance_with(5, 20, np.array([0.25])), 5)
    0.58516
    """
    return float(binom.sf(at_least - 1, trials, rates).mean())


def volume_needed(at_least: int, steps: list[Rate], confidence: float, seed: int = 0) -> int:
    """Return the fewest leads at a stage that give so many customers with that confidence.

    Parameters
    ----------
    at_least : int
        Customers wanted.
    steps : list of Rate
        The rates between the stage and the customer; drawn independently and multiplied.
    confidence : float

    Raises
    ------
    CannotAnswer
        If no volume is enough.

    Examples
    --------
    >>> [volume_needed(5, [Rate.known(0.25)], q) for q in (0.8, 0.9, 0.95)]
    [26, 30, 34]
    """
    return fewest(chance_of_volume(at_least, steps, seed), confidence, at_least)


def chance_of_volume(at_least: int, steps: list[Rate], seed: int = 0) -> Callable[[int], float]:
    """Return the function volume -> chance of so many customers."""
    rng = np.random.default_rng(seed)
    rates = np.ones(RATE_DRAWS)
    for step in steps:
        rates = rates * step.draw(RATE_DRAWS, rng)
    if all(step.exact is not None for step in steps):
        rates = rates[:1]
    return lambda volume: chance_with(at_least, volume, rates)


def joint_promises(
    measures: dict[str, np.ndarray], confidence: float
) -> tuple[dict[str, float], float]:
    """Return promises that are all kept in one month with that confidence, and their chance.

    Every promise is taken at the same own confidence, the lowest that is enough for all.

    Examples
    --------
    >>> joint_promises({"a": np.arange(10), "b": np.arange(10)}, 0.8)
    ({'a': 2.0, 'b': 2.0}, 0.8)
    """
    low, high = confidence, 1.0
    best = {name: promised(values, confidence) for name, values in measures.items()}
    if all_kept(measures, best) >= confidence:
        return best, all_kept(measures, best)
    best = {name: float(values.min()) for name, values in measures.items()}
    for _ in range(12):
        middle = (low + high) / 2
        trial = {name: promised(values, middle) for name, values in measures.items()}
        if all_kept(measures, trial) >= confidence:
            best, high = trial, middle
        else:
            low = middle
    return best, all_kept(measures, best)


def all_kept(measures: dict[str, np.ndarray], promises: dict[str, float]) -> float:
    """Return the chance that all promises are kept in one month."""
    kept = [measures[name] >= value for name, value in promises.items()]
    return float(np.logical_and.reduce(kept).mean()) if kept else 1.0
