"""What the week's meeting works through: stages to put right, late, incomplete, stuck leads."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from smarketing.actions.weekly_meeting import WeeklyMeeting
from smarketing.agreement.model import Agreement
from smarketing.clock import to_local
from smarketing.funnel.stage_consistency import CONTRADICTED, STALE, UNSUPPORTED
from smarketing.funnel.wording import STAGE_NAMES
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, day, listed, months_text, number
from smarketing.language.plurals import trn
from smarketing.reporting.html.page import Html, heading, joined, paragraph, unanswered
from smarketing.reporting.pages.weekly_sections.short_lists import short_list
from smarketing.reporting.pages.wording import plain_code, some_of

BREACHES = {
    "first_contact": mark("never contacted"),
    "follow_up": mark("not followed up"),
    "disposition": mark("no final verdict in time"),
}
_TODO = {
    UNSUPPORTED: mark("find the record, or correct the stage"),
    CONTRADICTED: mark("correct the stage or its date"),
    STALE: mark("call, or give the lead back"),
}


def stages(rows: pd.DataFrame, agreement: Agreement) -> Html:
    """Return the stages that records do not support or contradict, and those gone stale."""
    if rows.empty:
        return heading(tr("Records support every stage"))
    n = len(rows)
    pieces = [heading(trn("{n} stage to put right", "{n} stages to put right", n))]
    labels = {
        "lead_id": tr("Lead"),
        "stage": tr("Stage"),
        "says": tr("What the records say"),
        "at": tr("Since"),
        "worth": _worth(agreement),
        "todo": tr("What to do"),
    }
    since = [day(at) for at in to_local(rows["at"], agreement.timezone)]
    rows = rows.assign(stage=_stages(rows), at=since)
    for problem, todo in _TODO.items():
        own = rows[rows.problem == problem].assign(todo=tr(todo))
        pieces.append(short_list(own, labels, _problem(problem, len(own))))
    return joined(*pieces)


def _problem(problem: str, n: int) -> str:
    """Return how many stages have a problem, as a heading."""
    if problem == UNSUPPORTED:
        return trn("{n} stage that no record supports", "{n} stages that no record supports", n)
    if problem == CONTRADICTED:
        return trn("{n} stage that records contradict", "{n} stages that records contradict", n)
    return trn("{n} stage gone stale", "{n} stages gone stale", n)


def late_list(late: pd.DataFrame, agreement: Agreement, months: tuple[str, str]) -> Html:
    """Return the hand-overs past a promise and not answered, each with what to do."""
    period = months_text(*months)
    if late.empty:
        return heading(tr("No hand-over of {period} is past a promise", period=period))
    rows = late.assign(
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
        "worth": _worth(agreement),
        "todo": tr("What to do"),
    }
    if rows.owner_id.isna().all():
        del labels["owner_id"]
    n, to = len(late), agreement.handover.escalate_to
    title = trn(
        "{n} hand-over of {period} past a promise",
        "{n} hand-overs of {period} past a promise",
        n,
        period=period,
    )
    pieces = [heading(title)]
    if to:
        pieces.append(paragraph(tr("They go to: {who}.", who=to), "note"))
    return joined(*pieces, short_list(rows, labels))


def lacking_list(met: WeeklyMeeting, cannot: Mapping[str, str]) -> Html:
    """Return this week's hand-overs that nobody was given, or that lack a required field."""
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
        shown = met.lacking.assign(lacks=met.lacking.lacks.map(plain_code))
        pieces.append(heading(title))
        pieces.append(short_list(shown, {"lead_id": tr("Lead"), "lacks": tr("Lacks")}))
    elif met.checked and "required_fields" not in cannot:
        pieces.append(heading(tr("Every hand-over came complete")))
    elif met.checked:
        fields = listed([plain_code(name) for name in met.checked])
        pieces.append(heading(tr("Every hand-over came with {fields}", fields=fields)))
    elif "required_fields" in cannot:
        pieces.append(heading(tr("Whether hand-overs came complete cannot be told")))
    if met.handed_over and "required_fields" in cannot:
        pieces.append(unanswered(cannot["required_fields"]))
    return joined(*pieces)


def stuck_list(stuck: pd.DataFrame, agreement: Agreement) -> Html:
    """Return the leads held longer than agreed, what is worth most first."""
    if stuck.empty:
        return heading(tr("No lead is held longer than agreed"))
    held = stuck.stage.value_counts()
    by_stage = [
        f"{tr(name)} {count(held[key])}" for key, name in STAGE_NAMES.items() if key in held
    ]
    rows = stuck.assign(
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
        "worth": _worth(agreement),
    }
    title = trn("{n} lead held longer than agreed", "{n} leads held longer than agreed", len(stuck))
    how_many = paragraph(tr("By stage: {stages}.", stages=", ".join(by_stage)))
    return joined(heading(title), how_many, short_list(rows, labels))


def _stages(rows: pd.DataFrame) -> list[str]:
    return [tr(STAGE_NAMES[stage]) for stage in rows.stage]


def _worth(agreement: Agreement) -> str:
    return tr("Worth, {currency}", currency=agreement.currency)
