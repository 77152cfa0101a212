"""The snapshots that lines are drawn on: their score, by the agreed card or a learned model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from scipy.special import logit

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest.rolling import backtest
from smarketing.language.catalogue import tr
from smarketing.planning.lines.crossing_probabilities import add_chances
from smarketing.planning.lines.line_grid import RECENT_MONTHS
from smarketing.scoring.population import Population

EPS = 1e-4
"""Chances nearer to 0 or 1 are no more than that apart in their log-odds."""


def scored(
    population: Population, agreement: Agreement, model: str, at: pd.Timestamp
) -> pd.DataFrame:
    """Return the snapshots up to a moment with score and chances, by the card or a model.

    Raises
    ------
    CannotAnswer
        If there are none, or the model could not be trained.
    """
    rows = population.rows[population.rows["as_of"] <= at]
    if rows.empty:
        raise CannotAnswer(tr("no lead has a snapshot in the history"))
    if model == "agreed":
        return add_chances(rows, agreement, at)
    # Young months are predicted too: planning counts their leads, it does not judge them.
    months = sorted(m for m in rows["month"].unique() if m)[-RECENT_MONTHS:]
    people = replace(population, rows=rows, data_until=at)
    predicted = _predicted(people, agreement, model, months=months)
    keys, chance = ["lead_id", "spell", "as_of"], predicted[f"r_{model}"].astype(float)
    points = predicted[keys].assign(score=per_cent(chance), points=logit(chance.clip(EPS, 1 - EPS)))
    # Also a model that is right on all snapshots is not on those that cross a line first.
    return add_chances(rows.drop(columns="score").merge(points, on=keys), agreement, at)


def scored_without_dates(population: Population, agreement: Agreement, model: str) -> pd.DataFrame:
    """Return the leads of a table without dates with score and chances, by the card or a model.

    Raises
    ------
    CannotAnswer
        If the model could not be trained.
    """
    if model == "agreed":
        return add_chances(population.rows, agreement)
    rows = _predicted(population, agreement, model)
    chance = rows[f"p_{model}"]
    return rows.assign(p_customer=chance, p_sql=chance, score=per_cent(chance))


def _predicted(
    population: Population, agreement: Agreement, model: str, **options: Any
) -> pd.DataFrame:
    """Return the rows of a model's backtest."""
    judged = backtest(population, agreement, line="sql", models=(model,), **options)
    if model not in judged.models:
        raise CannotAnswer(
            " ".join(judged.notes) or tr("{model} could not be trained", model=model)
        )
    return judged.rows


def per_cent(chance: pd.Series) -> pd.Series:
    """Return chances in tenths of a per cent: lines that a person can write down."""
    return (chance * 1000).round() / 10
