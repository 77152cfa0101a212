"""A day without a time is that day where the company is, in every table and from every reader."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smarketing.clock import to_local
from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse

WEST, EAST = "America/Los_Angeles", "Pacific/Auckland"
DAY = date(2026, 10, 1)

TABLES = """\
company: Days
timezone: {zone}
tables:
  leads:
    reader: csv
    file: raw/leads.csv
    timezone: {file_zone}
    columns: {{lead_id: id, created_at: created}}
    attributes:
      trial: {{column: trial, type: time, known: at_creation}}
  events:
    reader: csv
    file: raw/events.csv
    timezone: {file_zone}
    columns: {{lead_id: id, occurred_at: at}}
    constants: {{actor: lead, kind: page_view}}
  stages:
    - reader: csv
      file: raw/leads.csv
      timezone: {file_zone}
      columns: {{lead_id: id}}
      unpivot: {{became_mql: mql}}
  deals:
    reader: csv
    file: raw/deals.csv
    timezone: {file_zone}
    columns:
      {{deal_id: id, opened_at: opened, closed_at: closed, expected_close_at: expected, won: won}}
  visits:
    reader: csv
    file: raw/visits.csv
    timezone: {file_zone}
    columns: {{day: day, channel: channel, visitors: n}}
"""
EXPORTS = {
    "leads.csv": "id,created,trial,became_mql\nA,{day},{day},{day}\nB,{time},{time},{time}\n",
    "events.csv": "id,at\nA,{day}\nB,{time}\n",
    "deals.csv": "id,opened,closed,expected,won\nD,{day},{day},{day},yes\n"
    "E,{time},{time},{time},yes\n",
    "visits.csv": "day,channel,n\n{day},web,5\n",
}


def write(folder: Path, zone: str, file_zone: str, agreed: str | None = None) -> Path:
    (folder / "raw").mkdir()
    (folder / "sources.yml").write_text(TABLES.format(zone=zone, file_zone=file_zone))
    for name, text in EXPORTS.items():
        (folder / "raw" / name).write_text(text.format(day=DAY, time=f"{DAY} 12:00"))
    if agreed:
        (folder / "agreement.yml").write_text(f"timezone: {agreed}\n")
    return folder


def moments(folder: Path) -> dict[str, pd.Series]:
    """Return the first row's moments of every column of every table, and the second row's."""
    ingest(folder, today=date(2026, 11, 28))
    columns = {
        "leads": ["created_at", "trial"],
        "events": ["occurred_at"],
        "stages": ["entered_at"],
        "deals": ["opened_at", "closed_at", "expected_close_at"],
    }
    found = {}
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        for name, asked in columns.items():
            rows = warehouse.table(name).execute().sort_values(asked[0], ignore_index=True)
            found |= {f"{name}.{one}": rows[one] for one in asked}
        assert warehouse.table("visits").execute().day.dt.date.tolist() == [DAY]
    return found


@pytest.mark.parametrize("file_zone", ["UTC", WEST, EAST, "Europe/Copenhagen"])
@pytest.mark.parametrize("zone", [WEST, EAST, "UTC", "America/Sao_Paulo"])
@pytest.mark.parametrize("agreed", [True, False])
def test_a_day_is_the_companys_and_a_time_the_files(tmp_path, zone, file_zone, agreed):
    of_sources = "Asia/Kolkata" if agreed else zone
    folder = write(tmp_path, of_sources, file_zone, zone if agreed else None)
    midnight = pd.Timestamp(DAY).tz_localize(zone).tz_convert("UTC").tz_localize(None)
    noon = pd.Timestamp(f"{DAY} 12:00").tz_localize(file_zone).tz_convert("UTC").tz_localize(None)
    for name, times in moments(folder).items():
        assert set(times) == {midnight, noon}, name


def test_midnights_of_a_whole_column_are_days(tmp_path):
    folder = write(tmp_path, WEST, "UTC")
    for name, text in EXPORTS.items():
        (folder / "raw" / name).write_text(
            text.format(day=f"{DAY} 00:00:00", time="2026-10-02 00:00")
        )
    for name, times in moments(folder).items():
        local = to_local(times, WEST)
        assert [f"{one:%m-%d %H:%M}" for one in local.sort_values()] == [
            "10-01 00:00", "10-02 00:00",
        ], name  # fmt: skip


def _parquet(path: Path, kind: str) -> None:
    rows = f"SELECT 'A' AS id, CAST('{DAY}' AS {kind}) AS created"
    duckdb.sql(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")


def _excel(path: Path, _: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "created"])
    book.active.append(["A", datetime(2026, 10, 1)])  # noqa: DTZ001 - a spreadsheet's day
    book.save(path)


def _database(path: Path, kind: str) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute(f"CREATE TABLE t AS SELECT 'A' AS id, CAST('{DAY}' AS {kind}) AS created")


@pytest.mark.parametrize(
    ("reader", "make", "kind"),
    [
        ("parquet", _parquet, "DATE"),
        ("parquet", _parquet, "TIMESTAMP"),
        ("parquet", _parquet, "VARCHAR"),
        ("excel", _excel, ""),
        ("database", _database, "DATE"),
        ("database", _database, "TIMESTAMP"),
    ],
)
@pytest.mark.parametrize("zone", [WEST, EAST])
def test_every_reader_knows_days(tmp_path, reader, make, kind, zone):
    (tmp_path / "raw").mkdir()
    make(tmp_path / "raw" / "leads", kind)
    where = f"file: {'raw/leads'}"
    if reader == "database":
        where = f'address: "duckdb://{tmp_path / "raw" / "leads"}"\n    table: t'
    (tmp_path / "sources.yml").write_text(
        f"company: Days\ntimezone: {zone}\ntables:\n  leads:\n    reader: {reader}\n    {where}\n"
        "    timezone: UTC\n    columns: {lead_id: id, created_at: created}\n"
    )
    ingest(tmp_path, today=date(2026, 11, 28))
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        created = warehouse.table("leads").execute().created_at
    assert f"{to_local(created, zone).item():%Y-%m-%d %H:%M}" == "2026-10-01 00:00"


ZONES = sorted(
    name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("System")
)
CON = duckdb.connect()


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(1990, 1, 1), date(2045, 12, 31)),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%y"]),
)
@example(date(2018, 11, 4), "America/Sao_Paulo", "UTC", "%Y-%m-%d")  # there is no midnight
@example(date(2026, 10, 25), "Atlantic/Azores", "UTC", "%d/%m/%Y")  # there are two
def test_a_day_stays_that_day_in_every_zone(day, home, file_zone, form):
    if form == "%d.%m.%y" and not 1990 <= day.year < 2040:
        form = "%d/%m/%Y"
    text, formats = sql.lit(day.strftime(form)), () if form == "%Y-%m-%d" else (form,)
    local = sql.local_time("t", formats)
    moment = sql.utc_time("t", "l", file_zone, formats, home)
    same = sql.local_day("t", "l", file_zone, formats, home)
    rows = f"SELECT t, {local} AS l FROM (SELECT {text} AS t)"
    at, on = CON.execute(f"SELECT {moment}, {same} FROM ({rows})").fetchone()
    back = pd.Timestamp(at).tz_localize("UTC").tz_convert(home)
    if day not in ((date(2011, 12, 30)), date(1993, 8, 21), date(1994, 12, 31), date(1995, 1, 1)):
        assert back.date() == day  # but for days that some islands skipped
    assert on == day


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2045, 1, 1)),  # noqa: DTZ001
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
)
def test_a_time_is_the_files_wherever_the_company_is(at, home, file_zone):
    at = at.replace(microsecond=0)
    text = sql.lit(f"{at:%Y-%m-%d %H:%M:%S}")
    rows = f"SELECT t, {sql.local_time('t', ())} AS l FROM (SELECT {text} AS t)"
    with_home, without = CON.execute(
        f"SELECT {sql.utc_time('t', 'l', file_zone, (), home)},"
        f" {sql.utc_time('t', 'l', file_zone)} FROM ({rows})"
    ).fetchone()
    assert with_home == without
