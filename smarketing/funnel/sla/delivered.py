"""What each side delivered of what it promised for a month, promise by promise."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from smarketing.agreement.sla import MarketingPromise, SalesPromise
from smarketing.funnel.sla.handover import IN_TIME, NEVER, YOUNG, records_attempts
from smarketing.funnel.sla.promises import (
    NO_DATA,
    NOT_AGREED,
    Promise,
    count_promise,
    revenue_promise,
    share_promise,
)
from smarketing.funnel.wording import never_recorded
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count as in_words
from smarketing.language.plurals import trn
from smarketing.measures.count import count
from smarketing.measures.facts import Facts


def of_marketing(
    facts: Facts, month: str, rows: pd.DataFrame | None, running: bool, cannot: dict[str, str]
) -> list[Promise]:
    """Return marketing's promises; what cannot be said goes to `cannot`, with the reason."""
    sla = facts.agreement.sla
    agreed = sla.marketing or MarketingPromise()
    confidence = sla.confidence
    mqls, ready, rate = agreed.mqls_per_month, agreed.sales_ready_per_month, agreed.acceptance_rate
    promises = []
    if "mql" in facts.recorded:
        delivered = int(count(facts, "mqls", months=[month]).total)
        promises.append(
            count_promise(
                "marketing", "mqls", mqls, delivered, "calendar", confidence, running=running
            )
        )
    else:
        cannot["mqls"] = never_recorded("mql")
        promises.append(_unknown("marketing", "mqls", mqls, cannot["mqls"]))
    if rows is None:
        promises.append(_unknown("marketing", "sales_ready", ready, cannot["handover"]))
        promises.append(_unknown("marketing", "acceptance", rate, cannot["handover"]))
        return promises
    counted = rows[rows.counts]
    left_out = len(rows) - len(counted)
    note = (
        trn(
            "{n} recycled without qualifying anew is not counted",
            "{n} recycled without qualifying anew are not counted",
            left_out,
        )
        if left_out
        else ""
    )
    promises.append(
        count_promise(
            "marketing", "sales_ready", ready,
            int(count(facts, "sales_ready", months=[month]).total), "calendar", confidence,
            running=running, note=note,
        )
    )  # fmt: skip
    if "accepted" not in facts.recorded and "sql" not in facts.recorded:
        cannot["acceptance"] = tr("No record shows whether sales accepted a hand-over.")
        promises.append(_unknown("marketing", "acceptance", rate, cannot["acceptance"]))
        return promises
    old = counted[counted.age_days >= answer_days(facts)]
    answered = old[old.answered]  # what sales did not answer is not marketing's doing
    unanswered = len(old) - len(answered)
    note = ""
    if unanswered:
        note = trn(
            "{n} is not counted: sales has not answered",
            "{n} are not counted: sales has not answered",
            unanswered,
        )
    promises.append(
        share_promise(
            "marketing", "acceptance", rate, int(answered.accepted.sum()), len(answered),
            len(counted) - len(old), confidence, note=note,
        )
    )  # fmt: skip
    return promises


def answer_days(facts: Facts) -> float:
    """Return after how many days a hand-over is old enough to have been answered.

    The longest time the agreement leaves for it: with a shorter one, marketing's acceptance
    would suffer from sales being slow.
    """
    stage = facts.agreement.stages.get("sales_ready")
    sales = facts.agreement.sla.sales
    agreed = [stage and stage.max_days, sales and sales.disposition_within_days]
    known = [float(days) for days in agreed if days]
    return max(known, default=float(facts.agreement.lines.mql.window_days))


def of_follow_up(facts: Facts, rows: pd.DataFrame | None, cannot: dict[str, str]) -> list[Promise]:
    """Return sales' promises on the month's hand-overs: contact, follow-up, verdict."""
    sla = facts.agreement.sla
    agreed = promised_shares(facts)
    if rows is not None and not records_attempts(facts):
        why = facts.why.get("events", tr("no event is an attempt of sales to reach a lead"))
        for name in ("first_contact", "follow_up"):
            cannot[name] = tr("Whether sales made contact cannot be said: {why}.", why=why)
    promises = []
    for name, promised in agreed.items():
        column = {"first_contact": "contact"}.get(name, name)
        reason = cannot.get(name) or cannot.get("handover")
        if rows is None or name in cannot:
            promises.append(_unknown("sales", name, promised, reason or ""))
        elif promised is None:
            promises.append(Promise("sales", name, "cohort", "share", verdict=NOT_AGREED))
        else:
            over = rows[rows[column] != YOUNG]
            never = int((over[column] == NEVER).sum())
            promises.append(
                share_promise(
                    "sales", name, promised, int((over[column] == IN_TIME).sum()), len(over),
                    len(rows) - len(over), sla.confidence,
                    note=tr("{n} never", n=in_words(never)) if never else "",
                )
            )  # fmt: skip
    return promises


def promised_shares(facts: Facts) -> dict[str, float | None]:
    """Return the share of hand-overs that sales promises each kind of answer for."""
    sales = facts.agreement.sla.sales or SalesPromise()
    return {
        "first_contact": sales.first_contact.share if sales.first_contact else None,
        "follow_up": sales.follow_up.share if sales.follow_up else None,
        # a date without a share is promised for every hand-over
        "disposition": 1.0 if sales.disposition_within_days else None,
    }


def of_results(
    facts: Facts, month: str, rows: pd.DataFrame | None, running: bool, cannot: dict[str, str]
) -> list[Promise]:
    """Return customers and revenue: closed in the month, and of its hand-overs so far."""
    sla, currency = facts.agreement.sla, facts.agreement.currency
    sales = sla.sales or SalesPromise()
    customers, revenue = sales.customers_per_month, sales.revenue_per_month
    runs = facts.spells
    handed = rows is not None
    picked = facts.within(runs.sales_ready_at, month) if handed else runs.month == month
    cohort = runs[picked]
    start = cohort.sales_ready_at if handed else cohort.started_at
    days = pd.Timedelta(days=facts.agreement.lines.sql.window_days)
    waiting = int((cohort.ended_at.isna() & (start + days > facts.data_until)).sum())
    note = tr("of the month's hand-overs, so far") if handed else tr("of the month's leads, so far")
    ready = (sla.marketing or MarketingPromise()).sales_ready_per_month
    chances = None
    if handed and customers and ready and customers <= ready and len(cohort):
        chances = (len(cohort), customers / ready)
    if "customer" not in facts.recorded and facts.wins is None:
        cannot["customers"] = tr("No record shows which leads became customers.")
        cannot["revenue"] = tr("Revenue cannot be said: {why}.", why=facts.why["deals"])
        return [
            _unknown("sales", "customers", customers, cannot["customers"]),
            _unknown("sales", "revenue", revenue, cannot["revenue"]),
        ]
    basis = "handed_over" if handed else "cohort"
    closed = int(count(facts, "customers", months=[month]).total)
    won = int(count(facts, "customers", basis=basis, months=[month]).total)
    closed_note = tr("closed in the month, whenever they came")
    promises = [
        count_promise(
            "sales", "customers", customers, closed, "calendar", sla.confidence,
            running=running, note=closed_note,
        ),
        count_promise(
            "sales", "customers", customers, won, "cohort", sla.confidence,
            waiting=waiting, running=running, chances=chances, note=note,
        ),
    ]  # fmt: skip
    if facts.wins is None or not facts.wins.counted.any():
        why = facts.why.get("deals") or tr(
            "no won deal has an amount in {currency}", currency=currency
        )
        cannot["revenue"] = tr("Revenue cannot be said: {why}.", why=why)
        return [*promises, _unknown("sales", "revenue", revenue, cannot["revenue"])]
    amounts = facts.wins.cents[facts.wins.counted].to_numpy() / 100
    total = count(facts, "revenue", months=[month]).total
    earned = count(facts, "revenue", basis=basis, months=[month]).total
    aside = int((~facts.wins.counted & (facts.wins.month == month)).sum())
    if aside:
        closed_note = tr(
            "closed in the month, whenever they came; {n} won in another currency or without an "
            "amount not added",
            n=in_words(aside),
        )
    return [
        *promises,
        revenue_promise(
            revenue, total, "calendar", currency, amounts, customers, sla.confidence,
            running=running, note=closed_note,
        ),
        revenue_promise(
            revenue, earned, "cohort", currency, amounts, customers, sla.confidence,
            waiting=waiting, running=running, note=note,
        ),
    ]  # fmt: skip


def _unknown(side: str, name: str, promised: float | None, why: str) -> Promise:
    blank = Promise(side, name, "cohort", "share", promised, verdict=NO_DATA, note=why)
    if name in ("mqls", "sales_ready", "customers", "revenue"):
        return replace(blank, basis="calendar", unit="number")
    return blank
