"""The coming months, many times over: leads, MQLs, hand-overs, customers, revenue."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import binom

from smarketing.planning.volumes.chances import fewest
from smarketing.planning.volumes.demand_forecast import DemandForecast, Luck
from smarketing.planning.volumes.volume_history import Rate

DRAWS = 20_000
RATE_DRAWS = 4_000
"""Draws of a rate when the fewest leads are searched; the count's own chance is exact."""


@dataclass(frozen=True)
class Outlook:
    """What the coming months are drawn from, at given lines.

    Attributes
    ----------
    sales_ready : DemandForecast
        Hand-overs to reps.
    close : Rate
        Customers per hand-over.
    mqls, leads, visitors : DemandForecast or None
        MQLs are the leads handed to qualification; None without a desk.
    acceptance, sql, opportunity : Rate or None
        Per hand-over.
    amounts : numpy.ndarray
        Amounts of deals won in history; one value repeats itself.
    closing : float
        Hand-overs a month that reps can work; what comes beyond is not worked.
    per_lead : Rate or None
        Hand-overs per lead.
    """

    sales_ready: DemandForecast
    close: Rate
    mqls: DemandForecast | None = None
    leads: DemandForecast | None = None
    visitors: DemandForecast | None = None
    acceptance: Rate | None = None
    sql: Rate | None = None
    opportunity: Rate | None = None
    amounts: np.ndarray = field(default_factory=lambda: np.array([]))
    closing: float = math.inf
    per_lead: Rate | None = None


def simulate(outlook: Outlook, draws: int = DRAWS, seed: int = 0) -> dict[str, np.ndarray]:
    """Simulate the coming months.

    Counts of one month rise and fall together; each run has one value of every rate, drawn from
    its posterior, and hand-overs beyond the closing capacity become nothing. Customers are those
    of a month's hand-overs, whenever they buy.

    Returns
    -------
    dict of str to numpy.ndarray
        Measure -> values, shape (draws, horizon): ``sales_ready``, ``customers`` and, where the
        outlook has them, ``visitors``, ``leads``, ``mqls``, ``acceptance_rate``, ``accepted``,
        ``sqls``, ``opportunities``, ``revenue``. A month without hand-overs keeps any
        acceptance promise.

    Examples
    --------
    >>> twenty = Outlook(fixed(20), Rate.known(0.25))
    >>> won = simulate(twenty, draws=20_000)["customers"]
    >>> round(float((won >= 5).mean()), 1)
    0.6
    """
    rng = np.random.default_rng(seed)
    horizon = len(outlook.sales_ready.mean)
    luck = Luck.draw(draws, horizon, rng)
    out = {}
    for name in ("visitors", "leads", "mqls", "sales_ready"):
        arrivals = getattr(outlook, name)
        if arrivals is not None:
            out[name] = arrivals.draw(luck, rng)
    worked = out["sales_ready"]
    if not math.isinf(outlook.closing):
        worked = np.minimum(worked, math.floor(outlook.closing))
    if outlook.acceptance is not None:
        accepted = rng.binomial(worked, outlook.acceptance.draw(draws, rng)[:, None])
        out["accepted"] = accepted
        out["acceptance_rate"] = np.where(worked > 0, accepted / np.maximum(worked, 1), 1.0)
    for name, rate in (("sqls", outlook.sql), ("opportunities", outlook.opportunity)):
        if rate is not None:
            out[name] = rng.binomial(worked, rate.draw(draws, rng)[:, None])
    out["customers"] = rng.binomial(worked, outlook.close.draw(draws, rng)[:, None])
    if len(outlook.amounts):
        out["revenue"] = _revenue(out["customers"], outlook.amounts, rng)
    return out


def fixed(count: int, horizon: int = 1) -> DemandForecast:
    """Return arrivals that are exactly so many every month, to ask what a volume would give."""
    return DemandForecast(np.full(horizon, float(count)), 0.0, 0.0, 0, ("",) * horizon, exact=True)


def _revenue(customers: np.ndarray, amounts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
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
