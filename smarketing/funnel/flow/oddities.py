"""What does not happen by the book: each case with its count and its defined answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from smarketing.clock import to_local
from smarketing.errors import CannotAnswer
from smarketing.funnel.flow.stages import is_backward
from smarketing.funnel.sla.business_hours import BusinessHours
from smarketing.language.catalogue import mark, tr
from smarketing.measures.facts import Facts
from smarketing.measures.reading import read_facts
from smarketing.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

EXAMPLES = 5
COLUMNS = ["what", "k", "n", "answer", "examples"]

ANSWERS = {
    mark("hand-overs at night"): mark("the business clock starts at the next opening"),
    mark("hand-overs at a weekend"): mark("the business clock starts at the next opening"),
    mark("hand-overs on a holiday"): mark("the business clock starts at the next opening"),
    mark("hand-overs waiting over a change of the clock"): mark(
        "worked as the clock on the wall shows it"
    ),
    mark("leads contacted before they were created"): mark("no contact of this lead"),
    mark("hand-overs contacted before they were handed over"): mark("no contact of this hand-over"),
    mark("spells with a stage before an earlier one"): mark(
        "counted once in each stage; no days between"
    ),
    mark("won deals without a lead"): mark(
        "revenue and customers of the month, credited to no lead"
    ),
    mark("won deals in another currency"): mark("not added to the revenue"),
    mark("won deals without an amount"): mark("a customer without revenue"),
    mark("won deals without a closing date"): mark("customers of their leads' months, of no month"),
    mark("leads with several won deals"): mark("one customer within the days of a buying group"),
    mark("won deals of several leads"): mark("one customer, one purchase"),
    mark("leads called customers whose deals were not won"): mark("no customer: the deal decides"),
    mark("leads without a date"): mark("in totals and in what is open, in no month"),
}
"""Each case, and what is done about it."""

_SEVERAL = {
    "deal": mark("a customer with each of them"),
    "purchase": ANSWERS["leads with several won deals"],
    "account": mark("one customer, with all amounts"),
}
"""What is done about leads with several won deals, as customers are counted."""


def odd_cases(warehouse: Warehouse, agreement: Agreement) -> pd.DataFrame:
    """Return :func:`oddities` of a warehouse; no row where its leads have no dates.

    Examples
    --------
    >>> odd_cases(warehouse, agreement).query("k > 0")  # doctest: +SKIP
    """
    try:
        return oddities(read_facts(warehouse, agreement))
    except CannotAnswer:
        return pd.DataFrame(columns=COLUMNS)


def oddities(facts: Facts) -> pd.DataFrame:
    """Count what does not happen by the book, and has a defined answer all the same.

    Returns
    -------
    pandas.DataFrame
        ``what``, ``k`` of ``n``, ``answer``, ``examples`` (the first ids); a case is left out
        where the tables cannot say.

    Examples
    --------
    >>> oddities(facts).set_index("what").k  # doctest: +SKIP
    """
    runs, agreement, rows = facts.spells, facts.agreement, []

    def note(what: str, odd: pd.Series, ids: pd.Series) -> None:
        some = tuple(ids[odd].astype(str)[:EXAMPLES])
        answer = ANSWERS[what]
        if what == "leads with several won deals":
            answer = _SEVERAL[agreement.counted_by]
        rows.append((what, int(odd.sum()), len(odd), tr(answer), some))

    handed = runs[runs.sales_ready_at.notna()]
    if agreement.calendar is not None and len(handed):
        closed = BusinessHours.of(agreement).closed_for(handed.sales_ready_at)
        note("hand-overs at night", closed == "night", handed.lead_id)
        note("hand-overs at a weekend", closed == "weekend", handed.lead_id)
        note("hand-overs on a holiday", closed == "holiday", handed.lead_id)
    if len(facts.attempts):
        if len(handed):
            _of_hand_overs(facts, handed, note)
        first = facts.attempts.groupby("lead_id").occurred_at.min()
        begun = runs.groupby("lead_id").started_at.min()
        tried = first.reindex(begun.index)
        note("leads contacted before they were created", tried < begun, begun.index.to_series())
    note(
        "spells with a stage before an earlier one",
        is_backward(runs, facts.recorded),
        runs.lead_id,
    )
    if facts.wins is not None:
        wins = facts.wins
        note("won deals without a lead", wins.lead_id.isna(), wins.deal_id)
        note("won deals without a closing date", wins.closed_at.isna(), wins.deal_id)
        foreign = wins.currency.notna() & (wins.currency != agreement.currency)
        note("won deals in another currency", foreign, wins.deal_id)
        note("won deals without an amount", ~wins.counted & ~foreign, wins.deal_id)
        of_lead = facts.win_spells.groupby("lead_id").deal_id.nunique()
        note("leads with several won deals", of_lead > 1, of_lead.index.to_series())
        of_deal = facts.win_spells.groupby("deal_id").lead_id.nunique()
        note("won deals of several leads", of_deal > 1, of_deal.index.to_series())
        linked = runs[runs.has_deals].drop_duplicates("lead_id").lead_id
        against = linked.isin(facts.contradicted.lead_id)
        note("leads called customers whose deals were not won", against, linked)
    came = runs[runs.spell == 1]
    note("leads without a date", came.started_at.isna(), came.lead_id)
    order = {what: place for place, what in enumerate(ANSWERS)}
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.sort_values("what", key=lambda names: names.map(order), ignore_index=True)
    return table.assign(what=[tr(what) for what in table.what])


def _of_hand_overs(
    facts: Facts, handed: pd.DataFrame, note: Callable[[str, pd.Series, pd.Series], None]
) -> None:
    """Count hand-overs that waited over a change of the clock, and those called before."""
    tried = handed[["lead_id", "spell", "started_at", "sales_ready_at", "next_started_at"]].merge(
        facts.attempts[["lead_id", "occurred_at"]], on="lead_id"
    )
    inside = tried.occurred_at >= tried.started_at
    tried = tried[inside & ~(tried.occurred_at >= tried.next_started_at)]
    spells = pd.MultiIndex.from_frame(handed[["lead_id", "spell"]])
    key = ["lead_id", "spell"]
    after = tried[tried.occurred_at >= tried.sales_ready_at].groupby(key).occurred_at.min()
    contacted = pd.Series(after.reindex(spells).to_numpy(), index=handed.index)
    offset = [_offset(times, facts.timezone) for times in (handed.sales_ready_at, contacted)]
    waited = contacted.notna() & (offset[0] != offset[1])
    note("hand-overs waiting over a change of the clock", waited, handed.lead_id)
    before = tried[tried.occurred_at < tried.sales_ready_at].groupby(key).size()
    early = pd.Series(before.reindex(spells).notna().to_numpy(), index=handed.index)
    note("hand-overs contacted before they were handed over", early, handed.lead_id)


def _offset(times: pd.Series, timezone: str) -> pd.Series:
    return to_local(times, timezone) - times
