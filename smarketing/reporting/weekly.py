"""The weekly meeting: what fell due, what is late, and what was decided, worth most first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from smarketing.agreement import Agreement
from smarketing.clock import to_local
from smarketing.errors import CannotAnswer
from smarketing.funnel import WeeklyMeeting, holding, known_at, read_history
from smarketing.funnel import weekly as weekly_meeting
from smarketing.funnel.history import History
from smarketing.funnel.sla.escalations import TODO
from smarketing.funnel.sla.promises import KEPT
from smarketing.language import in_its_language, mark, speaking, tr, trn
from smarketing.language.numbers import count
from smarketing.reporting import weekly_page
from smarketing.reporting.branding import NO_BRAND, Brand, brand_of
from smarketing.reporting.grades import grades_of
from smarketing.reporting.meetings import carried_over, raised_claims, read_meetings
from smarketing.reporting.page import KEY_FIGURES, sentence
from smarketing.reporting.periods import week_of
from smarketing.reporting.worklist import REASONS, WITH_SALES, for_open_leads
from smarketing.results import Result, plain
from smarketing.scoring import build_population, score_leads
from smarketing.warehouse import Warehouse
from smarketing.workspace import Workspace

MOST = weekly_page.MOST
EXAMPLES = 3
RECENT_DAYS = 28
"""Examples are hand-overs that people in the room still remember."""

_KEY = ["lead_id", "spell"]
_WHO = {"marketing": mark("marketing"), "sales": mark("sales")}
_EXAMPLE = ["lead_id", "grade", "handed_at", "reasons_for", "reasons_against"]


@dataclass(frozen=True)
class WeeklyReport(Result):
    """One week of both sides, in the order the meeting works through it.

    Parameters
    ----------
    company : str
    agreement : Agreement
    meeting : WeeklyMeeting
        The numbers and lists, as known at the week's end.
    late : pandas.DataFrame
        One row per hand-over past a promise: ``lead_id``, ``spell``, ``owner_id``, ``handed_at``
        (local), ``age_days``, ``attempts``, ``breach`` (the first promise broken), ``todo``,
        ``worth`` (chance of a customer × value; missing where history cannot tell). What is worth
        most first, then the oldest; so too:
    stuck : pandas.DataFrame
        See :class:`smarketing.funnel.Holding`, with ``worth``.
    evidence : pandas.DataFrame
        See :func:`smarketing.funnel.stage_evidence`, with ``worth``.
    strong, weak : pandas.DataFrame
        Hand-overs of the last four weeks, open, of the best and of the least fit: ``lead_id``,
        ``grade``, ``handed_at`` (local), ``reasons_for``, ``reasons_against`` (three each).
    actions : pandas.DataFrame
        See :func:`smarketing.reporting.meetings.carried_over`.
    raised : dict of str to datetime.date
        See :func:`smarketing.reporting.meetings.raised_claims`.
    cannot : dict of str to str
    language : str
        In which all its sentences are written.
    brand : Brand
        Whose logo stands beside its title.
    """

    company: str
    agreement: Agreement
    meeting: WeeklyMeeting
    late: pd.DataFrame
    stuck: pd.DataFrame
    evidence: pd.DataFrame
    strong: pd.DataFrame
    weak: pd.DataFrame
    actions: pd.DataFrame
    raised: dict[str, date]
    cannot: dict[str, str]
    language: str = "en"
    brand: Brand = NO_BRAND

    @property
    def week(self) -> str:
        """The local ISO week, "YYYY-Www"."""
        return self.meeting.week

    @property
    @in_its_language
    def title(self) -> str:
        """The page's title."""
        return tr(
            "{company} · Sales and marketing, week {week}", company=self.company, week=self.week
        )

    @property
    @in_its_language
    def message(self) -> str:
        """The week in one sentence."""
        due = self.meeting.promises.dropna(subset="verdict")
        said = [
            trn(
                "{who} kept {k} of {n} promise",
                "{who} kept {k} of {n} promises",
                len(own),
                who=tr(_WHO[side]),
                k=count((own.verdict == KEPT).sum()),
            )
            for side, own in due.groupby("side")
        ]
        text = ", ".join(said) or tr("no promise fell due")
        if "handover" not in self.cannot:
            n = len(self.late)
            late = trn("{n} hand-over past a promise", "{n} hand-overs past a promise", n)
            late = late if n else tr("nothing is late")
            text = f"{text}; {late}"
        return sentence(text)

    def frame(self) -> pd.DataFrame:
        """Return the hand-overs past a promise."""
        return self.late

    @in_its_language
    def to_dict(self) -> dict[str, Any]:
        """Return the key figures; leads by their ids only, of long lists those on the page."""
        met = self.meeting
        lists = {"late": self.late, "stuck": self.stuck, "evidence": self.evidence}
        return plain(
            {
                "title": self.title,
                "week": self.week,
                "agreement_version": self.agreement.version,
                "message": self.message,
                "promises": met.promises,
                "counts": {name: len(rows) for name, rows in lists.items()},
                **{name: rows.lead_id.head(MOST).tolist() for name, rows in lists.items()},
                "given_back": met.given_back.kind.value_counts().sort_index().to_dict(),
                "lacking": met.lacking,
                "unassigned": met.unassigned,
                "campaigns": met.campaigns,
                "strong": self.strong.lead_id.tolist(),
                "weak": self.weak.lead_id.tolist(),
                "actions": self.actions,
                "claims": met.claims,
                "raised": self.raised,
                "cannot": self.cannot,
            }
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Hand the key figures to who runs the notebook, beside what a person sees."""
        return {
            "text/html": weekly_page.head(self).markup,
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
    >>> weekly_report(Workspace.open("data/demo"), "2026-W43").late  # doctest: +SKIP
    """
    with speaking(language):
        return _weekly_report(place, week, language)


def _weekly_report(place: Workspace, week: str, language: str) -> WeeklyReport:
    agreement, zone = place.agreement, place.agreement.timezone
    meetings, brand = read_meetings(place.path), brand_of(place)
    with place.warehouse() as warehouse:
        history = read_history(warehouse, agreement)
        company = brand.name or warehouse.meta("company") or place.name
        week = week or week_of(history.data_until, zone)
        grades = _tried_grades(warehouse, agreement)
        met = weekly_meeting(history, week, grades)
        cannot = {part: sentence(why) for part, why in met.cannot.items()}
        leads = _judged(warehouse, history, met.end, cannot)
    worth = leads.set_index(_KEY).worth if len(leads) else pd.Series(dtype=float)
    today = to_local(pd.Series([met.end - pd.Timedelta(microseconds=1)]), zone).item().date()
    strong, weak = _examples(leads, met.end, zone)
    return WeeklyReport(
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
    warehouse: Warehouse, history: History, at: pd.Timestamp, cannot: dict[str, str]
) -> pd.DataFrame:
    """Return the open leads with their scores, what each is worth, and how far each got."""
    agreement = history.agreement
    try:
        scores = score_leads(warehouse, for_open_leads(agreement), as_of=at).frame()
    except CannotAnswer as reason:
        cannot["examples"] = sentence(str(reason))
        return pd.DataFrame()
    money = agreement.economics
    chance = scores.probability.astype(float)
    scores["worth"] = chance * money.revenue_per_customer * money.margin_share
    held = holding(known_at(history, at)).leads[[*_KEY, "stage"]]
    handed = history.spells[[*_KEY, "sales_ready_at"]]
    return scores.merge(held, on=_KEY).merge(handed, on=_KEY)


def _by_worth(rows: pd.DataFrame, worth: pd.Series, since: str) -> pd.DataFrame:
    found = worth.reindex(pd.MultiIndex.from_frame(rows[_KEY])) if len(worth) else None
    rows = rows.assign(worth=None if found is None else found.to_numpy())
    rows["worth"] = rows.worth.astype(float)
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
