"""What the demo's leads do by themselves, on the website and with e-mails."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from smarketing.demo.draw import Draw
from smarketing.demo.people import Contact
from smarketing.demo.truth import TRUTH

BLOG = (
    "/blog/nis2-for-begyndere",
    "/blog/gdpr-på-dansk",
    "/blog/10-fejl-i-excel",
    "/blog/automatisering",
)
CASES = ("/cases/vejle-logistik", "/cases/ribe-energi", "/cases/fjord-pharma")
_SENDS = ((1, "Velkommen"), (7, "Kom godt i gang"), (21, "Kundecase"), (45, "Book en snak"))


@dataclass(frozen=True)
class Event:
    """One thing a lead did, or an e-mail sent to it; kinds are HubSpot's own words."""

    at: datetime
    kind: str
    subject: str | None = None
    automatic: bool = False

    @property
    def is_email(self) -> bool:
        """Whether it stands in the e-mail export rather than the web one."""
        return self.kind in ("SENT", "OPEN", "CLICK")


def _page(draw: Draw, interest: float, job_seeker: bool) -> str:
    choices = [
        ("/pricing", 0.13 * math.exp(0.55 * interest)),
        ("/pricing/enterprise", 0.03 * math.exp(0.55 * interest)),
        ("/product", 0.3),
        ("/product/integrations", 0.1),
        ("/docs", 0.06),
        ("/careers", 0.45 if job_seeker else 0.008),
    ]
    choices += [(page, 0.04) for page in CASES] + [(page, 0.07) for page in BLOG]
    return draw.weighted(choices)


def _session(
    draw: Draw, start: datetime, pages: int, interest: float, job_seeker: bool
) -> list[Event]:
    events, at = [], start
    for _ in range(pages):
        events.append(Event(at, "Visited page", _page(draw, interest, job_seeker)))
        at += timedelta(seconds=40 + draw.below(240))
    return events


def web_events(contact: Contact, draw: Draw) -> list[Event]:
    """Draw the website history of a contact after it left its data."""
    z = contact.interest
    job_seeker = draw.chance(0.16 if contact.role in ("student", "developer") else 0.03)
    events = [Event(contact.created, "Submitted form", "Contact form")]
    soon = contact.created + timedelta(minutes=1)
    events += _session(draw, soon, 1 + draw.poisson(1.8 * math.exp(0.25 * z)), z, job_seeker)
    visits = []
    for _ in range(draw.poisson(min(1.7 * math.exp(0.45 * z), 9))):
        lag = draw.exponential(13) if draw.chance(0.8) else draw.between(10, 220)
        start = draw.awake(contact.created + timedelta(days=lag))
        if start > contact.created:
            visits.append(start)
            events += _session(draw, start, 1 + draw.poisson(1.4), z, job_seeker)
    moments = sorted(visits)[:3] or [soon]
    if draw.chance(1 / (1 + math.exp(2.6 - 0.85 * z))):
        at = soon if draw.chance(0.3) else draw.of(moments)
        events.append(Event(at + timedelta(minutes=6), "Requested demo", "Demo form"))
    if draw.chance(0.2):
        at = draw.of([soon, *moments]) + timedelta(minutes=4)
        name = draw.of(("case-study-logistik.pdf", "case-study-energi.pdf"))
        events.append(Event(at, "Downloaded asset", name))
    if draw.chance(0.15):
        at = draw.of([soon, *moments]) + timedelta(minutes=5)
        events.append(Event(at, "Downloaded asset", "guide-nis2.pdf"))
    if draw.chance(0.14):
        at = draw.of([soon, *moments]) + timedelta(minutes=3)
        events.append(Event(at, "Watched video", "product-tour"))
    if draw.chance(0.45 if contact.campaign_id == "C-1005" else 0.1):
        day = contact.created + timedelta(days=draw.between(1, 25))
        while day.weekday() != 2:
            day += timedelta(days=1)
        at = day.replace(hour=12, minute=draw.below(20), second=draw.below(60))
        events.append(Event(at, "Attended webinar", "NIS2 i praksis"))
    return events


def email_events(contact: Contact, draw: Draw) -> list[Event]:
    """Draw the e-mails sent to a contact and what it did with them."""
    sends = [(contact.created + timedelta(days=days), name) for days, name in _SENDS]
    month = contact.created.replace(day=1, hour=8, minute=0, second=0, microsecond=0)
    for _ in range(4):
        month = (month + timedelta(days=32)).replace(day=1)
        sends.append(
            (month + timedelta(days=(1 - month.weekday()) % 7), f"Nyhedsbrev {month:%Y-%m}")
        )
    reader = draw.between(0.05, 0.5)
    events = []
    for day, name in sends:
        at = day.replace(hour=8, minute=draw.below(15), second=0, microsecond=0)
        if at <= contact.created:
            continue
        if draw.chance(0.01):
            break  # unsubscribed
        events.append(Event(at, "SENT", name, automatic=True))
        if draw.chance(0.1):  # a mail program that opens everything at once
            events.append(Event(at + timedelta(minutes=1), "OPEN", name, automatic=True))
        if draw.chance(reader):
            opened = at + timedelta(minutes=2 + int(draw.exponential(500)))
            events.append(Event(opened, "OPEN", name))
            if draw.chance(0.14 * math.exp(0.25 * contact.interest)):
                events.append(Event(opened + timedelta(minutes=1), "CLICK", name))
    return events


def return_visits(contact: Contact, since: datetime, draw: Draw) -> list[Event]:
    """Draw what a recycled lead does once marketing nurtures it again."""
    events = []
    for _ in range(draw.poisson(2.0)):
        start = draw.awake(since + timedelta(days=1 + draw.exponential(15)))
        events += _session(draw, start, 1 + draw.poisson(1.8), contact.interest + 0.5, False)
    if events and draw.chance(0.2):
        last = max(e.at for e in events)
        events.append(Event(last + timedelta(minutes=4), "Requested demo", "Demo form"))
    return events


def known_at(contact: Contact, events: list[Event], moment: datetime) -> dict[str, object]:
    """Return what drives winning, as it was known at a moment (keys of ``TRUTH.effects``)."""
    counts = dict.fromkeys(TRUTH.events, 0)
    for event in events:
        if event.at > moment:
            continue
        subject = event.subject or ""
        if event.kind == "Visited page" and subject.startswith("/pricing"):
            counts["pricing_view"] += 1
        elif event.kind == "Visited page" and subject == "/careers":
            counts["careers_page"] += 1
        elif event.kind == "Requested demo":
            counts["demo_request"] += 1
        elif event.kind == "Attended webinar":
            counts["webinar"] += 1
        elif event.kind == "Downloaded asset" and subject.startswith("case-study"):
            counts["case_study"] += 1
    return {
        "job_role": contact.role,
        "size_class": TRUTH.size_class(contact.employees),
        "free_mail": contact.free_mail,
        "campaign_id": contact.campaign_id,
        **counts,
    }
