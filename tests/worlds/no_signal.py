"""Companies, and a demo, whose score knows nothing of what becomes of a lead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.planning.lines.crossing_probabilities import add_chances
from smarketing.planning.lines.grounds import why_no_line
from smarketing.planning.lines.margin import Terms
from smarketing.planning.lines.thresholds import Thresholds, recommend_thresholds
from smarketing.planning.recommendation import Recommendation, recommend
from smarketing.scoring.population import Population
from smarketing.warehouse.warehouse import Warehouse
from tests.worlds.planning_company import Company, make_company


def shuffled(company: Company, seed: int) -> pd.DataFrame:
    """Return the first snapshot of each lead, its score dealt out among the leads of its month.

    Later snapshots are left out: a lead that is seen twice was one that rose, and that tells
    something whatever its score is.
    """
    rng = np.random.default_rng(seed)
    rows = company.rows.drop_duplicates("lead_id").reset_index(drop=True)
    for _, group in rows.groupby("month", sort=True):
        rows.loc[group.index, "score"] = rng.permutation(group.score.to_numpy())
    return rows


def promised_without_signal(seed: int) -> bool:
    """Return whether a company without signal is told to move a line, or promised money."""
    company = make_company(seed)
    at = pd.Period(company.months[-1], "M").end_time.floor("s")
    try:
        rows = add_chances(shuffled(company, seed), company.agreement, at)
        terms = Terms.of(company.agreement, no_money=why_no_line(rows, company.agreement, at) or "")
        found = recommend_thresholds(rows, company.agreement, terms, resamples=20)
    except CannotAnswer:
        return False
    return _promises(found)


def _promises(found: Thresholds) -> bool:
    return bool(found.change or found.gain is not None or not found.terms.no_money)


def dealt_out(population: Population, seed: int) -> Population:
    """Return the same leads and outcomes, the first scores dealt out among the spells of a month.

    A spell keeps its score: one that rises while it is open would tell how long it was.
    """
    rng = np.random.default_rng(seed)
    keys, points = ["lead_id", "spell"], ["score", "fit", "engagement"]
    rows = population.rows.sort_values([*keys, "as_of"], kind="stable", ignore_index=True)
    first = rows.drop_duplicates(keys).reset_index(drop=True)
    dealt = first[[*keys, *points]].copy()
    for _, group in first.groupby("month", sort=True):
        dealt.loc[group.index, points] = first.loc[rng.permutation(group.index), points].to_numpy()
    mixed = rows.drop(columns=points).merge(dealt, on=keys)[list(rows.columns)]
    return replace(population, rows=mixed)


def promised_on_the_demo(
    warehouse: Warehouse, agreement: Agreement, population: Population, seed: int
) -> Recommendation:
    """Return what is recommended where the score of the leads is dealt out anew."""
    return recommend(warehouse, agreement, dealt_out(population, seed), resamples=20)


def promises_something(said: Recommendation) -> bool:
    """Return whether a recommendation moves a line or promises money."""
    return said.thresholds is not None and _promises(said.thresholds)
