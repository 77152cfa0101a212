"""The HubSpot and Salesforce files of the real data go in, with a sources.yml of ten minutes."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pytest

from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.readers.raw import Export
from smarketing.warehouse.readers.registry import READERS
from smarketing.warehouse.sources.model import FileOptions
from smarketing.warehouse.warehouse import Warehouse

HUBSPOT = """\
company: A portal
timezone: UTC
public_hash_key: test
max_reject_share: 1
tables:
  leads:
    reader: hubspot
    file: raw/contact_data.csv
    columns: {lead_id: Record ID, created_at: Create Date}
    merged_ids: Merged Contact IDs
    merged: {reader: hubspot, file: raw/contact_merge_audit_data.csv, from: vid_to_merge, to: canonical_vid}
    attributes:
      annual_revenue: {column: Annual Revenue, type: number, known: at_creation}
      email_hash: {column: Email, take: hash, known: undeclared}
  stages:
    reader: hubspot
    file: raw/contact_data.csv
    columns: {lead_id: Record ID}
    unpivot: {Create Date: lead}
  events:
    - reader: hubspot
      file: raw/contact_form_submission_data.csv
      columns: {lead_id: contact_id, occurred_at: timestamp, subject: title}
      constants: {actor: lead, kind: form_submit}
      unknown_leads: ignore
    - reader: hubspot
      file: raw/email_event_data.csv
      columns: {lead_id: recipient, occurred_at: created, kind: type, automatic: filtered_event}
      constants: {actor: lead}
      values: {kind: {OPEN: email_open, CLICK: email_click, SENT: email_sent, "*": email_other}}
      via: {lead_id: {reader: hubspot, file: raw/contact_data.csv, from: Email, to: Record ID, match: email}}
      unknown_leads: ignore
    - reader: hubspot
      file: raw/engagement_contact_data.csv
      columns: {lead_id: contact_id, occurred_at: engagement_id}
      constants: {actor: sales, kind: call}
      via: {occurred_at: {reader: hubspot, file: raw/engagement_call_data.csv, from: engagement_id, to: property_hs_timestamp}}
      unknown_leads: ignore
  deals:
    reader: hubspot
    file: raw/deal_data.csv
    columns: {deal_id: Deal ID, opened_at: Create Date, closed_at: Close Date, amount: Amount, owner_id: Deal owner}
  deal_leads:
    reader: hubspot
    file: raw/deal_contact_data.csv
    columns: {deal_id: deal_id, lead_id: contact_id}
    unknown_leads: ignore
"""  # noqa: E501
SALESFORCE = """\
company: An org
timezone: UTC
public_hash_key: test
max_reject_share: 1
tables:
  leads:
    - reader: salesforce
      file: raw/sf_lead_data.csv
      columns: {lead_id: Id, created_at: CreatedDate, source: LeadSource, owner_id: OwnerId}
      attributes:
        revenue: {column: AnnualRevenue, type: number, known: at_creation}
    - reader: salesforce
      file: raw/sf_contact_data.csv
      columns: {lead_id: Id, created_at: CreatedDate, account_id: AccountId}
  events:
    - reader: salesforce
      file: raw/sf_task_data.csv
      columns: {lead_id: WhoId, occurred_at: CompletedDateTime, subject: Subject}
      constants: {actor: sales, kind: call}
      via: &frozen
        lead_id:
          - {reader: salesforce, file: raw/sf_lead_data.csv, from: ConvertedContactId, to: Id}
          - {reader: salesforce, file: raw/sf_contact_data.csv, from: Id, to: Id}
      unknown_leads: ignore
    - reader: salesforce
      file: raw/sf_event_data.csv
      columns: {lead_id: WhoId, occurred_at: StartDateTime, kind: Type}
      constants: {actor: sales}
      values: {kind: {Call: call, Meeting: meeting, "*": meeting}}
      via: *frozen
      unknown_leads: ignore
  deals:
    - reader: salesforce
      file: raw/sf_opportunity_data.csv
      columns: {deal_id: Id, opened_at: CreatedDate, closed_at: CloseDate, won: IsWon, amount: Amount, owner_id: OwnerId}
    - reader: salesforce
      file: raw/dataloader_sample_opportunityData.csv
      columns: {deal_id: Id, opened_at: CreatedDate, closed_at: CloseDate, won: IsWon, amount: Amount, owner_id: OwnerId}
"""  # noqa: E501
LIST_VIEW = """\
company: An org
timezone: UTC
public_hash_key: test
tables:
  leads:
    reader: salesforce
    file: raw/listview_style_Leads_synthetic.csv
    columns: {lead_id: Email, source: LeadSource}
    attributes:
      email_domain: {column: Email, take: domain, known: at_creation}
      status: {column: Status, known: after_outcome}
"""


def _space(folder: Path, name: str, sources: str, real_data: Path) -> Path:
    (folder / "sources.yml").write_text(sources)
    shutil.copytree(real_data / name, folder / "raw")
    return folder


FILES = [("hubspot", "hubspot"), ("salesforce", "salesforce")]


@pytest.mark.parametrize(("name", "reader"), FILES)
def test_every_file_is_read_row_by_row(
    real_data: Path, tmp_path: Path, name: str, reader: str
) -> None:
    files = sorted((real_data / name).glob("*.csv"))
    assert len(files) > 15
    with duckdb.connect() as con:
        for path in files:
            options = FileOptions(reader=reader, file=path.name)
            raw = READERS[reader].load(con, "raw", Export(path, path.name, options), tmp_path)
            with path.open(encoding="utf-8-sig", newline="") as stream:
                rows = [row for row in csv.reader(stream) if row]
            found = con.execute("SELECT count(*) FROM raw").fetchone()[0]
            assert found + len(raw.bad) == len(rows) - 1, path.name
            assert not raw.bad, path.name
            assert len(raw.labels) == len(rows[0]), path.name


def test_hubspot(real_data: Path, tmp_path: Path) -> None:
    report = ingest(_space(tmp_path, "hubspot", HUBSPOT, real_data))
    counts = report.counts.set_index("table_name")
    assert counts.rejected.sum() == 0, report.left_out.to_string()
    assert counts.accepted["deals"] + counts.excluded["deals"] == 44
    assert counts.accepted["leads"] + counts.merged["leads"] + counts.excluded["leads"] == 22
    assert counts.merged["leads"] == 3  # of 78971951, by the ids in its own row
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        leads = warehouse.table("leads").execute().set_index("lead_id")
    assert str(leads.created_at["78971951"]) == "2021-04-01 17:32:47"
    assert "76340251" not in leads.index


def test_salesforce(real_data: Path, tmp_path: Path) -> None:
    report = ingest(_space(tmp_path, "salesforce", SALESFORCE, real_data))
    counts = report.counts.set_index("table_name")
    assert counts.rejected.sum() == 0, report.left_out.to_string()
    assert counts.accepted["leads"] == 5
    assert counts.accepted["deals"] + counts.excluded["deals"] == 10 + 38
    reasons = set(report.left_out.reason)
    assert "deleted in the CRM" in reasons
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        deals = warehouse.table("deals").execute().set_index("deal_id")
    assert deals.amount["006x0000001YtCrAAK"] == 500_000
    assert str(deals.opened_at["006x0000001YtCrAAK"]) == "2006-06-15 20:47:07"


def test_a_list_view_without_ids(real_data: Path, tmp_path: Path) -> None:
    report = ingest(_space(tmp_path, "salesforce", LIST_VIEW, real_data))
    assert report.counts.rejected.sum() == 0
    content = (tmp_path / "warehouse.duckdb").read_bytes()
    assert b"johnson" not in content.lower()
    assert b"example.com" in content
