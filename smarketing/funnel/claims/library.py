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
from smarketing.funnel.history import PATH, History, moment, window_days
from smarketing.funnel.sla.handover import IN_TIME, YOUNG, handovers, records_attempts
from smarketing.funnel.words import became, percent, points

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


def _leads_got_worse(history: History, month: str, campaign: str | None) -> Evidence:  # noqa: ARG001
    start = "sales_ready" if "sales_ready" in history.recorded else "lead"
    rows, target, days = _judged(history, month, start)
    cut = rows.since.max() - pd.DateOffset(months=MONTHS_NOW) if len(rows) else None
    now, before = rows[rows.since > cut], rows[rows.since <= cut]
    before = before[before.since > cut - pd.DateOffset(months=MONTHS_BEFORE)]
    if not len(now) or not len(before):
        raise CannotAnswer(
            f"there are not two periods of leads whose {days:.0f} days to {target} are over"
        )
    test, parts = standardised(now.hit, now.source, before.hit, before.source)
    what = "hand-overs" if start == "sales_ready" else "leads"
    sentence = (
        f"{percent(now.hit.mean(), 1)} of {len(now):,} {what} {became(target)} within {days:.0f}"
        f" days, {percent(before.hit.mean(), 1)} of {len(before):,} before; at the same mix of"
        f" sources {points(test.effect)} points ({points(test.low)} to {points(test.high)}), the"
        f" shift of the mix {points(parts['mix_effect'])}."
    )
    return Evidence("The leads got worse", "sales", -1, test, sentence, parts)


def _sales_is_slow(history: History, month: str, campaign: str | None) -> Evidence:  # noqa: ARG001
    sales = history.agreement.sla.sales
    if not sales or not sales.first_contact:
        raise CannotAnswer("the agreement promises no time to first contact")
    promise = sales.first_contact
    over = _handed_over(history, month, "contact")
    in_time = over.contact == IN_TIME
    test = against_promise(int(in_time.sum()), len(over), promise.share)
    clock = "business hours" if promise.clock == "business" else "hours"
    sentence = (
        f"{percent(in_time.mean())} of {len(over):,} hand-overs were contacted within"
        f" {promise.within_hours:g} {clock}; promised {percent(promise.share)}."
    )
    return Evidence("Sales is slow", "marketing", -1, test, sentence)


def _gives_up(history: History, month: str, campaign: str | None) -> Evidence:  # noqa: ARG001
    sales = history.agreement.sla.sales
    if not sales or not sales.follow_up:
        raise CannotAnswer("the agreement promises no follow-up")
    promise = sales.follow_up
    over = _handed_over(history, month, "follow_up")
    gave_up = (over.follow_up != IN_TIME) & (over.attempts == 1)
    test = against_promise(int(gave_up.sum()), len(over), 1 - promise.share)
    sentence = (
        f"{percent(gave_up.mean())} of {len(over):,} hand-overs got one attempt, no connection"
        f" and no verdict within {promise.within_days:g} days; the promise leaves room for"
        f" {percent(1 - promise.share)}."
    )
    return Evidence("Sales gives up after one call", "marketing", 1, test, sentence)


def _campaign_is_junk(history: History, month: str, campaign: str | None) -> Evidence:
    if not history.spells.campaign_id.notna().any():
        raise CannotAnswer("no lead names the campaign it came by")
    rows, target, days = _judged(history, month, "lead")
    rows = rows[rows.since > rows.since.max() - pd.DateOffset(months=MONTHS_BEFORE)]
    sums = rows.groupby("campaign_id").hit.agg(["sum", "size"])
    if campaign is None:
        sums = sums[sums["size"] >= LEAST_N]
    if len(sums) < (2 if campaign is None else 1):
        raise CannotAnswer(f"fewer than two campaigns have {LEAST_N} leads old enough")
    if campaign is not None and campaign not in sums.index:
        raise CannotAnswer(f"campaign {campaign} has no lead old enough to judge")
    worst = campaign or (sums["sum"] / sums["size"]).sort_index().idxmin()
    own = rows.campaign_id == worst
    others = rows[~own]
    if others.empty:
        raise CannotAnswer(f"all leads old enough to judge came by campaign {worst}")
    k, n = int(rows.hit[own].sum()), int(own.sum())
    test = two_shares(k, n, int(others.hit.sum()), len(others))
    if campaign is None:  # the worst of many looks bad by chance (Šidák 1967)
        test = replace(test, p_value=1 - (1 - test.p_value) ** len(sums))
    name = worst
    if history.campaigns is not None:
        name = history.campaigns.set_index("campaign_id").name.get(worst, worst)
    sentence = (
        f"{k:,} of {n:,} leads of {name} ({percent(k / n, 1)}) {became(target)} within"
        f" {days:.0f} days, {percent(others.hit.mean(), 1)} of the {len(others):,} others."
    )
    claim = f"Campaign {name} brings only junk"
    return Evidence(claim, "sales", -1, test, sentence, {"campaign_id": worst})


def a1_ignored(history: History, month: str, grades: pd.DataFrame | None) -> Evidence:
    """Hold the share of grade A1 that nobody tried to reach against what the promise leaves."""
    sales = history.agreement.sla.sales
    if not sales or not sales.first_contact:
        raise CannotAnswer("the agreement promises no time to first contact")
    if grades is None:
        raise CannotAnswer("the leads' grades are not given")
    over = _handed_over(history, month, "contact").merge(grades, on=["lead_id", "spell"])
    ignored, best = over.first_attempt_at.isna(), over.grade == "A1"
    if not best.any():
        raise CannotAnswer("no hand-over of the period is of grade A1")
    k, n, room = int(ignored[best].sum()), int(best.sum()), 1 - sales.first_contact.share
    rest = ignored[~best]
    others = f", {percent(rest.mean())} of the {len(rest):,} others" if len(rest) else ""
    sentence = (
        f"Sales never tried to reach {k} of {n} hand-overs of grade A1 ({percent(k / n)}){others};"
        f" the promise leaves room for {percent(room)}."
    )
    test = against_promise(k, n, room)
    return Evidence("Leads of the grid's A1 are ignored", "marketing", 1, test, sentence)


CLAIMS: dict[str, Callable[[History, str, str | None], Evidence]] = {
    "leads_got_worse": _leads_got_worse,
    "sales_is_slow": _sales_is_slow,
    "gives_up_after_one_call": _gives_up,
    "campaign_is_junk": _campaign_is_junk,
}


def _judged(history: History, month: str, start: str) -> tuple[pd.DataFrame, str, float]:
    """Return leads whose window is over, with ``since`` and ``hit``; the target; its days."""
    target = next((s for s in ("sql", "opportunity", "customer") if s in history.recorded), None)
    if target is None:
        raise CannotAnswer("no record shows which leads became SQLs, opportunities or customers")
    days = window_days(history.agreement, target)
    rows = history.trusted
    rows = rows.assign(since=rows[moment(start)])
    at = rows[[moment(stage) for stage in PATH[PATH.index(target) :]]].min(axis=1)
    due = rows.since + pd.Timedelta(days=days)
    rows["hit"] = at <= due
    old = (due <= history.data_until) & (rows.since < history.bounds(month)[1])
    if not old.any():
        raise CannotAnswer(f"no lead is old enough: the {days:.0f} days to {target} are not over")
    return rows[old], target, days


def _handed_over(history: History, month: str, promise: str) -> pd.DataFrame:
    if not records_attempts(history):
        why = history.why.get("events", "no event is an attempt of sales to reach a lead")
        raise CannotAnswer(f"whether sales made contact cannot be said: {why}")
    first = str(pd.Period(month, freq="M") - (MONTHS_NOW - 1))
    rows = handovers(history, first, month)
    over = rows[rows[promise] != YOUNG]
    if over.empty:
        raise CannotAnswer("no hand-over of the period is old enough to judge")
    return over
