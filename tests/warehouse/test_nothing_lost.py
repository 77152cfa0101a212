"""What would lose leads, bring people back or fill the memory is refused in words."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.forgetting import forget
from smarketing.warehouse.forgotten import FILE
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.readers import excel
from smarketing.warehouse.sources.secrets import has_password
from tests.exports import leads_only, workspace

MERGES = """\
company: Made up
timezone: UTC
tables:
  leads:
    reader: csv
    file: raw/leads.csv
    columns: {lead_id: Id, created_at: Created}
    merged: {reader: csv, file: raw/merged.csv, from: Gone, to: Kept}
"""


def leads(n: int) -> str:
    return "Id,Created\n" + "".join(f"L{k},2026-01-{1 + k % 28:02d}\n" for k in range(1, n + 1))


def kept(folder: Path) -> int:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as con:
        return con.execute("SELECT count(*) FROM leads").fetchone()[0]


@pytest.mark.parametrize(
    ("merges", "circles"),
    [
        ("L1,L2\nL2,L1\n", ["L1 → L2 → L1"]),
        ("L1,L2\nL2,L3\nL3,L1\nL4,L1\nL8,L9\nL9,L8\n", ["L1 → L2 → L3 → L1", "L8 → L9 → L8"]),
        ("L5,L6\nL6,L7\nL7,L6\n", ["L6 → L7 → L6"]),
    ],
    ids=["two", "two circles", "a way into a circle"],
)
def test_contacts_merged_in_a_circle_are_refused_with_their_ids(tmp_path, merges, circles):
    folder = workspace(tmp_path, MERGES, leads=leads(10))
    (folder / "raw" / "merged.csv").write_text("Gone,Kept\n" + merges)
    with pytest.raises(SmarketingError) as error:
        ingest(folder)
    assert [problem.found for problem in error.value.problems] == circles
    assert {problem.file for problem in error.value.problems} == {"raw/merged.csv"}
    assert not (folder / "warehouse.duckdb").exists()


def test_a_chain_of_merges_is_no_circle(tmp_path):
    folder = workspace(tmp_path, MERGES, leads=leads(10))
    (folder / "raw" / "merged.csv").write_text("Gone,Kept\nL1,L2\nL2,L3\nL4,L3\nL5,L5\n")
    ingest(folder)
    assert kept(folder) == 7


def test_an_ingest_that_keeps_few_of_the_leads_is_refused_unless_it_is_meant(tmp_path):
    folder = workspace(tmp_path, leads_only(), leads=leads(100))
    ingest(folder)
    workspace(folder, leads_only(), leads=leads(49))
    with pytest.raises(SmarketingError, match="where the last ingest kept 100") as error:
        ingest(folder)
    assert "--accept-loss" in str(error.value)
    assert kept(folder) == 100
    ingest(folder, accept_loss=True)
    assert kept(folder) == 49
    workspace(folder, leads_only(), leads=leads(25))
    ingest(folder)
    assert kept(folder) == 25


def test_an_ingest_that_keeps_no_lead_is_refused(tmp_path):
    sources = leads_only(exclude="[{column: Id, like: 'L*', reason: test}]")
    folder = workspace(tmp_path, sources, leads=leads(10))
    with pytest.raises(SmarketingError, match="no lead would be left"):
        ingest(folder)


def test_a_warehouse_of_another_version_is_replaced_and_that_is_said(tmp_path):
    folder = workspace(tmp_path, leads_only(), leads=leads(10))
    ingest(folder)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        con.execute("ALTER TABLE leads RENAME COLUMN created_at TO created")
    report = ingest(folder)
    assert any("made by another version" in note for note in report.notes)
    assert kept(folder) == 10


@pytest.fixture
def forgetful(tmp_path: Path) -> Path:
    """Return a workspace of ten leads of which two asked to be forgotten."""
    folder = workspace(tmp_path, leads_only(), leads=leads(10))
    ingest(folder)
    for lead in ("L3", "L4"):
        forget(folder, lead)
    return folder


def without_last_row(data: bytes) -> bytes:
    return b"\n".join(data.rstrip().split(b"\n")[:-1]) + b"\n"


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda _: b"", "changed by hand"),
        (lambda data: data.split(b"\n")[0] + b"\n", "changed by hand"),
        (lambda data: data + b"\xff\xfe", "byte 0xff, which is no UTF-8 text"),
        (lambda data: data.replace(b"person", b"who"), "changed by hand"),
        (lambda data: data.replace(data.split(b"\n")[1][:32], b"L3"), "changed by hand"),
        (without_last_row, "people are missing from the list"),
        (None, "people are missing from the list"),
    ],
    ids=["emptied", "header alone", "stray bytes", "header", "an id", "a row less", "gone"],
)
def test_a_damaged_list_of_the_forgotten_brings_nobody_back(forgetful, damage, says):
    path = forgetful / FILE
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SmarketingError, match=says) as error:
        ingest(forgetful)
    assert str(error.value).startswith(FILE)
    assert kept(forgetful) == 8


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_list_that_a_spreadsheet_saved_is_read(forgetful, encoding):
    path = forgetful / FILE
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    ingest(forgetful)
    assert kept(forgetful) == 8


def test_forgetting_names_the_packed_files_that_name_the_lead(tmp_path):
    folder = workspace(tmp_path, leads_only(), leads=leads(10))
    ingest(folder)
    duckdb.sql("SELECT 'L3' AS lead_id, 5 AS score").write_parquet(str(folder / "scores.parquet"))
    duckdb.sql("SELECT 'L30' AS lead_id").write_parquet(str(folder / "others.parquet"))
    book = openpyxl.Workbook()
    book.active.append(["L3", 5])
    book.save(folder / "list.xlsx")
    (folder / "old.csv.gz").write_bytes(gzip.compress(b"lead_id\nL3\n"))
    (folder / "page.html").write_text("<p>L3</p>")
    (folder / "page.pdf").write_bytes(b"%PDF-1.7 packed")
    (folder / "broken.xlsx").write_bytes(b"PK no workbook")
    named = forget(folder, "L3").named_in
    assert set(named) == {"scores.parquet", "list.xlsx", "old.csv.gz", "page.html", "page.pdf"}


def test_a_stray_cell_far_away_is_named_before_the_memory_is_full(tmp_path):
    folder = workspace(tmp_path, EXCEL)
    book = openpyxl.Workbook()
    for row in (["Id", "Created"], ["L1", "2026-01-05"]):
        book.active.append(row)
    book.active["XFD1048576"] = "x"
    book.save(folder / "raw" / "leads.xlsx")
    with pytest.raises(SmarketingError, match=r"raw/leads\.xlsx.*cell XFD1048576"):
        ingest(folder)


EXCEL = """\
company: Made up
timezone: UTC
tables:
  leads: {reader: excel, file: raw/leads.xlsx, columns: {lead_id: Id, created_at: Created}}
"""


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(excel, "MOST_BYTES", 1_000_000)
    folder = workspace(tmp_path, EXCEL)
    with zipfile.ZipFile(folder / "raw" / "leads.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * 2_000_000)
    with pytest.raises(SmarketingError, match=r"raw/leads\.xlsx.*unpacks to too much.*2 MB"):
        ingest(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"file": "/etc/hosts"}, r"sources\.yml, line \d+: the files of a workspace stand in"),
        ({"file": "../elsewhere.csv"}, r"line \d+: the files of a workspace stand in its folder"),
        ({"file": "raw/" + "x" * 300 + ".csv"}, r"line \d+: there is no such file"),
        ({"date_format": '"%d/%m/%"'}, r'line \d+.*"%d/%m/%" is no form of dates'),
        ({"attributes": '{"a\\0b": {column: Id}}'}, "a control character"),
    ],
    ids=["absolute", "outside", "long name", "lone percent", "control character"],
)
def test_settings_that_cannot_be_are_told_with_their_line(tmp_path, change, says):
    sources = leads_only(**{key: value for key, value in change.items() if key != "file"})
    if "file" in change:
        sources = sources.replace("raw/leads.csv", change["file"])
    folder = workspace(tmp_path, sources, leads=leads(10))
    with pytest.raises(SmarketingError, match=says):
        ingest(folder)


@pytest.mark.parametrize("name", ["sources.yml", "agreement.yml"])
def test_aliases_that_multiply_are_refused_with_their_line(tmp_path, name):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    folder = workspace(tmp_path, leads_only(), leads=leads(10))
    (folder / name).write_text("\n".join(lines) + "\n")
    with pytest.raises(SmarketingError, match=rf"{name}, line [1-9]: aliases multiply"):
        ingest(folder)


def test_a_file_nested_too_deep_is_refused(tmp_path):
    folder = workspace(tmp_path, leads_only(), leads=leads(10))
    (folder / "sources.yml").write_text("".join(f"{' ' * n}a:\n" for n in range(2_000)))
    with pytest.raises(SmarketingError, match=r"sources\.yml: the file is nested too deep"):
        ingest(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes")
def test_a_pipe_is_no_file(tmp_path):
    folder = workspace(tmp_path, leads_only(), leads=leads(10))
    (folder / "sources.yml").unlink()
    os.mkfifo(folder / "sources.yml")
    with pytest.raises(SmarketingError, match=r"sources\.yml: this is no file"):
        ingest(folder)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:hun/ter2@db:5432/crm",
        "postgresql://ann:hun?ter2@db/crm",
        "postgresql:///crm?passphrase=abc",
        "snowflake://ann@acc/db?private_key_pwd=abc",
        "mysql://db/crm?user=a&Access-Token=abc",
    ],
)
def test_passwords_are_seen_wherever_they_stand(address):
    assert has_password(address)
