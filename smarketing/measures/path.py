"""The stages a lead passes, in the order the agreement names them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

PATH = ("lead", "mql", "sales_ready", "accepted", "sql", "opportunity", "customer")
"""The stages a lead passes; rejected, recycled and disqualified lead off it."""

WAYS_OFF = ("rejected", "recycled", "disqualified")

_BY_SALES = ("accepted", "sql", "opportunity", "customer")
"""Stages by what they mean: a customer was an opportunity, and that was an accepted SQL."""


def moment(stage: str) -> str:
    """Return the column with the time a stage was entered."""
    return "started_at" if stage == "lead" else f"{stage}_at"


def path_of(agreement: Agreement) -> tuple[str, ...]:
    """Return the stages in the order in which the agreement's leads pass them.

    The stages that the agreement describes stand in its order, the others at their usual places;
    a lead comes first, a customer last. Who hands over first and qualifies then names
    `sales_ready` before `mql`.

    Examples
    --------
    >>> from types import SimpleNamespace as Bag
    >>> path_of(Bag(stages={"sales_ready": None, "mql": None}))
    ('lead', 'sales_ready', 'mql', 'accepted', 'sql', 'opportunity', 'customer')
    """
    named = [stage for stage in agreement.stages if stage in PATH[1:-1]]
    in_order = iter(named)
    return tuple(next(in_order) if stage in named else stage for stage in PATH)


def steps(stages: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of stages to measure: each with the next, and the longer ways.

    Examples
    --------
    >>> steps(("lead", "mql", "customer"))
    [('lead', 'mql'), ('mql', 'customer'), ('lead', 'customer')]
    """
    pairs = list(pairwise(stages))
    for start, target in (("mql", "sql"), ("sales_ready", "customer"), ("lead", "customer")):
        if start in stages and target in stages[stages.index(start) :]:
            pairs.append((start, target))
    return list(dict.fromkeys(pairs))


def window_days(agreement: Agreement, stage: str) -> float:
    """Return the days in which reaching a stage counts: the window of the line before it."""
    to_sql = PATH.index(stage) <= PATH.index("sql")
    return float((agreement.lines.mql if to_sql else agreement.lines.sql).window_days)


def reached_at(spells: pd.DataFrame, stage: str) -> pd.Series:
    """Return when each spell reached a stage; NaT if it has not, or nobody knows when.

    A stage that sales gives is also reached with a later one of them, by what it means: an
    opportunity is an SQL with an open deal, a customer a lead of a won one. A lead handed over
    without a record of having been an MQL was none.

    Examples
    --------
    >>> day = pd.Timestamp("2026-01-01")
    >>> table = pd.DataFrame({"sql_at": [pd.NaT], "customer_at": [day]})
    >>> reached_at(table, "sql").tolist()
    [Timestamp('2026-01-01 00:00:00')]
    """
    stages = _BY_SALES[_BY_SALES.index(stage) :] if stage in _BY_SALES else (stage,)
    return spells[[moment(one) for one in stages if moment(one) in spells]].min(axis=1)
