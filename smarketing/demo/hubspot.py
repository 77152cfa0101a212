"""The demo's HubSpot exports: contacts, website events, e-mail events (local times)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from smarketing.demo.company import Lead
from smarketing.demo.draw import Draw, to_local
from smarketing.demo.journey import Deal
from smarketing.demo.people import ROLES, Contact
from smarketing.demo.truth import TRUTH
from smarketing.demo.warts import UNREADABLE_TIMES, Warts
from smarketing.demo.writing import write_csv

CONTACT_HEADER = (
    "Record ID", "First Name", "Last Name", "Email", "Phone Number", "Job Title", "Job function",
    "Seniority", "Company Name", "Associated Company ID", "Number of Employees", "Annual Revenue",
    "Industry", "City", "Country/Region", "Preferred language", "Original Source",
    "Original Source Drill-Down 1", "First Page Seen", "Message", "Newsletter topic",
    "Newsletter topic chosen", "Create Date", "Became a Lead Date",
    "Became a Marketing Qualified Lead Date", "Became an Other Lifecycle Date",
    "Recent Deal Amount", "Implementation package", "Contact owner",
)  # fmt: skip
FIRST_OWNER = 71_204_001
"""HubSpot's number of the first rep; the others follow it."""
WEB_HEADER = ("Contact ID", "Occurred At", "Event Type", "Event Detail")
EMAIL_HEADER = ("Contact ID", "Timestamp", "Event Type", "Email Name", "Filtered Event")


def stamp(utc: datetime | None) -> str | None:
    """Return a time as HubSpot exports it: in the portal's time zone, without saying so."""
    return None if utc is None else f"{to_local(utc):%Y-%m-%d %H:%M}"


def write_contacts(path: Path, leads: list[Lead], warts: Warts) -> None:
    """Write all contacts by record id, warts among them."""
    rows = []
    for lead in [*leads, *warts.tests]:
        row = _contact_row(lead.contact, stamp(lead.contact.created), lead)
        rows += [row] * (2 if lead.contact.record_id in warts.twice else 1)
    for _, again in warts.second_records:
        rows.append(_contact_row(again, stamp(again.created), None))
    for contact, date in warts.impossible:
        row = _contact_row(contact, date, None)
        row[CONTACT_HEADER.index("Became a Lead Date")] = None
        rows.append(row)
    rows.sort(key=lambda row: int(str(row[0])))
    write_csv(path, CONTACT_HEADER, rows, quote_all=False)


def _contact_row(contact: Contact, created: str | None, lead: Lead | None) -> list[object]:
    employees: object = contact.employees
    if employees is None:
        employees = "unknown" if int(contact.record_id) % 3 else ""
    company = contact.company
    amount, _, package = after_outcome(lead) if lead else (None, None, None)
    shown_topic = contact.topic_at is not None and contact.topic_at <= TRUTH.end
    return [
        contact.record_id, contact.first, contact.last, contact.email, contact.phone,
        contact.title, ROLES[contact.role][0], contact.seniority,
        company.name if company else None, company.company_id if company else None, employees,
        contact.annual_revenue, company.industry if company else None,
        company.city if company else None, contact.country, contact.language, contact.source,
        contact.campaign_id, contact.first_page, contact.message,
        contact.topic if shown_topic else None, stamp(contact.topic_at) if shown_topic else None,
        created, created, stamp(lead.journey.mql_at) if lead else None,
        stamp(lead.journey.lapsed_at) if lead else None, amount, package, _owner(lead),
    ]  # fmt: skip


def _owner(lead: Lead | None) -> int | None:
    """Return HubSpot's number of the rep who has the contact; before a hand-over nobody has it."""
    if lead is None or not lead.journey.assigned:
        return None
    return FIRST_OWNER + max(lead.journey.assigned)[1]


def after_outcome(lead: Lead) -> tuple[float | None, Deal | None, str | None]:
    """Return the amount of a won deal, the deal, and the package: both columns leak."""
    deals = [*lead.journey.deals, *([lead.journey.joined] if lead.journey.joined else [])]
    for deal in deals:
        if deal.won and deal.closed <= TRUTH.end:
            package = "Basic" if deal.amount < 30000 else "Plus"
            return deal.amount, deal, package if deal.amount < 60000 else "Premium"
    return None, None, None


def write_web_events(path: Path, leads: list[Lead], warts: Warts, seed: int) -> None:
    """Write website events in order of time, but for those exported late and broken ones."""
    rows = sorted(
        (event.at, warts.record_of(lead, event), event.kind, event.subject)
        for lead in [*leads, *warts.tests]
        for event in lead.events
        if not event.is_email
    )
    draw = Draw(f"{seed}/web")
    late = {draw.below(len(rows)) for _ in range(2000)}
    late = set(sorted(late)[:: max(len(late) // 300, 1)][: TRUTH.planted[LATE]])
    table: list[list[object]] = [
        [record, stamp(at), kind, subject]
        for number, (at, record, kind, subject) in enumerate(rows)
        if number not in late
    ]
    n = TRUTH.planted["web events with an unreadable time"]
    for number in range(n):
        at = (len(table) * (2 * number + 1)) // (2 * n)
        broken = [table[at][0], UNREADABLE_TIMES[number % 3], "Visited page", "/product"]
        table.insert(at, broken)
    table += [
        [rows[number][1], stamp(rows[number][0]), *rows[number][2:]] for number in sorted(late)
    ]
    write_csv(path, WEB_HEADER, table, quote_all=False)


LATE = "web events exported late, at the end of the file"


def write_email_events(path: Path, leads: list[Lead], warts: Warts) -> None:
    """Write e-mails sent, opened and clicked; HubSpot marks opens by machines as filtered."""
    rows = sorted(
        (event.at, warts.record_of(lead, event), event.kind, event.subject, event.automatic)
        for lead in leads
        for event in lead.events
        if event.is_email
    )
    table = [
        [record, stamp(at), kind, subject, str(automatic and kind == "OPEN").lower()]
        for at, record, kind, subject, automatic in rows
    ]
    write_csv(path, EMAIL_HEADER, table, quote_all=False)
