"""The weekly page: what each side did this week, and what is late, lead by lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.agreement import Agreement
from smarketing.clock import month_of, to_local
from smarketing.errors import CannotAnswer
from smarketing.funnel import handovers, read_history
from smarketing.funnel.handover import IN_TIME, NEVER, YOUNG
from smarketing.funnel.history import History, moment
from smarketing.reporting.numbers import day, noun, number
from smarketing.reporting.page import (
    KEY_FIGURES,
    Html,
    bullets,
    heading,
    joined,
    paragraph,
    sentence,
    unanswered,
)
from smarketing.reporting.periods import check_language, week_bounds, week_of
from smarketing.reporting.sections.names import STAGE_NAMES
from smarketing.reporting.tables import table
from smarketing.results import Result, plain
from smarketing.workspace import Workspace

LOOK_BACK_MONTHS = 2
"""Hand-overs older than this are the monthly report's matter, not the meeting's."""
WEEKS_A_MONTH = 365.25 / 12 / 7
MOST = 15


@dataclass(frozen=True)
class WeeklyReport(Result):
    """One week of both sides.

    Parameters
    ----------
    company : str
    week : str
        "YYYY-Www", local ISO week.
    agreement : Agreement
    data_until : pandas.Timestamp
        Naive UTC; the lists stand as known then.
    pace : pandas.DataFrame
        ``stage``, ``this_week``, ``four_weeks`` (average of the four before), ``promised`` (a
        month's promise by the week; None where nothing is).
    attempts : int or None
        Attempts of sales in the week.
    open : pandas.DataFrame
        Hand-overs of the last months without a verdict or late: ``lead_id``, ``handed_at``
        (local), ``age_days``, ``attempts``, ``state``, ``todo``; what is latest first.
    lacking : pandas.DataFrame
        Hand-overs of the week without a required field: ``lead_id``, ``lacks``.
    cannot : dict of str to str
    """

    company: str
    week: str
    agreement: Agreement
    data_until: pd.Timestamp
    pace: pd.DataFrame
    attempts: int | None
    open: pd.DataFrame
    lacking: pd.DataFrame
    cannot: dict[str, str]

    @property
    def title(self) -> str:
        """The page's title."""
        return f"{self.company} · Sales and marketing, week {self.week}"

    @property
    def late(self) -> pd.DataFrame:
        """The hand-overs that are past a promise."""
        return self.open[self.open.state != YOUNG]

    @property
    def message(self) -> str:
        """The week in one sentence."""
        here = self.pace.set_index("stage").this_week
        names = {
            "mql": ("MQL", "MQLs"),
            "sales_ready": ("sales-ready lead", "sales-ready leads"),
            "customer": ("customer", "customers"),
        }
        said = [noun(here[stage], *names[stage]) for stage in names if stage in here]
        text = f"{', '.join(said)} this week" if said else f"{noun(here['lead'], 'lead')} this week"
        late = len(self.late)
        if "late" not in self.cannot:
            text += f"; {noun(late, 'hand-over')} past a promise" if late else "; nothing is late"
        return sentence(text)

    def frame(self) -> pd.DataFrame:
        """Return the hand-overs to talk about."""
        return self.open

    def to_dict(self) -> dict[str, Any]:
        """Return the key figures; leads by their ids only."""
        return plain(
            {
                "title": self.title,
                "week": self.week,
                "agreement_version": self.agreement.version,
                "message": self.message,
                "pace": self.pace,
                "attempts": self.attempts,
                "late": self.late.lead_id.tolist(),
                "pending": self.open[self.open.state == YOUNG].lead_id.tolist(),
                "lacking": self.lacking,
                "cannot": self.cannot,
            }
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Hand the key figures to who runs the notebook, beside what a person sees."""
        return {
            "text/html": head(self).markup,
            "text/plain": self.message,
            KEY_FIGURES: self.to_dict(),
        }


def weekly_report(place: Workspace, week: str = "", language: str = "en") -> WeeklyReport:
    """Gather what the weekly meeting talks about.

    Parameters
    ----------
    place : Workspace
    week : str
        "YYYY-Www"; the last week of the data if empty.
    language : {"en"}

    Raises
    ------
    UsageError
        If it is no week, or the language is not spoken here.
    CannotAnswer
        If the tables have no dates.
    """
    check_language(language)
    agreement = place.agreement
    with place.warehouse() as warehouse:
        history = read_history(warehouse, agreement)
        company = warehouse.meta("company") or place.name
    week = week or week_of(history.data_until, agreement.timezone)
    start, end = week_bounds(week, agreement.timezone)
    cannot: dict[str, str] = {}
    attempts = None
    if history.attempts is not None and len(history.attempts):
        attempts = int(history.attempts.occurred_at.between(start, end, inclusive="left").sum())
    else:
        cannot["attempts"] = "Whether sales made contact cannot be said: no attempt is recorded."
    try:
        rows = _recent(history, end)
    except CannotAnswer as reason:
        cannot["late"] = sentence(str(reason))
        rows = pd.DataFrame(columns=["lead_id", "handed_at", "age_days", "attempts", "disposed_at"])
    return WeeklyReport(
        company=company,
        week=week,
        agreement=agreement,
        data_until=history.data_until,
        pace=_pace(history, start, end),
        attempts=attempts,
        open=_open(rows, agreement),
        lacking=_lacking(history, rows, start, end),
        cannot=cannot,
    )


def _recent(history: History, end: pd.Timestamp) -> pd.DataFrame:
    last = month_of(pd.Series([end - pd.Timedelta(days=1)]), history.timezone).item()
    first = str(pd.Period(last, freq="M") - LOOK_BACK_MONTHS)
    rows = handovers(history, first, last)
    return rows[rows.handed_at < end]


def _pace(history: History, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    sla = history.agreement.sla
    promised = {
        "mql": sla.marketing and sla.marketing.mqls_per_month,
        "sales_ready": sla.marketing and sla.marketing.sales_ready_per_month,
        "customer": sla.sales and sla.sales.customers_per_month,
    }
    rows = []
    for stage in history.recorded:
        times = history.spells[moment(stage)]
        before = times.between(start - pd.Timedelta(weeks=4), start, inclusive="left").sum()
        share = promised.get(stage)
        rows.append(
            {
                "stage": stage,
                "this_week": int(times.between(start, end, inclusive="left").sum()),
                "four_weeks": int(before) / 4,
                "promised": share / WEEKS_A_MONTH if share else None,
            }
        )
    return pd.DataFrame(rows, columns=["stage", "this_week", "four_weeks", "promised"])


def _open(rows: pd.DataFrame, agreement: Agreement) -> pd.DataFrame:
    """Return hand-overs without a verdict with the first promise they are past, and what to do."""
    columns = ["lead_id", "handed_at", "age_days", "attempts", "state", "todo"]
    waiting = rows[rows.disposed_at.isna()]
    if waiting.empty:
        return pd.DataFrame(columns=columns)
    found = []
    for row in waiting.to_dict("records"):
        if row["contact"] == NEVER:
            state, todo = "never contacted", "call today, or give the lead back"
        elif row["disposition"] not in (None, YOUNG, IN_TIME):
            state, todo = "no answer in time", "accept or reject"
        elif row["follow_up"] not in (None, YOUNG, IN_TIME):
            state, todo = "not followed up as promised", "try again, or give the lead back"
        elif row["attempts"] == 0:
            state, todo = YOUNG, "first contact is due"
        else:
            continue  # contacted in time, and nothing is due yet
        found.append({**row, "state": state, "todo": todo})
    frame = pd.DataFrame(found, columns=columns)
    if frame.empty:
        return frame
    frame["handed_at"] = to_local(frame.handed_at, agreement.timezone)
    frame["pending"] = frame.state == YOUNG
    frame = frame.sort_values(["pending", "handed_at", "lead_id"], ignore_index=True)
    return frame.drop(columns="pending")


def _lacking(
    history: History, rows: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    found = []
    for row in rows[rows.handed_at.between(start, end, inclusive="left")].to_dict("records"):
        lacks = [f for f in history.fields if pd.isna(row[f]) or row[f] in ("", False)]
        if lacks:
            found.append({"lead_id": row["lead_id"], "lacks": ", ".join(lacks)})
    return pd.DataFrame(found, columns=["lead_id", "lacks"])


def head(report: WeeklyReport) -> Html:
    """Return the page's head: the week in a sentence, and the pace against the promises."""
    zone = report.agreement.timezone
    start, end = (to_local(pd.Series([at]), zone).item() for at in week_bounds(report.week, zone))
    rows = report.pace.assign(stage=report.pace.stage.map(STAGE_NAMES))
    labels = {
        "stage": "Stage",
        "this_week": "This week",
        "four_weeks": "Average of the four weeks before",
        "promised": "Promised a month, by the week",
    }
    about = (
        f"{day(start)} to {day(end - pd.Timedelta(days=1))} · agreement "
        f"{report.agreement.version} · lists as known {day(report.data_until)}"
    )
    pieces = [
        heading(report.title, 1),
        paragraph(about, "note"),
        paragraph(report.message, "message"),
        table(
            rows,
            labels,
            {"four_weeks": "number", "promised": "number"},
            "What each side did this week",
        ),
    ]
    if report.attempts is not None:
        pieces.append(paragraph(f"Sales made {noun(report.attempts, 'attempt')} this week."))
    return joined(pieces)


def late_list(report: WeeklyReport) -> Html:
    """Return the hand-overs past a promise, each with what to do."""
    if "late" in report.cannot:
        return heading("What is late cannot be told") + unanswered(report.cannot["late"])
    late = report.late
    title = f"{noun(len(late), 'hand-over')} past a promise" if len(late) else "Nothing is late"
    return heading(title) + (_listed(late) if len(late) else Html(""))


def pending_list(report: WeeklyReport) -> Html:
    """Return the hand-overs whose first contact is still due."""
    waiting = report.open[report.open.state == YOUNG]
    n = len(waiting)
    title = f"{noun(n, 'hand-over')} to contact next" if n else "No hand-over waits for a contact"
    return heading(title) + (_listed(waiting) if n else Html(""))


def _listed(rows: pd.DataFrame) -> Html:
    shown = rows.assign(
        handed_at=[f"{at:%Y-%m-%d %H:%M}" for at in rows.handed_at],
        age_days=[number(age, 0) for age in rows.age_days],
    )
    labels = {
        "lead_id": "Lead",
        "handed_at": "Handed over",
        "age_days": "Days ago",
        "attempts": "Attempts",
        "state": "State",
        "todo": "What to do",
    }
    return table(shown, labels, most=MOST)


def lacking_list(report: WeeklyReport) -> Html:
    """Return this week's hand-overs that lack a required field."""
    n = len(report.lacking)
    if not n:
        return heading("Every hand-over came complete")
    title = f"{noun(n, 'hand-over')} without a required field"
    return heading(title) + table(report.lacking, {"lead_id": "Lead", "lacks": "Lacks"}, most=MOST)


def not_answered(report: WeeklyReport) -> Html:
    """Return what the tables could not answer, one sentence each."""
    if not report.cannot:
        return Html("")
    return heading("What could not be answered") + bullets(report.cannot.values())
