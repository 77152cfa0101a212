"""Small companies whose exports were once read wrongly: each with its right value by hand.

A case is a folder of ``cases/counting``: a workspace, and ``right.yml`` with the right value and
the arithmetic behind it. The cases about counting have their checks in ``measures/test_cases.py``.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from smarketing.errors import SmarketingError
from smarketing.folder import Folder
from smarketing.funnel.closed_loop import ClosedLoop, closed_loop
from smarketing.scoring.lead import explain_lead
from smarketing.warehouse.ingesting.report import IngestReport
from smarketing.warehouse.ingesting.run import ingest

CASES = Path(__file__).parents[1] / "cases" / "counting"
TODAY = date(2026, 11, 28)


class Case:
    """A copy of a case, ingested, and what is asked of it."""

    def __init__(self, path: Path) -> None:
        self.ingested: IngestReport = ingest(path, today=TODAY)
        self.place = Folder.open(path)

    def axis(self, name: str, *leads: str) -> list[int]:
        """Return the fit or the engagement of leads."""
        with self.place.warehouse() as warehouse:
            explained = [explain_lead(warehouse, self.place.agreement, one) for one in leads]
        return [int(one.score[name]) for one in explained]

    def loop(self, month: str) -> ClosedLoop:
        """Return the numbers of a month."""
        with self.place.warehouse() as warehouse:
            return closed_loop(warehouse, self.place.agreement, month)

    def table(self, name: str) -> pd.DataFrame:
        """Return a canonical table."""
        with self.place.warehouse() as warehouse:
            return warehouse.table(name).execute()


@pytest.fixture
def case(tmp_path):
    """Return a case by the start of its name.

    `changes` are files, the texts to replace in them, and what stands there then.
    """

    def of(name: str, *changes: tuple[str, str, str]) -> Case:
        source = next(CASES.glob(f"{name}-*"))
        path = tmp_path / source.name
        shutil.copytree(source, path)
        for file, old, new in changes:
            text = (path / file).read_text()
            assert old in text
            (path / file).write_text(text.replace(old, new))
        return Case(path)

    return of


def test_clicks_of_a_scanner_are_no_engagement(case):
    assert case("06").axis("engagement", "P1", "P2") == [0, 6]


ONE_MERGED = "100:1620000000000"
MERGED = "100:1620000000000;200:1620000000001"


@pytest.mark.parametrize(
    "listed",
    [
        MERGED,
        "100;200",
        "100: 1620000000000; 200: 1620000000001",
        ONE_MERGED,
        '"100:1620000000000,200:1620000000001"',
        '"[100, 200]"',
        "100:2026-01-12T10:00:00Z;200:2026-02-12T10:00:00.000Z",
    ],
)
def test_contacts_merged_in_the_crm_are_one_lead(case, listed):
    one = case("07", ("raw/contacts.csv", MERGED, listed))
    gone = {"100"} if listed == ONE_MERGED else {"100", "200"}
    assert set(one.table("leads").lead_id) == {"3", "5", "100", "200"} - gone
    assert one.ingested.counts.set_index("table_name").merged["leads"] == len(gone)
    first = one.table("stages").groupby("lead_id").entered_at.min()
    assert f"{first['3']:%Y-%m-%d}" == "2026-01-12"


@pytest.mark.parametrize("listed", ["100:gone;200:gone", "a:b", "{100: 200:300}"])
def test_merged_ids_of_another_form_are_refused_in_words(case, listed):
    with pytest.raises(SmarketingError) as caught:
        case("07", ("raw/contacts.csv", MERGED, listed))
    said = str(caught.value)
    for part in ("raw/contacts.csv, line 2", "no ids of merged contacts", "100;200", "merged_ids"):
        assert part in said


def test_ids_with_a_colon_are_merged_whole(case):
    names = [("raw/contacts.csv", MERGED, "hs:100;hs:200")]
    names += [("raw/contacts.csv", f"\n{one},", f"\nhs:{one},") for one in ("3", "5", "100", "200")]
    names += [("raw/stages.csv", f"\n{one},", f"\nhs:{one},") for one in ("3", "100", "200")]
    one = case("07", *names)
    assert one.table("leads").lead_id.tolist() == ["hs:3", "hs:5"]
    assert set(one.table("stages").lead_id) == {"hs:3"}


def test_a_closing_day_is_that_day_where_the_company_is(case):
    one = case("08")
    october, november = (one.loop(month).sla for month in ("2026-10", "2026-11"))
    for sla, revenue, customers in ((october, 15, 2), (november, 1_000, 1)):
        assert sla.promise("revenue", "calendar").delivered == revenue
        assert sla.promise("customers", "calendar").delivered == customers


@pytest.mark.parametrize(
    ("test", "fits"),
    [
        ("is: '2026-10-01'", [20, 0]),
        ("is: 2026-10-01", [20, 0]),
        ("in: [2026-10-01, 2026-10-02]", [20, 0]),
        ("not_in: [2026-10-01]", [0, 20]),
        ("at_least: 2026-10-01", [20, 0]),
        ("at_most: 2026-09-30", [0, 20]),
        ("between: [2026-10-01, 2026-10-31]", [20, 0]),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Copenhagen", "Pacific/Auckland", "America/Los_Angeles"])
def test_a_rule_on_a_day_is_met_by_that_day(case, zone, test, fits):
    one = case(
        "09",
        ("agreement.yml", "is: '2026-10-01'", test),
        ("agreement.yml", "timezone: Europe/Copenhagen", f"timezone: {zone}"),
    )
    assert one.axis("fit", "A", "B") == fits


def test_the_holidays_of_a_part_of_a_country_are_free(case):
    one = case("10")
    counts = one.loop("2026-10").stages.counts.set_index("stage")
    assert counts.calendar["lead"] == 1
    free = one.place.agreement.calendar.free_days([2026])
    assert {date(2026, 1, 6), date(2026, 6, 4)} <= set(free)


@pytest.mark.parametrize(
    "no", ["no", "No", "false", "FALSE", "0", "0.0", "nej", "nein", "нет", "non"]
)
def test_a_column_that_says_no_is_no_phone(case, no):
    one = case("12", ("raw/leads.csv", "cto,no", f"cto,{no}"))
    assert one.axis("fit", "A", "B", "C") == [20, 0, 0]
    known = one.table("leads").set_index("lead_id").phone_known
    assert known.to_dict() == {"A": True, "B": False, "C": False, "D": True}
