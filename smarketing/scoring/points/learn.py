"""From rows to a card: bins, lines, whole points, names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smarketing.agreement.conditions import Condition
from smarketing.agreement.scorecard import Axis, Calibration, Rule, Scorecard
from smarketing.scoring.points.axes import axis_sums, on_engagement, propose_bounds
from smarketing.scoring.points.bins import FixedLine, Rows, bin_column
from smarketing.scoring.points.columns import ConditionCells
from smarketing.scoring.points.integer_points import PointSearch
from smarketing.scoring.points.select import choose_lines, ridge_of
from smarketing.scoring.points.wording import in_words

_SAMPLE = 100_000


@dataclass(frozen=True)
class Learned:
    """A card and what is known of its making.

    Parameters
    ----------
    card : Scorecard
    fit_bounds, engagement_bounds : tuple of int
        The least points of A and of B, of 1 and of 2.
    train_rates : array of shape (lines,)
        How much of the training weight is on each line; fit first.
    left_out : dict of str to str
        Columns that cannot be used, with the reason.
    """

    card: Scorecard
    fit_bounds: tuple[int, int]
    engagement_bounds: tuple[int, int]
    train_rates: np.ndarray
    left_out: dict[str, str]


@dataclass(frozen=True)
class Limits:
    """How large a card may be, the directions it keeps to, the columns of engagement."""

    lines: int
    points: int
    monotone: Mapping[str, int]
    engagement: frozenset[str]


def learn_card(
    frame: pd.DataFrame,
    won: np.ndarray,
    weight: np.ndarray,
    fixed: list[FixedLine],
    limits: Limits,
    rng: np.random.Generator,
) -> Learned:
    """Choose lines on a sample of 100,000 rows at most, and find their points on all rows."""
    sample = _sample(won, rng)
    conditions, log_odds, left_out = _choose(
        frame.iloc[sample], won[sample], weight[sample], fixed, limits, int(rng.integers(2**31))
    )
    met = conditions_met(conditions, frame)
    n, top = len(fixed), limits.points
    lowest = [-top if line.points is None else line.points for line in fixed]
    highest = [top if line.points is None else line.points for line in fixed]
    learned = len(conditions) - n
    search = PointSearch(
        met,
        won,
        weight,
        np.array(lowest + [0] * learned, dtype=int),
        np.array(highest + [top] * learned, dtype=int),
        on_engagement(conditions, limits.engagement),
        ridge_of(won, weight),
    )
    whole = search.best(log_odds)
    best_first = n + np.argsort(-whole.points[n:], kind="stable")
    chosen = [*range(n), *(i for i in best_first if whole.points[i] > 0)]
    names = _different([x.name for x in fixed] + [in_words(conditions[i]) for i in chosen[n:]])
    rules = [
        Rule(name=name, when=conditions[i], points=int(whole.points[i]))
        for name, i in zip(names, chosen, strict=True)
    ]
    met, points = met[:, chosen], whole.points[chosen]
    engaged = on_engagement([conditions[i] for i in chosen], limits.engagement)
    fit, done = (
        tuple(rule for rule, is_done in zip(rules, engaged, strict=True) if is_done == axis)
        for axis in (False, True)
    )
    card = Scorecard(
        fit=Axis(cap=None, rules=fit),
        engagement=Axis(cap=None, rules=done),
        calibration=Calibration(intercept=whole.intercept, slope=whole.slope),
    )
    sums = axis_sums(met, points, engaged)
    fit_bounds, engagement_bounds = (propose_bounds(axis, won, weight) for axis in sums.T)
    rates = np.average(met, axis=0, weights=weight)
    return Learned(
        card,
        fit_bounds,
        engagement_bounds,
        np.concatenate([rates[~engaged], rates[engaged]]),
        left_out,
    )


def conditions_met(conditions: Sequence[Condition | None], frame: pd.DataFrame) -> np.ndarray:
    """Return whether each row meets each condition, shape (rows, conditions).

    A rule without a condition is met by no row.
    """
    cells = ConditionCells(frame)
    met = np.zeros((len(frame), len(conditions)), dtype=bool)
    for i, condition in enumerate(conditions):
        if condition is not None:
            met[:, i] = cells.meet(condition)
    return met


def _choose(
    frame: pd.DataFrame,
    won: np.ndarray,
    weight: np.ndarray,
    fixed: list[FixedLine],
    limits: Limits,
    seed: int,
) -> tuple[list[Condition], np.ndarray, dict[str, str]]:
    """Return the conditions with their log-odds, the fixed ones first, and the columns left out."""
    columns = {name: bin_column(name, frame[name], weight) for name in frame.columns}
    left_out = {name: why for name, why in columns.items() if isinstance(why, str)}
    binned = [pair for pair in columns.values() if not isinstance(pair, str)]
    bins, codes = tuple(b for b, _ in binned), tuple(c for _, c in binned)
    conditions: list[Condition] = [line.when for line in fixed]
    engaged = np.array([b.name in limits.engagement for b in bins], dtype=bool)
    rows = Rows(bins, codes, won, weight, conditions_met(conditions, frame), engaged)
    trend = np.array([limits.monotone.get(b.name, 0) for b in bins], dtype=int)
    stand = choose_lines(rows, trend, limits.lines - len(fixed), seed)
    conditions += [line.condition(bins) for line in stand.lines]
    return conditions, stand.log_odds[1:], left_out


def _sample(won: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the rows that lines are chosen on: all, or some with the same share of wins."""
    if len(won) <= _SAMPLE:
        return np.arange(len(won))
    drawn = [
        rng.choice(rows, max(1, round(_SAMPLE * len(rows) / len(won))), replace=False)
        for rows in (np.flatnonzero(won == 0), np.flatnonzero(won == 1))
    ]
    return np.sort(np.concatenate(drawn))


def _different(names: list[str]) -> list[str]:
    """Return the names, a later one of the same name numbered."""
    taken: list[str] = []
    for name in names:
        n, free = 2, name
        while free in taken:
            n, free = n + 1, f"{name} ({n})"
        taken.append(free)
    return taken
