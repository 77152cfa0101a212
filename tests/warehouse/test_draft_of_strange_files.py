"""Files that nobody here wrote: their layout, dates and numbers are found, or asked about."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.drafting.draft import Draft, draft_sources
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import leads_only, workspace

ROWS = [(f"L{n}", f"{1 + n % 28:02d}", "web" if n % 3 else "fair") for n in range(60)]


def drafted(folder: Path, text: str | bytes, name: str = "leads.csv") -> tuple[Draft, Path]:
    """Write an export, and the draft of it as sources.yml; return the draft and the workspace."""
    raw = folder / "raw"
    raw.mkdir(exist_ok=True)
    (raw / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    draft = draft_sources([raw / name])
    (folder / "sources.yml").write_text(draft.text, encoding="utf-8")
    return draft, folder


def leads_of(folder: Path) -> pd.DataFrame:
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        return warehouse.table("leads").order_by("lead_id").execute()


def line_of(draft: Draft, start: str) -> tuple[str, bool]:
    """Return a line of the draft that begins so, and whether it is sure."""
    return next((one.text, one.sure) for one in draft.lines if one.text.startswith(start))


def table(date: str, mark: str = ",", *extra: str) -> str:
    head = mark.join(["Lead ID", "Created", "Source", *(one.split("=")[0] for one in extra)])
    cells = [one.split("=")[1] for one in extra]
    rows = [mark.join([key, date.format(d=day), source, *cells]) for key, day, source in ROWS]
    return "\n".join([head, *rows]) + "\n"


@pytest.mark.parametrize(
    ("date", "form", "sure"),
    [
        ("{d}.01.2026", "%d.%m.%Y", True),
        ("{d}/01/2026", "%d/%m/%Y", True),
        ("01/{d}/2026", "%m/%d/%Y", True),
        ("01/{d}/2026 9:05 AM", "%m/%d/%Y %I:%M %p", True),
        ("{d}-01-2026 09:05", "%d-%m-%Y %H:%M", True),
        ("2026/01/{d}", "%Y/%m/%d", True),
        ("{d} Jan 2026", "%d %b %Y", True),
    ],
)
def test_the_form_of_dates_stands_under_each_table_and_is_read(tmp_path, date, form, sure):
    draft, folder = drafted(tmp_path, table(date, ";"))
    lines = [line for line in draft.lines if line.text.startswith("date_format")]
    assert [line.text for line in lines] == [f'date_format: "{form}"'] * 2
    assert {line.sure for line in lines} == {sure}
    days = leads_of(folder).created_at.dt.strftime("%Y-%m-%d")
    assert days.tolist() == [f"2026-01-{day}" for _, day, _ in sorted(ROWS)]


def test_dates_that_fit_both_orders_are_asked_about(tmp_path):
    rows = "".join(f"L{n},0{1 + n % 9}/0{1 + n % 8}/2026\n" for n in range(40))
    draft, folder = drafted(tmp_path, f"Lead ID,Created\n{rows}")
    assert line_of(draft, "date_format") == ('date_format: "%d/%m/%Y"', False)
    assert len(leads_of(folder)) == 40


def test_one_column_settles_the_order_of_another(tmp_path):
    text = table("{d}/01/2026", ",", "Updated=02/01/2026")
    draft, _ = drafted(tmp_path, text)
    assert line_of(draft, "date_format") == ('date_format: "%d/%m/%Y"', True)


@pytest.mark.parametrize(
    ("cell", "line"),
    [("1.250", ('decimal: ","', False)), ('"1.250,50"', ('decimal: ","', True))],
)
def test_the_decimal_mark_is_found_or_asked_about(tmp_path, cell, line):
    text = table("2026-01-{d}", ",", f"Umsatz={cell}", "N=7")
    draft, folder = drafted(tmp_path, text)
    assert line_of(draft, "decimal") == line
    assert leads_of(folder).umsatz.between(1250, 1251).all()


def test_plain_numbers_ask_for_no_decimal_mark(tmp_path):
    draft, _ = drafted(tmp_path, table("2026-01-{d}", ",", "Umsatz=1250.5"))
    assert not [line for line in draft.lines if line.text.startswith("decimal")]


def test_a_comma_before_three_digits_tells_no_decimal_mark(tmp_path):
    draft, _ = drafted(tmp_path, table("2026-01-{d}", ";", "Umsatz=1,234"))
    assert not [line for line in draft.lines if line.text.startswith("decimal")]


def test_a_cell_with_line_breaks_at_the_end_is_no_footer(tmp_path):
    text = table("2026-01-{d}", ";", "Note=x").rstrip("\n")
    draft, _ = drafted(tmp_path, text.removesuffix("x") + '"one\ntwo\nthree"\n')
    assert not [line for line in draft.lines if line.text.startswith("skip_footer")]


ABOVE = "# Report of sessions\n# Made on 1 March\n\n"


@pytest.mark.parametrize(
    ("above", "below", "settings"),
    [
        ("sep=;\n", "", {}),
        (ABOVE, "", {"header_line": True}),
        ("", "Total;60\nConfidential\n", {"skip_footer": False}),
        (ABOVE, "\nExported by the CRM\n", {"header_line": True, "skip_footer": False}),
    ],
    ids=["sep", "lines above", "footer", "both"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_stands_around_the_table_is_found(tmp_path, above, below, settings, encoding):
    text = above + table("2026-01-{d}", ";") + below
    draft, folder = drafted(tmp_path, text.encode(encoding))
    found = {
        name: line.sure
        for line in draft.lines
        for name in ("header_line", "skip_footer")
        if line.text.startswith(name)
    }
    assert found == settings
    assert leads_of(folder).lead_id.tolist() == sorted(key for key, _, _ in ROWS)


def test_a_bad_row_is_told_with_its_own_line_below_lines_above(tmp_path):
    text = ABOVE + table("2026-01-{d}").replace("L5,2026-01-06", "L5,never")
    sources = leads_only(header_line="4").replace("{lead_id: Id", "{lead_id: Lead ID")
    strict = sources.replace("tables:", "max_reject_share: 0\ntables:")
    folder = workspace(tmp_path, strict, leads=text)
    with pytest.raises(SmarketingError, match=r"raw/leads\.csv, line 10, column Created"):
        ingest(folder)


def test_a_label_that_stands_twice_is_left_out_and_the_rest_can_be_ingested(tmp_path):
    draft, folder = drafted(tmp_path, table("2026-01-{d}", ",", "Label=gold", "Label=north"))
    assert line_of(draft, "# Label: left out")
    assert len(leads_of(folder)) == 60


@pytest.mark.parametrize(
    "label",
    ["Created", "Erstellt am", "Angelegt am", "Oprettet", "Date de création", "Fecha de creación",
     "Data utworzenia", "Skapad", "Luotu", "Aangemaakt op", "created_time"],
)  # fmt: skip
def test_the_day_a_lead_came_is_known_in_twelve_languages(tmp_path, label):
    draft, _ = drafted(tmp_path, table("2026-01-{d}").replace("Created", label, 1))
    assert line_of(draft, "created_at")[0].removeprefix("created_at: ").strip('"') == label


def test_labels_that_are_everybodys_name_no_system(tmp_path):
    text = "Lead ID,Create Date,Lead Status,Last Modified Date\nL1,2026-01-05,New,2026-01-06\n"
    draft, _ = drafted(tmp_path, text)
    assert line_of(draft, "reader") == ("reader: csv", True)


def test_a_key_goes_before_an_address(tmp_path):
    rows = "".join(f"x_{n},a{n}@b.example,2026-01-05\n" for n in range(30))
    draft, _ = drafted(tmp_path, f"External ID,Email,Created\n{rows}")
    assert line_of(draft, "lead_id") == ("lead_id: External ID", True)


def book(*sheets: tuple[str, list[list[object]]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


CELLS = [["Lead ID", "Created", "Source", "Amount"]] + [
    [key, f"2026-01-{day}", source, 7] for key, day, source in ROWS
]


@pytest.mark.parametrize(
    ("sheets", "settings"),
    [
        ([("Leads", CELLS)], set()),
        ([("Leads", [["Lead report"], [], ["1 March"], *CELLS])], {"header_line: 4"}),
        ([("Leads", [["Lead", None, None, "Deal"], *CELLS])], {"header_line: 2"}),
        ([("Leads", [*CELLS, ["Total", None, None, 420]])], {"skip_footer: 1"}),
        ([("Cover", [["Export", "CRM"]]), ("Data", CELLS)], {"sheet: Data"}),
    ],
    ids=["plain", "titles", "two header rows", "a sum", "a cover"],
)
def test_the_table_of_a_workbook_is_found(tmp_path, sheets, settings):
    draft, folder = drafted(tmp_path, book(*sheets), "leads.xlsx")
    names = ("header_line", "skip_footer", "sheet")
    assert {line.text for line in draft.lines if line.text.startswith(names)} == settings
    assert leads_of(folder).lead_id.tolist() == sorted(key for key, _, _ in ROWS)


def contacts_and_deals(folder: Path, deals: str) -> Path:
    """Write contacts and deals, with their draft as sources.yml."""
    raw = folder / "raw"
    raw.mkdir()
    people = "".join(f"{51000 + n},2026-01-{1 + n % 28:02d},web\n" for n in range(40))
    (raw / "contacts.csv").write_text(f"Contact ID,Create Date,Source\n{people}")
    (raw / "deals.csv").write_text(deals)
    draft = draft_sources([raw / "contacts.csv", raw / "deals.csv"])
    (folder / "sources.yml").write_text(draft.text, encoding="utf-8")
    return folder


STATES = {
    "English": ("Closed Won", "Closed Lost", "Proposal"),
    "Danish": ("Vundet", "Tabt", "Åben"),
    "German": ("gewonnen", "verloren", "offen"),
    "French": ("Gagné", "Perdu", "Ouvert"),
}


@pytest.mark.parametrize("language", STATES)
def test_a_file_of_deals_is_known_by_the_words_for_how_they_ended(tmp_path, language):
    states = STATES[language]
    rows = "".join(
        f"{9000 + n},{states[n % 3]},2026-02-01,2026-03-{1 + n:02d},{1000 + n},EUR,{51000 + n}\n"
        for n in range(30)
    )
    head = "Deal ID,Deal Stage,Create Date,Close Date,Amount,Currency,Contact IDs\n"
    folder = contacts_and_deals(tmp_path, head + rows)
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        deals = warehouse.table("deals").execute()
        people = warehouse.table("deal_leads").execute()
        assert not warehouse.has("events")
    assert deals.won.value_counts(dropna=False).tolist() == [10, 10, 10]
    assert deals[deals.won.fillna(False).astype(bool)].amount.sum() == sum(range(1000, 1030, 3))
    assert deals.closed_at[deals.won.isna()].isna().all()
    assert len(people) == 30


def test_several_people_of_a_deal_are_told_apart(tmp_path):
    rows = "".join(
        f"{9000 + n},Won,2026-02-01,{51000 + n}{f';{51001 + n}' if n % 5 == 0 else ''}\n"
        for n in range(20)
    )
    folder = contacts_and_deals(tmp_path, f"Deal ID,Stage,Close Date,Contact IDs\n{rows}")
    assert 'split: {Contact IDs: ";"}' in (folder / "sources.yml").read_text()
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        people = warehouse.table("deal_leads").execute()
    assert len(people) == 24
    assert people.deal_id.nunique() == 20
    assert set(people[people.deal_id == "9000"].lead_id) == {"51000", "51001"}


def test_hubspots_list_of_contacts_is_split_without_being_asked(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "contacts.csv").write_text(
        "Record ID,Create Date\n1,2026-01-01\n2,2026-01-01\n3,2026-01-01\n"
    )
    (tmp_path / "raw" / "deals.csv").write_text(
        "Record ID,Create Date,Associated Contact IDs\n9,2026-01-02,1; 2\n8,2026-01-02,3\n"
        "7,2026-01-02,4;1\n"
    )
    (tmp_path / "sources.yml").write_text("""\
company: Made up
timezone: UTC
max_reject_share: 0.5
tables:
  leads:
    {reader: hubspot, file: raw/contacts.csv,
     columns: {lead_id: Record ID, created_at: Create Date}}
  deals:
    {reader: hubspot, file: raw/deals.csv, columns: {deal_id: Record ID, opened_at: Create Date}}
  deal_leads:
    {reader: hubspot, file: raw/deals.csv,
     columns: {deal_id: Record ID, lead_id: Associated Contact IDs}}
""")
    report = ingest(tmp_path)
    counts = report.counts.set_index("table_name").loc["deal_leads"]
    assert (counts.accepted, counts.rejected) == (4, 1)
    rejects = (tmp_path / "rejects" / "deal_leads.csv").read_text()
    assert ",4," in rejects.replace('"', "")  # the line of the file, not of the list


def test_dates_that_databases_write_for_none_are_missing(tmp_path):
    rows = "".join(
        f"{9000 + n},{'won' if n % 2 else 'open'},2026-02-01,"
        f"{'2026-03-01' if n % 2 else '0000-00-00 00:00:00'},{51000 + n}\n"
        for n in range(20)
    )
    head = "Deal ID,Status,Created,Won at,Contact ID\n"
    folder = contacts_and_deals(tmp_path, head + rows)
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        deals = warehouse.table("deals").execute()
    assert (deals.closed_at.notna() == deals.won.fillna(False)).all()
