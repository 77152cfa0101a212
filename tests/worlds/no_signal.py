"""Companies whose score knows nothing of what becomes of a lead."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.planning.lines.crossing_probabilities import add_chances
from smarketing.planning.lines.grounds import why_no_line
from smarketing.planning.lines.margin import Terms
from smarketing.planning.lines.thresholds import recommend_thresholds
from tests.worlds.planning_company import Company, make_company


def shuffled(company: Company, seed: int) -> pd.DataFrame:
    """Return its rows with the scores of the leads dealt out among them anew.

    A lead keeps its moments and whom it buys with; its scores become those of another lead that
    came in the same month and was seen as often, so nothing about time tells the score either.
    """
    rng = np.random.default_rng(seed)
    rows = company.rows.copy()
    seen = rows.groupby("lead_id").month.transform("size")
    first = rows.groupby("lead_id").month.transform("first")
    for _, group in rows.groupby([first, seen], sort=True):
        of_lead = group.score.to_numpy().reshape(-1, int(seen[group.index[0]]))
        rows.loc[group.index, "score"] = of_lead[rng.permutation(len(of_lead))].ravel()
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
    return bool(found.change or found.gain is not None or not terms.no_money)
