"""What gets lost between the systems: rows on one side of a join and not on the other."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.language.catalogue import mark, tr
from smarketing.results import Result
from smarketing.warehouse.warehouse import Warehouse

EXAMPLES = 5

# what, from which table, not in which other, by which column
_JOINS = (
    (mark("leads without a stage"), "leads", "stages", "lead_id"),
    (mark("leads without an event"), "leads", "events", "lead_id"),
    (mark("stages of unknown leads"), "stages", "leads", "lead_id"),
    (mark("events of unknown leads"), "events", "leads", "lead_id"),
    (mark("deals without a lead"), "deals", "deal_leads", "deal_id"),
    (mark("links to unknown deals"), "deal_leads", "deals", "deal_id"),
    (mark("links to unknown leads"), "deal_leads", "leads", "lead_id"),
    (mark("costs of unknown campaigns"), "spend", "campaigns", "campaign_id"),
    (mark("campaigns without a lead"), "campaigns", "leads", "campaign_id"),
)


@dataclass(frozen=True)
class LossAudit(Result):
    """What one table knows and the other does not, and what else needs a defined answer.

    Attributes
    ----------
    table : pandas.DataFrame
        ``what``; ``join``, in words; ``k`` of ``n`` ids; ``examples``, the first few ids.
    cannot : dict of str to str
        What could not be looked at, and why.
    """

    table: pd.DataFrame
    cannot: dict[str, str]

    def frame(self) -> pd.DataFrame:
        """Return one row per question."""
        return self.table


def loss_audit(warehouse: Warehouse) -> LossAudit:
    """Count the ids that stand in one table and not in the other.

    Examples
    --------
    >>> loss_audit(warehouse).frame()[["what", "k", "n"]]  # doctest: +SKIP
    """
    rows, cannot = [], {}
    for what, table, other, column in _JOINS:
        missing = [name for name in (table, other) if not warehouse.has(name)]
        if missing:
            cannot[what] = warehouse.why_missing(missing[0])
            continue
        ids = warehouse.table(table).select(column).distinct()
        ids = ids.filter(ids[column].notnull())
        others = warehouse.table(other).select(other=column).distinct()
        both = ids.left_join(others, ids[column] == others.other)
        counted = both.aggregate(n=both.count(), k=both.count(where=both.other.isnull()))
        n, k = counted.execute().iloc[0]
        some: tuple[str, ...] = ()
        if k:
            lost = ids.anti_join(others, ids[column] == others.other).order_by(column)
            some = tuple(lost.limit(EXAMPLES).execute()[column].astype(str))
        join = tr(
            "{column} not in {other_column}",
            column=f"{table}.{column}",
            other_column=f"{other}.{column}",
        )
        rows.append((tr(what), join, int(k), int(n), some))
    return LossAudit(pd.DataFrame(rows, columns=["what", "join", "k", "n", "examples"]), cannot)
