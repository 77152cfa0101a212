"""Sales' half of the SLA: the people it takes to contact and follow up as promised."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.agreement.sla import Capacity, FirstContact, FollowUp
from smarketing.clock import to_local
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.language.numbers import chance, count, fixed, number
from smarketing.language.plurals import trn
from smarketing.planning import wording as words
from smarketing.planning.people.desk_clock import DAYS, HOUR, DeskClock
from smarketing.results import Result

MOST_PEOPLE = 500
WARM_UP = 0.1
"""Of the hand-overs: an empty queue at the start flatters."""


@dataclass(frozen=True)
class Staffing(Result):
    """How many people the promised first contact and follow-up take.

    Attributes
    ----------
    people : int
        Enough for both.
    for_contact, for_follow_up : int or None
        Each by itself; None where it is not promised.
    now : float
        People in closing, as agreed.
    hours_per_attempt : float
        Working hours of one attempt.
    table : pandas.DataFrame
        One row per number of people: ``people``, ``contacted_in_time`` (share of hand-overs),
        ``busy`` (share of working time that attempts take).
    by_hour : pandas.DataFrame
        Hand-overs by local ``day`` and ``hour``, in all.
    sentence : str
    notes : tuple of str
    """

    people: int
    for_contact: int | None
    for_follow_up: int | None
    now: float
    hours_per_attempt: float
    table: pd.DataFrame
    by_hour: pd.DataFrame
    sentence: str
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """Return one row per number of people."""
        return self.table.copy()


def people_needed(
    handed_over: pd.Series, agreement: Agreement, hours_per_attempt: float | None = None
) -> Staffing:
    """Return the people it takes to keep sales' promises on hand-overs as they came.

    History's hand-overs are queued, first come first served, in working hours: with so many
    people, when would each have had its first attempt? New leads go before follow-ups, and
    follow-up takes the attempts promised of every lead, reached or not, in the busiest stretch
    of as many days as promised.

    Parameters
    ----------
    handed_over : pandas.Series of datetime64
        Hand-overs, naive UTC.
    agreement : smarketing.agreement.Agreement
        ``sla.sales``, ``calendar``, ``timezone``, ``capacity.closing``.
    hours_per_attempt : float, optional
        Working hours; by default the agreed time for a lead (a month's hours ÷ leads per person)
        shared among the attempts promised.

    Returns
    -------
    Staffing

    Raises
    ------
    CannotAnswer
        If nothing was handed over, or neither contact nor follow-up is promised.

    Examples
    --------
    >>> people_needed(spells["sales_ready_at"], agreement).sentence  # doctest: +SKIP
    '95 % contacted within 48 business hours and 5 attempts in 14 days take 3 people; 4 are …'
    """
    times = pd.Series(pd.to_datetime(handed_over)).dropna().sort_values().reset_index(drop=True)
    sales = agreement.sla.sales
    contact = None if sales is None else sales.first_contact
    follow = None if sales is None else sales.follow_up
    if times.empty:
        raise CannotAnswer(
            tr("no hand-over is recorded, so nobody knows how many people they take")
        )
    if contact is None and follow is None:
        raise CannotAnswer(tr("the agreement promises neither a first contact nor a follow-up"))
    clock = DeskClock.of(agreement, times.iloc[0], times.iloc[-1])
    attempts, notes = 1 if follow is None else follow.attempts, []
    if hours_per_attempt is None:
        hours_per_attempt, note = _hours_of_an_attempt(agreement.capacity.closing, clock, attempts)
        notes.append(note)
    if agreement.calendar is None:
        notes.append(tr("The agreement has no calendar: every hour of the day counts as worked."))
    came = clock.hours(times)
    load = came.size * attempts * hours_per_attempt / max(came[-1] - came[0], 1e-9)
    shares: list[float | None] = [None]
    for_contact = for_follow_up = None
    if contact is not None:
        shares = [*_until_in_time(times, came, clock, hours_per_attempt, contact)]
        for_contact = len(shares)
    if follow is not None:
        for_follow_up = _for_follow_up(times, came, clock, follow, hours_per_attempt)
    people, now = max(for_contact or 1, for_follow_up or 1), agreement.capacity.closing.people
    return Staffing(
        people=people,
        for_contact=for_contact,
        for_follow_up=for_follow_up,
        now=float(now),
        hours_per_attempt=float(hours_per_attempt),
        table=pd.DataFrame(
            [
                {"people": n, "contacted_in_time": share, "busy": min(load / n, 1.0)}
                for n, share in enumerate(shares, start=1)
            ]
        ),
        by_hour=_by_hour(times, agreement.timezone),
        sentence=_sentence(people, contact, follow, now),
        notes=tuple(notes),
    )


def _hours_of_an_attempt(desk: Capacity, clock: DeskClock, attempts: int) -> tuple[float, str]:
    """Return the working hours of an attempt, and how they were found."""
    hours = clock.per_month() / desk.leads_per_person_per_month / attempts
    return hours, trn(
        "An attempt is taken to last {hours} working hours: a month's hours ÷ {leads} "
        "leads a person ÷ {n} attempt.",
        "An attempt is taken to last {hours} working hours: a month's hours ÷ {leads} "
        "leads a person ÷ {n} attempts.",
        attempts,
        hours=fixed(hours, 1),
        leads=number(desk.leads_per_person_per_month, 2),
    )


def _until_in_time(
    times: pd.Series, came: np.ndarray, clock: DeskClock, hours: float, contact: FirstContact
) -> Iterator[float]:
    """Yield the share contacted in time with one person, with two, …, until it is as promised."""
    for people in range(1, MOST_PEOPLE + 1):
        share = _in_time(times, came, clock, people, hours, contact)
        yield share
        if share >= contact.share:
            return
    raise CannotAnswer(
        tr(
            "the promised first contact is not kept even by {people} people: attempts of "
            "{hours} hours are too long for it",
            people=count(MOST_PEOPLE),
            hours=fixed(hours, 1),
        )
    )


def _in_time(
    times: pd.Series,
    came: np.ndarray,
    clock: DeskClock,
    people: int,
    hours: float,
    contact: FirstContact,
) -> float:
    """Return the share of hand-overs whose first attempt would begin as promised."""
    free = [0.0] * people
    begun = np.empty(len(came))
    for n, at in enumerate(came):
        begun[n] = max(at, heapq.heappop(free))
        heapq.heappush(free, begun[n] + hours)
    if contact.clock == "business":
        waited = begun - came
    else:
        # A queue that outlasts the calendar's stretch is late anyhow.
        waited = (clock.moment(begun) - times.to_numpy("datetime64[us]")) / HOUR
    judged = waited[math.floor(WARM_UP * len(waited)) :]
    return float((judged <= contact.within_hours + 1e-9).mean())


def _for_follow_up(
    times: pd.Series, came: np.ndarray, clock: DeskClock, follow: FollowUp, hours: float
) -> int:
    """Return the people for all attempts, in as many stretches of the days as promised."""
    ends = times + pd.Timedelta(days=float(follow.within_days))
    room = clock.hours(ends) - came
    # Hand-overs of the stretch before each one share its working hours.
    since = np.searchsorted(times, times - pd.Timedelta(days=float(follow.within_days)), "right")
    alive = np.arange(1, len(times) + 1) - since
    need = alive * follow.attempts * hours / np.maximum(room, 1e-9)
    enough = np.quantile(need, float(follow.share), method="inverted_cdf")
    return max(1, math.ceil(float(enough) - 1e-9))


def _by_hour(times: pd.Series, zone: str) -> pd.DataFrame:
    local = to_local(times, zone)
    counts = pd.DataFrame(
        {"day": local.dt.day_of_week.map(dict(enumerate(DAYS))), "hour": local.dt.hour}
    )
    out = counts.value_counts().rename("hand_overs").reset_index()
    return out.sort_values(
        ["day", "hour"], key=lambda c: c.map(DAYS.index) if c.name == "day" else c
    ).reset_index(drop=True)


def _sentence(
    people: int, contact: FirstContact | None, follow: FollowUp | None, now: float
) -> str:
    contacted = followed_up = ""
    if contact is not None:
        contacted = tr(
            "{share} contacted within {hours}",
            share=chance(contact.share),
            hours=words.hours(contact),
        )
    if follow is not None:
        days = number(follow.within_days, 2)
        followed_up = tr(
            "{attempts} in {days} for {share}",
            attempts=trn("{n} attempt", "{n} attempts", follow.attempts),
            days=trn("{n} day", "{n} days", follow.within_days, n=days),
            share=chance(follow.share),
        )
    both = tr("{contacted} and {followed_up}", contacted=contacted, followed_up=followed_up)
    asked = {
        "promised": both if contacted and followed_up else contacted or followed_up,
        "people": trn("{n} person", "{n} people", people),
        "now": number(now, 2),
    }
    if now >= people:
        return tr("{promised} take {people}; {now} are agreed: enough.", **asked)
    return tr(
        "{promised} take {people}; {now} are agreed: {missing} too few.",
        missing=number(people - now, 2),
        **asked,
    )
