"""Changes of attributes: which are kept, under which name, and that nobody stands in them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.forgetting import forget
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import workspace

CONTACTS = """\
Record ID,Create Date,Email,Job function,Number of Employees,Original Source,Tier,Merged Contact IDs
51,2026-01-05 09:00,anna@north.example,IT Manager,55,Paid Search,gold,77
52,2026-01-06 10:30,bo@south.example,CTO,,Organic Search,,
77,2026-01-02 09:00,anna@old.example,CTO,9,Paid Search,,
"""
SOURCES = """\
company: Small
timezone: Europe/Copenhagen
public_hash_key: test
max_reject_share: 0.5
missing: ["", unknown]
tables:
  leads:
    reader: hubspot
    file: raw/leads.csv
    columns: {lead_id: Record ID, created_at: Create Date, source: Original Source}
    merged_ids: Merged Contact IDs
    values: {job_role: {IT Manager: it_manager, CTO: cto}, source: {Paid Search: paid_search}}
    attributes:
      job_role: {column: Job function, known: at_creation}
      employees: {column: Number of Employees, type: number, known: at_creation}
      email_domain: {column: Email, take: domain, known: at_creation}
  changes:
    reader: hubspot
    file: raw/history.csv
    columns: {lead_id: contact_id, field: name, new: value, changed_at: timestamp}
    timezone: UTC
"""
HISTORY = """\
contact_id,name,value,timestamp,source
51,job_function,CTO,2026-01-05 08:00:00,FORM
51,jobfunction,IT Manager,2026-01-09 08:00:00.5,CRM_UI
51,job_function,IT Manager,2026-01-10 08:00:00,CRM_UI
51,numemployees,12,2026-01-05 08:00:00,FORM
51,numemployees,unknown,2026-01-06 08:00:00,IMPORT
51,numemployees,55.0,2026-01-07 08:00:00,IMPORT
51,hs_analytics_source,Paid Search,2026-01-05 08:00:00,ANALYTICS
51,email,anna@nord.example,2026-01-05 08:00:00,FORM
51,firstname,Anna,2026-01-05 08:00:00,FORM
51,phone,+45 12 34 56 78,2026-01-05 08:00:00,FORM
51,tier,ask anna@north.example,2026-01-06 08:00:00,CRM_UI
51,tier,+45 12 34 56 78,2026-01-07 08:00:00,CRM_UI
51,tier,gold,2026-01-08 08:00:00,CRM_UI
51,lifecyclestage,lead,2026-01-05 08:00:00,FORM
52,tier,silver,yesterday,CRM_UI
77,job_function,CTO,2026-01-06 09:00:00,FORM
99,tier,silver,2026-01-06 09:00:00,FORM
"""


def changes_of(folder: Path) -> pd.DataFrame:
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        return warehouse.table("changes").execute()


def ingested(folder: Path, sources: str = SOURCES, history: str = HISTORY, **more: str) -> Path:
    workspace(folder, sources, leads=more.pop("leads", CONTACTS), history_csv=history, **more)
    ingest(folder)
    return folder


def rows_of(frame: pd.DataFrame, lead: str) -> list[tuple[str, str, str | None, str | None]]:
    own = frame[frame.lead_id == lead].sort_values(["field", "changed_at"])
    own = own.astype(object).where(own.notna(), None)
    return [(r.field, f"{r.changed_at:%m-%d %H:%M}", r.old, r.new) for r in own.itertuples()]


def test_property_history_becomes_changes_of_our_attributes(tmp_path: Path) -> None:
    found = changes_of(ingested(tmp_path))
    assert rows_of(found, "51") == [
        ("Tier", "01-06 08:00", None, "value 3"),  # silver stands there twice, and is value 1
        ("Tier", "01-07 08:00", "value 3", "value 2"),
        ("Tier", "01-08 08:00", "value 2", "value 4"),
        ("employees", "01-05 08:00", None, "12.0"),
        ("employees", "01-06 08:00", "12.0", None),
        ("employees", "01-07 08:00", None, "55.0"),
        ("job_role", "01-05 08:00", None, "cto"),
        ("job_role", "01-09 08:00", "cto", "it_manager"),
        ("source", "01-05 08:00", None, "paid_search"),
    ]
    assert set(found.lead_id) == {"51"}


def test_what_is_left_out_of_the_history_is_counted_with_its_reason(tmp_path: Path) -> None:
    workspace(tmp_path, SOURCES, leads=CONTACTS, history_csv=HISTORY)
    report = ingest(tmp_path)
    assert report.to_dict()["tables"]["changes"] == {
        "accepted": 9,
        "rejected": 2,
        "excluded": 5,
        "merged": 1,
    }
    left = report.left_out[report.left_out.table_name == "changes"]
    assert dict(zip(left.reason, left.rows, strict=True)) == {
        "timestamp: not a date": 1,
        "lead_id: lead_id is of no lead in leads": 1,
        "of no column that leads keep": 4,
        "the value was the same before": 1,
        "the history of a record merged into another, whose values were not the lead's": 1,
    }


@pytest.mark.parametrize("word", ["anna", "12 34 56", "Anna", "bo@"])
def test_nobody_stands_in_the_warehouse_or_the_rejects(tmp_path: Path, word: str) -> None:
    folder = ingested(tmp_path)
    assert word.encode() not in (folder / "warehouse.duckdb").read_bytes()
    assert all(word.encode() not in path.read_bytes() for path in folder.glob("rejects/*"))


def test_a_forgotten_lead_takes_its_changes_along(tmp_path: Path) -> None:
    clean = HISTORY.replace("yesterday", "2026-01-06").replace("\n99,", "\n52,")
    folder = ingested(tmp_path, SOURCES, clean)
    removed = forget(folder, "51").to_dict()["removed"]
    assert removed["changes"] == 9
    for _ in range(2):
        assert changes_of(folder).lead_id.tolist() == ["52"]
        ingest(folder)


def test_another_change_is_counted_but_restates_no_month(tmp_path: Path) -> None:
    folder = ingested(tmp_path)
    more = HISTORY + "52,tier,gold,2026-01-07 08:00:00,CRM_UI\n"
    workspace(folder, SOURCES, leads=CONTACTS, history_csv=more)
    report = ingest(folder)
    told = report.changes.set_index("table_name").loc["changes"]
    assert told.to_dict() == {"added": 1, "changed": 0, "removed": 0}
    assert report.restated.empty


LEADS = """\
Id,CreatedDate,Industry,NumberOfEmployees,Email,Segment__c
00QNL00000000012AA,2026-01-05T09:00:00.000Z,Energy,55,anna@north.example,B
"""
SALESFORCE = """\
company: Small
timezone: Europe/Copenhagen
tables:
  leads:
    reader: salesforce
    file: raw/leads.csv
    columns: {lead_id: Id, created_at: CreatedDate}
    attributes:
      industry: {column: Industry, known: at_creation}
      employees: {column: NumberOfEmployees, type: number, known: at_creation}
      segment: {column: Segment__c, known: undeclared}
  changes:
"""
LEAD_HISTORY = """\
Id,IsDeleted,LeadId,CreatedById,CreatedDate,Field,DataType,OldValue,NewValue
1,false,00QNL0000000001,005,2026-01-07T09:00:00.000Z,Industry,Text,Retail,Energy
2,false,00QNL0000000001,005,2026-01-08T09:00:00.000Z,NumberOfEmployees,Number,50,55
3,false,00QNL0000000001,005,2026-01-08T09:00:00.000Z,Email,Email,a@b.example,anna@north.example
4,false,00QNL0000000001,005,2026-01-08T09:00:00.000Z,Owner,EntityId,,005
5,true,00QNL0000000001,005,2026-01-08T10:00:00.000Z,Industry,Text,Energy,Retail
"""
FIVETRAN = """\
id,lead_id,created_date,field,old_value,new_value
1,00QNL00000000012AA,2026-01-07 09:00:00,Industry,Retail,Energy
2,00QNL00000000012AA,2026-01-08 09:00:00,NumberOfEmployees,50,55
3,00QNL00000000012AA,2026-01-08 09:00:00,Email,a@b.example,anna@north.example
"""
VERSIONS = """\
id,_fivetran_start,_fivetran_end,_fivetran_active,industry,number_of_employees,email,segment_c
00QNL0000000001,2026-01-08 09:00:00,9999-12-31 23:59:59,true,Energy,55,anna@north.example,B
00QNL0000000001,2026-01-05 09:00:00,2026-01-07 08:59:59,false,Retail,50,a@b.example,B
00QNL0000000001,2026-01-07 09:00:00,2026-01-08 08:59:59,false,Energy,50,a@b.example,B
"""
SHAPES = {
    "Data Loader": (
        """\
    reader: salesforce
    file: raw/history.csv
    columns:
      {lead_id: LeadId, changed_at: CreatedDate, field: Field, old: OldValue, new: NewValue}
""",
        LEAD_HISTORY,
    ),
    "a warehouse's copy": (
        """\
    reader: csv
    system: salesforce
    timezone: UTC
    file: raw/history.csv
    columns:
      {lead_id: LeadId, changed_at: CreatedDate, field: Field, old: OldValue, new: NewValue}
""",
        FIVETRAN,
    ),
    "versions": (
        """\
    reader: salesforce
    timezone: UTC
    file: raw/history.csv
    versions: true
    columns: {lead_id: Id, changed_at: _fivetran_start}
""",
        VERSIONS,
    ),
}


@pytest.mark.parametrize(("source", "history"), SHAPES.values(), ids=SHAPES.keys())
def test_each_shape_of_a_history_gives_the_same_changes(
    tmp_path: Path, source: str, history: str
) -> None:
    found = changes_of(ingested(tmp_path, SALESFORCE + source, history, leads=LEADS))
    assert rows_of(found, "00QNL00000000012AA") == [
        ("employees", "01-08 09:00", "50.0", "55.0"),
        ("industry", "01-07 09:00", "Retail", "Energy"),
    ]


def test_another_systems_field_is_another_field_unless_declared(tmp_path: Path) -> None:
    history = "who,what,when,to\n51,Industry,2026-01-06,Energy\n51,Tier,2026-01-06,gold\n"
    other = SOURCES[: SOURCES.index("  changes:")] + (
        "  changes:\n    reader: salesforce\n    file: raw/history.csv\n"
        "    columns: {lead_id: who, field: what, changed_at: when, new: to}\n"
    )
    folder = workspace(tmp_path, other, leads=CONTACTS, history_csv=history)
    report = ingest(folder)
    assert not report.to_dict()["tables"]["changes"]["accepted"]
    declared = other + "    values: {field: {Industry: Tier}}\n"
    assert changes_of(ingested(tmp_path, declared, history)).field.tolist() == ["Tier"]
    with pytest.raises(SmarketingError, match="leads keep no such column"):
        ingested(tmp_path, other + "    values: {field: {Tier: email_domain}}\n", history)


def test_two_changes_of_one_moment_are_one_from_the_first_to_the_last(tmp_path: Path) -> None:
    history = (
        "contact_id,name,value,timestamp\n51,tier,a,2026-01-06 08:00\n"
        "51,tier,b,2026-01-07 08:00\n51,tier,c,2026-01-07 08:00\n"
    )
    found = changes_of(ingested(tmp_path, SOURCES, history))
    assert rows_of(found, "51") == [
        ("Tier", "01-06 08:00", None, "value 1"),
        ("Tier", "01-07 08:00", "value 1", "value 3"),
    ]


def test_a_declared_end_of_data_keeps_what_later_changes_replaced(tmp_path: Path) -> None:
    history = (
        "contact_id,name,value,timestamp\n51,tier,a,2026-01-06 08:00\n"
        "51,tier,gold,2026-03-01 08:00\n"
    )
    until = SOURCES.replace("tables:", "data_until: 2026-02-01\ntables:")
    found = changes_of(ingested(tmp_path, until, history))
    assert found.new.tolist() == ["value 1", "value 2"]
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        assert warehouse.data_until < pd.Timestamp("2026-02-02")


BY_HISTORY = {
    "no table of changes": (SOURCES[: SOURCES.index("  changes:")], "needs the table changes"),
    "what is reduced": (
        SOURCES.replace("take: domain, known: at_creation", "take: domain, known: history"),
        "`take` reduces it",
    ),
}


@pytest.mark.parametrize(("sources", "words"), BY_HISTORY.values(), ids=BY_HISTORY.keys())
def test_known_by_its_history_needs_one(tmp_path: Path, sources: str, words: str) -> None:
    text = sources.replace("type: number, known: at_creation", "type: number, known: history")
    with pytest.raises(SmarketingError, match=words):
        ingested(tmp_path, text)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("columns: {lead_id: a, changed_at: b, field: c}", "need the column new"),
        ("columns: {lead_id: a, changed_at: b, new: c}", "needs the column field"),
        ("versions: true\n    columns: {lead_id: a, changed_at: b, new: c}", "no place beside"),
        ("versions: true\n    columns: {lead_id: a, changed_at: b}\n    where: {a: b}", "`where`"),
    ],
)
def test_mistakes_in_the_source_of_changes_are_said(
    tmp_path: Path, source: str, words: str
) -> None:
    text = SALESFORCE + f"    reader: csv\n    file: raw/history.csv\n    {source}\n"
    with pytest.raises(SmarketingError, match=words):
        ingested(tmp_path, text, "a,b,c\n", leads=LEADS)
