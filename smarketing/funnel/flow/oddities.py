"""What does not happen by the book: each case with its count and its defined answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from smarketing.clock import to_local
from smarketing.errors import CannotAnswer
from smarketing.funnel.flow.stages import is_backward
from smarketing.funnel.history import History
from smarketing.funnel.reading import read_history
from smarketing.funnel.sla.business_hours import BusinessHours
from smarketing.language.catalogue import mark, tr
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
    mark("leads with several won deals"): mark("one customer, with all amounts"),
    mark("won deals of several leads"): mark("one customer, one purchase"),
}
"""Each case, and what is done about it."""


def odd_cases(warehouse: Warehouse, agreement: Agreement) -> pd.DataFrame:
    """Return :func:`oddities` of a warehouse; no row where its leads have no dates.

    Examples
    --------
    >>> odd_cases(warehouse, agreement).query("k > 0")  # doctest: +SKIP
    """
    try:
        return oddities(read_history(warehouse, agreement))
    except CannotAnswer:
        return pd.DataFrame(columns=COLUMNS)


def oddities(history: History) -> pd.DataFrame:
    """Count what does not happen by the book, and has a defined answer all the same.

    Returns
    -------
    pandas.DataFrame
        ``what``, ``k`` of ``n``, ``answer``, ``examples`` (the first ids); a case is left out
        where the tables cannot say.

    Examples
    --------
    >>> oddities(history).set_index("what").k  # doctest: +SKIP
    """
    runs, agreement, rows = history.spells, history.agreement, []

    def note(what: str, odd: pd.Series, ids: pd.Series) -> None:
        some = tuple(ids[odd].astype(str)[:EXAMPLES])
        rows.append((what, int(odd.sum()), len(odd), tr(ANSWERS[what]), some))

    handed = runs[runs.sales_ready_at.notna()]
    if agreement.calendar is not None and len(handed):
        closed = BusinessHours.of(agreement).closed_for(handed.sales_ready_at)
        note("hand-overs at night", closed == "night", handed.lead_id)
        note("hand-overs at a weekend", closed == "weekend", handed.lead_id)
        note("hand-overs on a holiday", closed == "holiday", handed.lead_id)
    if len(history.attempts):
        if len(handed):
            _of_hand_overs(history, handed, note)
        first = history.attempts.groupby("lead_id").occurred_at.min()
        begun = runs.groupby("lead_id").started_at.min()
        tried = first.reindex(begun.index)
        note("leads contacted before they were created", tried < begun, begun.index.to_series())
    note(
        "spells with a stage before an earlier one",
        is_backward(runs, history.recorded),
        runs.lead_id,
    )
    if history.wins is not None:
        wins = history.wins
        note("won deals without a lead", ~wins.from_leads, wins.deal_id)
        foreign = wins.currency.notna() & (wins.currency != agreement.currency)
        note("won deals in another currency", foreign, wins.deal_id)
        note("won deals without an amount", ~wins.counted & ~foreign, wins.deal_id)
        of_lead = history.win_spells.groupby("lead_id").deal_id.nunique()
        note("leads with several won deals", of_lead > 1, of_lead.index.to_series())
        of_deal = history.win_spells.groupby("deal_id").lead_id.nunique()
        note("won deals of several leads", of_deal > 1, of_deal.index.to_series())
    order = {what: place for place, what in enumerate(ANSWERS)}
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.sort_values("what", key=lambda names: names.map(order), ignore_index=True)
    return table.assign(what=[tr(what) for what in table.what])


def _of_hand_overs(
    history: History, handed: pd.DataFrame, note: Callable[[str, pd.Series, pd.Series], None]
) -> None:
    """Count hand-overs that waited over a change of the clock, and those called before."""
    tried = handed[["lead_id", "spell", "started_at", "sales_ready_at", "next_started_at"]].merge(
        history.attempts[["lead_id", "occurred_at"]], on="lead_id"
    )
    inside = tried.occurred_at >= tried.started_at
    tried = tried[inside & ~(tried.occurred_at >= tried.next_started_at)]
    spells = pd.MultiIndex.from_frame(handed[["lead_id", "spell"]])
    key = ["lead_id", "spell"]
    after = tried[tried.occurred_at >= tried.sales_ready_at].groupby(key).occurred_at.min()
    contacted = pd.Series(after.reindex(spells).to_numpy(), index=handed.index)
    offset = [_offset(times, history.timezone) for times in (handed.sales_ready_at, contacted)]
    waited = contacted.notna() & (offset[0] != offset[1])
    note("hand-overs waiting over a change of the clock", waited, handed.lead_id)
    before = tried[tried.occurred_at < tried.sales_ready_at].groupby(key).size()
    early = pd.Series(before.reindex(spells).notna().to_numpy(), index=handed.index)
    note("hand-overs contacted before they were handed over", early, handed.lead_id)


def _offset(times: pd.Series, timezone: str) -> pd.Series:
    return to_local(times, timezone) - times
