"""Hand-overs past a promise and still open: to whom they go, and how old the breach is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.funnel.sla.business_hours import hours_on_clock
from smarketing.funnel.sla.handover import LATE, NEVER, handovers
from smarketing.language.catalogue import mark, tr
from smarketing.measures.facts import Facts
from smarketing.results import Result

TODO = {
    "first_contact": mark("make the first contact, or give the lead back"),
    "follow_up": mark("try again, or give the lead back"),
    "disposition": mark("say whether it is an SQL, or give it back"),
}
"""What mends a breach, by promise; in the order they fall due."""


@dataclass(frozen=True)
class Escalations(Result):
    """The breaches to act on.

    Attributes
    ----------
    as_of : pandas.Timestamp
        Naive UTC.
    escalate_to : str or None
        The role the agreement names.
    breaches : pandas.DataFrame
        ``lead_id``, ``spell``, ``owner_id``, ``source``, ``campaign_id``, ``handed_at`` (naive
        UTC), ``attempts``, ``breach`` (first_contact, follow_up, disposition), ``overdue`` in
        ``unit`` (hours of the agreed clock, or days), ``escalate_to``, ``todo``. One row per
        hand-over and promise broken, the oldest hand-over first.
    """

    as_of: pd.Timestamp
    escalate_to: str | None
    breaches: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return one row per breach."""
        return self.breaches


def escalations(facts: Facts, first_month: str, last_month: str | None = None) -> Escalations:
    """List the hand-overs of some months that broke a promise and wait for an answer.

    What has its verdict, late or not, needs no escalation any more. A lead never contacted is a
    breach of first contact alone until a day it should have been answered, too.

    Raises
    ------
    CannotAnswer
        If no record shows a hand-over.

    Examples
    --------
    >>> escalations(facts, "2026-09", "2026-10").frame()  # doctest: +SKIP
    """
    rows = handovers(facts, first_month, last_month)
    waiting = rows[rows.disposed_at.isna()]
    sales, to = facts.agreement.sla.sales, facts.agreement.handover.escalate_to
    until = pd.Series(facts.data_until, index=waiting.index)
    tables = []

    def breached(name: str, over: pd.Series, overdue: pd.Series, unit: str) -> None:
        late = waiting[over].assign(
            breach=name, overdue=overdue[over], unit=unit, todo=tr(TODO[name])
        )
        tables.append(late)

    if sales and sales.first_contact and waiting.contact.notna().any():
        clock = sales.first_contact.clock
        age = hours_on_clock(waiting.handed_at, until, clock, facts.agreement)
        over = (waiting.contact == NEVER) & waiting.first_attempt_at.isna()
        breached("first_contact", over, age - sales.first_contact.within_hours, f"{clock} hours")
    if sales and sales.follow_up and waiting.follow_up.notna().any():
        # tried, but neither often enough nor with success
        over = (waiting.follow_up == LATE) & (waiting.attempts < sales.follow_up.attempts)
        over &= waiting.connected_at.isna()
        breached("follow_up", over, waiting.age_days - sales.follow_up.within_days, "days")
    if sales and sales.disposition_within_days:
        over = waiting.disposition == NEVER
        breached("disposition", over, waiting.age_days - sales.disposition_within_days, "days")
    columns = [
        "lead_id", "spell", "owner_id", "source", "campaign_id", "handed_at", "attempts",
        "breach", "overdue", "unit", "escalate_to", "todo",
    ]  # fmt: skip
    table = pd.concat([waiting[:0].assign(breach=None, overdue=0.0, unit=None, todo=None), *tables])
    table = table.assign(escalate_to=to)
    return Escalations(
        facts.data_until,
        to,
        table.sort_values(["handed_at", "lead_id", "breach"], ignore_index=True)[columns],
    )
