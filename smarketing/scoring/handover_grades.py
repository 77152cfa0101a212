"""The grades of leads by the agreed card: when they were handed over, and on their first day."""

from __future__ import annotations

import pandas as pd

from smarketing.scoring.population import Population

_KEY = ["lead_id", "spell"]


def grades_of(population: Population) -> pd.DataFrame:
    """Return the grades of each spell that the card ever scored.

    Parameters
    ----------
    population : Population

    Returns
    -------
    pandas.DataFrame
        ``lead_id``, ``spell``; ``grade`` at the hand-over, missing where there was none;
        ``first_grade``, of the first snapshot: at the end of the first day, or at the hand-over
        if that came sooner. The first one can be compared with what became of the lead later.

    Examples
    --------
    >>> grades_of(build_population(warehouse, agreement)).grade.value_counts()  # doctest: +SKIP
    """
    rows = population.rows
    order = ["number"] if "number" in rows else []
    first = rows.sort_values([*_KEY, *order]).drop_duplicates(_KEY).set_index(_KEY).grade
    handed = rows[rows.last_at_handover.astype(bool)] if "last_at_handover" in rows else rows[:0]
    at_handover = handed.drop_duplicates(_KEY, keep="last").set_index(_KEY).grade
    table = pd.DataFrame({"first_grade": first, "grade": at_handover.reindex(first.index)})
    return table.reset_index()[[*_KEY, "grade", "first_grade"]]
