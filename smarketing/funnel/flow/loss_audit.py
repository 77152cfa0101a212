"""What gets lost between the systems: rows on one side of a join and not on the other."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import pandas as pd

from smarketing.funnel.flow.stages import is_backward
from smarketing.funnel.history import History
from smarketing.funnel.sla.business_hours import BusinessHours
from smarketing.results import Result
from smarketing.warehouse.warehouse import Warehouse

EXAMPLES = 5

# what, from which table, not in which other, by which column
_JOINS = (
    ("leads without a stage", "leads", "stages", "lead_id"),
    ("leads without an event", "leads", "events", "lead_id"),
    ("stages of unknown leads", "stages", "leads", "lead_id"),
    ("events of unknown leads", "events", "leads", "lead_id"),
    ("deals without a lead", "deals", "deal_leads", "deal_id"),
    ("links to unknown deals", "deal_leads", "deals", "deal_id"),
    ("links to unknown leads", "deal_leads", "leads", "lead_id"),
    ("costs of unknown campaigns", "spend", "campaigns", "campaign_id"),
    ("campaigns without a lead", "campaigns", "leads", "campaign_id"),
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
    for what, here, there, column in _JOINS:
        missing = [name for name in (here, there) if not warehouse.has(name)]
        if missing:
            cannot[what] = warehouse.why_missing(missing[0])
            continue
        ids = warehouse.table(here).select(column).distinct()
        ids = ids.filter(ids[column].notnull())
        others = warehouse.table(there).select(column).distinct()
        lost = ids.anti_join(others, column).order_by(column)
        counted = lost.aggregate(k=ibis._.count()).execute().k.item()
        some = tuple(lost.limit(EXAMPLES).execute()[column].astype(str))
        join = f"{here}.{column} not in {there}.{column}"
        rows.append((what, join, int(counted), int(ids.count().execute()), some))
    return LossAudit(pd.DataFrame(rows, columns=["what", "join", "k", "n", "examples"]), cannot)


def oddities(history: History) -> pd.DataFrame:
    """Count what does not happen by the book, and has a defined answer all the same.

    Hand-overs outside business hours wait for the next opening on the business clock. A contact
    before the lead was created, or before the hand-over, is none. Deals without a lead, and in
    another currency, are told apart from the revenue that is traced back. A lead with several
    won deals is one customer, with all their amounts; so are the leads of one deal.

    Returns
    -------
    pandas.DataFrame
        ``what``, ``k`` of ``n``, ``examples``; left out where the tables cannot say.

    Examples
    --------
    >>> oddities(history).set_index("what").k  # doctest: +SKIP
    """
    runs, agreement, rows = history.spells, history.agreement, []

    def told(what: str, odd: pd.Series, ids: pd.Series) -> None:
        rows.append((what, int(odd.sum()), len(odd), tuple(ids[odd].astype(str)[:EXAMPLES])))

    handed = runs[runs.sales_ready_at.notna()]
    if agreement.calendar is not None and len(handed):
        closed = ~BusinessHours.of(agreement).open_at(handed.sales_ready_at)
        told("hand-overs outside business hours", closed, handed.lead_id)
    if len(history.attempts):
        first = history.attempts.groupby("lead_id").occurred_at.min()
        begun = runs.groupby("lead_id").started_at.min()
        tried = first.reindex(begun.index)
        told("leads contacted before they were created", tried < begun, begun.index.to_series())
    told(
        "spells with a stage before an earlier one",
        is_backward(runs, history.recorded),
        runs.lead_id,
    )
    if history.wins is not None:
        wins = history.wins
        told("won deals without a lead", ~wins.from_leads, wins.deal_id)
        told("won deals in another currency, or without an amount", ~wins.counted, wins.deal_id)
        of_lead = history.win_spells.groupby("lead_id").deal_id.nunique()
        told("leads with several won deals", of_lead > 1, of_lead.index.to_series())
        of_deal = history.win_spells.groupby("deal_id").lead_id.nunique()
        told("won deals of several leads", of_deal > 1, of_deal.index.to_series())
    return pd.DataFrame(rows, columns=["what", "k", "n", "examples"])
