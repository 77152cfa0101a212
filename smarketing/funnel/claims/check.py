"""What both teams say about each other, tested: supported, contradicted, or cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
from statsmodels.stats.multitest import multipletests

from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.funnel.claims.differences import (
    LEAST_N,
    Difference,
    against_promise,
    standardised,
    two_shares,
)
from smarketing.funnel.history import PATH, History, moment, window_days
from smarketing.funnel.sla.handover import IN_TIME, YOUNG, handovers, records_attempts
from smarketing.results import Result, plain

SUPPORTED, CONTRADICTED, CANNOT_TELL = "supported", "contradicted", "cannot tell"
MONTHS_NOW, MONTHS_BEFORE = 3, 12
A1_IGNORED = "a1_ignored"


@dataclass(frozen=True)
class Claim:
    """One claim and what the data says to it.

    Attributes
    ----------
    name : str
        leads_got_worse, sales_is_slow, gives_up_after_one_call, campaign_is_junk, a1_ignored.
    claim : str
        In the words of whoever makes it.
    made_by : str
        marketing or sales.
    verdict : str
        supported, contradicted, or cannot tell.
    effect, low, high : float
        Difference of two shares (now − before, delivered − promised, campaign − others) and its
        95 % interval.
    n, n_compared : int
        Leads behind it; 0 compared where a promise is the yardstick.
    n_needed : int
        Leads it takes (in each of two groups) to find an effect of this size, or of the least
        size that matters if that is larger, four times of five.
    p_value, p_adjusted : float
        Two-sided; adjusted for all claims tested together (Benjamini and Hochberg 1995).
    sentence : str
    details : dict of str to float
    """

    name: str
    claim: str
    made_by: str
    verdict: str
    effect: float
    low: float
    high: float
    n: int
    n_compared: int
    n_needed: int
    p_value: float
    p_adjusted: float
    sentence: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claims(Result):
    """The claims tested together, and those the tables cannot test.

    Attributes
    ----------
    month : str
    claims : tuple of Claim
    cannot : dict of str to str
        Claim → why it cannot be tested.
    """

    month: str
    claims: tuple[Claim, ...]
    cannot: dict[str, str]

    def frame(self) -> pd.DataFrame:
        """Return one row per claim tested."""
        names = [name for name in Claim.__dataclass_fields__ if name != "details"]
        return pd.DataFrame([vars(claim) for claim in self.claims], columns=names)

    def to_dict(self) -> dict[str, Any]:
        """Return the claims as a list, and what cannot be tested."""
        return plain(vars(self))


@dataclass(frozen=True)
class _Evidence:
    claim: str
    made_by: str
    supports: int  # the sign of the effect that supports the claim
    test: Difference
    sentence: str
    details: dict[str, Any] = field(default_factory=dict)


def check_claims(
    history: History,
    month: str | None = None,
    names: Iterable[str] | None = None,
    campaign: str | None = None,
    alpha: float = 0.05,
    grades: pd.DataFrame | None = None,
) -> Claims:
    """Test what the teams say about each other on the three months up to one.

    Parameters
    ----------
    history : History
    month : str, optional
        Local month "YYYY-MM"; by default the last complete one.
    names : iterable of str, optional
        Claims to test; all by default. Those tested together are corrected together.
    campaign : str, optional
        Id of the campaign said to bring only junk; by default the one that converts worst, and
        then picking the worst is corrected for.
    alpha : float, default=0.05
        Share of false verdicts accepted.
    grades : pandas.DataFrame, optional
        ``lead_id``, ``spell``, ``grade`` at the hand-over; a1_ignored is tested with it alone.

    Raises
    ------
    UsageError
        If there is no claim of that name.
    CannotAnswer
        If no lead came in the month.

    Examples
    --------
    >>> check_claims(history, "2026-10").frame()[["claim", "verdict"]]  # doctest: +SKIP
    """
    month = history.checked(month)
    tests = CLAIMS | {A1_IGNORED: lambda *asked: _a1_ignored(*asked[:2], grades)}
    by_default = CLAIMS if grades is None else tests  # scores are no business of the funnel
    chosen = list(by_default) if names is None else list(names)
    unknown = [name for name in chosen if name not in tests]
    if unknown:
        raise UsageError(Problem("no such claim", found=unknown[0], allowed=", ".join(tests)))
    found: dict[str, _Evidence] = {}
    cannot: dict[str, str] = {}
    for name in chosen:
        try:
            found[name] = tests[name](history, month, campaign)
        except CannotAnswer as reason:
            cannot[name] = str(reason)
    adjusted = []
    if found:
        adjusted = multipletests([e.test.p_value for e in found.values()], method="fdr_bh")[1]
    claims = tuple(
        _judge(name, evidence, float(p), alpha)
        for (name, evidence), p in zip(found.items(), adjusted, strict=True)
    )
    return Claims(month, claims, cannot)


def _judge(name: str, evidence: _Evidence, p_adjusted: float, alpha: float) -> Claim:
    test = evidence.test
    verdict = CANNOT_TELL
    if p_adjusted <= alpha and test.effect:
        verdict = SUPPORTED if test.effect * evidence.supports > 0 else CONTRADICTED
    return Claim(
        name, evidence.claim, evidence.made_by, verdict, test.effect, test.low, test.high,
        test.n, test.n_compared, test.n_needed, test.p_value, p_adjusted, evidence.sentence,
        evidence.details,
    )  # fmt: skip


def _leads_got_worse(history: History, month: str, campaign: str | None) -> _Evidence:  # noqa: ARG001
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
        f"{now.hit.mean():.1%} of {len(now)} {what} reached {target} within {days:.0f} days,"
        f" {before.hit.mean():.1%} of {len(before)} before; at the same mix of sources"
        f" {test.effect * 100:+.1f} points ({test.low * 100:+.1f} to {test.high * 100:+.1f}), the"
        f" shift of the mix {parts['mix_effect'] * 100:+.1f}."
    )
    return _Evidence("The leads got worse", "sales", -1, test, sentence, parts)


def _sales_is_slow(history: History, month: str, campaign: str | None) -> _Evidence:  # noqa: ARG001
    sales = history.agreement.sla.sales
    if not sales or not sales.first_contact:
        raise CannotAnswer("the agreement promises no time to first contact")
    promise = sales.first_contact
    over = _handed_over(history, month, "contact")
    in_time = over.contact == IN_TIME
    test = against_promise(int(in_time.sum()), len(over), promise.share)
    sentence = (
        f"{in_time.mean():.0%} of {len(over)} hand-overs were contacted within"
        f" {promise.within_hours:g} {promise.clock} hours; promised {promise.share:.0%}."
    )
    return _Evidence("Sales is slow", "marketing", -1, test, sentence)


def _gives_up(history: History, month: str, campaign: str | None) -> _Evidence:  # noqa: ARG001
    sales = history.agreement.sla.sales
    if not sales or not sales.follow_up:
        raise CannotAnswer("the agreement promises no follow-up")
    promise = sales.follow_up
    over = _handed_over(history, month, "follow_up")
    gave_up = (over.follow_up != IN_TIME) & (over.attempts == 1)
    test = against_promise(int(gave_up.sum()), len(over), 1 - promise.share)
    sentence = (
        f"{gave_up.mean():.0%} of {len(over)} hand-overs got one attempt, no connection and no"
        f" verdict within {promise.within_days:g} days; the promise leaves room for"
        f" {1 - promise.share:.0%}."
    )
    return _Evidence("Sales gives up after one call", "marketing", 1, test, sentence)


def _campaign_is_junk(history: History, month: str, campaign: str | None) -> _Evidence:
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
        f"{k} of {n} leads of {name} ({k / n:.1%}) reached {target} within {days:.0f} days,"
        f" {others.hit.mean():.1%} of the {len(others)} others."
    )
    claim = f"Campaign {name} brings only junk"
    return _Evidence(claim, "sales", -1, test, sentence, {"campaign_id": worst})


def _a1_ignored(history: History, month: str, grades: pd.DataFrame | None) -> _Evidence:
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
    others = f", {rest.mean():.0%} of the {len(rest)} others" if len(rest) else ""
    sentence = (
        f"Sales never tried to reach {k} of {n} hand-overs of grade A1 ({k / n:.0%}){others};"
        f" the promise leaves room for {room:.0%}."
    )
    test = against_promise(k, n, room)
    return _Evidence("Leads of the grid's A1 are ignored", "marketing", 1, test, sentence)


CLAIMS: dict[str, Callable[[History, str, str | None], _Evidence]] = {
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
