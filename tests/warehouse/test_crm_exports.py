"""HubSpot's and Salesforce's exports as they come: labels, ids, merges, history, two systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.readers.labels import position
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import workspace

HEADERS = {
    # header of the export, label of sources.yml, system -> the column found
    "older portal": (["Contact ID", "Number of Visits"], "Number of Sessions", "hubspot", 1),
    "newer portal": (["Record ID", "Number of Sessions"], "Number of Visits", "hubspot", 1),
    "country": (["Record ID", "Country"], "Country/Region", "hubspot", 1),
    "id": (["Contact ID", "Country"], "Record ID", "hubspot", 0),
    "newer date": (
        ["Date entered 'Lead (Lifecycle Stage Pipeline)'"], "Become a Lead Date", "hubspot", 0,
    ),
    "German": (["Datensatz-ID", "Erstellungsdatum"], "Create Date", "hubspot", 1),
    "a warehouse's copy": (["id", "property_createdate"], "Create Date", "hubspot", 1),
    "another case": (["Create date"], "Create Date", "hubspot", 0),
    "exact wins": (["Contact ID", "Record ID"], "Record ID", "hubspot", 1),
    "two other names": (["Contact ID", "Contact VID"], "Record ID", "hubspot", None),
    "Data Loader": (["ID", "CREATEDDATE"], "CreatedDate", "salesforce", 1),
    "report": (["Lead ID", "Create Date"], "Id", "salesforce", 0),
    "snake case": (["id", "created_date", "score_c"], "Score__c", "salesforce", 2),
    "no CRM": (["Contact ID"], "Record ID", None, None),
    "nothing like it": (["Contact ID"], "Annual Revenue", "hubspot", None),
}  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "label", "system", "found"), HEADERS.values(), ids=HEADERS.keys()
)
def test_one_label_stands_for_its_other_names(
    labels: list[str], label: str, system: str | None, found: int | None
) -> None:
    assert position(labels, label, system) == found


CONTACTS = """\
Contact ID,First Name,Email,Create Date,Number of Visits,Merged Contact IDs,Website URL
51,Anna,anna@north.example,2026-01-05 09:00,3,77;78,https://www.north.example/about
52,Bo,Bo@south.example,2026-07-06 10:30,,,south.example
53,Cy,cy@east.example,2026-01-07 09:00,1,,
77,Anna,anna@old.example,2025-12-05 09:00,9,,
"""
HISTORY = """\
contact_id,name,value,timestamp
51,lifecyclestage,lead,2026-01-05 8:00:00
51,lifecyclestage,marketingqualifiedlead,2026-01-09 8:00:00.123
78,lifecyclestage,subscriber,2026-01-02 8:00:00
52,jobtitle,Boss,2026-01-09 8:00:00
"""
FORMS = "contact_id,title,timestamp\n78,Request demo,2026-01-08 07:00:00 UTC\n"
MAILS = (
    "id,type,recipient,created,filtered_event\n"
    "a,OPEN,ANNA@north.example,2026-01-06 10:00:00,false\n"
    "b,OPEN,nobody@north.example,2026-01-06 10:00:00,false\n"
)
HUBSPOT = """\
company: Small
timezone: Europe/Copenhagen
max_reject_share: 0.6
public_hash_key: test
tables:
  leads:
    reader: hubspot
    file: raw/contacts.csv
    columns: {lead_id: Record ID, created_at: Create Date}
    merged_ids: Merged Contact IDs
    attributes:
      sessions: {column: Number of Sessions, type: number, known: after_outcome}
  stages:
    reader: hubspot
    file: raw/history.csv
    timezone: UTC
    where: {name: lifecyclestage}
    columns: {lead_id: contact_id, stage: value, entered_at: timestamp}
    values: {stage: {subscriber: null, lead: lead, marketingqualifiedlead: mql}}
  events:
    - reader: hubspot
      file: raw/forms.csv
      columns: {lead_id: contact_id, occurred_at: timestamp, subject: title}
      constants: {actor: lead, kind: form_submit}
    - reader: hubspot
      file: raw/mails.csv
      timezone: UTC
      where: {type: OPEN}
      columns: {lead_id: recipient, occurred_at: created}
      via:
        lead_id:
          {reader: hubspot, file: raw/contacts.csv, from: Email, to: Record ID, match: email}
      constants: {actor: lead, kind: email_open}
"""


def test_hubspot_with_history_forms_mails_and_merged_contacts(tmp_path: Path) -> None:
    folder = workspace(
        tmp_path, HUBSPOT, contacts_csv=CONTACTS, history_csv=HISTORY, forms_csv=FORMS,
        mails_csv=MAILS,
    )  # fmt: skip
    report = ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        leads = warehouse.table("leads").execute().set_index("lead_id")
        stages = warehouse.table("stages").execute()
        events = warehouse.table("events").execute().sort_values("occurred_at")
    assert sorted(leads.index) == ["51", "52", "53"]
    assert leads.sessions["51"] == 3
    assert str(leads.created_at["52"]) == "2026-07-06 08:30:00"
    assert stages[["lead_id", "stage"]].values.tolist() == [["51", "lead"], ["51", "mql"]]
    assert events.lead_id.tolist() == ["51", "51"]
    assert events.kind.tolist() == ["email_open", "form_submit"]
    told = " ".join(report.notes)
    assert 'no column "Number of Sessions"; "Number of Visits" is another name of it' in told
    assert (
        "of 2 rows 1 by Email → Record ID (e-mail) found their lead_id; 1 (50.0%) found none"
        in told
    )
    assert set(report.left_out.reason) >= {"merged into another contact in the CRM"}


def test_a_table_of_merges_counts_too(tmp_path: Path) -> None:
    sources = HUBSPOT.replace(
        "    merged_ids: Merged Contact IDs\n",
        "    merged: {reader: hubspot, file: raw/merges.csv, from: vid_to_merge,"
        " to: canonical_vid}\n",
    )
    merges = "canonical_vid,vid_to_merge\n77,78\n51,77\n"  # a chain: 78 into 77 into 51
    folder = workspace(
        tmp_path, sources, contacts_csv=CONTACTS, history_csv=HISTORY, forms_csv=FORMS,
        mails_csv=MAILS, merges_csv=merges,
    )  # fmt: skip
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        assert set(warehouse.table("events").lead_id.execute()) == {"51"}
        assert warehouse.table("leads").count().execute() == 3


SF_LEADS = (
    '"ID","ISDELETED","EMAIL","COMPANY","WEBSITE","CONVERTEDCONTACTID","HS_ID__C"\n'
    '"00Q1G00000nDnM5UAK","false","anna@NORTH.example","N","","0031G00001QtDPlQAN","51"\n'
    '"00Q1G00000nDnM6UAK","false","bo@south.example","S","","",""\n'
    '"00Q1G00000nDnM7UAK","false","other@east.example","E","www.east.example","",""\n'
    '"00Q1G00000nDnM8UAK","true","cy@east.example","E","","",""\n'
    '"00Q1G00000nDnM9UAK","false","who@west.example","W","","",""\n'
)
TASKS = (
    "Activity ID,Name ID,Completed Date/Time,Deleted\n"
    "00T1,00Q1G00000nDnM5,2026-02-01T10:00:00.000Z,0\n"  # 15 letters, of the lead
    "00T2,0031G00001QtDPlQAN,2026-02-02T10:00:00.000Z,0\n"  # of the contact it became
    "00T3,00Q1G00000nDnM6UAK,2026-02-03T10:00:00.000+0000,0\n"  # by e-mail
    "00T4,00Q1G00000nDnM7UAK,2026-02-04T10:00:00.000Z,0\n"  # by domain
    "00T5,00Q1G00000nDnM9UAK,2026-02-05T10:00:00.000Z,0\n"  # none
)
BOTH = """\
company: Small
timezone: Europe/Copenhagen
max_reject_share: 0.6
public_hash_key: test
tables:
  leads:
    reader: hubspot
    file: raw/contacts.csv
    columns: {lead_id: Record ID, created_at: Create Date}
  events:
    reader: salesforce
    file: raw/tasks.csv
    columns: {lead_id: WhoId, occurred_at: CompletedDateTime}
    constants: {actor: sales, kind: call}
    via:
      lead_id:
        - &lead {reader: salesforce, file: raw/sfleads.csv, from: Id, to: HS_Id__c}
        - {<<: *lead, from: ConvertedContactId}
        - {<<: *lead, to: Email, then: &contact {reader: hubspot, file: raw/contacts.csv,
            from: Email, to: Record ID, match: email}}
        - {<<: *lead, to: Email, then: {<<: *contact, match: domain}}
"""


def test_two_systems_are_joined_by_ids_mail_and_domain_and_the_loss_is_told(
    tmp_path: Path,
) -> None:
    folder = workspace(tmp_path, BOTH, contacts_csv=CONTACTS, sfleads_csv=SF_LEADS, tasks_csv=TASKS)
    report = ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        events = warehouse.table("events").execute().sort_values("occurred_at")
    assert events.lead_id.tolist() == ["51", "51", "52", "53"]
    ways = report.joins.set_index("found_by")["rows"].to_dict()
    assert ways == {
        "Id → HS_Id__c": 1,
        "ConvertedContactId → HS_Id__c": 1,
        "Id → Email, Email → Record ID (e-mail)": 1,
        "Id → Email, Email → Record ID (domain)": 1,
        "none": 1,
    }
    assert report.joins.loc[report.joins.found_by == "none", "rows"].tolist() == [1]
    assert b"anna@" not in (folder / "warehouse.duckdb").read_bytes().lower()


def test_a_domain_of_several_leads_joins_none(tmp_path: Path) -> None:
    two = CONTACTS + "54,Di,di@east.example,2026-01-07 09:00,1,,\n"
    folder = workspace(tmp_path, BOTH, contacts_csv=two, sfleads_csv=SF_LEADS, tasks_csv=TASKS)
    report = ingest(folder)
    assert report.joins.loc[report.joins.found_by == "none", "rows"].tolist() == [2]


def test_a_further_look_up_names_its_missing_column(tmp_path: Path) -> None:
    sources = BOTH.replace("from: Email, to: Record ID", "from: Mail, to: Record ID")
    folder = workspace(
        tmp_path, sources, contacts_csv=CONTACTS, sfleads_csv=SF_LEADS, tasks_csv=TASKS
    )
    with pytest.raises(SmarketingError, match="no such column") as caught:
        ingest(folder)
    problem = caught.value.problems[0]
    assert (problem.file, problem.column) == ("raw/contacts.csv", "Mail")


def test_what_the_crm_deleted_is_left_out_and_counted(tmp_path: Path) -> None:
    sources = (
        "company: Small\ntimezone: UTC\ntables:\n  leads:\n    reader: salesforce\n"
        "    file: raw/sfleads.csv\n    columns: {lead_id: Id}\n"
    )
    folder = workspace(tmp_path, sources, sfleads_csv=SF_LEADS)
    report = ingest(folder)
    assert report.counts.excluded.tolist() == [1]
    assert report.left_out.reason.tolist() == ["deleted in the CRM"]
