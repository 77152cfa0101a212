"""Buying groups of a history, as its agreement has them."""

from __future__ import annotations

import pandas as pd

from smarketing.funnel.history import History
from smarketing.warehouse.buying_groups import buying_groups

__all__ = ["buying_groups", "groups_of"]


def groups_of(history: History) -> pd.Series:
    """Return the group of every lead of a history by its agreement, indexed by ``lead_id``."""
    agreed = history.agreement.buying_group
    firsts = history.spells[
        history.spells.spell == history.spells.groupby("lead_id").spell.transform("min")
    ]
    return buying_groups(firsts, agreed.within_days if agreed else None)
