"""The claims both teams make of each other, each with the test that answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.funnel.claims.differences import (
    LEAST_N,
    Difference,
    against_promise,
    standardised,
    two_shares,
)
from smarketing.funnel.sla.handover import IN_TIME, YOUNG, handovers, records_attempts
from smarketing.funnel.wording import became, hours_of, period_of
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, number, percent, points
from smarketing.language.plurals import trn
from smarketing.language.stage_labels import stage_word
from smarketing.measures.facts import Facts
from smarketing.measures.path import moment, reached_at, window_days

MONTHS_NOW, MONTHS_BEFORE = 3, 12


@dataclass(frozen=True)
class Evidence:
    """What a test says to a claim, before it is judged."""

    claim: str
    made_by: str
    supports: int  # the sign of the effect that supports the claim
    test: Difference
    sentence: str
    details: dict[str, Any] = field(default_factory=dict)


def _leads_got_worse(facts: Facts, month: str, campaign: str | None) -> Evidence:  # noqa: ARG001
    start = "sales_ready" if "sales_ready" in facts.recorded else "lead"
    rows, target, days = _judged(facts, month, start)
    cut = rows.since.max() - pd.DateOffset(months=MONTHS_NOW) if len(rows) else None
    now, before = rows[rows.since > cut], rows[rows.since <= cut]
    before = before[before.since > cut - pd.DateOffset(months=MONTHS_BEFORE)]
    if not len(now) or not len(before):
        raise CannotAnswer(
            tr(
                "there are not two periods of leads whose {days} days to {stage} are over",
                days=count(days),
                stage=stage_word(target),
            )
        )
    test, parts = standardised(now.hit, now.source, before.hit, before.source)
    values = {
        "share": percent(now.hit.mean(), 1),
        "n": count(len(now)),
        "became": became(target),
        "days": count(days),
        "share_before": percent(before.hit.mean(), 1),
        "n_before": count(len(before)),
        "effect": points(test.effect),
        "low": points(test.low),
        "high": points(test.high),
        "period": period_of(now.since, facts.timezone),
        "before": period_of(before.since, facts.timezone),
    }
    sentence = (
        tr(
            "{share} of {n} hand-overs ({period}) {became} within {days} days, {share_before} of "
            "{n_before} before ({before})",
            **values,
        )
        if start == "sales_ready"
        else tr(
            "{share} of {n} leads ({period}) {became} within {days} days, {share_before} of "
            "{n_before} before ({before})",
            **values,
        )
    )
    held = adjusted_for(parts["groups"])
    difference = tr(
        "{held}, the difference is {effect} points ({low} to {high})", held=held, **values
    )
    if parts["groups"] > 1:
        shift = points(parts["mix_effect"])
        difference = tr(
            "{difference}; the shift of the mix adds {shift}", difference=difference, shift=shift
        )
    details = {**parts, "period": values["period"], "before": values["before"]}
    text = f"{sentence}; {difference}."
    return Evidence(tr("The leads got worse"), "sales", -1, test, text, details)


def adjusted_for(groups: float) -> str:
    """Return what was held still between two periods; that nothing was, where nothing could be."""
    return trn(
        "for all sources together (too few are large enough to adjust for)",
        "at the same mix of {n} sources",
        int(groups),
    )


def _sales_is_slow(facts: Facts, month: str, campaign: str | None) -> Evidence:  # noqa: ARG001
    sales = facts.agreement.sla.sales
    if not sales or not sales.first_contact:
        raise CannotAnswer(tr("the agreement promises no time to first contact"))
    promise = sales.first_contact
    over = _handed_over(facts, month, "contact")
    in_time = over.contact == IN_TIME
    test = against_promise(int(in_time.sum()), len(over), promise.share)
    sentence = trn(
        "{share} of {n} hand-over ({period}) was contacted within {hours}; promised {promised}.",
        "{share} of {n} hand-overs ({period}) were contacted within {hours}; promised {promised}.",
        len(over),
        period=period_of(over.handed_at, facts.timezone),
        share=percent(in_time.mean()),
        hours=hours_of(promise.within_hours, promise.clock),
        promised=percent(promise.share),
    )
    return Evidence(tr("Sales is slow"), "marketing", -1, test, sentence)


def _gives_up(facts: Facts, month: str, campaign: str | None) -> Evidence:  # noqa: ARG001
    sales = facts.agreement.sla.sales
    if not sales or not sales.follow_up:
        raise CannotAnswer(tr("the agreement promises no follow-up"))
    promise = sales.follow_up
    over = _handed_over(facts, month, "follow_up")
    gave_up = (over.follow_up != IN_TIME) & (over.attempts == 1)
    test = against_promise(int(gave_up.sum()), len(over), 1 - promise.share)
    sentence = trn(
        "{share} of {n} hand-over ({period}) got one attempt, no connection and no verdict within "
        "{days} days; the promise leaves room for {room}.",
        "{share} of {n} hand-overs ({period}) got one attempt, no connection and no verdict "
        "within {days} days; the promise leaves room for {room}.",
        len(over),
        period=period_of(over.handed_at, facts.timezone),
        share=percent(gave_up.mean()),
        days=number(promise.within_days),
        room=percent(1 - promise.share),
    )
    return Evidence(tr("Sales gives up after one call"), "marketing", 1, test, sentence)


def _campaign_is_junk(facts: Facts, month: str, campaign: str | None) -> Evidence:
    if not facts.spells.campaign_id.notna().any():
        raise CannotAnswer(tr("no lead names the campaign it came by"))
    rows, target, days = _judged(facts, month, "lead")
    rows = rows[rows.since > rows.since.max() - pd.DateOffset(months=MONTHS_BEFORE)]
    sums = rows.groupby("campaign_id").hit.agg(["sum", "size"])
    if campaign is None:
        sums = sums[sums["size"] >= LEAST_N]
    if len(sums) < (2 if campaign is None else 1):
        raise CannotAnswer(
            tr("fewer than two campaigns have {n} leads old enough", n=count(LEAST_N))
        )
    if campaign is not None and campaign not in sums.index:
        raise CannotAnswer(
            tr("campaign {campaign} has no lead old enough to judge", campaign=campaign)
        )
    worst = campaign or (sums["sum"] / sums["size"]).sort_index().idxmin()
    own = rows.campaign_id == worst
    others = rows[~own]
    if others.empty:
        raise CannotAnswer(
            tr("all leads old enough to judge came by campaign {campaign}", campaign=worst)
        )
    k, n = int(rows.hit[own].sum()), int(own.sum())
    test = two_shares(k, n, int(others.hit.sum()), len(others))
    if campaign is None:  # the worst of many looks bad by chance (Šidák 1967)
        test = replace(test, p_value=1 - (1 - test.p_value) ** len(sums))
    name = worst
    if facts.campaigns is not None:
        name = facts.campaigns.set_index("campaign_id").name.get(worst, worst)
    sentence = tr(
        "{k} of {n} leads of {campaign} ({share}; {period}) {became} within {days} days, "
        "{share_others} of the {n_others} others.",
        period=period_of(rows.since, facts.timezone),
        k=count(k),
        n=count(n),
        campaign=name,
        share=percent(k / n, 1),
        became=became(target),
        days=count(days),
        share_others=percent(others.hit.mean(), 1),
        n_others=count(len(others)),
    )
    claim = tr("Campaign {campaign} brings only junk", campaign=name)
    return Evidence(claim, "sales", -1, test, sentence, {"campaign_id": worst})


def a1_ignored(facts: Facts, month: str, grades: pd.DataFrame | None) -> Evidence:
    """Hold the share of grade A1 that nobody tried to reach against what the promise leaves."""
    sales = facts.agreement.sla.sales
    if not sales or not sales.first_contact:
        raise CannotAnswer(tr("the agreement promises no time to first contact"))
    if grades is None:
        raise CannotAnswer(tr("the leads' grades are not given"))
    over = _handed_over(facts, month, "contact").merge(grades, on=["lead_id", "spell"])
    ignored, best = over.first_attempt_at.isna(), over.grade == "A1"
    if not best.any():
        raise CannotAnswer(tr("no hand-over of the period is of grade A1"))
    k, n, room = int(ignored[best].sum()), int(best.sum()), 1 - sales.first_contact.share
    rest = ignored[~best]
    values = {"k": count(k), "n": count(n), "share": percent(k / n), "room": percent(room)}
    values["period"] = period_of(over.handed_at, facts.timezone)
    sentence = (
        tr(
            "Sales never tried to reach {k} of {n} hand-overs of grade A1 ({share}) in {period}, "
            "{share_others} of the {n_others} others; the promise leaves room for {room}.",
            **values,
            share_others=percent(rest.mean()),
            n_others=count(len(rest)),
        )
        if len(rest)
        else tr(
            "Sales never tried to reach {k} of {n} hand-overs of grade A1 ({share}) in {period}; "
            "the promise leaves room for {room}.",
            **values,
        )
    )
    test = against_promise(k, n, room)
    return Evidence(tr("Leads of the grid's A1 are ignored"), "marketing", 1, test, sentence)


CLAIMS: dict[str, Callable[[Facts, str, str | None], Evidence]] = {
    "leads_got_worse": _leads_got_worse,
    "sales_is_slow": _sales_is_slow,
    "gives_up_after_one_call": _gives_up,
    "campaign_is_junk": _campaign_is_junk,
}


def _judged(facts: Facts, month: str, start: str) -> tuple[pd.DataFrame, str, float]:
    """Return leads whose window is over, with ``since`` and ``hit``; the target; its days."""
    target = next((s for s in ("sql", "opportunity", "customer") if s in facts.recorded), None)
    if target is None:
        raise CannotAnswer(
            tr("no record shows which leads became SQLs, opportunities or customers")
        )
    days = window_days(facts.agreement, target)
    rows = facts.trusted
    rows = rows.assign(since=rows[moment(start)])
    due = rows.since + pd.Timedelta(days=days)
    rows["hit"] = (reached_at(rows, target) <= due) | (rows.is_customer & rows.customer_at.isna())
    old = (due <= facts.data_until) & (rows.since < facts.bounds(month)[1])
    if not old.any():
        raise CannotAnswer(
            tr(
                "no lead is old enough: the {days} days to {stage} are not over",
                days=count(days),
                stage=stage_word(target),
            )
        )
    return rows[old], target, days


def _handed_over(facts: Facts, month: str, promise: str) -> pd.DataFrame:
    if not records_attempts(facts):
        why = facts.why.get("events", tr("no event is an attempt of sales to reach a lead"))
        raise CannotAnswer(tr("whether sales made contact cannot be said: {why}", why=why))
    first = str(pd.Period(month, freq="M") - (MONTHS_NOW - 1))
    rows = handovers(facts, first, month)
    over = rows[rows[promise] != YOUNG]
    if over.empty:
        raise CannotAnswer(tr("no hand-over of the period is old enough to judge"))
    return over
