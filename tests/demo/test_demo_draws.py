"""The draws that the demo company is made of: the same every time, and spread as they say."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import datetime, timedelta

import numpy as np
import openpyxl
import pytest

from smarketing.demo.draw import Draw, local_month, to_local, to_utc
from smarketing.demo.writing import salesforce_id, write_csv, write_excel

N = 4000


def many(draw) -> np.ndarray:
    """Return a draw taken many times from one stream."""
    stream = Draw("many")
    return np.array([draw(stream) for _ in range(N)])


def test_a_stream_gives_the_same_again_and_another_name_something_else():
    first, again, other = ([Draw(name).below(10**9) for _ in range(1)] for name in "aab")
    assert first == again
    assert first != other


def test_streams_do_not_disturb_each_other():
    alone, left, right = Draw("a"), Draw("a"), Draw("b")
    mixed = []
    for _ in range(5):
        mixed.append(left.between(0, 1))
        right.between(0, 1)
    assert mixed == [alone.between(0, 1) for _ in range(5)]


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9, 1.0])
def test_a_chance_comes_true_as_often_as_it_says(share):
    assert many(lambda d: d.chance(share)).mean() == pytest.approx(share, abs=0.03)


def test_a_whole_number_below_another_takes_every_value():
    assert Counter(many(lambda d: d.below(6)).tolist()).keys() == set(range(6))


def test_a_number_between_two_stays_between_them():
    values = many(lambda d: d.between(-2, 3))
    assert values.min() >= -2
    assert values.max() < 3
    assert values.mean() == pytest.approx(0.5, abs=0.1)


def test_items_are_drawn_by_their_weight_and_never_without_one():
    drawn = Counter(many(lambda d: d.weighted([("a", 3), ("b", 0), ("c", 1)])).tolist())
    assert set(drawn) == {"a", "c"}
    assert drawn["a"] / N == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize(
    ("draw", "mean", "spread"),
    [
        (lambda d: d.normal(5, 2), 5, 2),
        (lambda d: d.exponential(3), 3, 3),
        (lambda d: d.poisson(2.5), 2.5, 2.5**0.5),
    ],
)
def test_numbers_are_spread_as_their_name_says(draw, mean, spread):
    values = many(draw)
    assert values.mean() == pytest.approx(mean, rel=0.06)
    assert values.std() == pytest.approx(spread, rel=0.1)


def test_a_lognormal_number_lies_above_its_median_half_the_time():
    values = many(lambda d: d.lognormal(20_000, 0.5))
    assert (values > 0).all()
    assert (values > 20_000).mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    "utc", [datetime.fromisoformat("2026-01-15 12:00"), datetime.fromisoformat("2026-07-15 12:00")]
)
def test_local_time_and_utc_are_each_others_way_back(utc):
    assert to_utc(to_local(utc)) == utc
    assert to_local(utc) - utc == timedelta(hours=1 if utc.month == 1 else 2)


@pytest.mark.parametrize(
    ("utc", "month"),
    [
        (datetime.fromisoformat("2026-09-30 21:59"), "2026-09"),
        (datetime.fromisoformat("2026-09-30 22:00"), "2026-10"),
    ],
)
def test_a_month_is_the_companys_own(utc, month):
    assert local_month(utc) == month


def test_people_use_the_web_awake_and_on_that_day():
    day = datetime.fromisoformat("2026-05-06 10:00")
    moments = [to_local(Draw(str(n)).awake(day)) for n in range(300)]
    assert {m.date() for m in moments} == {day.date()}
    assert all(7 <= m.hour < 24 for m in moments)
    assert sum(8 <= m.hour < 17 for m in moments) > 200


@pytest.mark.parametrize(
    ("earliest", "day"),
    [
        ("2026-05-06 08:30", "2026-05-06"),  # a Wednesday, before the office opens
        ("2026-05-06 17:00", "2026-05-07"),  # after it closed
        ("2026-05-09 11:00", "2026-05-11"),  # a Saturday
        ("2025-12-24 11:00", "2025-12-29"),  # Christmas, then a weekend
        ("2026-06-05 10:00", "2026-06-08"),  # Constitution Day
    ],
)
def test_work_is_done_in_office_hours(earliest, day):
    worked = to_local(Draw("w").at_work(to_utc(datetime.fromisoformat(earliest))))
    assert f"{worked:%Y-%m-%d}" == day
    assert 9 <= worked.hour < 16


def test_a_moment_in_office_hours_is_kept():
    moment = to_utc(datetime.fromisoformat("2026-05-06 10:15:30"))
    assert Draw("w").at_work(moment) == moment


@pytest.mark.parametrize("number", [0, 61, 62, 3843, 10**8])
def test_a_salesforce_id_has_eighteen_letters_and_is_its_own(number):
    assert len(salesforce_id("00Q", number)) == 18
    assert salesforce_id("00Q", number)[:15] != salesforce_id("00Q", number + 1)[:15]


@pytest.mark.parametrize(("quote_all", "line"), [(True, '"1","a, b",""'), (False, '1,"a, b",')])
def test_a_csv_is_quoted_as_its_system_does(tmp_path, quote_all, line):
    write_csv(tmp_path / "raw" / "x.csv", ["n", "text", "none"], [(1, "a, b", None)], quote_all)
    assert (tmp_path / "raw" / "x.csv").read_text().splitlines()[1] == line


def test_a_packed_csv_is_the_same_bytes_twice_and_unpacks_to_its_rows(tmp_path):
    for name in ("one.csv.gz", "two.csv.gz"):
        write_csv(tmp_path / name, ["a"], [("ø",), ("b",)], quote_all=False)
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()
    with gzip.open(tmp_path / "one.csv.gz", "rt", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["a"], ["ø"], ["b"]]


def test_a_sheet_holds_its_rows_and_no_clock(tmp_path):
    for name in ("one.xlsx", "two.xlsx"):
        write_excel(tmp_path / name, "Spend", ["month", "cost"], [("2026-10", 11_000)])
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "one.xlsx")["Spend"]
    assert list(sheet.values) == [("month", "cost"), ("2026-10", 11_000)]
