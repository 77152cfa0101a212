"""How marketing, qualification and sales of the demo company treat a lead.

People work by a rule of 2023 that counts opened e-mails and any page view. It is like the
agreed scorecard but not the same, so that the two disagree on some leads, as they do in life.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smarketing.demo.behaviour import Event, known_at, return_visits
from smarketing.demo.draw import Draw, local_month
from smarketing.demo.people import Contact
from smarketing.demo.truth import TRUTH

REPS, DESK, ROBOT = (0, 1, 2, 3), (4, 5), 6
"""Numbers of the Salesforce users: four reps, two people of qualification, the automation."""

_MQL_POINTS = 37
_LOWERED_BY = 4
_REJECTS = (("no_budget", 0.25), ("wrong_fit", 0.3), ("not_now", 0.27), ("competitor", 0.13),
            ("duplicate", 0.05))  # fmt: skip
_LOSSES = (("Price", 0.35), ("Competitor", 0.3), ("No decision", 0.25), ("Missing feature", 0.1))


@dataclass(frozen=True)
class Move:
    """A change of the lead's status in Salesforce."""

    at: datetime
    status: str
    by: int
    reason: str | None = None


@dataclass(frozen=True)
class Task:
    """A finished call, e-mail or meeting of sales."""

    at: datetime
    kind: str
    subject: str
    disposition: str
    seconds: int
    rep: int


@dataclass
class Deal:
    """An opportunity; `closed_at` and `won` are None while it is open."""

    opened: datetime
    expected: datetime
    closed: datetime
    won: bool
    amount: float
    loss_reason: str | None
    rep: int
    company_id: str | None


@dataclass(frozen=True)
class HandOver:
    """One hand-over with all that decided it: what the truth can be recovered from."""

    at: datetime
    features: dict[str, object]
    delay_days: float | None
    won: bool


@dataclass
class Journey:
    """What happened to one contact after it became an MQL; empty if it never did."""

    mql_at: datetime | None = None
    moves: list[Move] = field(default_factory=list)
    assigned: list[tuple[datetime, int]] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    handovers: list[HandOver] = field(default_factory=list)
    joined: Deal | None = None
    lapsed_at: datetime | None = None


def _old_points(event: Event) -> int:
    if event.automatic or event.kind == "SENT":
        return 0
    if event.kind == "Visited page":
        return 4 if str(event.subject).startswith("/pricing") else 1
    return {"OPEN": 2, "CLICK": 4, "Downloaded asset": 8, "Attended webinar": 10,
            "Requested demo": 40, "Submitted form": 5}.get(event.kind, 0)  # fmt: skip


def _first_fit_points(contact: Contact) -> int:
    points = 14 * (contact.role in ("it_manager", "cto", "cfo"))
    points += 6 * (contact.role == "operations_manager")
    points += 10 * ((contact.employees or 0) >= 20)
    return points - 5 * contact.free_mail - 10 * (contact.role == "student")


def reaches_mql(
    contact: Contact, events: list[Event], since: datetime | None = None
) -> tuple[datetime, int] | None:
    """Return when the rule of 2023 first makes an MQL of the lead, and by how many points."""
    points = _first_fit_points(contact)
    for event in sorted(events, key=lambda e: e.at):
        if since is not None and event.at < since - timedelta(days=45):
            continue
        points += _old_points(event)
        lowered = local_month(event.at) == TRUTH.lowered_bar
        if points >= _MQL_POINTS - _LOWERED_BY * lowered and (since is None or event.at > since):
            return event.at + timedelta(minutes=7), points
    return None


def travel(contact: Contact, events: list[Event], draw: Draw) -> Journey:
    """Draw the whole journey of a lead; a recycled lead's new visits are added to `events`."""
    journey = Journey()
    crossing = reaches_mql(contact, events)
    if crossing is None:
        return journey
    journey.mql_at = crossing[0]
    back = _qualify(contact, events, journey, crossing, draw)
    if back is None or not draw.chance(0.45):
        return journey
    again = back + timedelta(days=60 + draw.below(25), minutes=1)
    again = again.replace(hour=5, minute=0, second=11)
    journey.moves.append(Move(again, "Open", ROBOT))
    events += return_visits(contact, again, draw)
    crossing = reaches_mql(contact, events, since=again)
    if crossing is not None:
        journey.moves.append(Move(crossing[0], "Marketing Qualified", ROBOT))
        _qualify(contact, events, journey, crossing, draw)
    return journey


def _qualify(
    contact: Contact,
    events: list[Event],
    journey: Journey,
    crossing: tuple[datetime, int],
    draw: Draw,
) -> datetime | None:
    """Let the qualification desk decide; return when the lead was recycled, if it was."""
    mql_at, points = crossing
    desk = draw.of(DESK)
    demos = sorted(e.at for e in events if e.kind == "Requested demo" and e.at > mql_at)
    asked = any(e.kind == "Requested demo" and e.at <= mql_at for e in events)
    wait = draw.between(0.02, 0.9) if asked else 0.9 + draw.exponential(1.9)
    decided = draw.at_work(mql_at + timedelta(days=wait))
    if _passes(contact, events, points, decided, draw):
        return _hand_over(contact, events, journey, decided, desk, draw)
    fate = draw.weighted((("recycle", 0.42), ("disqualify", 0.2), ("leave", 0.38)))
    later = [at for at in demos if at > decided]
    if fate == "leave" and later:
        decided = draw.at_work(later[0] + timedelta(days=draw.between(0.05, 1.0)))
        if _passes(contact, events, points + 40, decided, draw):
            return _hand_over(contact, events, journey, decided, desk, draw)
    if fate == "disqualify":
        journey.moves.append(Move(decided, "Disqualified", desk, "wrong_fit"))
    if fate != "recycle":
        return None
    journey.moves.append(Move(decided, "Recycled", desk, draw.of(("not_now", "not_reached"))))
    return decided


def _passes(contact: Contact, events: list[Event], points: int, at: datetime, draw: Draw) -> bool:
    known = TRUTH.effects(known_at(contact, events, at))
    lowered = 0.8 * (local_month(at) == TRUTH.lowered_bar)
    phone = 0.5 * (contact.phone is not None)
    return draw.chance(1 / (1 + math.exp(4.85 - 0.95 * known - 0.015 * points - lowered - phone)))


def _hand_over(
    contact: Contact,
    events: list[Event],
    journey: Journey,
    at: datetime,
    desk: int,
    draw: Draw,
) -> datetime | None:
    """Hand the lead to a rep and draw all that follows; return when it was recycled."""
    features = known_at(contact, events, at)
    rep = draw.of(REPS)
    journey.moves.append(Move(at, "Sales Ready", desk))
    slow = TRUTH.slow_months.get(local_month(at), 1.0) * (1.8 if rep == TRUTH.slow_rep else 1.0)
    system = draw.exponential(0.6) if draw.chance(0.15) else draw.exponential(0.04)
    assigned = at + timedelta(days=system)
    journey.assigned.append((assigned, rep))
    if draw.chance(0.02 * slow):
        journey.handovers.append(HandOver(at, features, None, won=False))
        if draw.chance(0.5):
            return None
        given_up = draw.at_work(at + timedelta(days=25 + draw.exponential(10)))
        journey.moves.append(Move(given_up, "Recycled", rep, "not_reached"))
        return given_up
    haste = 0.5 if features["demo_request"] else 1.0
    first = draw.at_work(assigned + timedelta(days=draw.lognormal(0.75 * slow * haste, 1.0)))
    delay = (first - at) / timedelta(days=1)
    log_odds = (
        TRUTH.base
        + TRUTH.effects(features)
        + TRUTH.delay_per_day * min(delay, TRUTH.delay_cap_days)
    )
    won = draw.chance(1 / (1 + math.exp(-log_odds)))
    journey.handovers.append(HandOver(at, features, delay, won))
    connected = call(journey, contact, first, rep, won, draw)
    if won:
        sell(journey, contact, connected or first, rep, True, draw)
        return None
    return _lose(journey, contact, connected, rep, log_odds, draw)


def call(
    journey: Journey, contact: Contact, first: datetime, rep: int, must: bool, draw: Draw
) -> datetime | None:
    """Draw a rep's attempts from the first on; return when the lead answered, if it did."""
    patience = 2 + draw.below(3) if rep == TRUTH.slow_rep else 5 + draw.below(3)
    at = first
    for number in range(patience):
        by_phone = contact.phone is not None and not draw.chance(0.15)
        reached = draw.chance(0.36 if by_phone else 0.2) or (must and number == patience - 1)
        if by_phone:
            seconds = 180 + draw.below(900) if reached else 10 + draw.below(40)
            answer = "Connected" if reached else draw.of(("No answer", "Left voicemail"))
            journey.tasks.append(Task(at, "Call", "Call", answer, seconds, rep))
        else:
            answer = "Replied" if reached else "No reply"
            journey.tasks.append(Task(at, "Email", "Email: intro", answer, 0, rep))
        if reached:
            return at
        at = draw.at_work(at + timedelta(days=0.8 + draw.exponential(1.6)))
    return None


def sell(
    journey: Journey, contact: Contact, since: datetime, rep: int, won: bool, draw: Draw
) -> Deal:
    """Draw accepted, SQL, meeting, opportunity and how it closes."""
    accepted = draw.at_work(since + timedelta(days=draw.exponential(0.7), minutes=9))
    journey.moves.append(Move(accepted, "Working", rep))
    sql = draw.at_work(accepted + timedelta(days=1 + draw.exponential(4)))
    journey.tasks.append(
        Task(sql - timedelta(hours=1), "Meeting", "Demo meeting", "Held", 2700, rep)
    )
    journey.moves.append(Move(sql, "Qualified", rep))
    opened = draw.at_work(sql + timedelta(days=draw.exponential(2), minutes=30))
    journey.moves.append(Move(opened, "Converted", rep))
    closed = draw.at_work(opened + timedelta(days=2 + draw.lognormal(20, 0.65)))
    big = 1.35 if (contact.employees or 0) > 500 else 1.0
    deal = Deal(
        opened=opened,
        expected=opened + timedelta(days=30 + draw.below(30)),
        closed=closed,
        won=won,
        amount=max(5000.0, 500.0 * round(draw.lognormal(37500 * big, 0.45) / 500)),
        loss_reason=None if won else draw.weighted(_LOSSES),
        rep=rep,
        company_id=contact.company.company_id if contact.company else None,
    )
    journey.deals.append(deal)
    return deal


def _lose(
    journey: Journey,
    contact: Contact,
    connected: datetime | None,
    rep: int,
    log_odds: float,
    draw: Draw,
) -> datetime | None:
    """Draw where a lost hand-over ends; return when it was recycled, if it was."""
    last = journey.tasks[-1].at
    if connected is None:
        gone = draw.at_work(last + timedelta(days=1 + draw.exponential(3)))
        if draw.chance(0.5):
            journey.moves.append(Move(gone, "Rejected", rep, "not_reached"))
            gone = draw.at_work(gone + timedelta(days=1 + draw.exponential(2)))
            if draw.chance(0.4):
                return None
        journey.moves.append(Move(gone, "Recycled", rep, "not_reached"))
        return gone
    good = 1 / (1 + math.exp(-log_odds - 1.6))
    if draw.chance(0.1 + 0.45 * (1 - good)):
        gone = draw.at_work(connected + timedelta(days=draw.exponential(5)))
        reason = draw.weighted(_REJECTS)
        journey.moves.append(Move(gone, "Rejected", rep, reason))
        if reason != "not_now":
            return None
        back = draw.at_work(gone + timedelta(days=1 + draw.exponential(3)))
        journey.moves.append(Move(back, "Recycled", rep, reason))
        return back
    if draw.chance(0.35 + 0.3 * good):
        sell(journey, contact, connected, rep, False, draw)
        return None
    accepted = draw.at_work(connected + timedelta(days=draw.exponential(0.7), minutes=9))
    journey.moves.append(Move(accepted, "Working", rep))
    gone = accepted
    if draw.chance(0.4):
        gone = draw.at_work(accepted + timedelta(days=2 + draw.exponential(6)))
        journey.moves.append(Move(gone, "Qualified", rep))
    gone = draw.at_work(gone + timedelta(days=5 + draw.exponential(12)))
    if draw.chance(0.5):
        journey.moves.append(Move(gone, "Recycled", rep, "not_now"))
        return gone
    if draw.chance(0.5):
        journey.moves.append(Move(gone, "Disqualified", rep, "wrong_fit"))
    return None
