"""Six ways to credit won revenue to the campaigns on the way to it, over the same journeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from smarketing.funnel.attribution.markov import removal_effects
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count
from smarketing.results import Result

MODELS = ("first_touch", "last_touch", "linear", "position_based", "time_decay", "markov")
HALF_LIFE_DAYS = 7.0
"""A touch this much older counts half in time decay."""
ENDS = 0.4
"""What the first and the last touch each get in the position-based model."""
LEAST_WINS = 5
"""A campaign with fewer wins, and on too few journeys to expect as many, is too small to judge."""


@dataclass(frozen=True)
class Journeys:
    """Touches in order, journey by journey; a journey is one purchase, or none.

    Attributes
    ----------
    campaigns : tuple of str
    journey : numpy.ndarray of int
        Per touch: its journey, from 0, not decreasing; within one, touches are in time.
    campaign : numpy.ndarray of int
        Per touch: its place in `campaigns`.
    days_before : numpy.ndarray of float
        Per touch: days before the purchase (any common end for journeys without one).
    won : numpy.ndarray of bool
        Per journey.
    cents : numpy.ndarray of int
        Per journey: revenue in whole hundredths, 0 where nothing was won.
    """

    campaigns: tuple[str, ...]
    journey: np.ndarray
    campaign: np.ndarray
    days_before: np.ndarray
    won: np.ndarray
    cents: np.ndarray


@dataclass(frozen=True)
class Attribution(Result):
    """Revenue by campaign under each model.

    Attributes
    ----------
    table : pandas.DataFrame
        ``model``, ``campaign_id``, ``revenue``, its 95 % bootstrap interval ``low`` to ``high``
        (resampled journeys; missing without resamples), ``won_journeys`` the campaign is on,
        ``journeys`` in all, ``remark``.
    revenue : float
        What every model's column sums to, to the hundredth.
    """

    table: pd.DataFrame
    revenue: float

    def frame(self) -> pd.DataFrame:
        """Return one row per model and campaign."""
        return self.table

    def by_model(self) -> dict[str, dict[str, float]]:
        """Return model → campaign → revenue; campaigns credited with nothing are left out."""
        some = self.table[self.table.revenue != 0]
        return {
            model: dict(zip(own.campaign_id, own.revenue.tolist(), strict=True))
            for model in MODELS
            for own in [some[some.model == model].sort_values("campaign_id")]
        }


def attribute(
    journeys: Journeys,
    untraced: Mapping[str, int] | None = None,
    resamples: int = 0,
    seed: int = 0,
    half_life_days: float = HALF_LIFE_DAYS,
) -> Attribution:
    """Credit the revenue of won journeys to the campaigns on them, six ways.

    First and last touch: all to one. Linear: equal parts. Position-based: 40 % to the first and
    the last each, the rest equally to those between (two touches: half each). Time decay: a
    touch half as much for each `half_life_days` it is older. Markov: the whole revenue in
    proportion to the removal effects of :func:`smarketing.funnel.removal_effects`, for which
    journeys that won nothing count too.

    Parameters
    ----------
    journeys : Journeys
    untraced : mapping of str to int, optional
        Name → hundredths of revenue with no touch at all; credited as it is by every model.
    resamples : int, default=0
        Bootstrap resamples of journeys for the intervals.
    seed : int, default=0
    half_life_days : float, default=7

    Examples
    --------
    >>> one = Journeys(("fair", "search"), np.array([0, 0]), np.array([0, 1]),
    ...                np.array([7.0, 0.0]), np.array([True]), np.array([300]))
    >>> attribute(one).by_model()["time_decay"]
    {'fair': 1.0, 'search': 2.0}
    """
    n, names = len(journeys.won), list(journeys.campaigns)
    parts = _credits(journeys, half_life_days)
    moves = _moves(journeys)
    total = int(journeys.cents.sum())
    split = {model: journeys.cents @ parts[model] for model in parts}
    split["markov"] = _by_markov(_summed(*moves[:2], (len(names) + 1, len(names) + 2)), total)
    spread = _resampled(journeys, parts, moves, resamples if n else 0, seed)
    touched = _touched(journeys)
    wins, every = journeys.won @ touched, np.ones(n) @ touched
    enough = np.maximum(wins, every * journeys.won.mean() if n else 0) >= LEAST_WINS
    small = [
        ""
        if judged
        else tr("too few journeys to judge ({k} of {n} won)", k=count(won), n=count(of))
        for judged, won, of in zip(enough, wins, every, strict=True)
    ]
    rows = []
    for model in MODELS:
        cents = whole_parts(split[model], total)
        remarks = _with_unearned(small, cents, wins, every)
        bounds = np.full((2, len(names)), np.nan)
        if len(spread[model]):
            bounds = np.quantile(spread[model], [0.025, 0.975], axis=0) / 100
        rows.append(
            pd.DataFrame(
                {
                    "model": model, "campaign_id": names, "cents": cents,
                    "low": bounds[0], "high": bounds[1], "won_journeys": wins.astype(int),
                    "journeys": every.astype(int), "remark": remarks,
                }
            )
        )  # fmt: skip
    table = _with_untraced(pd.concat(rows, ignore_index=True), dict(untraced or {}))
    return Attribution(table, (total + sum((untraced or {}).values())) / 100)


def _with_unearned(
    remarks: list[str], cents: np.ndarray, wins: np.ndarray, every: np.ndarray
) -> list[str]:
    """Say where revenue is credited to a campaign whose journeys won none, as Markov's may be."""
    return [
        "; ".join(
            part
            for part in (
                remark,
                tr("credited, though none of its {n} journeys won", n=count(of))
                if credit > 0 and not won
                else "",
            )
            if part
        )
        for remark, credit, won, of in zip(remarks, cents, wins, every, strict=True)
    ]


def _by_markov(counts: sparse.sparray, cents: float) -> np.ndarray:
    effects = removal_effects(counts)
    return effects / effects.sum() * cents if effects.any() else effects


def _resampled(
    journeys: Journeys,
    parts: Mapping[str, sparse.csr_array],
    moves: tuple[np.ndarray, np.ndarray, np.ndarray],
    resamples: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """Return per model the split of each resample of journeys, shape (resamples, campaigns)."""
    n, k = len(journeys.won), len(journeys.campaigns)
    spread = {model: np.zeros((resamples, k)) for model in MODELS}
    if not resamples:
        return spread
    from_state, to_state, of = moves
    shape = (k + 1, k + 2)
    pairs, which = np.unique(from_state * shape[1] + to_state, return_inverse=True)
    per_journey = sparse.csr_array((np.ones(len(of)), (of, which)), shape=(n, len(pairs)))
    rng = np.random.default_rng(seed)
    for place in range(resamples):
        times = np.bincount(rng.integers(0, n, n), minlength=n)
        cents = journeys.cents * times
        for model, credit in parts.items():
            spread[model][place] = cents @ credit
        again = times @ per_journey
        moved = sparse.csr_array((again, (pairs // shape[1], pairs % shape[1])), shape=shape)
        spread["markov"][place] = _by_markov(moved, cents.sum())
    return spread


def whole_parts(parts: np.ndarray, total: int) -> np.ndarray:
    """Round parts to whole numbers that sum to the total (largest remainders).

    Examples
    --------
    >>> whole_parts(np.array([33.3, 33.3, 33.4]), 100).tolist()
    [33, 33, 34]
    """
    if not len(parts):
        return np.zeros(0, dtype="int64")
    # what is whole but for the rounding of a sum must not lose a unit to its floor
    near = np.round(parts)
    parts = np.where(np.abs(parts - near) < 1e-4, near, parts)
    whole = np.floor(parts).astype("int64")
    missing = total - int(whole.sum())
    order = np.argsort(-(parts - whole), kind="stable")
    step = 1 if missing > 0 else -1
    for place in range(abs(missing)):
        whole[order[place % len(order)]] += step
    return whole


def _with_untraced(table: pd.DataFrame, untraced: dict[str, int]) -> pd.DataFrame:
    for name, cents in sorted(untraced.items()):
        credited = table.campaign_id == name
        if credited.any():
            table.loc[credited, "cents"] += cents
            table.loc[credited, ["low", "high"]] += cents / 100
            continue
        fixed = pd.DataFrame(
            {
                "model": list(MODELS), "campaign_id": name, "cents": cents, "low": np.nan,
                "high": np.nan, "won_journeys": 0, "journeys": 0, "remark": "",
            }
        )  # fmt: skip
        table = pd.concat([table, fixed], ignore_index=True)
    table.insert(2, "revenue", table.pop("cents").astype("int64") / 100)
    order = table.model.map({model: place for place, model in enumerate(MODELS)})
    return (
        table.assign(order=order)
        .sort_values(["order", "campaign_id"], ignore_index=True)
        .drop(columns="order")
    )


def _credits(journeys: Journeys, half_life_days: float) -> dict[str, sparse.csr_array]:
    """Return per model the part of each won journey that belongs to each campaign."""
    kept = journeys.won[journeys.journey]
    of, campaign = journeys.journey[kept], journeys.campaign[kept]
    days = journeys.days_before[kept]
    number = np.bincount(of, minlength=len(journeys.won))
    n = number[of]
    begins = np.concatenate([[0], np.cumsum(number)[:-1]]) if len(number) else number
    place = np.arange(len(of)) - begins[of]
    first, last = place == 0, place == n - 1
    ends = np.where(n == 2, 0.5, ENDS)
    between = (1 - 2 * ENDS) / np.maximum(n - 2, 1)
    # counted from the journey's newest touch, so that very old ones do not all vanish
    newest = np.full(len(journeys.won), np.inf)
    np.minimum.at(newest, of, days)
    decayed = np.exp2(-(days - newest[of]) / half_life_days)
    parts = {
        "first_touch": first.astype(float),
        "last_touch": last.astype(float),
        "linear": 1 / n,
        "position_based": np.where(n == 1, 1.0, np.where(first | last, ends, between)),
        "time_decay": decayed / np.bincount(of, decayed, minlength=len(number))[of],
    }
    shape = (len(journeys.won), len(journeys.campaigns))
    return {
        model: sparse.csr_array((part, (of, campaign)), shape=shape)
        for model, part in parts.items()
    }


def _touched(journeys: Journeys) -> sparse.csr_array:
    """Return which journeys (rows) come by which campaigns (columns), once each."""
    ends = np.cumsum(np.bincount(journeys.journey, minlength=len(journeys.won)))
    ones = np.ones(len(journeys.journey), dtype="int32")
    shape = (len(journeys.won), len(journeys.campaigns))
    passed = sparse.csr_array(
        (ones, journeys.campaign.copy(), np.concatenate([[0], ends])), shape=shape
    )
    passed.sum_duplicates()  # sorts in place, so on a copy
    passed.data[:] = 1
    return passed


def _summed(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_array:
    """Return how often each pair occurs; by counting where the table is small, else by sorting."""
    if shape[0] * shape[1] <= len(rows):
        cells = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
        return sparse.csr_array(cells.reshape(shape).astype(float))
    return sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()


def _moves(journeys: Journeys) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each step of each journey: from which state, to which, of which journey."""
    of, campaign, k = journeys.journey, journeys.campaign.astype("int64"), len(journeys.campaigns)
    if not len(of):
        return (np.zeros(0, dtype="int64"),) * 3
    begins = np.concatenate([[True], of[1:] != of[:-1]])
    ends = np.concatenate([begins[1:], [True]])
    result = np.where(journeys.won[of[ends]], k, k + 1)
    inside = ~begins
    from_state = np.concatenate(
        [np.full(begins.sum(), k), campaign[:-1][inside[1:]], campaign[ends]]
    )
    to_state = np.concatenate([campaign[begins], campaign[inside], result])
    return from_state, to_state, np.concatenate([of[begins], of[inside], of[ends]])
