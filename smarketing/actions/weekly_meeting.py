"""The weekly meeting in numbers: promises that fell due, what is late, what came back."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.actions.escalations import escalations
from smarketing.clock import month_of, to_local
from smarketing.errors import CannotAnswer
from smarketing.funnel.claims.check import Claims, check_claims
from smarketing.funnel.flow.holding import holding
from smarketing.funnel.sla.delivered import answer_days, promised_shares
from smarketing.funnel.sla.handover import IN_TIME, YOUNG, handovers, records_attempts
from smarketing.funnel.sla.pacing import week_volumes
from smarketing.funnel.sla.promises import BROKEN, KEPT
from smarketing.funnel.stage_consistency import stage_evidence
from smarketing.language.catalogue import tr
from smarketing.measures.facts import Facts, known_at
from smarketing.periods import week_bounds
from smarketing.results import Result

LOOK_BACK_MONTHS = 2
"""Months before the week's whose hand-overs may still fall due."""
SILENT_DAYS = 28
"""A campaign that sent leads and sent none for so long has stopped."""
LEAST_LEADS = 5


@dataclass(frozen=True)
class WeeklyMeeting(Result):
    """One local ISO week of both sides, as it was known at its end.

    Attributes
    ----------
    week : str
        "YYYY-Www".
    start, end : pandas.Timestamp
        Naive UTC; `end` is the first instant of the next week, or the data's end.
    promises : pandas.DataFrame
        ``side``, ``name``, ``promised``, ``delivered``, ``verdict`` (kept, broken). Volumes: the
        week's number against the month's promise by the day (``promised``) and by the season
        (``seasonal``, from the same month of earlier years; missing without a year), the
        ``month_so_far`` against what was wholly ``due`` by now, which the verdict follows. Shares:
        ``k`` of ``n`` hand-overs whose promise fell due in the week; ``broken``, ids of the rest.
    breaches : pandas.DataFrame
        To act on today, see :class:`smarketing.actions.escalations.Escalations`.
    stuck : pandas.DataFrame
        Leads held longer than agreed, see :class:`smarketing.funnel.flow.holding.Holding`.
    given_back : pandas.DataFrame
        ``lead_id``, ``spell``, ``kind``, ``reason``, ``source``, ``campaign_id``, ``persona``,
        ``at`` of the week's rejected, recycled and disqualified leads, and lost deals.
    lacking : pandas.DataFrame
        ``lead_id``, ``lacks``: the week's hand-overs without a required field that leads have a
        column for.
    unassigned : tuple of str
        The week's hand-overs nobody was made responsible for.
    campaigns : pandas.DataFrame
        ``campaign_id``, ``change`` (started: first lead in the week; stopped: no lead for four
        weeks now, after at least five in the four before), ``at`` (first or last lead).
    evidence : pandas.DataFrame
        See :func:`smarketing.funnel.stage_consistency.stage_evidence`; of the last three months.
    cannot : dict of str to str
    late_months : tuple of str
        First and last local month of the hand-overs that breaches are of.
    handed_over : int
        The week's hand-overs.
    checked : tuple of str
        The required fields that could be looked at.
    claims : Claims or None
        What the teams say of each other, on the three months up to the week's.
    """

    week: str
    start: pd.Timestamp
    end: pd.Timestamp
    promises: pd.DataFrame
    breaches: pd.DataFrame
    stuck: pd.DataFrame
    given_back: pd.DataFrame
    lacking: pd.DataFrame
    unassigned: tuple[str, ...]
    campaigns: pd.DataFrame
    evidence: pd.DataFrame
    cannot: dict[str, str]
    handed_over: int = 0
    checked: tuple[str, ...] = ()
    claims: Claims | None = None
    late_months: tuple[str, str] = ("", "")

    def frame(self) -> pd.DataFrame:
        """Return the promises that fell due in the week."""
        return self.promises


def weekly(
    facts: Facts, week: str | None = None, grades: pd.DataFrame | None = None
) -> WeeklyMeeting:
    """Gather what the weekly meeting works through.

    Parameters
    ----------
    facts : Facts
    week : str, optional
        "YYYY-Www"; by default the last complete one of the data.
    grades : pandas.DataFrame, optional
        As for :func:`smarketing.funnel.check_claims`.

    Raises
    ------
    UsageError
        If it is no week.
    CannotAnswer
        If no lead had come by the end of it, or the data ends before it.

    Examples
    --------
    >>> weekly(facts, "2026-W43").frame()  # doctest: +SKIP
    """
    week = week or _last_week(facts)
    start, end = week_bounds(week, facts.timezone)
    if start >= facts.data_until or not (facts.spells.started_at < end).any():
        raise CannotAnswer(f"no data reaches into week {week}")
    before, now = known_at(facts, start), known_at(facts, end)
    end = min(end, now.data_until)
    cannot: dict[str, str] = {}
    promises = week_volumes(now, week, start, end, cannot)
    month = _month(now, end - pd.Timedelta(microseconds=1))
    first = str(pd.Period(month, freq="M") - LOOK_BACK_MONTHS)
    lacking = pd.DataFrame(columns=["lead_id", "lacks"])
    breaches, unassigned, handed_over = pd.DataFrame(columns=["lead_id", "breach"]), (), 0
    try:
        rows = handovers(now, first, month)
    except CannotAnswer as reason:
        cannot["handover"] = str(reason)
    else:
        promises += _fallen_due(before, now, rows, (first, month), cannot)
        breaches = escalations(now, first, month).breaches
        fresh = rows[(rows.handed_at >= start) & (rows.handed_at < end)]
        lacking, handed_over = _lacking(now, fresh), len(fresh)
        unseen = [f for f in now.agreement.handover.required_fields if f not in now.fields]
        if unseen:
            cannot["required_fields"] = tr(
                "Whether hand-overs came with {fields} cannot be said: the leads have no such "
                "column.",
                fields=", ".join(unseen),
            )
        if len(now.assigned):
            unassigned = tuple(fresh.lead_id[fresh.assigned_at.isna()])
    columns = ["side", "name", "promised", "seasonal", "delivered", "month_so_far", "due", "k", "n",
               "verdict", "broken"]  # fmt: skip
    return WeeklyMeeting(
        week=week,
        start=start,
        end=end,
        promises=pd.DataFrame(promises, columns=columns),
        breaches=breaches,
        stuck=holding(now).stuck,
        given_back=_given_back(now, start),
        lacking=lacking,
        unassigned=unassigned,
        campaigns=_campaigns(now, start, end),
        evidence=stage_evidence(now, end - pd.Timedelta(days=91)),
        cannot=cannot,
        handed_over=handed_over,
        late_months=(first, month),
        checked=now.fields,
        claims=_claims(now, month, grades),
    )


def _claims(facts: Facts, month: str, grades: pd.DataFrame | None) -> Claims | None:
    try:
        return check_claims(facts, month, grades=grades)
    except CannotAnswer:
        return None


def _last_week(facts: Facts) -> str:
    local = to_local(pd.Series([facts.data_until]), facts.timezone).item()
    # a week is complete if the data reaches into its last day
    monday = (local + pd.Timedelta(days=1)).normalize()
    year, number, _ = (monday - pd.Timedelta(days=monday.day_of_week + 1)).isocalendar()
    return f"{year}-W{number:02d}"


def _month(facts: Facts, at: pd.Timestamp) -> str:
    return month_of(pd.Series([at]), facts.timezone).item()


def _fallen_due(
    before: Facts,
    now: Facts,
    rows: pd.DataFrame,
    months: tuple[str, str],
    cannot: dict[str, str],
) -> list[dict]:
    """Return the promises on hand-overs that were pending at the week's start and are not now."""
    key = ["lead_id", "spell"]
    old = handovers(before, *months) if "sales_ready" in before.recorded else rows[:0]
    rows_due = []

    def due(side: str, name: str, promised: float, turned: pd.Series, kept: pd.Series) -> None:
        over = rows[turned]
        k, n = int(kept[turned].sum()), len(over)
        rows_due.append(
            {
                "side": side,
                "name": name,
                "promised": promised,
                "seasonal": None,
                "delivered": k / n if n else None,
                "k": k,
                "n": n,
                "verdict": None if not n else KEPT if k / n >= promised else BROKEN,
                "broken": tuple(over.lead_id[~kept[turned]]),
            }
        )

    marketing = now.agreement.sla.marketing
    if marketing and marketing.acceptance_rate:
        days = answer_days(now)
        ripe = rows.counts & rows.answered & (rows.age_days >= days)
        was = pd.MultiIndex.from_frame(old[old.answered & (old.age_days >= days)][key])
        turned = ripe & ~pd.MultiIndex.from_frame(rows[key]).isin(was)
        due("marketing", "acceptance", marketing.acceptance_rate, turned, rows.accepted)
    for name, promised in promised_shares(now).items():
        column = "contact" if name == "first_contact" else name
        if not promised:
            continue
        if column != "disposition" and not records_attempts(now):
            cannot[name] = tr("Whether sales made contact cannot be said: no attempt is recorded.")
            continue
        was = pd.MultiIndex.from_frame(old[old[column].notna() & (old[column] != YOUNG)][key])
        turned = (rows[column] != YOUNG) & ~pd.MultiIndex.from_frame(rows[key]).isin(was)
        due("sales", name, promised, turned, rows[column] == IN_TIME)
    return rows_due


def _given_back(facts: Facts, start: pd.Timestamp) -> pd.DataFrame:
    rows = facts.reasons[facts.reasons["at"] >= start]
    known = facts.spells[["lead_id", "spell", "source", "campaign_id", "persona"]]
    rows = rows.merge(known, on=["lead_id", "spell"], how="left")
    order = ["lead_id", "spell", "kind", "reason", "source", "campaign_id", "persona", "at"]
    return rows.sort_values(["kind", "at", "lead_id"], ignore_index=True)[order]


def _lacking(facts: Facts, rows: pd.DataFrame) -> pd.DataFrame:
    lacking = []
    for row in rows.to_dict("records"):
        lacks = [name for name in facts.fields if pd.isna(row[name]) or row[name] in ("", False)]
        if lacks:
            lacking.append({"lead_id": row["lead_id"], "lacks": ", ".join(lacks)})
    return pd.DataFrame(lacking, columns=["lead_id", "lacks"])


def _campaigns(facts: Facts, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    named = facts.spells[facts.spells.campaign_id.notna()]
    arrivals = named.groupby("campaign_id").started_at.agg(["min", "max"])
    quiet = pd.Timedelta(days=SILENT_DAYS)
    started = arrivals["min"][arrivals["min"] >= start]
    stopped = arrivals["max"][(arrivals["max"] >= start - quiet) & (arrivals["max"] < end - quiet)]
    since = pd.to_datetime(stopped.reindex(named.campaign_id)).to_numpy() - quiet.to_numpy()
    enough = named[named.started_at.to_numpy() > since].groupby("campaign_id").size()
    stopped = stopped[stopped.index.isin(enough.index[enough >= LEAST_LEADS])]
    parts = [
        pd.DataFrame({"campaign_id": at.index, "change": change, "at": at.to_numpy()})
        for change, at in (("started", started), ("stopped", stopped))
    ]
    return pd.concat(parts, ignore_index=True).sort_values(
        ["change", "campaign_id"], ignore_index=True
    )
