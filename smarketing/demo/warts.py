"""What makes real exports hard, planted in counted numbers (``TRUTH.planted``)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from smarketing.demo.behaviour import Event
from smarketing.demo.company import FIRST_RECORD, RECORD_STEP, Lead
from smarketing.demo.draw import Draw
from smarketing.demo.journey import Journey, Move
from smarketing.demo.people import WORDS, Contact, ascii_name
from smarketing.demo.truth import OWN_DOMAIN, TRUTH

N = TRUTH.planted
IMPOSSIBLE_DATES = ("2026-02-30 10:00", "0000-00-00 00:00", "soon")
UNREADABLE_TIMES = ("2026-13-07 10:15", "yesterday 14:02", "#REF!")
UNKNOWN_STATUS = "Qualifed (old)"


@dataclass
class Warts:
    """What the exports hold beside the leads as they are.

    Parameters
    ----------
    second_records : list of (Lead, Contact)
        The same person once more: the lead, and the contact record added later.
    tests : list of Lead
        Leads of the company's own domain.
    twice : frozenset of str
        Record ids whose row stands in the export twice.
    impossible : list of (Contact, str)
        Contacts whose Create Date is no date.
    """

    second_records: list[tuple[Lead, Contact]]
    tests: list[Lead]
    twice: frozenset[str]
    impossible: list[tuple[Contact, str]]

    def record_of(self, lead: Lead, event: Event) -> str:
        """Return the record id an event was tracked under."""
        second = self._seconds.get(lead.contact.record_id)
        return second.record_id if second and event.at > second.created else lead.contact.record_id

    def __post_init__(self) -> None:
        self._seconds = {lead.contact.record_id: contact for lead, contact in self.second_records}


class _Numbers:
    """Gives record ids between those of the leads, by time of creation."""

    def __init__(self, leads: list[Lead]) -> None:
        self._created = [lead.contact.created for lead in leads]
        self._used: set[int] = set()

    def next(self, created: datetime) -> str:
        number = FIRST_RECORD + RECORD_STEP * bisect_left(self._created, created) - RECORD_STEP + 1
        while number in self._used or (number - FIRST_RECORD) % RECORD_STEP == 0:
            number += 1
        self._used.add(number)
        return str(number)


def plant(leads: list[Lead], seed: int) -> Warts:
    """Plant the warts; leads' own clocks are set wrong in place for a few of them."""
    numbers = _Numbers(leads)
    draw = Draw(f"{seed}/warts")
    _wrong_clocks(leads)
    return Warts(
        second_records=_second_records(leads, numbers, draw),
        tests=[_test_lead(numbers, draw) for _ in range(N["test leads"])],
        twice=frozenset(
            lead.contact.record_id for lead in _spread(leads, N["contact rows exported twice"], 3)
        ),
        impossible=[
            (
                replace(
                    lead.contact,
                    record_id=numbers.next(lead.contact.created),
                    email=f"import{n}.{lead.contact.email}",
                ),
                IMPOSSIBLE_DATES[n % len(IMPOSSIBLE_DATES)],
            )
            for n, lead in enumerate(_spread(leads, N["contacts with an impossible date"], 11))
        ],
    )


def _spread(leads: list[Lead], n: int, offset: int) -> list[Lead]:
    """Pick n leads evenly over time."""
    step = len(leads) // n
    return leads[offset : offset + step * n : step]


def _second_records(leads: list[Lead], numbers: _Numbers, draw: Draw) -> list[tuple[Lead, Contact]]:
    fit = [x for x in leads if x.contact.created < TRUTH.end - timedelta(days=45)]
    out = []
    for n, lead in enumerate(_spread(fit, N["persons entered twice"], 17)):
        first = lead.contact
        created = draw.awake(first.created + timedelta(days=draw.between(1, 40)))
        email = first.email.title() if n % 3 == 0 else first.email
        again = replace(
            first,
            record_id=numbers.next(created),
            created=created,
            email=email,
            source="Direct Traffic",
            campaign_id=None,
            topic=None,
            topic_at=None,
        )
        out.append((lead, again))
    return out


def _test_lead(numbers: _Numbers, draw: Draw) -> Lead:
    created = draw.awake(TRUTH.end - timedelta(days=draw.between(2, 720)))
    first, last = draw.of(WORDS["first names"]), draw.of(WORDS["last names"])
    contact = Contact(
        created=created,
        first="Test",
        last=last,
        email=f"{ascii_name(first)}.{ascii_name(last)}+test{draw.below(9000)}@{OWN_DOMAIN}",
        role="other",
        title="Test",
        phone=None,
        company=None,
        employees=1,
        annual_revenue=None,
        seniority="Employee",
        language="da",
        country="Denmark",
        source="Direct Traffic",
        campaign_id=None,
        message="test test",
        first_page="/pricing",
        topic=None,
        topic_at=None,
        interest=0.0,
        record_id=numbers.next(created),
    )
    events = [
        Event(created, "Submitted form", "Contact form"),
        Event(created + timedelta(minutes=2), "Visited page", "/pricing"),
        Event(created + timedelta(minutes=4), "Requested demo", "Demo form"),
    ]
    return Lead(contact, events, Journey())


def _wrong_clocks(leads: list[Lead]) -> None:
    """Let some leads be accepted a few minutes before they were handed over."""
    fit = [
        lead
        for lead in leads
        if {"Sales Ready", "Working"} <= {m.status for m in lead.journey.moves}
        and not any(m.status == "Open" for m in lead.journey.moves)
    ]
    for lead in _spread(fit, N["leads accepted before they were handed over, by a wrong clock"], 2):
        ready = next(m.at for m in lead.journey.moves if m.status == "Sales Ready")
        lead.journey.moves[:] = [
            replace(m, at=ready - timedelta(minutes=4)) if m.status == "Working" else m
            for m in lead.journey.moves
        ]


def unknown_moves(leads: list[Lead]) -> list[tuple[Lead, Move]]:
    """Return history rows of a status that no longer exists."""
    fit = [lead for lead in leads if any(m.status == "Qualified" for m in lead.journey.moves)]
    out = []
    for lead in _spread(fit, N["history rows with an unknown status"], 1):
        move = next(m for m in lead.journey.moves if m.status == "Qualified")
        out.append((lead, replace(move, status=UNKNOWN_STATUS, at=move.at - timedelta(minutes=3))))
    return out
