"""The weekly report in numbers: what fell due, what is late, what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from smarketing.actions.weekly_meeting import WeeklyMeeting
from smarketing.agreement.model import Agreement
from smarketing.funnel.sla.promises import KEPT
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.language.speaker import in_its_language
from smarketing.reporting.html.branding import NO_BRAND, Brand
from smarketing.reporting.pages.weekly_sections.short_lists import MOST
from smarketing.results import Result, plain

_WHO = {"marketing": mark("marketing"), "sales": mark("sales")}


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
        See :func:`smarketing.actions.meetings.carried_over`.
    raised : dict of str to datetime.date
        See :func:`smarketing.actions.meetings.raised_claims`.
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
        kept = [
            trn(
                "{who} kept {k} of {n} promise",
                "{who} kept {k} of {n} promises",
                len(own),
                who=tr(_WHO[side]),
                k=count((own.verdict == KEPT).sum()),
            )
            for side, own in due.groupby("side")
        ]
        text = ", ".join(kept) or tr("no promise fell due")
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
