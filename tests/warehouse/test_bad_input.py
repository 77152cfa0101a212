"""Bad tables: the answer names file, line, column, what was found and what is allowed."""

from __future__ import annotations

import gzip
import io
import shutil
from pathlib import Path

import openpyxl
import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import DEALS, LEADS, SOURCES, STAGES, workspace


def _excel() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Id", "Created"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LATIN = LEADS.replace("web,anna", "Messe København,anna")
THREE_FORMATS = LEADS.replace("2026-01-06 10:30", "06/01/2026").replace("2026-01-07", "7 Jan 2026")
BAD = {
    # what is sent instead of the good file -> what the answer says
    "missing file": (
        {"leads": None},
        ["there is no such file; found raw/leads.csv", "its folder holds deals.csv, stages.csv"],
    ),
    "empty file": (
        {"leads": ""},
        ["raw/leads.csv, line 1, column 1: the file is empty", "allowed: a header line"],
    ),
    "header only": (
        {"leads": LEADS.splitlines()[0] + "\n"},
        ["raw/leads.csv, line 1, column Id", "no row of leads", "found 0 rows", "a row per lead"],
    ),
    "no header but empty first line": (
        {"leads": "\n" + LEADS},
        ["raw/leads.csv, line 1", "column labels", "found an empty line"],
    ),
    "wrong delimiter": (
        {"leads": LEADS.replace(",", ";")},
        ["raw/leads.csv, line 1, column 1", 'found ";" 4 times', 'delimiter: ";"'],
    ),
    "Excel named csv": (
        {"leads": _excel()},
        ["raw/leads.csv, line 1, column 1", "Excel", "PK", "reader: excel", "allowed: text cells"],
    ),
    "web page named csv": (
        {"leads": "<!DOCTYPE html><html>Please log in"},
        ["raw/leads.csv, line 1, column 1", "web page", "Export it again"],
    ),
    "packed but not named so": (
        {"leads": gzip.compress(LEADS.encode())},
        ["raw/leads.csv, line 1", "gzip", "end in .gz"],
    ),
    "Latin-1 text": (
        {"leads": LATIN.encode("latin-1")},
        ["raw/leads.csv, line 2, column Source", "byte 0xf8", "'ø'", "encoding: latin-1"],
    ),
    "Windows text": (
        {"leads": LEADS.replace("web,anna", "web – fair,anna").encode("cp1252")},
        ["raw/leads.csv, line 2, column Source", "byte 0x96", "encoding: cp1252"],
    ),
    "UTF-16 text": (
        {"leads": LEADS.encode("utf-16")},
        ["raw/leads.csv, line 1", "UTF-16", "encoding: utf-16"],
    ),
    "a renamed column": (
        {"leads": LEADS.replace("Created", "Create Date")},
        ["raw/leads.csv, line 1, column Created", "found Id, Create Date", "sources.yml, line 8",
         'Did you mean "Create Date"?', "allowed: a label of the header"],
    ),
    "a column twice": (
        {"leads": LEADS.replace("Source", "Created")},
        ["raw/leads.csv, line 1, column Created", "more than once", "found 2 times"],
    ),
    "duplicate keys": (
        {"leads": LEADS.replace("L3,", "L1,")},
        ["raw/leads.csv, line 4, column lead_id", "same key", "line 2"],
    ),
    "a missing key": (
        {"leads": LEADS.replace("L3,", ",")},
        ["raw/leads.csv, line 4, column Id", "the cell is empty, but lead_id is needed"],
    ),
    "dates in three formats": (
        {"leads": THREE_FORMATS},
        ["raw/leads.csv, line 3, column Created", "found '06/01/2026'", "date_format",
         "line 4, column Created", "found '7 Jan 2026'", "allowed: 2026-10-31"],
    ),
    "unknown stage names": (
        {"stages": STAGES.replace("L2,New", "L2,customers")},
        ["raw/stages.csv, line 4, column Stage", "found 'customers'", "allowed: lead, mql",
         'Did you mean "customer"?', "values: {stage: {customers: …}}"],
    ),
    "numbers with a decimal comma": (
        {"deals": DEALS.replace("1000.50", '"1000,50"')},
        ["raw/deals.csv, line 2, column Amount", "found '1000,50'", 'decimal: ","'],
    ),
    "neither won nor lost": (
        {"deals": DEALS.replace("yes", "maybe")},
        ["raw/deals.csv, line 2, column Won", "found 'maybe'", "allowed: true, false"],
    ),
    "a year long gone": (
        {"leads": LEADS.replace("2026-01-07", "0026-01-07")},
        ["raw/leads.csv, line 4, column Created", "found '0026-01-07'", "between 1970 and 2099"],
    ),
    "rows of unknown leads": (
        {"stages": STAGES.replace("L3", "L9")},
        ["raw/stages.csv, line 5, column lead_id", "no lead in leads"],
    ),
    "a row with more cells": (
        {"leads": LEADS.replace("web,anna", "web, Copenhagen,anna")},
        ["raw/leads.csv, line 2", "more cells than the header's 5"],
    ),
    "a row with fewer cells": (
        {"leads": LEADS.replace("L2,2026-01-06 10:30,fair,", "L2,")},
        ["raw/leads.csv, line 3", "fewer cells than the header's 5"],
    ),
    "an open quotation mark": (
        {"leads": LEADS.replace("L2,", '"L2,')},
        ["raw/leads.csv, line 3", "a quotation mark is opened and never closed"],
    ),
    "a bad cell after one with line breaks": (
        {"leads": LEADS.replace("web,anna", '"web\nand\nfair",anna').replace("250", "many")},
        ["raw/leads.csv, line 5, column Employees", "found 'many'", "allowed: a number"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("good") / "small")
    ingest(folder)
    return folder


@pytest.mark.parametrize(("files", "says"), BAD.values(), ids=BAD.keys())
def test_a_bad_table_is_named_and_the_old_warehouse_stays(
    tmp_path: Path, ingested: Path, files: dict, says: list[str]
) -> None:
    folder = shutil.copytree(ingested, tmp_path / "small")
    before = _state(folder)
    workspace(folder, **{name: data for name, data in files.items() if data is not None})
    for name in (name for name, data in files.items() if data is None):
        (folder / "raw" / f"{name}.csv").unlink()
    with pytest.raises(SmarketingError) as caught:
        ingest(folder)
    for part in says:
        assert part in str(caught.value)
    assert caught.value.exit_status in (1, 2)
    assert _state(folder) == before


def _state(folder: Path) -> dict[str, bytes]:
    """Return all files of a workspace but its raw ones."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "raw" not in path.parts
    }


READ_ALL_THE_SAME = {
    "a byte order mark": ("", LEADS.encode("utf-8-sig")),
    "declared Latin-1": ("    encoding: latin-1\n", LATIN.encode("latin-1")),
    "declared cp1252": ("    encoding: cp1252\n", LATIN.encode("cp1252")),
    "declared UTF-16": ("    encoding: utf-16\n", LATIN.encode("utf-16")),
    "a declared delimiter": ('    delimiter: ";"\n', LATIN.replace(",", ";").encode()),
    "Windows line ends": ("", LATIN.replace("\n", "\r\n").encode()),
    "old Mac line ends": ("", LATIN.replace("\n", "\r").encode()),
    "empty lines": ("", LATIN.replace("\n", "\n\n").encode()),
    "no line end at the end": ("", LATIN.rstrip("\n").encode()),
    "line ends of two kinds": ("", LATIN.replace("12\n", "12\r\n").encode()),
    "blanks around cells": ("", LATIN.replace("L1,", " L1 ,").encode()),
    "a quoted delimiter": ("", LATIN.replace("web,bo", '"web, too",bo').encode()),
}


@pytest.mark.parametrize(("option", "data"), READ_ALL_THE_SAME.values(), ids=READ_ALL_THE_SAME)
def test_what_people_send_is_read(tmp_path: Path, option: str, data: bytes) -> None:
    sources = SOURCES.replace("    file: raw/leads.csv\n", "    file: raw/leads.csv\n" + option)
    folder = workspace(tmp_path, sources, leads=data)
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        leads = warehouse.table("leads").execute()
    assert leads.lead_id.tolist() == ["L1", "L2", "L3", "L4"]
    assert leads.employees.dropna().tolist() == [12, 250, 7]
    if data != LEADS.encode("utf-8-sig"):
        assert leads.source[0] == "Messe København"


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder = workspace(
        tmp_path,
        leads=LEADS.replace("Created", "Born"),
        stages="",
        deals=DEALS.replace("Amount", "Worth"),
    )
    with pytest.raises(SmarketingError) as caught:
        ingest(folder)
    assert [problem.file for problem in caught.value.problems] == [
        "raw/leads.csv",
        "raw/stages.csv",
        "raw/deals.csv",
    ]


def test_the_misnamed_excel_file_of_a_real_seller(tmp_path: Path, real_data: Path) -> None:
    data = (real_data / "xeducation" / "Leads_misnamed_actually_xlsx.csv").read_bytes()
    folder = workspace(tmp_path, leads=data)
    with pytest.raises(SmarketingError, match=r"raw/leads\.csv, line 1, column 1: .* Excel"):
        ingest(folder)
    assert not (folder / "warehouse.duckdb").exists()


SETTINGS = {
    "no form of dates": ('date_format: "%Q"', ["date_format", "%Q", "strptime"]),
    "no encoding": ("encoding: danish", ["not an encoding", "found danish", "latin-1"]),
    "no delimiter": ('delimiter: "||"', ["sources.yml, line 8", "delimiter", "found '||'"]),
    "a sheet by number": ("sheet: 1", ["sources.yml, line 8", "sheet", "found 1"]),
}


@pytest.mark.parametrize(("option", "says"), SETTINGS.values(), ids=SETTINGS.keys())
def test_a_setting_that_cannot_be_is_told(tmp_path: Path, option: str, says: list[str]) -> None:
    text = SOURCES.replace("raw/leads.csv\n", f"raw/leads.csv\n    {option}\n")
    with pytest.raises(SmarketingError) as caught:
        ingest(workspace(tmp_path, text))
    for part in says:
        assert part in str(caught.value)


def test_many_rejects_are_told_by_reason_with_three_examples_each(tmp_path: Path) -> None:
    rows = "".join(f"K{n},{n} May,web,,\n" for n in range(10)) + "K10,2026-01-01,web,,many\n"
    folder = workspace(tmp_path, leads=LEADS + rows)
    with pytest.raises(SmarketingError) as caught:
        ingest(folder)
    text = str(caught.value)
    assert "11 of 15 rows of leads would be rejected, more than the 2.0% allowed" in text
    assert text.count("column Created: not a date; found") == 3
    assert "and 7 more like it" in text
    assert "line 16, column Employees: not a number; found 'many'" in text


def test_personal_cells_are_not_shown_in_messages(tmp_path: Path) -> None:
    sources = SOURCES.replace("lead_id: Id", "lead_id: Email")
    folder = workspace(
        tmp_path, sources, leads=LEADS.replace("bo@south.example", "anna@north.example")
    )
    with pytest.raises(SmarketingError) as caught:
        ingest(folder)
    assert "same key" in str(caught.value)
    assert "anna" not in str(caught.value)
