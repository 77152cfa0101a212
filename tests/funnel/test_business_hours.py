"""Hours on the agreed clock: tables of cases, and what must hold for any moments."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.errors import UsageError
from smarketing.funnel.sla.business_hours import BusinessHours, elapsed_hours

WEEK = ("mon", "tue", "wed", "thu", "fri")
DANISH = BusinessHours("09:00-17:00", WEEK, "Europe/Copenhagen", "DK")


def utc(local: str, zone: str = "Europe/Copenhagen") -> pd.Timestamp:
    return pd.Timestamp(local).tz_localize(zone).tz_convert("UTC").tz_localize(None)


def hours(clock: BusinessHours, start: pd.Timestamp, end: pd.Timestamp) -> float:
    return clock.between(pd.Series([start]), pd.Series([end])).item()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-10-06 09:00", "2026-10-06 17:00", 8.0),  # a Tuesday
        ("2026-10-06 10:15", "2026-10-06 11:00", 0.75),
        ("2026-10-06 16:00", "2026-10-07 10:00", 2.0),  # over night
        ("2026-10-06 20:00", "2026-10-07 08:59", 0.0),  # within one night
        ("2026-10-09 16:00", "2026-10-12 10:00", 2.0),  # over a weekend
        ("2026-10-10 12:00", "2026-10-11 12:00", 0.0),  # within a weekend
        ("2026-04-01 16:00", "2026-04-07 10:00", 2.0),  # over Easter: Thursday to Monday are free
        ("2026-12-24 16:00", "2026-12-28 10:00", 2.0),  # Christmas, then a weekend
        ("2026-03-27 16:00", "2026-03-30 10:00", 2.0),  # summer time begins on the 29th
        ("2026-10-23 16:00", "2026-10-26 10:00", 2.0),  # and ends on the 25th
        ("2026-10-05 09:00", "2026-10-11 23:00", 40.0),  # a whole week
        ("2026-10-07 10:00", "2026-10-06 16:00", -2.0),  # backwards
    ],
)
def test_hours_that_count(start: str, end: str, expected: float) -> None:
    assert hours(DANISH, utc(start), utc(end)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-03-29", 23.0), ("2026-10-25", 25.0), ("2026-06-14", 24.0)],
)
def test_an_all_day_clock_follows_summer_time(day: str, expected: float) -> None:
    clock = BusinessHours("00:00-24:00", (*WEEK, "sat", "sun"), "Europe/Copenhagen")
    after = str((pd.Timestamp(day) + pd.Timedelta(days=1)).date())
    assert hours(clock, utc(day), utc(after)) == expected


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata"])
def test_hours_are_meant_in_the_zone(zone: str) -> None:
    clock = BusinessHours("09:00-17:00", WEEK, zone)
    assert hours(clock, utc("2026-10-06 08:00", zone), utc("2026-10-06 12:00", zone)) == 3.0


def test_a_holiday_of_one_country_is_a_working_day_of_another() -> None:
    here = BusinessHours("09:00-17:00", WEEK, "UTC", "DK")
    there = BusinessHours("09:00-17:00", WEEK, "UTC", "FR")
    start, end = pd.Timestamp("2026-04-03"), pd.Timestamp("2026-04-04")  # Good Friday
    assert (hours(here, start, end), hours(there, start, end)) == (0.0, 8.0)


def test_missing_moments_stay_missing_and_the_index_is_kept() -> None:
    start = pd.Series([pd.NaT, utc("2026-10-06 09:00")], index=["a", "b"])
    end = pd.Series([utc("2026-10-06 10:00")] * 2)
    result = DANISH.between(start, end)
    assert result.isna().tolist() == [True, False]
    assert result["b"] == 1.0


def test_no_moments_give_no_hours() -> None:
    none = pd.Series([], dtype="datetime64[us]")
    assert len(DANISH.between(none, none)) == 0


def test_an_unknown_country_is_said() -> None:
    clock = BusinessHours("09:00-17:00", WEEK, "UTC", "XX")
    with pytest.raises(UsageError, match="country"):
        hours(clock, utc("2026-10-06 09:00"), utc("2026-10-06 10:00"))


moments = st.datetimes(
    pd.Timestamp("2024-01-01").to_pydatetime(), pd.Timestamp("2027-12-31").to_pydatetime()
).map(pd.Timestamp)
clocks = st.sampled_from(
    [
        DANISH,
        BusinessHours("00:00-24:00", (*WEEK, "sat", "sun"), "Europe/Copenhagen"),
        BusinessHours("07:30-15:45", ("sun", "mon"), "America/New_York", "US"),
        BusinessHours("22:00-23:00", WEEK, "Australia/Lord_Howe"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(clocks, moments, moments, moments)
def test_hours_add_up(clock: BusinessHours, a: pd.Timestamp, b: pd.Timestamp, c: pd.Timestamp):
    assert hours(clock, a, b) + hours(clock, b, c) == pytest.approx(hours(clock, a, c), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(clocks, moments, moments)
def test_hours_never_run_backwards_nor_faster_than_the_wall(
    clock: BusinessHours, a: pd.Timestamp, b: pd.Timestamp
):
    a, b = sorted((a, b))
    wall = elapsed_hours(pd.Series([a]), pd.Series([b])).item()
    assert -1e-9 <= hours(clock, a, b) <= wall + 1e-6


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(moments, moments), min_size=1, max_size=5))
def test_many_at_once_are_the_same_as_one_by_one(pairs: list):
    start, end = (pd.Series(list(side)) for side in zip(*pairs, strict=True))
    together = DANISH.between(start, end).tolist()
    assert together == [hours(DANISH, a, b) for a, b in pairs]
