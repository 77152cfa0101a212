"""What happened to every lead and deal, once, as of a moment: what everything is counted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from smarketing.clock import check_month, month_bounds, month_of, months_between
from smarketing.errors import CannotAnswer, Problem
from smarketing.language.catalogue import mark
from smarketing.measures.customers import customers_of, purchases_of
from smarketing.periods import last_whole_month
from smarketing.warehouse.buying_groups import buying_groups

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

REASONS = ("lead_id", "spell", "kind", "at", "reason", "deal_id")

NO_CAMPAIGN = mark("(no campaign)")
NO_LEAD = mark("(no lead)")

KEY = ["lead_id", "spell"]


@dataclass(frozen=True, eq=False)
class Facts:
    """The past of one company, read once.

    Attributes
    ----------
    agreement : Agreement
    data_until : pandas.Timestamp
        As of when, naive UTC: nothing later has happened.
    history_from : pandas.Timestamp or None
        Spells started before it cannot be trusted.
    spells : pandas.DataFrame
        One row per lead and spell as :func:`smarketing.warehouse.spells.spells` gives them, with
        ``source``, ``campaign_id``, ``account_id``, ``owner_id``, ``persona`` (by the agreement),
        ``has_deals``, ``month`` (local, of the start), ``next_started_at`` and the fields the
        hand-over requires. A lead without a date has no start and no month. A day without a time
        lies at the stage before it, if that was on the same day.
    recorded : tuple of str
        The stages of the path that any record supports, in the agreement's order.
    wins : pandas.DataFrame or None
        Won deals: ``deal_id``, ``opened_at``, ``closed_at`` (NaT where nobody noted it),
        ``cents`` (whole hundredths), ``currency``, ``counted`` (in the agreement's currency and
        with an amount), ``month`` (local, of the closing), ``party`` (who bought); ``lead_id``
        and ``spell`` of the lead that came first of those behind it, missing without any, with
        ``started_at``, and ``handed_at``, the first hand-over of any of them.
    win_spells : pandas.DataFrame
        ``deal_id``, ``lead_id``, ``spell`` of the leads behind each won deal.
    customers : pandas.DataFrame
        See :func:`smarketing.measures.customers.customers_of`.
    losses : pandas.DataFrame or None
        Lost deals: ``deal_id``, ``closed_at``.
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
    begins : pandas.Timestamp or None
        The first thing that happened; None: the first lead.
    contradicted : pandas.DataFrame
        ``lead_id``, ``spell``, ``at`` of `customer` rows that count for nothing: the lead's deals
        were lost, or are open.
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
    customers: pd.DataFrame
    attempts: pd.DataFrame
    assigned: pd.DataFrame
    touches: pd.DataFrame
    campaigns: pd.DataFrame | None
    spend: pd.DataFrame | None
    visits: pd.DataFrame | None
    fields: tuple[str, ...]
    why: Mapping[str, str]
    losses: pd.DataFrame | None = None
    begins: pd.Timestamp | None = None
    contradicted: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["lead_id", "spell", "at"])
    )
    reasons: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(REASONS)))

    @property
    def timezone(self) -> str:
        """The zone in which months are cut."""
        return self.agreement.timezone

    @property
    def trusted(self) -> pd.DataFrame:
        """The dated spells that started within the trusted history."""
        if self.history_from is None:
            return self.spells[self.spells.started_at.notna()]
        return self.spells[self.spells.started_at >= self.history_from]

    @property
    def open(self) -> pd.DataFrame:
        """The spells that have not ended: those anybody may still work on."""
        return self.spells[self.spells.ended_at.isna()]

    @property
    def months(self) -> list[str]:
        """The local months from that of the first lead to that in which the data ends."""
        first = self.spells.started_at.min()
        last = max(self.data_until, self.spells.started_at.max())
        return months_between(*self._months_of(first, last))

    @property
    def first_month(self) -> str:
        """The local month of the first thing that happened."""
        first = self.spells.started_at.min()
        return self._months_of(first if self.begins is None else min(first, self.begins))[0]

    @property
    def last_month(self) -> str:
        """The last month the data covers to its last day; else the one it ends in."""
        first = self.spells.started_at.min()
        begins = first if self.begins is None else min(first, self.begins)
        return last_whole_month(begins, self.data_until, self.timezone)

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
        """Return the month to look at: the one named, if the data says anything of it, or the last.

        Raises
        ------
        UsageError
            If it is no month.
        CannotAnswer
            If it lies before the first thing that happened, or after the data's end.
        """
        if month is None:
            return self.last_month
        first, last = self.first_month, max(self.months[-1], self.last_month)
        if not first <= check_month(month) <= last:
            raise CannotAnswer(
                Problem(
                    f"the data says nothing of {month}",
                    allowed=f"{first} to {last}",
                    todo="Name one of them, or none for the last.",
                )
            )
        return month

    def _months_of(self, *times: pd.Timestamp) -> list[str]:
        return list(month_of(pd.Series(times), self.timezone))


def known_at(facts: Facts, at: pd.Timestamp) -> Facts:
    """Return the facts as they were known at a moment: nothing at or after it has happened yet.

    What has no date is taken to have happened before: nobody can tell.

    Examples
    --------
    >>> known_at(facts, pd.Timestamp("2026-10-05")).data_until  # doctest: +SKIP
    Timestamp('2026-10-05 00:00:00')
    """
    if at > facts.data_until:
        return facts
    runs = facts.spells[~(facts.spells.started_at >= at)].reset_index(drop=True)
    runs["is_customer"] &= ~(runs.customer_at >= at)
    runs["is_lost"] &= ~(runs.lost_at >= at)
    moments = [name for name in runs.columns if name.endswith("_at") and name != "started_at"]
    runs[moments] = runs[moments].where(runs[moments] < at)
    wins = None if facts.wins is None else _before(facts.wins, at, "closed_at", "opened_at")
    behind = facts.win_spells
    known = replace(
        facts,
        data_until=at,
        spells=runs,
        wins=wins,
        win_spells=behind if wins is None else behind[behind.deal_id.isin(wins.deal_id)],
        losses=None if facts.losses is None else _before(facts.losses, at, "closed_at"),
        attempts=facts.attempts[facts.attempts.occurred_at < at],
        assigned=facts.assigned[facts.assigned.occurred_at < at],
        touches=facts.touches[facts.touches.occurred_at < at],
        contradicted=facts.contradicted[facts.contradicted["at"] < at],
        reasons=facts.reasons[facts.reasons["at"] < at],
    )
    return with_customers(known)


def _before(rows: pd.DataFrame, at: pd.Timestamp, *columns: str) -> pd.DataFrame:
    late = pd.Series(False, index=rows.index)
    for column in columns:
        late |= rows[column] >= at
    return rows[~late]


def with_customers(facts: Facts) -> Facts:
    """Return the facts with their customers, as the agreement counts them."""
    agreed = facts.agreement.buying_group
    days = agreed.within_days if agreed else None
    bought = purchases_of(facts.spells, facts.wins, facts.agreement.counted_by, days)
    wins = facts.wins
    if wins is not None:
        of_deal = bought[bought.deal_id.notna()].set_index("deal_id").customer_id
        wins = wins.assign(customer_id=wins.deal_id.map(of_deal))
    return replace(facts, customers=customers_of(bought), wins=wins)


def with_grades(facts: Facts, grades: pd.DataFrame) -> Facts:
    """Return the facts with the grade of each spell, so that they can be broken down by grade.

    Parameters
    ----------
    facts : Facts
    grades : pandas.DataFrame
        ``lead_id``, ``spell``, ``first_grade``: by what was known on the first day. Scores are no
        business of the facts, so they are handed to them.
    """
    known = grades.set_index(KEY).first_grade
    runs = facts.spells
    grade_of = known.reindex(pd.MultiIndex.from_frame(runs[KEY])).to_numpy()
    return replace(facts, spells=runs.assign(grade=pd.Series(grade_of, runs.index, dtype="str")))


def groups_of(facts: Facts) -> pd.Series:
    """Return the buying group of every lead, as its agreement has them, by ``lead_id``."""
    agreed = facts.agreement.buying_group
    firsts = facts.spells[
        facts.spells.spell == facts.spells.groupby("lead_id").spell.transform("min")
    ]
    return buying_groups(firsts, agreed.within_days if agreed else None)
