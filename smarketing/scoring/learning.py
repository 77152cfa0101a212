"""What was known by a moment, and a model of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smarketing.agreement import Agreement, Line
from smarketing.scoring.models import MODELS, Model
from smarketing.scoring.population import Population
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
    times_seen = rows.groupby(["lead_id", "spell"])["lead_id"].transform("size")
    won = labels.loc[labels["mature"], "outcome"].to_numpy(dtype=bool)
    return rows.assign(weight=1.0 / times_seen), won


def learn(
    population: Population, agreement: Agreement, name: str, at: pd.Timestamp | None
) -> tuple[Model, pd.DataFrame]:
    """Return a model of what was known at a moment, and the rows it learned from.

    Parameters
    ----------
    population : Population
    agreement : Agreement
        The SQL line's target is predicted.
    name : str
        One of :data:`smarketing.scoring.models.MODELS`.
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
    return MODELS[name]().fit(population.X(known), won, known["weight"]), known
