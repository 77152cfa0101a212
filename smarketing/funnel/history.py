"""What happened to every lead, as frames: spells, wins, attempts and touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from smarketing.clock import check_month, month_bounds, month_of
from smarketing.errors import CannotAnswer, Problem
from smarketing.language.catalogue import mark
from smarketing.warehouse.tables import ENDINGS

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

PATH = ("lead", "mql", "sales_ready", "accepted", "sql", "opportunity", "customer")
"""The stages a lead passes; rejected, recycled and disqualified lead off it."""

REASONS = ("lead_id", "spell", "kind", "at", "reason", "deal_id")

NO_CAMPAIGN = mark("(no campaign)")
NO_LEAD = mark("(no lead)")


def moment(stage: str) -> str:
    """Return the column with the time a stage was entered."""
    return "started_at" if stage == "lead" else f"{stage}_at"


@dataclass(frozen=True)
class History:
    """The past of one company as the funnel looks at it.

    Attributes
    ----------
    agreement : Agreement
    data_until : pandas.Timestamp
        The data's end, naive UTC.
    history_from : pandas.Timestamp or None
        Spells started before it cannot be trusted.
    spells : pandas.DataFrame
        One row per lead and spell as :func:`smarketing.warehouse.spells` gives them, with
        ``source``, ``campaign_id``, ``account_id``, ``owner_id``, ``persona`` (by the agreement),
        ``month`` (local, of the start), ``next_started_at`` and the fields the hand-over requires.
    recorded : tuple of str
        The stages of the path that any record supports, in the order the records show: some
        companies hand over first and qualify then.
    wins : pandas.DataFrame
        Won deals: ``deal_id``, ``buyer``, ``closed_at``, ``cents`` (whole hundredths),
        ``currency``, ``counted`` (in the agreement's currency and with an amount), ``month``.
    win_spells : pandas.DataFrame
        ``deal_id``, ``lead_id``, ``spell`` of the leads behind each won deal.
    attempts : pandas.DataFrame
        ``lead_id``, ``occurred_at``, ``connected``: what people of sales did to reach a lead.
    assigned : pandas.DataFrame
        ``lead_id``, ``occurred_at``: when somebody was made responsible.
    touches : pandas.DataFrame
        ``lead_id``, ``occurred_at``, ``campaign_id``: how leads came, and what they did that
        names a campaign.
    campaigns, spend, visits : pandas.DataFrame or None
    fields : tuple of str
        The required fields of the hand-over that the leads have a column for.
    why : dict of str to str
        Missing table -> why it is missing.
    reasons : pandas.DataFrame
        ``lead_id``, ``spell``, ``kind`` (rejected, recycled, disqualified, lost), ``at``,
        ``reason``, ``deal_id`` (of lost ones): why leads went off the path, and their deals.
    """

    agreement: Agreement
    data_until: pd.Timestamp
    history_from: pd.Timestamp | None
    spells: pd.DataFrame
    recorded: tuple[str, ...]
    wins: pd.DataFrame | None
    win_spells: pd.DataFrame
    attempts: pd.DataFrame
    assigned: pd.DataFrame
    touches: pd.DataFrame
    campaigns: pd.DataFrame | None
    spend: pd.DataFrame | None
    visits: pd.DataFrame | None
    fields: tuple[str, ...]
    why: Mapping[str, str]
    reasons: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(REASONS)))

    @property
    def timezone(self) -> str:
        """The zone in which months are cut."""
        return self.agreement.timezone

    @property
    def trusted(self) -> pd.DataFrame:
        """The spells started within the trusted history."""
        if self.history_from is None:
            return self.spells
        return self.spells[self.spells.started_at >= self.history_from]

    @property
    def months(self) -> list[str]:
        """The local months in which spells started, in order."""
        return sorted(self.spells.month.unique())

    @property
    def last_month(self) -> str:
        """The last complete local month that has leads; else the last with leads.

        A month is complete if the data reaches into its last day.
        """
        tomorrow = pd.Series([self.data_until + pd.Timedelta(days=1)])
        running = month_of(tomorrow, self.timezone).item()
        complete = [month for month in self.months if month < running]
        return (complete or self.months)[-1]

    def first_of(self, month: str, months: int) -> str:
        """Return the first of so many months up to one that has leads and can be trusted."""
        first = str(pd.Period(month, freq="M") - (months - 1))
        since = self.history_from
        known = [
            one
            for one in self.months
            if first <= one <= month and (since is None or self.bounds(one)[0] >= since)
        ]
        return known[0] if known else month

    def bounds(self, month: str) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the month's first instant and the next one's, naive UTC."""
        return month_bounds(month, self.timezone)

    def within(self, times: pd.Series, month: str) -> pd.Series:
        """Return whether each time lies in the local month; missing is False."""
        first, after = self.bounds(month)
        return (times >= first) & (times < after)

    def checked(self, month: str | None) -> str:
        """Return the month to look at: the one named, if any lead came then, or the last.

        Raises
        ------
        UsageError
            If it is no month.
        CannotAnswer
            If no lead came in it; the months that are there are named.
        """
        if month is None:
            return self.last_month
        if check_month(month) not in (months := self.months):
            raise CannotAnswer(
                Problem(
                    f"no lead came in {month}",
                    allowed=f"{len(months)} months with leads, {months[0]} to {months[-1]}",
                    todo="Name one of them, or none for the last.",
                )
            )
        return month


def known_at(history: History, at: pd.Timestamp) -> History:
    """Return the history as it was known at a moment: nothing at or after it has happened yet.

    Examples
    --------
    >>> known_at(history, pd.Timestamp("2026-10-05")).data_until  # doctest: +SKIP
    Timestamp('2026-10-05 00:00:00')
    """
    if at > history.data_until:
        return history
    runs = history.spells[history.spells.started_at < at].reset_index(drop=True)
    moments = [name for name in runs.columns if name.endswith("_at") and name != "started_at"]
    runs[moments] = runs[moments].where(runs[moments] < at)
    runs["ended_at"] = runs[[f"{stage}_at" for stage in ENDINGS]].min(axis=1)
    wins = None if history.wins is None else history.wins[history.wins.closed_at < at]
    behind = history.win_spells
    return replace(
        history,
        data_until=at,
        spells=runs,
        wins=wins,
        win_spells=behind if wins is None else behind[behind.deal_id.isin(wins.deal_id)],
        attempts=history.attempts[history.attempts.occurred_at < at],
        assigned=history.assigned[history.assigned.occurred_at < at],
        touches=history.touches[history.touches.occurred_at < at],
        reasons=history.reasons[history.reasons["at"] < at],
    )


def with_grades(history: History, grades: pd.DataFrame) -> History:
    """Return the history with the grade of each spell, so that it can be broken down by grade.

    Parameters
    ----------
    history : History
    grades : pandas.DataFrame
        ``lead_id``, ``spell``, ``first_grade``: by what was known on the first day. Scores are no
        business of the funnel, so they are handed to it.
    """
    known = grades.set_index(["lead_id", "spell"]).first_grade
    runs = history.spells
    grade_of = known.reindex(pd.MultiIndex.from_frame(runs[["lead_id", "spell"]])).to_numpy()
    return replace(history, spells=runs.assign(grade=pd.Series(grade_of, runs.index, dtype="str")))


def reached(runs: pd.DataFrame, stages: tuple[str, ...]) -> pd.DataFrame:
    """Return one column per stage: whether the spell reached it or, skipping it, a later one."""
    table = pd.DataFrame({stage: runs[moment(stage)].notna() for stage in stages})
    return table.iloc[:, ::-1].cummax(axis=1).iloc[:, ::-1]


def steps(stages: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the pairs of stages to measure: each with the next, and the longer ways.

    Examples
    --------
    >>> steps(("lead", "mql", "customer"))
    [('lead', 'mql'), ('mql', 'customer'), ('lead', 'customer')]
    """
    pairs = list(pairwise(stages))
    for start, target in (("mql", "sql"), ("sales_ready", "customer"), ("lead", "customer")):
        if start in stages and target in stages[stages.index(start) :]:
            pairs.append((start, target))
    return list(dict.fromkeys(pairs))


def window_days(agreement: Agreement, stage: str) -> float:
    """Return the days in which reaching a stage counts: the window of the line before it."""
    to_sql = PATH.index(stage) <= PATH.index("sql")
    return float((agreement.lines.mql if to_sql else agreement.lines.sql).window_days)
