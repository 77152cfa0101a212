"""Whether history can tell what reps make of leads that come to them unqualified."""

from __future__ import annotations

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.language.catalogue import tr
from smarketing.language.numbers import chance, count
from smarketing.planning.lines.crossing_probabilities import actual_outcomes, crossings

ENOUGH = 0.8
"""A part of the leads above the SQL line this large was worked in history: their wins tell."""
FEWEST_LEADS = 20
"""Fewer crossings are no ground to hold a line."""
MONTHS = 12


def unworked_note(rows: pd.DataFrame, agreement: Agreement, at: pd.Timestamp) -> str | None:
    """Return why the SQL line is better left where it is; None where history can place it.

    Leads that reached the SQL line and were never handed over count as not won. If the desk held
    back many of them, the data say that qualifying first loses nothing whatever the score, only
    because nobody called the leads that it held back.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a population.
    agreement : smarketing.agreement.Agreement
    at : pandas.Timestamp
        Naive UTC; crossings of the year before count, whose MQL window is over.
    """
    if agreement.capacity.qualification is None or rows["sales_ready_at"].isna().all():
        return None
    line, days = agreement.lines.sql, pd.Timedelta(days=agreement.lines.mql.window_days)
    rows = crossings(rows, agreement)
    reached = rows[(rows["score"] >= line.score) & (rows["fit"] >= line.fit_at_least)]
    reached = reached.drop_duplicates(["lead_id", "spell"])
    recent = reached["as_of"] + days
    reached = reached[(recent <= at) & (recent > at - pd.DateOffset(months=MONTHS))]
    n = len(reached)
    handed = float(actual_outcomes(reached, agreement, at)["p_pass"].mean()) if n else 1.0
    if n < FEWEST_LEADS or handed >= ENOUGH:
        return None
    return tr(
        "Of {n} leads that reached the SQL line in a year, {share} were handed over. What reps "
        "would have made of the others nobody knows, so the SQL line is moved for the capacity "
        "only, and their customers are counted as history had them. Handing over some of those "
        "held back, drawn at random, would tell.",
        n=count(n),
        share=chance(handed),
    )
