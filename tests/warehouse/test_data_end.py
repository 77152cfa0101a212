"""The data ends with the latest thing that happened: no plan, and nothing after the ingest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.warehouse.ingesting.report import IngestReport
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse

TODAY = date(2026, 11, 10)
LATEST = pd.Timestamp("2026-10-30 09:00")
SOURCES = """\
company: Plans
timezone: UTC
{more}
tables:
  leads:
    {{reader: csv, file: raw/leads.csv, columns: {{lead_id: id, created_at: created}}}}
  events:
    reader: csv
    file: raw/events.csv
    columns: {{lead_id: id, occurred_at: at, actor: actor, kind: kind, outcome: outcome}}
  deals:
    reader: csv
    file: raw/deals.csv
    columns:
      {{deal_id: id, opened_at: opened, closed_at: closed, expected_close_at: expected, won: won,
       amount: amount}}
  deal_leads:
    {{reader: csv, file: raw/deal_leads.csv, columns: {{deal_id: id, lead_id: lead}}}}
"""
LEADS = "id,created\nA,2026-10-01 09:00\nB,2026-10-20 09:00\nC,2026-10-28 09:00\n"
EVENTS = "id,at,actor,kind,outcome\nA,2026-10-30 09:00,sales,call,connected\n"
DEALS = "id,opened,closed,expected,won,amount\nD,2026-10-05,2026-10-25,,yes,100\n"
DEAL_LEADS = "id,lead\nD,A\n"


def world(
    folder: Path, *, leads: str = "", events: str = "", deals: str = "", links: str = "",
    more: str = "", today: date = TODAY,
) -> IngestReport:  # fmt: skip
    (folder / "raw").mkdir(exist_ok=True)
    (folder / "sources.yml").write_text(SOURCES.format(more=more))
    texts = {
        "leads": LEADS + leads, "events": EVENTS + events, "deals": DEALS + deals,
        "deal_leads": DEAL_LEADS + links,
    }  # fmt: skip
    for name, text in texts.items():
        (folder / "raw" / f"{name}.csv").write_text(text)
    return ingest(folder, today=today)


def table(folder: Path, name: str) -> pd.DataFrame:
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        return warehouse.table(name).execute()


def test_the_closing_day_of_an_open_deal_is_a_plan(tmp_path):
    report = world(
        tmp_path,
        deals="E,2026-10-06,2026-11-05,,,50\nF,2026-10-06,2027-03-31,2027-04-30,,60\n",
        links="E,B\nF,C\n",
    )
    assert report.data_until == LATEST
    deals = table(tmp_path, "deals").set_index("deal_id")
    assert deals.closed_at.notna().to_dict() == {"D": True, "E": False, "F": False}
    assert f"{deals.expected_close_at['E']:%Y-%m-%d}" == "2026-11-05"
    assert f"{deals.expected_close_at['F']:%Y-%m-%d}" == "2027-04-30"
    assert len(table(tmp_path, "deal_leads")) == 3


def test_a_verdict_dated_after_the_ingest_has_not_fallen(tmp_path):
    report = world(tmp_path, deals="E,2026-10-06,2026-12-24,,no,50\n", links="E,B\n")
    assert report.data_until == LATEST
    deal = table(tmp_path, "deals").set_index("deal_id").loc["E"]
    assert pd.isna(deal.closed_at)
    assert pd.isna(deal.won)
    assert f"{deal.expected_close_at:%Y-%m-%d}" == "2026-12-24"


@pytest.mark.parametrize("at", ["2026-11-09 10:00", "2026-11-11 10:00", "2027-02-01 10:00"])
def test_booked_meetings_are_plans(tmp_path, at):
    report = world(tmp_path, events=f"A,{at},sales,meeting,\nB,{at},sales,meeting,Scheduled\n")
    assert report.data_until == LATEST
    assert table(tmp_path, "events").kind.tolist() == ["call"]
    [row] = report.left_out.to_dict("records")
    assert (row["state"], row["rows"]) == ("excluded", 2)
    assert "a plan" in row["reason"]


def test_a_meeting_that_was_held_has_happened(tmp_path):
    report = world(tmp_path, events="A,2026-11-09 10:00,sales,meeting,connected\n")
    assert report.data_until == pd.Timestamp("2026-11-09 10:00")


@pytest.mark.parametrize("n", [1, 2, 3])
def test_rows_of_the_future_are_told_and_set_no_end(tmp_path, n):
    leads = "".join(f"X{one},2027-01-01 09:00\n" for one in range(n))
    events = "".join(f"A,2027-0{one + 1}-01 09:00,lead,page_view,\n" for one in range(2 * n))
    report = world(tmp_path, leads=leads, events=events)
    assert report.data_until == LATEST
    assert table(tmp_path, "leads").lead_id.tolist() == ["A", "B", "C"]
    told = " ".join(report.notes)
    assert "raw/leads.csv, line" in told
    assert "after the day of ingest" in told


def test_the_end_moves_on_when_what_was_planned_happened(tmp_path):
    leads = "X,2026-11-20 09:00\n"
    assert world(tmp_path, leads=leads).data_until == LATEST
    later = world(tmp_path, leads=leads, today=date(2026, 11, 20))
    assert later.data_until == pd.Timestamp("2026-11-20 09:00")


def test_a_declared_end_is_never_after_the_day_of_ingest(tmp_path):
    report = world(tmp_path, more="data_until: 2026-12-31")
    assert report.data_until == pd.Timestamp("2026-11-10 23:59:59.999999")
    report = world(tmp_path, more="data_until: 2026-10-31")
    assert report.data_until == pd.Timestamp("2026-10-31 23:59:59.999999")


def test_a_clock_before_most_of_the_data_tells_nothing(tmp_path):
    assert world(tmp_path, today=date(1999, 1, 1)).data_until == LATEST
    declared = world(tmp_path, more="data_until: 2026-10-31", today=date(1999, 1, 1))
    assert declared.data_until == pd.Timestamp("2026-10-31 23:59:59.999999")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 900), max_size=5),
    st.lists(st.integers(1, 900), max_size=4),
    st.lists(st.integers(-40, 900), max_size=4),
)
def test_no_plan_ever_sets_the_end(tmp_path_factory, events, meetings, closes):
    def day(ahead: int) -> str:
        return f"{pd.Timestamp(TODAY) + pd.Timedelta(days=ahead):%Y-%m-%d}"

    future = [f"A,{day(one)} 10:00,lead,page_view,\n" for one in events]
    future += [f"B,{day(one)} 10:00,sales,meeting,\n" for one in meetings]
    deals = [f"E{n},2026-10-06,{day(one)},,,50\n" for n, one in enumerate(closes)]
    report = world(tmp_path_factory.mktemp("plans"), events="".join(future), deals="".join(deals))
    assert report.data_until == LATEST


NEGATIVE = "E,2026-10-06,2026-10-26,,yes,-40\n"


def test_a_negative_amount_is_told_with_its_line_and_does_not_count(tmp_path):
    report = world(tmp_path, deals=NEGATIVE, links="E,B\n")
    assert table(tmp_path, "deals").deal_id.tolist() == ["D"]
    assert table(tmp_path, "deal_leads").deal_id.tolist() == ["D"]
    assert report.counts.set_index("table_name").rejected["deals"] == 1
    [note] = [note for note in report.notes if "negative" in note]
    for part in ("raw/deals.csv, line 3", "negative: allowed"):
        assert part in note
    rejects = pd.read_csv(tmp_path / "rejects" / "deals.csv")
    assert rejects.line.tolist() == [3]
    assert rejects.column.tolist() == ["amount"]


def test_credit_notes_count_where_they_are_allowed(tmp_path):
    world(tmp_path, deals=NEGATIVE, links="E,B\n")
    sources = tmp_path / "sources.yml"
    text = sources.read_text().replace(
        "file: raw/deals.csv", "file: raw/deals.csv\n    negative: allowed"
    )
    sources.write_text(text)
    report = ingest(tmp_path, today=TODAY)
    assert table(tmp_path, "deals").amount.tolist() == [100, -40]
    assert not [note for note in report.notes if "negative" in note]
