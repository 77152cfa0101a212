"""What was known by a moment, a model of it, and a card of it to agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement, Grades, Line
from smarketing.agreement.scorecard import Scorecard
from smarketing.results import Result, plain
from smarketing.scoring.card_lines import card_yaml
from smarketing.scoring.models.base import Model
from smarketing.scoring.models.card import Card
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.population import Population
from smarketing.scoring.row_weights import count_once, thinned
from smarketing.scoring.targets import label


def known_rows(
    population: Population, agreement: Agreement, line: Line, at: pd.Timestamp | None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rows whose outcome was known at a moment, and the outcomes.

    Their weights are counted anew, so that each spell counts once among them: how often a spell
    is seen later is not known yet.

    Examples
    --------
    >>> rows, won = known_rows(population, agreement, agreement.lines.sql, at)  # doctest: +SKIP
    """
    rows = population.rows
    if population.has_time:
        rows = rows[rows["as_of"] < at]
    labels = label(rows, line, agreement, at if population.has_time else None)
    rows = rows[labels["mature"]]
    won = labels.loc[labels["mature"], "outcome"].to_numpy(dtype=bool)
    return rows.assign(weight=count_once(rows)), won


def learn(
    population: Population, agreement: Agreement, name: str, at: pd.Timestamp | None
) -> tuple[Model, pd.DataFrame]:
    """Return a model of what was known at a moment, and the rows it learned from.

    They are those that the backtest's models learn from: at most four rows of a spell where
    there are very many.

    Parameters
    ----------
    population : Population
    agreement : Agreement
        The SQL line's target is predicted.
    name : str
        One of :data:`smarketing.scoring.models.registry.MODELS`.
    at : pandas.Timestamp or None
        Naive UTC; None without dates.

    Raises
    ------
    CannotAnswer
        If no outcome was known by then, or nothing tells them apart.

    Examples
    --------
    >>> model, rows = learn(population, agreement, "card", population.data_until)  # doctest: +SKIP
    """
    known, won = known_rows(population, agreement, agreement.lines.sql, at)
    few = thinned(known.assign(won=won))
    model = MODELS[name]().fit(population.X(few), few["won"], few["weight"])
    return model, few


@dataclass(frozen=True)
class LearnedCard(Result):
    """A scorecard learned from history, to agree on.

    Parameters
    ----------
    card : Scorecard
    grades : Grades
        Bounds on its points that tell most about the outcome.
    lines : pandas.DataFrame
        ``axis``, ``line``, ``points``, ``training_share`` (of the leads, each counted once, that
        are on it).
    rows, won : int
        Rows it learned from, and how many of them reached the target.
    target, window_days
        What it predicts.
    left_out : dict of str to str
        Features it cannot use, with the reason.
    notes : tuple of str
    """

    card: Scorecard
    grades: Grades
    lines: pd.DataFrame
    rows: int
    won: int
    target: str
    window_days: float
    left_out: dict[str, str]
    notes: tuple[str, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return a row per line."""
        return self.lines.copy()

    def yaml(self) -> str:
        """Return the blocks ``scorecard`` and ``grades`` as agreement.yml takes them."""
        notes = "".join(f"# {note}\n" for note in self.notes)
        return notes + card_yaml(self.card, self.grades)

    def to_dict(self) -> dict[str, Any]:
        """Return ``scorecard`` and ``grades`` as they are written, and what they came from."""
        written = {"scorecard": self.card.to_dict(), "grades": self.grades.model_dump()}
        return super().to_dict() | plain(written)


def learn_scorecard(
    population: Population,
    agreement: Agreement,
    at: pd.Timestamp | None = None,
    max_lines: int = 15,
    max_points: int = 20,
) -> LearnedCard:
    """Learn a scorecard on both axes from what was known at a moment.

    Parameters
    ----------
    population : Population
    agreement : Agreement
        The SQL line's target is predicted.
    at : pandas.Timestamp, optional
        Naive UTC; by default the end of the data.
    max_lines, max_points : int
        As in :class:`smarketing.scoring.points.estimator.PointsScorecard`.

    Raises
    ------
    CannotAnswer
        If no outcome was known by then, or all were the same.

    Examples
    --------
    >>> print(learn_scorecard(population, agreement, max_lines=10).yaml())  # doctest: +SKIP
    """
    line = agreement.lines.sql
    at = population.data_until if at is None else at
    known, won = known_rows(population, agreement, line, at)
    few = thinned(known.assign(won=won))
    model = Card(max_lines, max_points).fit(population.X(few), few["won"], few["weight"])
    learned, within = model.scorecard_, f"{line.target} within {line.window_days:g} days"
    when = f", known by {at:%Y-%m-%d}" if at is not None and population.has_time else ""
    return LearnedCard(
        card=learned.card_,
        grades=learned.grades_,
        lines=learned.frame(),
        rows=len(few),
        won=int(few["won"].sum()),
        target=line.target,
        window_days=float(line.window_days),
        left_out=learned.left_out_,
        notes=(
            f"Learned from {len(few):,} rows{when}, to predict {within}.",
            "Its points are not those of the agreed card: draw the lines anew before using it.",
        ),
    )
