"""The draft of sources.yml: right against what was written by hand, but for lines it doubts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.drafting.draft import Draft, draft_sources
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.sources.load import load_sources
from smarketing.warehouse.sources.model import Source, Sources
from tests.exports import workspace

DATA = Path(__file__).parents[2] / "data"


def _drafted(folder: Path, files: list[Path]) -> tuple[Draft, Sources]:
    (folder / "raw").mkdir()
    for path in files:
        shutil.copy(path, folder / "raw" / path.name)
    draft = draft_sources([folder / "raw" / path.name for path in files])
    (folder / "sources.yml").write_text(draft.text, encoding="utf-8")
    return draft, load_sources(folder / "sources.yml")


def _unsure(draft: Draft) -> set[str]:
    return {line.text for line in draft.lines if not line.sure}


def _agree(draft: Draft, drafted: Source, by_hand: Source, also: tuple[str, ...] = ()) -> int:
    """Check that all that is sure is as written by hand; return how much was compared."""
    doubted = _unsure(draft)
    n = 0
    for block in ("columns", "constants", "unpivot", *also):
        for name, label in getattr(drafted, block).items():
            if any(text.startswith(f"{name}: ") for text in doubted):
                continue
            assert getattr(by_hand, block).get(name) == label, (block, name)
            n += 1
    by_column = {a.column: a for a in by_hand.attributes.values()}
    for name, attribute in drafted.attributes.items():
        if any(text.startswith(f"{name}: ") for text in doubted):
            continue
        wanted = by_column[attribute.column]
        assert (attribute.type, attribute.known, attribute.take, attribute.missing) == (
            wanted.type, wanted.known, wanted.take, wanted.missing
        ), attribute.column  # fmt: skip
        n += 1
    return n


def test_x_education(real_data: Path, tmp_path: Path) -> None:
    draft, drafted = _drafted(tmp_path, [real_data / "xeducation" / "Leads.csv"])
    by_hand = load_sources(DATA / "xeducation" / "sources.yml")
    leads, wanted = drafted.tables["leads"][0], by_hand.tables["leads"][0]
    assert drafted.missing == by_hand.missing
    assert leads.outcome == wanted.outcome
    assert leads.score_today == wanted.score_today
    assert leads.values["source"].items() <= wanted.values["source"].items()
    assert _agree(draft, leads, wanted) >= 25
    # no attribute is forgotten, and what is in doubt is a small part
    assert {a.column for a in leads.attributes.values()} == {
        a.column for a in wanted.attributes.values()
    }
    assert draft.unsure <= 15
    report = ingest(tmp_path)
    assert report.counts.accepted.tolist() == [9240]
    assert report.counts.rejected.sum() == 0


def test_olist(real_data: Path, tmp_path: Path) -> None:
    names = ("marketing_qualified_leads", "closed_deals", "sellers")
    files = [real_data / "olist" / f"olist_{name}_dataset.csv" for name in names]
    draft, drafted = _drafted(tmp_path, files)
    by_hand = load_sources(DATA / "olist" / "sources.yml")
    assert set(drafted.tables) == set(by_hand.tables)
    compared = sum(
        _agree(draft, one, other)
        for name in by_hand.tables
        for one, other in zip(drafted.tables[name], by_hand.tables[name], strict=True)
    )
    assert compared >= 9
    assert draft.unsure <= 10
    report = ingest(tmp_path)
    counts = report.counts.set_index("table_name")
    assert counts.accepted.to_dict() == {"leads": 8000, "stages": 16842, "deals": 842,
                                         "deal_leads": 842}  # fmt: skip
    assert counts.rejected.sum() == 0


BY_HAND = Source(
    reader="salesforce",
    file="raw/dataloader_sample_opportunityData.csv",
    columns={
        "deal_id": "ID", "account_id": "ACCOUNTID", "owner_id": "OWNERID",
        "opened_at": "CREATEDDATE", "expected_close_at": "CLOSEDATE", "won": "STAGENAME",
        "amount": "AMOUNT",
    },
    values={"won": {
        "Closed Won": "true", "Prospecting": None, "Value Proposition": None,
        "Id. Decision Makers": None, "Negotiation/Review": None, "Proposal/Price Quote": None,
        "Needs Analysis": None,
    }},
)  # fmt: skip


def test_salesforce_data_loader(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "salesforce" / "dataloader_sample_opportunityData.csv"
    draft, drafted = _drafted(tmp_path, [path])
    deals = drafted.tables["deals"][0]
    assert deals.reader == "salesforce"
    assert _agree(draft, deals, BY_HAND, ("values",)) == len(BY_HAND.columns) + 1
    assert "leads:" in _unsure(draft)
    report = ingest(tmp_path)
    counts = report.counts.set_index("table_name")
    assert counts.accepted.to_dict() == {"leads": 38, "deals": 38, "deal_leads": 38}
    assert report.data_until.year < 2010  # a planned close is not the end of the data


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
def test_any_file_is_drafted_or_refused_in_words(
    real_data: Path, tmp_path: Path, name: str
) -> None:
    drafted, refused, empty = 0, [], []
    for n, path in enumerate(sorted((real_data / name).glob("*.csv"))):
        folder = tmp_path / str(n)
        folder.mkdir()
        try:
            draft, _ = _drafted(folder, [path])
        except SmarketingError as error:
            refused.append(error.problems[0].todo)
            continue
        drafted += 1
        assert all(line.reason for line in draft.lines if line.depth >= 4)
        try:
            ingest(folder)
        except SmarketingError as error:
            empty.append(str(error))
    assert drafted >= 10
    assert all(refused)
    # two samples of Salesforce hold deleted records alone
    assert len(empty) == (2 if name == "salesforce" else 0)
    assert all("found 0 leads; left out: deleted in the CRM 10" in said for said in empty)


def test_the_demos_contacts(demo: Path, tmp_path: Path) -> None:
    _, drafted = _drafted(tmp_path, [demo / "raw" / "hubspot" / "contacts.csv.gz"])
    by_hand = load_sources(demo / "sources.yml").tables["leads"][0]
    leads = drafted.tables["leads"][0]
    assert leads.reader == "hubspot"
    for name in ("lead_id", "created_at", "source", "account_id"):
        assert leads.columns[name] == by_hand.columns[name]
    assert not [a for a in leads.attributes.values() if a.column == "First Name"]
    ingest(tmp_path)


CASES = {
    # header and rows -> a line of the draft, whether it is sure
    "semicolons": ("Lead ID;Created\n1;2026-01-05\n2;2026-01-06\n", 'delimiter: ";"', True),
    "day first": (
        "Lead ID,Created\n1,25/01/2026\n2,06/01/2026\n", 'date_format: "%d/%m/%Y"', True,
    ),
    "day or month": (
        "Lead ID,Created\n1,05/01/2026\n2,06/01/2026\n", 'date_format: "%d/%m/%Y"', False,
    ),
    "an address": (
        "Lead ID,Work email\n1,a@b.example\n2,c@d.example\n",
        "work_email_domain: {column: Work email, take: domain, known: at_creation}", True,
    ),
    "a name": ("Lead ID,First Name\n1,Anna\n2,Bo\n", "# First Name: dropped", True),
    "who knows": (
        "Lead ID,Plan\n1,a\n2,a\n3,b\n4,b\n", "plan: {column: Plan, known: at_creation}", False,
    ),
    "not answered": ('Lead ID,Plan\n1,Select\n2,a\n3,a\n4,b\n', 'missing: ["", Select]', True),
    "perhaps": ("Lead ID,Plan\n1,N/A\n2,a\n3,a\n4,b\n", "# missing may be: N/A", False),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "line", "sure"), CASES.values(), ids=CASES.keys())
def test_a_line_for_each_thing_found(tmp_path: Path, rows: str, line: str, sure: bool) -> None:
    path = tmp_path / "Leads.csv"
    path.write_text(rows)
    draft = draft_sources([path])
    found = [one for one in draft.lines if one.text == line]
    assert {one.sure for one in found} == {sure}, draft.text
    assert draft.to_dict()["unsure_lines"]


def test_stages_are_mapped_where_they_are_named_like_ours(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    (folder / "raw" / "stages.csv").write_text(
        "Lead,Stage,At\nL1,Marketing Qualified,2026-01-05\nL2,Working,2026-01-06\n"
        "L3,New,2026-01-07\nL3,Limbo,2026-01-08\n"
    )
    draft = draft_sources([folder / "raw" / "leads.csv", folder / "raw" / "stages.csv"])
    lines = {line.text: line.sure for line in draft.lines}
    assert lines["Marketing Qualified: mql"]
    assert lines["Working: accepted"]
    assert not lines["New: lead"]
    assert not lines["Limbo: null"]


SALESFORCE_HISTORY = """\
Id,LeadId,CreatedDate,Field,OldValue,NewValue
1,00Q1,2026-01-07T09:00:00.000Z,Industry,Retail,Energy
2,00Q2,2026-01-08T09:00:00.000Z,Status,New,Qualified
"""
SALESFORCE_LEADS = """\
Id,CreatedDate,Industry,LeadSource
00Q1,2026-01-01T09:00:00.000Z,Energy,Web
00Q2,2026-01-02T09:00:00.000Z,Retail,Web
"""
HUBSPOT_HISTORY = """\
contact_id,name,value,timestamp
51,numemployees,12,2026-01-05 08:00:00
52,numemployees,50,2026-01-06 08:00:00
"""
HUBSPOT_LEADS = """\
Record ID,Create Date,Number of Employees,Original Source
51,2026-01-05 07:00,12,Direct
52,2026-01-06 07:00,50,Direct
"""
ALL = ["lead_id", "changed_at", "field", "old", "new"]
HISTORIES = {
    "Salesforce": (SALESFORCE_HISTORY, SALESFORCE_LEADS, ALL),
    "HubSpot": (HUBSPOT_HISTORY, HUBSPOT_LEADS, [one for one in ALL if one != "old"]),
}


@pytest.mark.parametrize(("history", "leads", "columns"), HISTORIES.values(), ids=HISTORIES.keys())
def test_the_history_of_attributes_is_drafted(
    tmp_path: Path, history: str, leads: str, columns: list[str]
) -> None:
    files = [tmp_path / "leads.csv", tmp_path / "history.csv"]
    for path, text in zip(files, (leads, history), strict=True):
        path.write_text(text, encoding="utf-8")
    _, sources = _drafted(tmp_path, files)
    assert list(sources.tables["changes"][0].columns) == columns
    assert ingest(tmp_path).to_dict()["tables"]["changes"]["accepted"] > 0


def test_a_file_without_ids_is_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("City,Colour\nOdense,red\nOdense,red\n")
    with pytest.raises(SmarketingError, match="tells its rows apart"):
        draft_sources([path])
