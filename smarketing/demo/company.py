"""The whole demo company, before it is written as exports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from smarketing.demo.behaviour import Event, email_events, web_events
from smarketing.demo.draw import Draw, local_month
from smarketing.demo.journey import Deal, HandOver, Journey, Move, call, travel
from smarketing.demo.people import Contact, DemoPeople, arrivals, first_touch
from smarketing.demo.truth import TRUTH

FIRST_RECORD, RECORD_STEP = 101_007, 7
"""HubSpot numbers its records in order of creation; the gaps leave room for the warts."""


SILENCE = timedelta(days=90)
"""After which the permission to write to a lead lapses."""


@dataclass
class Lead:
    """One person with all that happened."""

    contact: Contact
    events: list[Event]
    journey: Journey


def simulate(seed: int, scale: float = 1.0) -> list[Lead]:
    """Draw the leads of the demo company, `scale` times as many as in its exports.

    Nothing is cut at the data's end yet; every hand-over carries its features, delay and
    outcome, so that the planted truth can be recovered.

    Examples
    --------
    >>> len(simulate(1, scale=0.01)) > 40
    True
    """
    people = DemoPeople(seed)
    leads: list[Lead] = []
    for number, created in enumerate(arrivals(seed, scale)):
        draw = Draw(f"{seed}/lead/{number}")
        source = first_touch(draw, local_month(created))
        contact = people.contact(draw, created, source=source)
        events = _until_silent(web_events(contact, draw) + email_events(contact, draw))
        journey = travel(contact, events, Draw(f"{seed}/journey/{number}"))
        leads.append(_lapse(Lead(contact, events, journey)))
    if scale == 1.0:
        leads += _colleagues(leads, people, seed)
    leads.sort(key=lambda lead: lead.contact.created)
    # somebody reads on the last evening: the data visibly lasts until the month's end
    leads[-1].events.append(Event(TRUTH.end, "Visited page", "/product"))
    for number, lead in enumerate(leads):
        lead.contact.record_id = str(FIRST_RECORD + RECORD_STEP * number)
    return leads


def _own(events: list[Event]) -> list[datetime]:
    return sorted(e.at for e in events if e.kind != "SENT" and not e.automatic)


def _until_silent(events: list[Event]) -> list[Event]:
    """Leave out what comes after a long silence: the lead had been taken off the lists by then."""
    times = _own(events)
    last = next((a for a, b in pairwise(times) if b - a > SILENCE), times[-1])
    return [event for event in events if event.at <= last + SILENCE]


def _lapse(lead: Lead) -> Lead:
    """Take leads that nobody works, and that fell silent, off the lists."""
    journey = lead.journey
    status = max(journey.moves, key=lambda m: m.at).status if journey.moves else "Open"
    if status in ("Open", "Marketing Qualified"):
        times = [*_own(lead.events), *(m.at for m in journey.moves)]
        journey.lapsed_at = max(times).replace(hour=2, minute=30, second=0) + SILENCE
    return lead


def _colleagues(leads: list[Lead], people: DemoPeople, seed: int) -> list[Lead]:
    """Let colleagues of open deals come forward: several leads, one purchase, one deal."""
    deals = [
        (lead, deal)
        for lead in leads
        for deal in lead.journey.deals
        if lead.contact.company
        and deal.closed - deal.opened > timedelta(days=16)
        and deal.opened < TRUTH.end - timedelta(days=20)
    ]
    wanted = TRUTH.planted["deals with several leads"]
    step = len(deals) // wanted
    out: list[Lead] = []
    for number, (lead, deal) in enumerate(deals[::step][:wanted]):
        draw = Draw(f"{seed}/colleague/{number}")
        for _ in range(1 + draw.chance(0.3)):
            day = deal.opened + timedelta(days=draw.between(-9, 1))
            created = max(draw.awake(day), lead.contact.created + timedelta(hours=20))
            source = first_touch(draw, local_month(created))
            contact = people.contact(draw, created, lead.contact.company, source, True)
            events = web_events(contact, draw) + email_events(contact, draw)
            out.append(Lead(contact, events, _join(contact, deal, draw)))
    return out


def _join(contact: Contact, deal: Deal, draw: Draw) -> Journey:
    """Take a colleague straight into the deal that its company already has."""
    journey = Journey(mql_at=contact.created + timedelta(minutes=7), joined=deal)
    ready = draw.at_work(contact.created + timedelta(days=draw.between(0.2, 1.5)))
    journey.moves.append(Move(ready, "Sales Ready", 4))
    journey.assigned.append((ready + timedelta(minutes=3), deal.rep))
    first = draw.at_work(ready + timedelta(hours=draw.between(0.5, 20)))
    reached = call(journey, contact, first, deal.rep, True, draw) or first
    accepted = reached + timedelta(minutes=9)
    journey.moves.append(Move(accepted, "Working", deal.rep))
    joined = max(accepted + timedelta(minutes=5), deal.opened + timedelta(minutes=5))
    joined = min(joined, max(deal.closed - timedelta(hours=1), accepted + timedelta(minutes=5)))
    journey.moves.append(Move(joined - timedelta(minutes=2), "Qualified", deal.rep))
    journey.moves.append(Move(joined, "Converted", deal.rep))
    return journey


def until_end(lead: Lead) -> Lead:
    """Cut a lead at the data's end: what comes later is not in any export."""
    end, journey = TRUTH.end, lead.journey
    kept = Journey(
        mql_at=journey.mql_at if journey.mql_at and journey.mql_at <= end else None,
        moves=[m for m in journey.moves if m.at <= end],
        assigned=[a for a in journey.assigned if a[0] <= end],
        tasks=[t for t in journey.tasks if t.at <= end],
        deals=[d for d in journey.deals if d.opened <= end],
        handovers=[h for h in journey.handovers if h.at <= end],
        joined=journey.joined,
        lapsed_at=journey.lapsed_at if journey.lapsed_at and journey.lapsed_at <= end else None,
    )
    return replace(lead, events=[e for e in lead.events if e.at <= end], journey=kept)


def decided_handovers(leads: list[Lead]) -> list[HandOver]:
    """Return every hand-over that was decided on its own merits, colleagues left out."""
    return [h for lead in leads for h in lead.journey.handovers]
