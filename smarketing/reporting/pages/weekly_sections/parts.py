"""The weekly page, part by part, in the order the meeting works through it."""

from __future__ import annotations

import pandas as pd

from smarketing.clock import to_local
from smarketing.funnel.stage_consistency import CONTRADICTED, STALE, UNSUPPORTED
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, day, listed, number
from smarketing.language.plurals import trn
from smarketing.language.speaker import in_its_language
from smarketing.reporting.html.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.sections.names import STAGE_NAMES
from smarketing.reporting.pages.sections.sla import claims_raised
from smarketing.reporting.pages.weekly_numbers import WeeklyReport
from smarketing.reporting.pages.weekly_sections.given_back import given_back
from smarketing.reporting.pages.weekly_sections.head import head, promises_broken
from smarketing.reporting.pages.weekly_sections.short_lists import MOST, short, some_of, words

__all__ = [
    "MOST",
    "claims",
    "decisions",
    "examples",
    "given_back",
    "head",
    "lacking_list",
    "late_list",
    "not_answered",
    "promises_broken",
    "stages",
    "stuck_list",
]

BREACHES = {
    "first_contact": mark("never contacted"),
    "follow_up": mark("not followed up"),
    "disposition": mark("no answer in time"),
}
_TODO = {
    UNSUPPORTED: mark("find the record, or correct the stage"),
    CONTRADICTED: mark("correct the stage or its date"),
    STALE: mark("call, or give the lead back"),
}


@in_its_language
def stages(report: WeeklyReport) -> Html:
    """Return the stages that records do not support or contradict, and those gone stale."""
    rows = report.evidence
    if rows.empty:
        return heading(tr("Records support every stage"))
    n = len(rows)
    pieces = [heading(trn("{n} stage to put right", "{n} stages to put right", n))]
    labels = {
        "lead_id": tr("Lead"),
        "stage": tr("Stage"),
        "says": tr("What the records say"),
        "at": tr("Since"),
        "worth": _worth(report),
        "todo": tr("What to do"),
    }
    for problem, todo in _TODO.items():
        own = rows[rows.problem == problem]
        own = own.assign(stage=_stages(own), at=_days(report, own["at"]), todo=tr(todo))
        pieces.append(short(own, labels, _problem(problem, len(own))))
    return joined(pieces)


def _problem(problem: str, n: int) -> str:
    """Return how many stages have a problem, as a heading."""
    if problem == UNSUPPORTED:
        return trn("{n} stage that no record supports", "{n} stages that no record supports", n)
    if problem == CONTRADICTED:
        return trn("{n} stage that records contradict", "{n} stages that records contradict", n)
    return trn("{n} stage gone stale", "{n} stages gone stale", n)


@in_its_language
def late_list(report: WeeklyReport) -> Html:
    """Return the hand-overs past a promise and not answered, each with what to do."""
    if "handover" in report.cannot:
        return heading(tr("What is late cannot be told")) + unanswered(report.cannot["handover"])
    late = report.late
    if late.empty:
        return heading(tr("Nothing is late"))
    to = report.agreement.handover.escalate_to
    shown = late.assign(
        breach=[tr(BREACHES[breach]) for breach in late.breach],
        handed_at=[f"{at:%Y-%m-%d %H:%M}" for at in late.handed_at],
        age_days=[number(age, 0) for age in late.age_days],
    )
    labels = {
        "lead_id": tr("Lead"),
        "owner_id": tr("Rep"),
        "handed_at": tr("Handed over"),
        "age_days": tr("Days ago"),
        "attempts": tr("Attempts"),
        "breach": tr("State"),
        "worth": _worth(report),
        "todo": tr("What to do"),
    }
    if shown.owner_id.isna().all():
        del labels["owner_id"]
    n = len(late)
    pieces = [heading(trn("{n} hand-over past a promise", "{n} hand-overs past a promise", n))]
    if to:
        pieces.append(paragraph(tr("They go to: {who}.", who=to), "note"))
    return joined([*pieces, short(shown, labels)])


@in_its_language
def lacking_list(report: WeeklyReport) -> Html:
    """Return this week's hand-overs that nobody was given, or that lack a required field."""
    met = report.meeting
    pieces = []
    if met.unassigned:
        title = trn(
            "{n} hand-over nobody was made responsible for",
            "{n} hand-overs nobody was made responsible for",
            len(met.unassigned),
        )
        pieces.append(heading(title))
        pieces.append(paragraph(tr("{leads}: name a rep today.", leads=some_of(met.unassigned))))
    n = len(met.lacking)
    if not met.handed_over:
        pieces.append(heading(tr("No lead was handed over this week")))
    elif n:
        title = trn(
            "{n} hand-over without a required field", "{n} hand-overs without a required field", n
        )
        shown = met.lacking.assign(lacks=met.lacking.lacks.map(words))
        pieces.append(heading(title))
        pieces.append(short(shown, {"lead_id": tr("Lead"), "lacks": tr("Lacks")}))
    elif met.checked and "required_fields" not in report.cannot:
        pieces.append(heading(tr("Every hand-over came complete")))
    elif met.checked:
        fields = listed([words(name) for name in met.checked])
        pieces.append(heading(tr("Every hand-over came with {fields}", fields=fields)))
    elif "required_fields" in report.cannot:
        pieces.append(heading(tr("Whether hand-overs came complete cannot be told")))
    if met.handed_over and "required_fields" in report.cannot:
        pieces.append(unanswered(report.cannot["required_fields"]))
    return joined(pieces)


@in_its_language
def stuck_list(report: WeeklyReport) -> Html:
    """Return the leads held longer than agreed, what is worth most first."""
    stuck = report.stuck
    if stuck.empty:
        return heading(tr("No lead is held longer than agreed"))
    held = stuck.stage.value_counts()
    told = [f"{tr(name)} {count(held[key])}" for key, name in STAGE_NAMES.items() if key in held]
    shown = stuck.assign(
        stage=_stages(stuck),
        days=[number(days, 0) for days in stuck.days],
        max_days=[number(days, 0) for days in stuck.max_days],
    )
    labels = {
        "lead_id": tr("Lead"),
        "stage": tr("Stage"),
        "owner": tr("Held by"),
        "days": tr("Days"),
        "max_days": tr("Agreed"),
        "worth": _worth(report),
    }
    title = trn("{n} lead held longer than agreed", "{n} leads held longer than agreed", len(stuck))
    by_stage = paragraph(tr("By stage: {stages}.", stages=", ".join(told)))
    return joined([heading(title), by_stage, short(shown, labels)])


@in_its_language
def examples(report: WeeklyReport) -> Html:
    """Return hand-overs that fit well and badly, with their reasons, and campaigns that changed."""
    pieces = [heading(tr("What sales hears"))]
    if "examples" in report.cannot:
        pieces.append(unanswered(report.cannot["examples"]))
    elif report.strong.empty:
        few = tr("Fewer than two hand-overs of the last four weeks are open.")
        pieces.append(paragraph(few))
    labels = {
        "lead_id": tr("Lead"),
        "grade": tr("Grade"),
        "handed_at": tr("Handed over"),
        "reasons_for": tr("Speaks for it"),
        "reasons_against": tr("Speaks against it"),
    }
    for rows, title in (
        (report.strong, tr("The best fit among recent hand-overs")),
        (report.weak, tr("The least fit among recent hand-overs")),
    ):
        if len(rows):
            shown = rows.assign(handed_at=[f"{at:%Y-%m-%d}" for at in rows.handed_at])
            pieces.append(table(shown, labels, caption=title))
    changed = report.meeting.campaigns
    for change, own in changed.groupby("change"):
        names = some_of(own.campaign_id)
        if change == "started":
            text = tr("Campaigns that started: {campaigns}.", campaigns=names)
        else:
            text = tr("Campaigns that stopped: {campaigns}.", campaigns=names)
        pieces.append(paragraph(text))
    return joined(pieces)


@in_its_language
def claims(report: WeeklyReport) -> Html:
    """Return what the teams say about each other, tested: what was raised in a meeting first."""
    tested = report.meeting.claims
    if tested is None or not tested.claims:
        return Html("")
    raised = {name: tr("raised {day}", day=day(on)) for name, on in report.raised.items()}
    return claims_raised(tested.claims, raised)


@in_its_language
def decisions(report: WeeklyReport) -> Html:
    """Return what earlier meetings decided and is not done, and where to write what is decided."""
    actions = report.actions
    how = paragraph(
        tr(
            "Write what this meeting decides into meetings/YYYY-MM-DD.yml of the workspace: the "
            "date, and actions with what, owner, due and done."
        ),
        "note",
    )
    if actions.empty:
        return heading(tr("Nothing is carried over")) + how
    title = trn(
        "{n} action carried over, {late} of them late",
        "{n} actions carried over, {late} of them late",
        len(actions),
        late=count((actions.overdue_days > 0).sum()),
    )
    shown = actions.assign(due=actions.due.map(day), since=actions.since.map(day))
    labels = {
        "what": tr("What"),
        "owner": tr("Who"),
        "due": tr("Due"),
        "overdue_days": tr("Days late"),
        "since": tr("Decided"),
    }
    return joined([heading(title), short(shown, labels), how])


@in_its_language
def not_answered(report: WeeklyReport) -> Html:
    """Return what the tables could not answer, one sentence each."""
    if not report.cannot:
        return Html("")
    return heading(tr("What could not be answered")) + bullets(report.cannot.values())


def _stages(rows: pd.DataFrame) -> list[str]:
    return [tr(STAGE_NAMES[stage]) for stage in rows.stage]


def _days(report: WeeklyReport, times: pd.Series) -> list[str]:
    return [day(at) for at in to_local(times, report.agreement.timezone)]


def _worth(report: WeeklyReport) -> str:
    return tr("Worth, {currency}", currency=report.agreement.currency)
