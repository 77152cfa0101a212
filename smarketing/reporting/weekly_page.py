"""The weekly page, part by part, in the order the meeting works through it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from smarketing.clock import to_local
from smarketing.funnel.evidence import CONTRADICTED, STALE, UNSUPPORTED
from smarketing.funnel.sla.promises import BROKEN, KEPT
from smarketing.language.numbers import DASH, about, count, day, listed, noun, number, percent
from smarketing.reporting.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.sections.names import PROMISE_NAMES, STAGE_NAMES
from smarketing.reporting.sections.sla import claims_raised
from smarketing.reporting.sides import SIGNS
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.reporting.weekly import WeeklyReport

MOST = 8
"""A list that is longer is not worked through in a meeting."""

BREACHES = {
    "first_contact": "never contacted",
    "follow_up": "not followed up",
    "disposition": "no answer in time",
}
_PROBLEMS = {
    UNSUPPORTED: ("that no record supports", "find the record, or correct the stage"),
    CONTRADICTED: ("that records contradict", "correct the stage or its date"),
    STALE: ("gone stale", "call, or give the lead back"),
}
_BACK = {"rejected": "Rejected", "recycled": "Recycled", "disqualified": "Disqualified",
         "lost": "Lost"}  # fmt: skip
_BACK_NOUNS = dict.fromkeys(_BACK, ("lead",)) | {"lost": ("deal",)}


def head(report: WeeklyReport) -> Html:
    """Return the page's head: the week in a sentence, and each promise against its pace."""
    met, zone = report.meeting, report.agreement.timezone
    last = met.end - pd.Timedelta(microseconds=1)
    start, end = to_local(pd.Series([met.start, last]), zone)
    note = f"{day(start)} to {day(end)} · agreement {report.agreement.version} · as known then"
    rows = [
        {
            "side": row["side"].capitalize(),
            "promise": PROMISE_NAMES.get(row["name"], row["name"]),
            "promised": about(row["promised"]) if pd.isna(row["n"]) else percent(row["promised"]),
            "seasonal": about(row["seasonal"]),
            "delivered": _delivered(row),
            "month": _month(row),
            "verdict": _verdict(row),
        }
        for row in met.promises.to_dict("records")
    ]
    labels = {"side": "Side", "promise": "Promise", "promised": "Promised, by the week",
              "seasonal": "By the season", "delivered": "This week", "month": "Month so far",
              "verdict": "Verdict"}  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(labels))
    pieces = [
        heading(report.title, 1),
        paragraph(note, "note"),
        paragraph(report.message, "message"),
        table(frame, labels, caption="What each side promised, and what fell due this week")
        if rows
        else paragraph("The agreement promises nothing that falls due in a week."),
    ]
    return joined(pieces)


def _delivered(row: Mapping[str, Any]) -> str:
    if pd.isna(row["n"]):
        return count(row["delivered"])
    if not row["n"]:
        return DASH
    return f"{count(row['k'])} of {count(row['n'])} ({percent(row['delivered'])})"


def _month(row: Mapping[str, Any]) -> str:
    if pd.isna(row["due"]):
        return DASH
    return f"{count(row['month_so_far'])}, {count(row['due'])} due"


def _verdict(row: Mapping[str, Any]) -> str:
    if pd.isna(row["verdict"]):
        return "nothing fell due"
    words = {KEPT: "kept", BROKEN: "broken"}
    if pd.notna(row["due"]):  # of a month that may not be over
        words = {KEPT: "on pace", BROKEN: "behind"}
    return f"{words[row['verdict']]} {SIGNS[row['verdict']]}"


def promises_broken(report: WeeklyReport) -> Html:
    """Return the leads behind the shares that were not kept this week."""
    said = []
    for row in report.meeting.promises.to_dict("records"):
        if row["broken"]:
            name = PROMISE_NAMES.get(row["name"], row["name"])
            said.append(f"{name}, not so: {_ids(row['broken'])}")
    return bullets(said)


def stages(report: WeeklyReport) -> Html:
    """Return the stages that records do not support or contradict, and those gone stale."""
    rows = report.evidence
    if rows.empty:
        return heading("Records support every stage")
    pieces = [heading(f"{noun(len(rows), 'stage')} to put right")]
    for problem, (says, todo) in _PROBLEMS.items():
        own = rows[rows.problem == problem]
        own = own.assign(stage=own.stage.map(STAGE_NAMES), at=_days(report, own["at"]), todo=todo)
        labels = {"lead_id": "Lead", "stage": "Stage", "says": "What the records say",
                  "at": "Since", "worth": _worth(report), "todo": "What to do"}  # fmt: skip
        title = f"{noun(len(own), 'stage')} {says}"
        pieces.append(_short(own, labels, title))
    return joined(pieces)


def given_back(report: WeeklyReport) -> Html:
    """Return the leads that came back this week, kind by kind, with their reasons."""
    rows = report.meeting.given_back
    if rows.empty:
        return heading("No lead was given back and no deal lost this week")
    kinds = rows.kind.value_counts()
    told = [f"{noun(kinds[k], *_BACK_NOUNS[k])} {_BACK[k].lower()}" for k in _BACK if k in kinds]
    pieces = [heading(f"{listed(told)} this week")]
    for kind, label in _BACK.items():
        own = rows[rows.kind == kind]
        if own.empty:
            continue
        reasons = own.reason.fillna("no reason").value_counts()
        reasons = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
        told = ", ".join(f"{_words(reason)} {n}" for reason, n in reasons)
        pieces.append(paragraph(f"{label} {len(own)}: {told}."))
        if kind in ("rejected", "recycled"):
            named = {name: own[name].map(_words, na_action="ignore")
                     for name in ("reason", "source", "persona")}  # fmt: skip
            shown = own.assign(**named)
            labels = {"lead_id": "Lead", "reason": "Reason", "source": "Source",
                      "persona": "Persona"}  # fmt: skip
            pieces.append(_short(shown, labels, f"{label} this week"))
    return joined(pieces)


def late_list(report: WeeklyReport) -> Html:
    """Return the hand-overs past a promise and not answered, each with what to do."""
    if "handover" in report.cannot:
        return heading("What is late cannot be told") + unanswered(report.cannot["handover"])
    late = report.late
    if late.empty:
        return heading("Nothing is late")
    to = report.agreement.handover.escalate_to
    shown = late.assign(
        breach=late.breach.map(BREACHES),
        handed_at=[f"{at:%Y-%m-%d %H:%M}" for at in late.handed_at],
        age_days=late.age_days.map(lambda age: number(age, 0)),
    )
    labels = {"lead_id": "Lead", "owner_id": "Rep", "handed_at": "Handed over",
              "age_days": "Days ago", "attempts": "Attempts", "breach": "State",
              "worth": _worth(report), "todo": "What to do"}  # fmt: skip
    if shown.owner_id.isna().all():
        del labels["owner_id"]
    pieces = [heading(f"{noun(len(late), 'hand-over')} past a promise")]
    if to:
        pieces.append(paragraph(f"They go to: {to}.", "note"))
    return joined([*pieces, _short(shown, labels)])


def lacking_list(report: WeeklyReport) -> Html:
    """Return this week's hand-overs that nobody was given, or that lack a required field."""
    met = report.meeting
    pieces = []
    if met.unassigned:
        n = len(met.unassigned)
        pieces.append(heading(f"{noun(n, 'hand-over')} nobody was made responsible for"))
        pieces.append(paragraph(f"{_ids(met.unassigned)}: name a rep today."))
    n = len(met.lacking)
    if not met.handed_over:
        pieces.append(heading("No lead was handed over this week"))
    elif n:
        pieces.append(heading(f"{noun(n, 'hand-over')} without a required field"))
        pieces.append(
            _short(
                met.lacking.assign(lacks=met.lacking.lacks.map(_words)),
                {"lead_id": "Lead", "lacks": "Lacks"},
            )
        )
    elif met.checked and "required_fields" not in report.cannot:
        pieces.append(heading("Every hand-over came complete"))
    elif met.checked:
        fields = listed([_words(name) for name in met.checked])
        pieces.append(heading(f"Every hand-over came with {fields}"))
    elif "required_fields" in report.cannot:
        pieces.append(heading("Whether hand-overs came complete cannot be told"))
    if met.handed_over and "required_fields" in report.cannot:
        pieces.append(unanswered(report.cannot["required_fields"]))
    return joined(pieces)


def stuck_list(report: WeeklyReport) -> Html:
    """Return the leads held longer than agreed, what is worth most first."""
    stuck = report.stuck
    if stuck.empty:
        return heading("No lead is held longer than agreed")
    held = stuck.stage.value_counts()
    told = ", ".join(f"{name} {held[key]}" for key, name in STAGE_NAMES.items() if key in held)
    shown = stuck.assign(
        stage=stuck.stage.map(STAGE_NAMES),
        days=stuck.days.map(lambda days: number(days, 0)),
        max_days=stuck.max_days.map(lambda days: number(days, 0)),
    )
    labels = {"lead_id": "Lead", "stage": "Stage", "owner": "Held by", "days": "Days",
              "max_days": "Agreed", "worth": _worth(report)}  # fmt: skip
    title = heading(f"{noun(len(stuck), 'lead')} held longer than agreed")
    return joined([title, paragraph(f"By stage: {told}."), _short(shown, labels)])


def examples(report: WeeklyReport) -> Html:
    """Return hand-overs that fit well and badly, with their reasons, and campaigns that changed."""
    pieces = [heading("What sales hears")]
    if "examples" in report.cannot:
        pieces.append(unanswered(report.cannot["examples"]))
    elif report.strong.empty:
        pieces.append(paragraph("Fewer than two hand-overs of the last four weeks are open."))
    labels = {"lead_id": "Lead", "grade": "Grade", "handed_at": "Handed over",
              "reasons_for": "Speaks for it", "reasons_against": "Speaks against it"}  # fmt: skip
    for rows, title in ((report.strong, "The best fit"), (report.weak, "The least fit")):
        if len(rows):
            shown = rows.assign(handed_at=[f"{at:%Y-%m-%d}" for at in rows.handed_at])
            pieces.append(table(shown, labels, caption=f"{title} among recent hand-overs"))
    changed = report.meeting.campaigns
    for change, own in changed.groupby("change"):
        pieces.append(paragraph(f"Campaigns that {change}: {_ids(own.campaign_id)}."))
    return joined(pieces)


def claims(report: WeeklyReport) -> Html:
    """Return what the teams say about each other, tested: what was raised in a meeting first."""
    tested = report.meeting.claims
    if tested is None or not tested.claims:
        return Html("")
    raised = {name: f"raised {day(on)}" for name, on in report.raised.items()}
    return claims_raised(tested.claims, raised)


def decisions(report: WeeklyReport) -> Html:
    """Return what earlier meetings decided and is not done, and where to write what is decided."""
    actions = report.actions
    how = (
        "Write what this meeting decides into meetings/YYYY-MM-DD.yml of the workspace: the date, "
        "and actions with what, owner, due and done."
    )
    if actions.empty:
        return heading("Nothing is carried over") + paragraph(how, "note")
    late = int((actions.overdue_days > 0).sum())
    title = f"{noun(len(actions), 'action')} carried over, {late} of them late"
    shown = actions.assign(due=actions.due.map(day), since=actions.since.map(day))
    labels = {"what": "What", "owner": "Who", "due": "Due", "overdue_days": "Days late",
              "since": "Decided"}  # fmt: skip
    return joined([heading(title), _short(shown, labels), paragraph(how, "note")])


def not_answered(report: WeeklyReport) -> Html:
    """Return what the tables could not answer, one sentence each."""
    if not report.cannot:
        return Html("")
    return heading("What could not be answered") + bullets(report.cannot.values())


def _short(rows: pd.DataFrame, labels: Mapping[str, str], title: str = "") -> Html:
    if rows.empty:
        return Html("")
    shown = table(rows.head(MOST), labels, {"worth": "money"}, title)
    more = len(rows) - MOST
    return shown + paragraph(f"and {more:,} more.", "note") if more > 0 else shown


def _ids(ids: Iterable[str]) -> str:
    listed = [str(one) for one in ids]
    more = len(listed) - MOST
    return ", ".join(listed[:MOST]) + (f" and {more:,} more" if more > 0 else "")


def _days(report: WeeklyReport, times: pd.Series) -> list[str]:
    return [day(at) for at in to_local(times, report.agreement.timezone)]


def _worth(report: WeeklyReport) -> str:
    return f"Worth, {report.agreement.currency}"


def _words(reason: str) -> str:
    return str(reason).replace("_", " ")
