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
    return bool(found.change or found.gain is not None or not terms.no_money)
