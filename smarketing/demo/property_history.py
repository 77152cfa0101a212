"""The demo's property history: what HubSpot keeps of three properties, change by change."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from smarketing.demo.company import Lead
from smarketing.demo.draw import Draw
from smarketing.demo.hubspot import after_outcome, stamp
from smarketing.demo.people import INDUSTRIES, Contact
from smarketing.demo.truth import TRUTH
from smarketing.demo.warts import Warts
from smarketing.demo.writing import write_csv

HISTORY_HEADER = ("Contact ID", "Timestamp", "Source", "Property", "Value")
PACKAGES = ("Basic", "Plus", "Premium")
Row = tuple[datetime, str, str, str, object]


def write_property_history(path: Path, leads: list[Lead], warts: Warts, seed: int) -> None:
    """Write the history in order of time; every draw stands in a stream of its own."""
    rows: list[Row] = []
    for lead in leads:
        draw = Draw(f"{seed}/history/{lead.contact.record_id}")
        rows += _corrected(lead.contact, draw) + _package(lead, draw)
    for _, again in warts.second_records:
        rows += _corrected(again, Draw(f"{seed}/history/{again.record_id}"))
    # a stable sort: rows of one record and minute stay in the order they were written
    rows = sorted((row for row in rows if row[0] <= TRUTH.end), key=lambda row: (row[0], row[1]))
    table = ([record, stamp(at), *rest] for at, record, *rest in rows)
    write_csv(path, HISTORY_HEADER, table, quote_all=False)


def _corrected(contact: Contact, draw: Draw) -> list[Row]:
    """Industry and size as they were typed, some mended in the first hours, a few much later."""
    rows: list[Row] = []
    company = contact.company
    for name, value, others in (
        ("industry", company.industry if company else None, INDUSTRIES),
        ("numberofemployees", contact.employees, (1, 10, 25, 100)),
    ):
        when, wrong = draw.chance(0.07), draw.of(others)
        late, hours = draw.chance(0.012), draw.between(0.2, 9)
        days = draw.between(2, 120)
        if value is None:
            continue
        mended = contact.created + (timedelta(days=days) if late else timedelta(hours=hours))
        if (when or late) and wrong != value and mended <= TRUTH.end:
            rows.append((contact.created, contact.record_id, "FORM", name, wrong))
            rows.append((mended, contact.record_id, "CRM_UI", name, value))
        else:
            rows.append((contact.created, contact.record_id, "FORM", name, value))
    return rows


def _package(lead: Lead, draw: Draw) -> list[Row]:
    """Write the package down with the contract, and anew where the customer took another."""
    again, minutes, days = draw.chance(0.3), draw.between(-40, 200), draw.between(3, 40)
    first = draw.of(PACKAGES)
    won, package = after_outcome(lead)[1:]
    if won is None:
        return []
    record, name = lead.contact.record_id, "implementation_package"
    signed = max(won.closed + timedelta(minutes=minutes), lead.contact.created)
    later = signed + timedelta(days=days)
    if again and first != package and later <= TRUTH.end:
        return [
            (signed, record, "CRM_UI", name, first),
            (later, record, "CRM_UI", name, package),
        ]
    return [(min(signed, TRUTH.end), record, "CRM_UI", name, package)]
