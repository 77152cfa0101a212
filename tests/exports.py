"""A small made-up workspace of raw exports, for tests to ingest and to break."""

from __future__ import annotations

import textwrap
from pathlib import Path

LEADS = """\
Id,Created,Source,Email,Employees
L1,2026-01-05 09:00,web,anna@north.example,12
L2,2026-01-06 10:30,fair,bo@south.example,250
L3,2026-01-07,web,cy@gmail.example,
L4,2026-01-08T08:00:00Z,web,di@east.example,7
"""
STAGES = """\
Lead,Stage,At
L1,New,2026-01-05 09:00
L1,Qualified,2026-01-09 09:00
L2,New,2026-01-06 10:30
L3,New,2026-01-07 00:00
"""
DEALS = """\
Deal,Opened,Closed,Won,Amount,Currency
D1,2026-01-10,2026-01-20,yes,1000.50,dkk
D2,2026-01-11,,,200,DKK
"""
SOURCES = """\
company: Small
timezone: Europe/Copenhagen
public_hash_key: test
tables:
  leads:
    reader: csv
    file: raw/leads.csv
    columns: {lead_id: Id, created_at: Created, source: Source}
    attributes:
      employees: {column: Employees, type: number, known: at_creation}
      email_domain: {column: Email, take: domain, known: at_creation}
  stages:
    reader: csv
    file: raw/stages.csv
    columns: {lead_id: Lead, stage: Stage, entered_at: At}
    values: {stage: {New: lead, Qualified: sql}}
  deals:
    reader: csv
    file: raw/deals.csv
    columns:
      {deal_id: Deal, opened_at: Opened, closed_at: Closed, won: Won, amount: Amount,
       currency: Currency}
"""


def workspace(
    folder: Path,
    sources: str = SOURCES,
    leads: str | bytes = LEADS,
    stages: str | bytes = STAGES,
    deals: str | bytes = DEALS,
    **more: str | bytes,
) -> Path:
    """Write a workspace; `more` are further files of raw/, `x_csv` standing for x.csv."""
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    (folder / "sources.yml").write_text(textwrap.dedent(sources), encoding="utf-8")
    files = {"leads_csv": leads, "stages_csv": stages, "deals_csv": deals, **more}
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (raw / name.replace("_", ".")).write_bytes(data)
    return folder


def leads_only(**options: str) -> str:
    """Return a sources.yml of leads alone, with further lines for the source, such as `where`."""
    text = """\
company: Small
timezone: Europe/Copenhagen
public_hash_key: test
tables:
  leads:
    reader: csv
    file: raw/leads.csv
    columns: {lead_id: Id, created_at: Created}
"""
    return text + "".join(f"    {key}: {value}\n" for key, value in options.items())
