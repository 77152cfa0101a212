"""Every measure, declared once: what is counted, in which unit, when, and what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from smarketing.errors import Problem, UsageError
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import number
from smarketing.language.plurals import trn
from smarketing.measures.facts import KEY, Facts
from smarketing.measures.path import moment

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

LEAD, DEAL, CUSTOMER, MONEY, VISITOR = "lead", "deal", "customer", "money", "visitor"
"""Units; a lead's every run through the funnel counts by itself."""


@dataclass(frozen=True)
class Measure:
    """One figure with one definition.

    Attributes
    ----------
    name : str
        Its key, also that of goals.
    unit : str
        lead, deal, customer (as the agreement counts them), money, or visitor.
    label : str
        What pages call it.
    definition : str
        What is counted, and the moment that dates it, in one sentence.
    leaves_out : str
        What is not counted, in one sentence; empty for nothing.
    rows : callable
        Facts -> ``at`` (when it happened; NaT where nobody knows), ``started_at`` and
        ``handed_at`` of the run behind it, ``lead_id``, ``spell`` (missing without a lead),
        ``value``. A row per unit.
    promise : str
        The promise of the SLA it serves; empty for none.
    stage : str
        The stage of the path it counts; empty for none.
    """

    name: str
    unit: str
    label: str
    definition: str
    leaves_out: str
    rows: Callable[[Facts], pd.DataFrame]
    promise: str = ""
    stage: str = ""


def measure_of(name: str) -> Measure:
    """Return the measure of a name.

    Raises
    ------
    UsageError
        If there is none; those there are are named.

    Examples
    --------
    >>> measure_of("mqls").stage
    'mql'
    """
    if name not in MEASURES:
        raise UsageError(Problem("no such measure", found=repr(name), allowed=", ".join(MEASURES)))
    return MEASURES[name]


def counted_as(agreement: Agreement) -> str:
    """Return the sentence that says what one customer is.

    Examples
    --------
    >>> from types import SimpleNamespace as Bag
    >>> counted_as(Bag(counted_by="deal"))
    'A customer is a won deal.'
    """
    if agreement.counted_by == "deal":
        return tr("A customer is a won deal.")
    if agreement.counted_by == "account":
        return tr("A customer is an account, counted once, when it first buys.")
    days = agreement.buying_group.within_days if agreement.buying_group else 0
    return trn(
        "A customer is a purchase: won deals of one account within {n} day are one.",
        "A customer is a purchase: won deals of one account within {n} days are one.",
        days,
        n=number(days),
    )


def definition_of(name: str, agreement: Agreement) -> str:
    """Return a measure's definition, with what it leaves out, in sentences."""
    measure = measure_of(name)
    parts = [tr(measure.definition)]
    if measure.unit == CUSTOMER:
        parts.append(counted_as(agreement))
    if measure.leaves_out:
        parts.append(tr(measure.leaves_out))
    return " ".join(parts)


def _of_spells(runs: pd.DataFrame, at: pd.Series) -> pd.DataFrame:
    return runs[[*KEY, "started_at"]].assign(at=at, handed_at=runs.sales_ready_at, value=1)


def _entered(stage: str) -> Callable[[Facts], pd.DataFrame]:
    def rows(facts: Facts) -> pd.DataFrame:
        runs = facts.spells[facts.spells[moment(stage)].notna()]
        return _of_spells(runs, runs[moment(stage)])

    return rows


def _leads(facts: Facts) -> pd.DataFrame:
    return _of_spells(facts.spells, facts.spells.started_at)


def _new_leads(facts: Facts) -> pd.DataFrame:
    runs = facts.spells[facts.spells.spell == 1]
    return _of_spells(runs, runs.started_at)


def qualified_anew(runs: pd.DataFrame) -> pd.Series:
    """Return which hand-overs count for marketing: a lead's first, or after it was an MQL again."""
    return (runs.spell == 1) | (runs.mql_at <= runs.sales_ready_at)


def _sales_ready(facts: Facts) -> pd.DataFrame:
    runs = facts.spells[facts.spells.sales_ready_at.notna()]
    runs = runs[qualified_anew(runs)]
    return _of_spells(runs, runs.sales_ready_at)


def _won_leads(facts: Facts) -> pd.DataFrame:
    runs = facts.spells[facts.spells.is_customer]
    return _of_spells(runs, runs.customer_at)


def _lost_leads(facts: Facts) -> pd.DataFrame:
    runs = facts.spells[~facts.spells.is_customer & facts.spells.ended_at.notna()]
    return _of_spells(runs, runs.ended_at)


def _open_leads(facts: Facts) -> pd.DataFrame:
    return _of_spells(facts.open, facts.open.started_at)


def _customers(facts: Facts) -> pd.DataFrame:
    return facts.customers.assign(value=1)


def _deals(value: Callable[[pd.DataFrame], pd.Series]) -> Callable[[Facts], pd.DataFrame]:
    """Return rows of won deals; a deal is in them where its value is known."""

    def rows(facts: Facts) -> pd.DataFrame:
        columns = [*KEY, "started_at", "handed_at"]
        if facts.wins is None:
            return facts.customers[:0][["at", *columns]].assign(value=0)
        wins = facts.wins.assign(at=facts.wins.closed_at, value=value(facts.wins))
        return wins[wins.value.notna()][["at", *columns, "value"]]

    return rows


def _visitors(facts: Facts) -> pd.DataFrame:
    columns = ["at", *KEY, "started_at", "handed_at", "value"]
    if facts.visits is None:
        return pd.DataFrame(columns=columns).astype({"at": "datetime64[us]"})
    day = pd.to_datetime(facts.visits.day)  # days are the company's own
    at = day.dt.tz_localize(facts.timezone, ambiguous=True, nonexistent="shift_forward")
    at = at.dt.tz_convert("UTC").dt.tz_localize(None)
    rows = pd.DataFrame({"at": at, "value": facts.visits.visitors})
    return rows.reindex(columns=columns)


_NO_DATE = mark("What has no date stands in totals, and in no month.")

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            "visitors", VISITOR, mark("Visitors"),
            mark("Visitors of the website who left no contact data, by their day."), "",
            _visitors, stage="visitor",
        ),
        Measure(
            "leads", LEAD, mark("Leads"),
            mark("Leads by the day they came; one that was recycled and came again counts again."),
            _NO_DATE, _leads, stage="lead",
        ),
        Measure(
            "new_leads", LEAD, mark("New leads"), mark("Leads by the day they first came."),
            _NO_DATE, _new_leads,
        ),
        Measure(
            "mqls", LEAD, mark("MQLs"), mark("Leads by the moment they first became MQLs."), "",
            _entered("mql"), promise="mqls", stage="mql",
        ),
        Measure(
            "hand_overs", LEAD, mark("Hand-overs"),
            mark("Leads by the moment they were handed over to sales."), "",
            _entered("sales_ready"),
        ),
        Measure(
            "sales_ready", LEAD, mark("Sales-ready leads"),
            mark("Leads by the moment they were handed over to sales."),
            mark("Recycled leads handed over without qualifying anew are left out."),
            _sales_ready, promise="sales_ready", stage="sales_ready",
        ),
        Measure(
            "accepted", LEAD, mark("Accepted"),
            mark("Hand-overs by the moment sales accepted them."), "",
            _entered("accepted"), stage="accepted",
        ),
        Measure(
            "sqls", LEAD, mark("SQLs"), mark("Leads by the moment sales called them SQLs."), "",
            _entered("sql"), stage="sql",
        ),
        Measure(
            "opportunities", LEAD, mark("Opportunities"),
            mark("Leads by the moment their first deal was opened."), "",
            _entered("opportunity"), stage="opportunity",
        ),
        Measure(
            "customers", CUSTOMER, mark("Customers"),
            mark("Customers by the day their first deal was closed."),
            mark("A win without a closing date stands in totals, and in no month."),
            _customers, promise="customers", stage="customer",
        ),
        Measure(
            "won_leads", LEAD, mark("Leads that became customers"),
            mark("Leads of won deals, by the moment they became customers."), _NO_DATE,
            _won_leads,
        ),
        Measure(
            "lost_leads", LEAD, mark("Leads that went off the path"),
            mark("Leads given back, recycled or disqualified, or whose deals were lost, by that "
                 "moment."), "",
            _lost_leads,
        ),
        Measure(
            "open", LEAD, mark("Open leads"),
            mark("Leads that have not ended, at any stage before customer, by the day they came."),
            _NO_DATE, _open_leads,
        ),
        Measure(
            "won_deals", DEAL, mark("Won deals"), mark("Won deals by their closing day."),
            mark("A win without a closing date stands in totals, and in no month."),
            _deals(lambda wins: pd.Series(1, index=wins.index)),
        ),
        Measure(
            "revenue_deals", DEAL, mark("Won deals with revenue"),
            mark("Won deals with an amount in the agreement's currency, by their closing day."),
            mark("A win without a closing date stands in totals, and in no month."),
            _deals(lambda wins: wins.counted.astype(float).mask(~wins.counted)),
        ),
        Measure(
            "revenue", MONEY, mark("Revenue"),
            mark("Amounts of won deals in the agreement's currency, by their closing day."),
            mark("Deals in another currency, or without an amount, are counted apart; a win "
                 "without a closing date stands in totals, and in no month."),
            _deals(lambda wins: wins.cents.astype("Int64").mask(~wins.counted)),
            promise="revenue",
        ),
        Measure(
            "rejected", LEAD, mark("Rejected"),
            mark("Hand-overs by the moment sales gave them back."), "",
            _entered("rejected"), stage="rejected",
        ),
        Measure(
            "recycled", LEAD, mark("Recycled"),
            mark("Leads by the moment they were given back to nurturing."), "",
            _entered("recycled"), stage="recycled",
        ),
        Measure(
            "disqualified", LEAD, mark("Disqualified"),
            mark("Leads by the moment they were written off."), "",
            _entered("disqualified"), stage="disqualified",
        ),
    )
}  # fmt: skip
"""All measures by name."""

OF_STAGE = {measure.stage: name for name, measure in MEASURES.items() if measure.stage}
"""Stage -> the measure that counts it."""
