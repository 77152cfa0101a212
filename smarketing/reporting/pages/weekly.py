"""The weekly meeting: what fell due, what is late, and what was decided, worth most first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from smarketing.actions.escalations import TODO
from smarketing.actions.meetings import carried_over, raised_claims, read_meetings
from smarketing.actions.weekly_meeting import WeeklyMeeting
from smarketing.actions.weekly_meeting import weekly as weekly_meeting
from smarketing.actions.work_lists import REASONS, WITH_SALES, for_open_leads
from smarketing.agreement.model import Agreement
from smarketing.clock import to_local
from smarketing.errors import CannotAnswer
from smarketing.folder import Folder
from smarketing.funnel.flow.holding import holding
from smarketing.language.catalogue import tr
from smarketing.language.sentences import sentence
from smarketing.language.speaker import in_its_language, speaking
from smarketing.measures.facts import Facts, known_at
from smarketing.measures.reading import read_facts
from smarketing.periods import week_of
from smarketing.reporting.html.branding import brand_of
from smarketing.reporting.html.page import KEY_FIGURES, Html, heading, unanswered
from smarketing.reporting.pages.weekly_numbers import WeeklyReport
from smarketing.reporting.pages.weekly_sections import discussion, given_back, head, meeting_lists
from smarketing.scoring.population import build_population, grades_of
from smarketing.scoring.scores import score_leads
from smarketing.warehouse.warehouse import Warehouse

EXAMPLES = 3
RECENT_DAYS = 28
"""Examples are hand-overs that people in the room still remember."""

_KEY = ["lead_id", "spell"]
_EXAMPLE = ["lead_id", "grade", "handed_at", "reasons_for", "reasons_against"]


class WeeklyPage(WeeklyReport):
    """The weekly report with its page: shown, it is the head; each section a method."""

    @in_its_language
    def head(self) -> Html:
        """Return the page's head: the week in a sentence, and each promise against its pace."""
        return head.head(self)

    @in_its_language
    def promises_broken(self) -> Html:
        """Return the leads behind the shares that were not kept this week."""
        return head.promises_broken(self.meeting.promises)

    @in_its_language
    def stages(self) -> Html:
        """Return the stages that records do not support or contradict, and those gone stale."""
        return meeting_lists.stages(self.evidence, self.agreement)

    @in_its_language
    def given_back(self) -> Html:
        """Return the leads that came back this week, kind by kind, with their reasons."""
        return given_back.given_back(self.meeting.given_back)

    @in_its_language
    def late_list(self) -> Html:
        """Return the hand-overs past a promise and not answered, each with what to do."""
        if "handover" in self.cannot:
            title = heading(tr("What is late cannot be told"))
            return title + unanswered(self.cannot["handover"])
        return meeting_lists.late_list(self.late, self.agreement, self.meeting.late_months)

    @in_its_language
    def lacking_list(self) -> Html:
        """Return this week's hand-overs that nobody was given, or that lack a required field."""
        return meeting_lists.lacking_list(self.meeting, self.cannot)

    @in_its_language
    def stuck_list(self) -> Html:
        """Return the leads held longer than agreed, what is worth most first."""
        return meeting_lists.stuck_list(self.stuck, self.agreement)

    @in_its_language
    def examples(self) -> Html:
        """Return hand-overs that fit well and badly, and the campaigns that changed."""
        why = self.cannot.get("examples", "")
        return discussion.examples(self.strong, self.weak, self.meeting.campaigns, why)

    @in_its_language
    def claims(self) -> Html:
        """Return what the teams say about each other: what was raised in a meeting first."""
        return discussion.claims(self.meeting.claims, self.raised)

    @in_its_language
    def decisions(self) -> Html:
        """Return what earlier meetings decided and is not done."""
        return discussion.decisions(self.actions)

    @in_its_language
    def not_answered(self) -> Html:
        """Return what the tables could not answer, one sentence each."""
        return discussion.not_answered(self.cannot)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Hand the key figures to who runs the notebook, beside what a person sees."""
        return {
            "text/html": self.head().markup,
            "text/plain": self.message,
            KEY_FIGURES: self.to_dict(),
        }


def weekly_report(place: Folder, week: str = "", language: str = "en") -> WeeklyPage:
    """Gather what the weekly meeting talks about.

    Parameters
    ----------
    place : Folder
    week : str
        "YYYY-Www"; the last week of the data if empty.
    language : str
        One of :data:`smarketing.language.LANGUAGES`.

    Raises
    ------
    UsageError
        If it is no week, or the language is not spoken here.
    CannotAnswer
        If the tables have no dates, or no lead had come by the end of the week.
    SmarketingError
        If a file in ``meetings/`` is malformed.

    Examples
    --------
    >>> weekly_report(Folder.open("data/demo"), "2026-W43").late  # doctest: +SKIP
    """
    with speaking(language):
        return _weekly_report(place, week, language)


def _weekly_report(place: Folder, week: str, language: str) -> WeeklyPage:
    agreement, zone = place.agreement, place.agreement.timezone
    meetings, brand = read_meetings(place.path), brand_of(place)
    with place.warehouse() as warehouse:
        facts = read_facts(warehouse, agreement)
        company = brand.name or warehouse.meta("company") or place.name
        week = week or week_of(facts.data_until, zone)
        grades = _tried_grades(warehouse, agreement)
        met = weekly_meeting(facts, week, grades)
        cannot = {part: sentence(why) for part, why in met.cannot.items()}
        leads = _judged(warehouse, facts, met.end, cannot)
    worth = leads.set_index(_KEY).worth if len(leads) else pd.Series(dtype=float)
    today = to_local(pd.Series([met.end - pd.Timedelta(microseconds=1)]), zone).item().date()
    strong, weak = _examples(leads, met.end, zone)
    return WeeklyPage(
        company=company,
        agreement=agreement,
        meeting=met,
        late=_late(met, worth, zone),
        stuck=_by_worth(met.stuck, worth, "since"),
        evidence=_by_worth(met.evidence, worth, "at"),
        strong=strong,
        weak=weak,
        actions=carried_over(meetings, today),
        raised=raised_claims(meetings, today),
        cannot=cannot,
        language=language,
        brand=brand,
    )


def _tried_grades(warehouse: Warehouse, agreement: Agreement) -> pd.DataFrame | None:
    try:
        return grades_of(build_population(warehouse, agreement))
    except CannotAnswer:
        return None


def _judged(
    warehouse: Warehouse, facts: Facts, at: pd.Timestamp, cannot: dict[str, str]
) -> pd.DataFrame:
    """Return the open leads with their scores, what each is worth, and how far each got."""
    agreement = facts.agreement
    try:
        scores = score_leads(warehouse, for_open_leads(agreement), as_of=at).frame()
    except CannotAnswer as reason:
        cannot["examples"] = sentence(str(reason))
        return pd.DataFrame()
    money = agreement.economics
    chance = scores.probability.astype(float)
    scores["worth"] = chance * money.revenue_per_customer * money.margin_share
    held = holding(known_at(facts, at)).leads[[*_KEY, "stage"]]
    handed = facts.spells[[*_KEY, "sales_ready_at"]]
    return scores.merge(held, on=_KEY).merge(handed, on=_KEY)


def _by_worth(rows: pd.DataFrame, worth: pd.Series, since: str) -> pd.DataFrame:
    own = worth.reindex(pd.MultiIndex.from_frame(rows[_KEY])).to_numpy() if len(worth) else np.nan
    rows = rows.assign(worth=own).astype({"worth": float})
    return rows.sort_values(
        ["worth", since, "lead_id"], ascending=[False, True, True], ignore_index=True
    )


def _late(met: WeeklyMeeting, worth: pd.Series, zone: str) -> pd.DataFrame:
    """Return a row per hand-over with the first of its broken promises."""
    columns = ["lead_id", "spell", "owner_id", "handed_at", "age_days", "attempts", "breach",
               "todo", "worth"]  # fmt: skip
    if met.breaches.empty:
        return pd.DataFrame(columns=columns)
    first = met.breaches.assign(place=met.breaches.breach.map(list(TODO).index))
    first = first.sort_values("place", kind="stable").drop_duplicates(_KEY)
    first = _by_worth(first, worth, "handed_at")
    first["age_days"] = (met.end - first.handed_at) / pd.Timedelta(days=1)
    first["handed_at"] = to_local(first.handed_at, zone)
    return first[columns]


def _examples(
    leads: pd.DataFrame, at: pd.Timestamp, zone: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the open hand-overs of the last weeks that fit best, and those that fit least."""
    none = pd.DataFrame(columns=_EXAMPLE)
    if leads.empty:
        return none, none
    recent = leads.sales_ready_at.between(at - pd.Timedelta(days=RECENT_DAYS), at)
    rows = leads[leads.stage.isin(WITH_SALES) & recent]
    rows = rows.sort_values(
        ["fit", "sales_ready_at", "lead_id"], ascending=[False, False, True], ignore_index=True
    )
    rows["handed_at"] = to_local(rows.sales_ready_at, zone)
    for side in ("reasons_for", "reasons_against"):
        rows[side] = rows[side].map(lambda text: "; ".join(text.split("; ")[:REASONS]))
    n = min(EXAMPLES, len(rows) // 2)  # nobody is an example of both
    weak = rows.tail(n)[::-1] if n else rows[:0]
    return rows.head(n)[_EXAMPLE], weak[_EXAMPLE].reset_index(drop=True)
