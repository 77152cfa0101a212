"""Ingest: what becomes of good rows, and that a warehouse is replaced whole or not at all."""

from __future__ import annotations

import shutil
import threading
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from smarketing.errors import SmarketingError, UsageError
from smarketing.folder import Folder
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import DEALS, LEADS, SOURCES, STAGES, leads_only, workspace


def _table(folder: Path, name: str = "leads") -> pd.DataFrame:
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        return warehouse.table(name).execute()


def _rejects(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "rejects" / f"{name}.csv", dtype=str, keep_default_na=False)


def test_rows_become_typed_times_become_utc_values_are_mapped(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    report = ingest(folder)
    assert report.to_dict()["tables"]["leads"] == {
        "accepted": 4,
        "rejected": 0,
        "excluded": 0,
        "merged": 0,
    }
    leads, stages, deals = (_table(folder, name) for name in ("leads", "stages", "deals"))
    assert leads.created_at.astype(str).tolist() == [
        "2026-01-05 08:00:00",
        "2026-01-06 09:30:00",
        "2026-01-06 23:00:00",
        "2026-01-08 08:00:00",  # said its own zone
    ]
    assert leads.employees.tolist()[:2] == [12.0, 250.0]
    assert set(stages.stage) == {"lead", "sql"}
    assert deals.currency.tolist() == ["DKK", "DKK"]
    assert deals.won.tolist() == [True, None]
    assert deals.amount.tolist() == [1000.5, 200.0]


def test_every_canonical_column_is_there_and_every_column_is_told_of(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        columns = warehouse.columns()
        for name in ("leads", "stages", "deals"):
            told = columns[columns.table_name == name].column_name.tolist()
            assert told == list(warehouse.table(name).columns)
        known = columns[columns.table_name == "leads"].set_index("column_name")
        assert known.known["email_domain"] == "at_creation"
        assert known.known["campaign_id"] == "canonical"
        assert known.source["employees"] == "raw/leads.csv: Employees"
        assert "sources.yml names no export" in warehouse.why_missing("events")
        assert warehouse.meta("company") == "Small"
        assert str(warehouse.data_until) == "2026-01-19 23:00:00"


SUMMER_TIME = {
    # local time in Copenhagen -> UTC
    "winter": ("2026-01-05 09:00", "2026-01-05 08:00"),
    "summer": ("2026-07-05 09:00:30.5", "2026-07-05 07:00:30.500"),
    "skipped hour": ("2026-03-29 02:30", "2026-03-29 01:30"),
    "doubled hour": ("2026-10-25 02:30", "2026-10-25 01:30"),
    "with zone": ("2026-10-25T02:30:00+0200", "2026-10-25 00:30"),
    "with zone, no seconds": ("2026-07-05 09:00+02", "2026-07-05 07:00"),
    "UTC": ("2026-07-05T09:00:00.000Z", "2026-07-05 09:00"),
    "day": ("2026-07-05", "2026-07-04 22:00"),
}


@pytest.mark.parametrize(("local", "utc"), SUMMER_TIME.values(), ids=SUMMER_TIME.keys())
def test_local_times_become_utc(tmp_path: Path, local: str, utc: str) -> None:
    folder = workspace(tmp_path, leads_only(), leads=f"Id,Created\nL1,{local}\n")
    ingest(folder)
    assert _table(folder).created_at[0] == pd.Timestamp(utc)


def test_declared_forms_of_dates_and_numbers(tmp_path: Path) -> None:
    options = {
        "date_format": '["%d/%m/%Y", "%d.%m.%Y %H:%M"]',
        "decimal": '","',
        "attributes": "{worth: {column: Worth, type: number, known: at_creation}}",
    }
    rows = (
        'Id,Created,Worth\nL1,03/04/2026,"1.234,50"\nL2,03.04.2026 08:00,"7,5"\nL3,2026-04-03,8\n'
    )
    folder = workspace(tmp_path, leads_only(**options), leads=rows)
    ingest(folder)
    leads = _table(folder).sort_values("lead_id")
    assert leads.created_at.dt.strftime("%m-%d %H").tolist() == ["04-02 22", "04-03 06", "04-02 22"]
    assert leads.worth.tolist() == [1234.5, 7.5, 8.0]


CITY = "{city: {column: City, known: at_creation}}"


def test_missing_means_what_sources_yml_says_and_nothing_else(tmp_path: Path) -> None:
    rows = "Id,Created,City\nL1,2026-01-01,NA\nL2,2026-01-02,Select\nL3,2026-01-03,None\n"
    folder = workspace(tmp_path, leads_only(missing="[Select]", attributes=CITY), leads=rows)
    ingest(folder)
    assert _table(folder).city.fillna("-").tolist() == ["NA", "-", "None"]


def test_bad_rows_within_the_share_are_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    sources = SOURCES.replace("public_hash_key: test", "max_reject_share: 0.5")
    folder = workspace(
        tmp_path,
        sources,
        leads=LEADS + "L5,2026-01-09,web,ed@e.example,=1+1\n" + LEADS.splitlines()[1] + "\n",
        stages=STAGES + "L5,New,2026-01-09\nL9,New,2026-01-09\n",
    )
    report = ingest(folder)
    assert report.to_dict()["tables"]["leads"] == {
        "accepted": 4,
        "rejected": 1,
        "excluded": 1,  # the exact copy
        "merged": 0,
    }
    leads = _rejects(folder, "leads")
    assert leads.file.tolist() == ["raw/leads.csv", "raw/leads.csv"]
    assert leads.line.tolist() == ["6", "7"]
    assert leads.found[0] == "'=1+1"  # no formula for a spreadsheet to run
    assert leads.reason[1] == "an exact copy of an earlier row: line 2"
    stages = _rejects(folder, "stages")
    assert stages.line.tolist() == ["7"]  # L5 was rejected itself, which is told once
    assert report.to_dict()["tables"]["stages"]["excluded"] == 1
    assert not (folder / "rejects" / "deals.csv").exists()


def test_a_second_ingest_replaces_the_rejects_too(tmp_path: Path) -> None:
    sources = SOURCES.replace("public_hash_key: test", "max_reject_share: 0.5")
    folder = workspace(tmp_path, sources, leads=LEADS.replace("250", "many"))
    ingest(folder)
    assert (folder / "rejects" / "leads.csv").exists()
    workspace(folder, sources)
    ingest(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "raw",
        "rejects",
        "sources.yml",
        "warehouse.duckdb",
    ]
    assert not list((folder / "rejects").iterdir())


def test_the_same_input_gives_the_same_contents(tmp_path: Path) -> None:
    first, second = workspace(tmp_path / "a"), workspace(tmp_path / "b")
    assert ingest(first).fingerprint == ingest(second).fingerprint
    with (
        Warehouse.open(first / "warehouse.duckdb") as a,
        Warehouse.open(second / "warehouse.duckdb") as b,
    ):
        for name in a.con.list_tables():
            pd.testing.assert_frame_equal(a.con.table(name).execute(), b.con.table(name).execute())


def test_another_cell_is_another_fingerprint(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    before = ingest(folder).fingerprint
    workspace(folder, deals=DEALS.replace("200", "201"))
    assert ingest(folder).fingerprint != before


def test_two_ingests_at_once_leave_one_whole_warehouse(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    failures = []

    def run() -> None:
        try:
            ingest(folder)
        except Exception as error:  # noqa: BLE001 - any failure at all fails the test
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(_table(folder)) == 4
    assert not list(folder.glob(".ingest-*"))


def test_a_reader_keeps_the_warehouse_it_opened(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    ingest(folder)
    with Folder.open(folder).warehouse() as warehouse:
        workspace(folder, leads=LEADS + "L5,2026-01-09,web,ed@e.example,1\n")
        ingest(folder)
        assert warehouse.table("leads").count().execute() == 4
    assert len(_table(folder)) == 5


def test_a_folder_of_exports_is_read_as_one(tmp_path: Path) -> None:
    header, *rows = LEADS.splitlines()
    sources = SOURCES.replace("raw/leads.csv", "raw/monthly")
    folder = workspace(tmp_path, sources)
    (folder / "raw" / "monthly").mkdir()
    for n, part in enumerate([rows[:3], rows[2:]]):  # the files overlap by one row
        text = "\n".join([header, *part])
        (folder / "raw" / "monthly" / f"{n}.csv").write_text(text)
    report = ingest(folder)
    assert _table(folder).lead_id.tolist() == ["L1", "L2", "L3", "L4"]
    assert report.to_dict()["tables"]["leads"]["excluded"] == 1
    assert _rejects(folder, "leads").reason[0].endswith("raw/monthly/0.csv, line 4")


def test_the_same_table_in_each_form_is_the_same_warehouse(tmp_path: Path) -> None:
    def folder_of(reader: str, name: str) -> Path:
        sources = leads_only().replace("reader: csv", f"reader: {reader}")
        folder = workspace(tmp_path / reader, sources.replace("leads.csv", name))
        frame = pd.DataFrame(
            {
                "Id": ["L1", "L2"],
                "Created": pd.to_datetime(["2026-01-05 09:00", "2026-07-01 10:30"]),
                "Size": [12.0, None],
            }
        )
        path = folder / "raw" / name
        if reader == "excel":
            frame.to_excel(path, index=False)
        elif reader == "parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False)
        return folder

    tables = []
    for reader, name in [("csv", "x.csv.gz"), ("excel", "x.xlsx"), ("parquet", "x.parquet")]:
        folder = folder_of(reader, name)
        ingest(folder)
        tables.append(_table(folder))
    assert tables[0].created_at.astype(str).tolist() == [
        "2026-01-05 08:00:00",
        "2026-07-01 08:30:00",
    ]
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0].drop(columns="Size"), other.drop(columns="Size"))
        assert other.Size.astype(float).tolist()[0] == 12


def test_lines_of_an_excel_sheet_count_from_its_top(tmp_path: Path) -> None:
    sources = leads_only(sheet="Leads").replace("csv", "excel", 1).replace("leads.csv", "l.xlsx")
    folder = workspace(tmp_path, sources)
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Leads")
    for row in [["Id", "Created"], ["L1", "2026-01-01"], [], ["L2", "soon"]]:
        sheet.append(row)
    book.save(folder / "raw" / "l.xlsx")
    with pytest.raises(SmarketingError, match=r"raw/l\.xlsx, line 4, column Created.*'soon'"):
        ingest(folder)
    (folder / "sources.yml").write_text(sources.replace("sheet: Leads", "sheet: Lead"))
    with pytest.raises(SmarketingError, match=r"no such sheet.*allowed: Sheet, Leads"):
        ingest(folder)


def test_salesforce_labels_and_ids_match_in_both_spellings(tmp_path: Path) -> None:
    sources = """\
company: Small
timezone: Europe/Copenhagen
tables:
  leads: {reader: csv, file: raw/leads.csv, columns: {lead_id: Id, created_at: Created}}
  events:
    reader: salesforce
    file: raw/task.csv
    columns: {lead_id: WhoId, occurred_at: CreatedDate, kind: Type}
    constants: {actor: sales}
    values: {kind: {Call: call, "*": null}}
    via: {lead_id: {reader: salesforce, file: raw/lead.csv, from: Id, to: Hub__c}}
"""
    folder = workspace(
        tmp_path,
        sources,
        leads="Id,Created\n1,2026-01-01\n",
        lead_csv='"ID","HUB__C"\n"006x0000001YtCrAAK","1"\n',
        task_csv='"WHOID","CREATEDDATE","TYPE"\n'
        '"006x0000001YtCr","2026-01-02T09:00:00.000Z","Call"\n'
        '"006x0000001YtCrAAK","2026-01-03T09:00:00.000Z","Call"\n'
        '"006x0000001YtCrAAK","2026-01-04T09:00:00.000Z","Email"\n',
    )
    report = ingest(folder)
    events = _table(folder, "events")
    assert events.lead_id.tolist() == ["1", "1"]
    assert events.automatic.tolist() == [False, False]
    assert report.left_out.reason.tolist() == ["Type maps to no kind"]


def test_rows_without_a_lead_are_rejected_or_ignored_as_declared(tmp_path: Path) -> None:
    via = "    via: {lead_id: {reader: csv, file: raw/ids.csv, from: A, to: B}}\n"
    ids = "A,B\nL1,L1\nL2,L2\n"  # of L3 there is nothing
    folder = workspace(tmp_path, SOURCES.replace("  deals:", via + "  deals:"), ids_csv=ids)
    with pytest.raises(SmarketingError, match=r"line 5, column Lead: no lead of ours.*found 'L3'"):
        ingest(folder)
    ignoring = via + "    unknown_leads: ignore\n"
    folder = workspace(tmp_path, SOURCES.replace("  deals:", ignoring + "  deals:"), ids_csv=ids)
    assert ingest(folder).to_dict()["tables"]["stages"] == {
        "accepted": 3,
        "rejected": 0,
        "excluded": 1,
        "merged": 0,
    }


def test_unpivoted_dates_become_stages_and_one_date_may_mean_two(tmp_path: Path) -> None:
    sources = leads_only() + (
        "  stages:\n    reader: csv\n    file: raw/leads.csv\n    columns: {lead_id: Id}\n"
        "    unpivot: {Created: [lead, sales_ready], Won: customer}\n"
    )
    rows = "Id,Created,Won\nL1,2026-01-01,2026-02-01\nL2,2026-01-02,\n"
    folder = workspace(tmp_path, sources, leads=rows)
    ingest(folder)
    stages = _table(folder, "stages").sort_values(["lead_id", "entered_at", "stage"])
    assert list(zip(stages.lead_id, stages.stage, strict=True)) == [
        ("L1", "lead"),
        ("L1", "sales_ready"),
        ("L1", "customer"),
        ("L2", "lead"),
        ("L2", "sales_ready"),
    ]


def test_spells_are_counted_from_recycled_rows(tmp_path: Path) -> None:
    rows = [
        ("lead", 1),
        ("mql", 2),
        ("recycled", 5),
        ("mql", 5),
        ("mql", 20),
        ("recycled", 25),
        ("lead", 60),
    ]
    day = pd.Timestamp("2026-01-05")
    text = "Lead,Stage,At\n" + "".join(
        f"L1,{stage},{day + pd.Timedelta(days=n)}\n" for stage, n in reversed(rows)
    )
    sources = SOURCES.replace("    values: {stage: {New: lead, Qualified: sql}}\n", "")
    folder = workspace(tmp_path, sources, stages=text)
    ingest(folder)
    stages = _table(folder, "stages")
    assert stages.spell.tolist() == [1, 1, 1, 1, 2, 2, 3]


def test_people_who_came_twice_are_one_lead_with_all_rows(tmp_path: Path) -> None:
    sources = SOURCES.replace("    attributes:", "    same_person: Email\n    attributes:", 1)
    leads = LEADS.replace("di@east.example", "ANNA@north.example ")  # L4 is L1
    folder = workspace(tmp_path, sources, leads=leads, stages=STAGES + "L4,Qualified,2026-01-10\n")
    report = ingest(folder)
    assert report.to_dict()["tables"]["leads"]["merged"] == 1
    assert _table(folder).lead_id.tolist() == ["L1", "L2", "L3"]
    assert _table(folder, "stages").lead_id.value_counts()["L1"] == 3


def test_excluded_leads_take_their_rows_with_them(tmp_path: Path) -> None:
    rule = '    exclude: [{column: Email, like: "*@NORTH.example", reason: test lead}]\n'
    folder = workspace(tmp_path, SOURCES.replace("    attributes:", rule + "    attributes:", 1))
    report = ingest(folder)
    assert _table(folder).lead_id.tolist() == ["L2", "L3", "L4"]
    assert report.left_out[["table_name", "reason", "rows"]].values.tolist() == [
        ["leads", "test lead", 1],
        ["stages", "its lead was left out", 2],
    ]


def test_a_mistyped_year_does_not_move_the_end_of_the_data(tmp_path: Path) -> None:
    days = pd.date_range("2025-01-01", periods=1500, freq="6h")
    rows = "".join(f"K{n},{day}\n" for n, day in enumerate(days)) + "K9999,2062-01-01\n"
    folder = workspace(tmp_path, leads_only(), leads="Id,Created\n" + rows)
    report = ingest(folder)
    assert report.data_until == days[-1] - pd.Timedelta(hours=1)
    assert _rejects(folder, "leads").reason.tolist() == [
        "dated after the day of ingest: a plan, or a typing error"
    ]
    folder = workspace(tmp_path / "later", leads_only(), leads="Id,Created\n" + rows)
    report = ingest(folder, today=date(2063, 1, 1))
    assert report.data_until == days[-1] - pd.Timedelta(hours=1)
    assert _rejects(folder, "leads").reason.tolist() == [
        "dated long after everything else: a typing error?"
    ]


def test_declared_end_of_data_leaves_out_what_came_later(tmp_path: Path) -> None:
    sources = SOURCES.replace("public_hash_key: test", "data_until: 2026-01-10")
    folder = workspace(tmp_path, sources)
    report = ingest(folder)
    assert report.data_until == pd.Timestamp("2026-01-10 22:59:59.999999")
    deals = _table(folder, "deals")
    assert deals.deal_id.tolist() == ["D1"]
    assert deals.closed_at.isna().all()  # it was open then
    assert deals.won.isna().all()


def test_an_attribute_known_later_has_its_moment_beside_it(tmp_path: Path) -> None:
    attributes = "{plan: {column: Plan, known: {at: Trial started}}}"
    rows = "Id,Created,Plan,Trial started\nL1,2026-01-01,pro,2026-01-05\nL2,2026-01-02,,\n"
    folder = workspace(tmp_path, leads_only(attributes=attributes), leads=rows)
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        columns = warehouse.columns().set_index("column_name")
    assert columns.known_at["plan"] == "Trial started"
    assert columns.known["plan"] == columns.known["Trial started"] == "at"
    assert _table(folder)["Trial started"][0] == pd.Timestamp("2026-01-04 23:00")


def test_an_attribute_may_be_called_like_another_tables_column(tmp_path: Path) -> None:
    attributes = (
        "{month: {column: M, known: at_creation},"
        " amount: {column: N, type: number, known: at_creation}}"
    )
    rows = "Id,Created,M,N\nL1,2026-01-01,May,-3\n"
    folder = workspace(tmp_path, leads_only(attributes=attributes), leads=rows)
    ingest(folder)
    assert _table(folder)[["month", "amount"]].values.tolist() == [["May", -3.0]]


def test_a_source_that_gives_no_row_is_told_of(tmp_path: Path) -> None:
    where = "    where: {Stage: new}\n    values"
    sources = SOURCES.replace("    values", where, 1)
    report = ingest(workspace(tmp_path, sources))
    assert "raw/stages.csv has no row for stages where Stage is new." in report.notes


def test_a_table_without_rows_is_absent_and_says_why(tmp_path: Path) -> None:
    folder = workspace(tmp_path, deals=DEALS.splitlines()[0] + "\n")
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        assert not warehouse.has("deals")
        assert "raw/deals.csv gives no row" in warehouse.why_missing("deals")


def test_no_workspace_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such workspace"):
        ingest(tmp_path / "nowhere")
    with pytest.raises(SmarketingError, match=r"sources\.yml: the file does not exist"):
        ingest(tmp_path)


def test_the_demo_goes_in(tmp_path: Path) -> None:
    demo = Path(__file__).parents[2] / "data" / "demo"
    shutil.copy(demo / "sources.yml", tmp_path)
    (tmp_path / "raw").symlink_to(demo / "raw", target_is_directory=True)
    tables = ingest(tmp_path).to_dict()["tables"]
    assert tables["leads"]["accepted"] > 5000
    assert tables["leads"]["merged"] > 0
    assert set(tables) == {
        "leads", "events", "stages", "changes", "deals", "deal_leads", "campaigns", "spend",
        "visits",
    }  # fmt: skip
