"""What each row of a spell weighs, and how many of them a model learns from."""

from __future__ import annotations

import numpy as np
import pandas as pd

MOST_ROWS, MOST_OF_A_SPELL = 10_000, 4
"""Above so many rows, learned models see so many of a spell's, drawn at random."""


def count_once(rows: pd.DataFrame) -> pd.Series:
    """Return weights with which each spell counts once among the rows given."""
    return 1.0 / rows.groupby(["lead_id", "spell"])["spell"].transform("size")


def thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return at most four rows of each spell if there are very many rows; weights follow.

    Leads that stay open for years have a hundred snapshots, nearly all alike. Every row of a
    spell is as likely to stay as any other, whatever became of the spell.
    """
    if len(rows) <= MOST_ROWS:
        return rows
    luck = pd.Series(np.random.default_rng(0).random(len(rows)), rows.index)
    place = luck.groupby([rows.lead_id, rows.spell]).rank(method="first")
    few = rows[place <= MOST_OF_A_SPELL].copy()
    few["weight"] = count_once(few)
    return few
