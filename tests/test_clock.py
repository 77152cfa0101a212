"""One clock: months and weeks tile in every zone, and a text means one moment everywhere."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

import smarketing
from smarketing.clock import (
    Month,
    check_month,
    first_instant,
    moment,
    month_bounds,
    month_of,
    months_between,
)
from smarketing.errors import UsageError
from smarketing.periods import week_bounds, week_of
from tests.agreements import EXAMPLE
from tests.zones import changes, wall

MICROSECOND = pd.Timedelta(microseconds=1)
ODD_MIDNIGHTS = [  # the clocks skip or show twice the midnight that the day begins with
    ("America/Havana", "2026-03-08", "2026-03-08 05:00"),
    ("America/Havana", "2026-11-01", "2026-11-01 04:00"),
    ("America/Asuncion", "2023-10-01", "2023-10-01 04:00"),
    ("America/Asuncion", "2023-03-26", "2023-03-26 04:00"),
    ("Africa/Cairo", "2026-04-24", "2026-04-23 22:00"),
    ("Africa/Cairo", "2026-10-30", "2026-10-29 22:00"),
    ("Asia/Tehran", "2021-03-22", "2021-03-21 20:30"),
    ("Asia/Tehran", "2021-09-22", "2021-09-21 20:30"),
    ("America/St_Johns", "2009-11-01", "2009-11-01 02:30"),
    ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00"),  # a day that never was
    ("Pacific/Apia", "2011-12-31", "2011-12-30 10:00"),
]


def test_the_zones_are_all_there_are_and_change_their_clocks_thousands_of_times():
    zones = changes()
    assert len(zones) > 150
    assert sum(map(len, zones.values())) > 5000
    assert {"Asia/Tehran", "Africa/Cairo", "America/Havana"} <= zones.keys()


def test_months_of_every_zone_tile_without_gap_or_overlap():
    labels = months_between("1990-01", "2035-12")
    around = ["1989-12", *labels, "2036-01"]
    for zone in changes():
        bounds = [month_bounds(label, zone) for label in labels]
        first, end = (pd.Series(side) for side in zip(*bounds, strict=True))
        assert (first < end).all(), zone
        assert first[1:].tolist() == end[:-1].tolist(), zone
        assert month_of(first, zone).tolist() == labels, zone
        assert month_of(end - MICROSECOND, zone).tolist() == labels, zone
        assert month_of(first - MICROSECOND, zone).tolist() == around[:-2], zone
        assert month_of(end, zone).tolist() == around[2:], zone


def test_weeks_of_every_zone_tile_around_every_change_of_its_clocks():
    for zone, instants in changes().items():
        for at in instants:
            week = week_of(pd.Timestamp(at, unit="s"), zone)
            start, end = week_bounds(week, zone)
            assert week_of(start, zone) == week_of(end - MICROSECOND, zone) == week, zone
            assert week_bounds(week_of(end, zone), zone)[0] == end, zone
            assert week_bounds(week_of(start - MICROSECOND, zone), zone)[1] == start, zone


def test_days_of_every_zone_begin_with_their_first_instant():
    for name, instants in changes().items():
        zone = ZoneInfo(name)
        for at in instants:
            for days in (-1, 0, 1, 2):
                day = wall(at, zone).date() + timedelta(days=days)
                begins = int(first_instant(day, name).timestamp())
                midnight = datetime.combine(day, time())
                assert wall(begins, zone) >= midnight, (name, day)
                earlier = [wall(begins - back, zone) for back in (1, 60, 3600, 86400)]
                assert max(earlier) < midnight, (name, day)


def test_each_instant_around_every_change_lies_in_the_month_whose_bounds_hold_it():
    for zone, instants in changes().items():
        if not instants:
            continue
        around = [at + seconds for at in instants for seconds in (-3601, -1, 0, 59, 3599, 7200)]
        times = pd.Series(pd.to_datetime(around, unit="s").as_unit("us"))
        months = month_of(times, zone)
        bounds = {label: month_bounds(label, zone) for label in months.unique()}
        first, end = (
            months.map({label: ends[n] for label, ends in bounds.items()}) for n in (0, 1)
        )
        assert ((first <= times) & (times < end)).all(), zone


@pytest.mark.parametrize(("zone", "day", "begins"), ODD_MIDNIGHTS)
def test_days_whose_midnight_is_skipped_or_doubled_begin_and_end_once(zone, day, begins):
    assert first_instant(date.fromisoformat(day), zone) == pd.Timestamp(begins)
    before = date.fromisoformat(day) - timedelta(days=1)
    assert moment(before.isoformat(), zone) == pd.Timestamp(begins)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-10-31", "2026-10-31 23:00"),  # a day means its end
        (" 2026-10-31 ", "2026-10-31 23:00"),
        ("2026-10-31 12:00", "2026-10-31 11:00"),  # noon is noon
        ("2026-10-31T12:00", "2026-10-31 11:00"),
        ("2026-10-31 00:00", "2026-10-30 23:00"),
        ("2026-10-31 12:00:30.25", "2026-10-31 11:00:30.25"),
        ("2026-10-31T12:00Z", "2026-10-31 12:00"),
        ("2026-10-31 12:00+05:30", "2026-10-31 06:30"),
        ("2026-10-24", "2026-10-24 22:00"),
        ("2026-10-25", "2026-10-25 23:00"),  # a day of 25 hours
        ("2026-10-25 02:30", "2026-10-25 00:30"),  # shown twice: the first
        ("2026-03-29 02:30", "2026-03-29 01:00"),  # skipped: the next there is
        ("2026-12-31", "2026-12-31 23:00"),
        ("2024-02-29", "2024-02-29 23:00"),
        ("1900-01-01 12:00Z", "1900-01-01 12:00"),
        ("2199-12-31", "2199-12-31 23:00"),
    ],
)
def test_a_text_means_one_moment(text, utc):
    found = moment(text, "Europe/Copenhagen")
    assert found == pd.Timestamp(utc)
    assert (found.tz, found.unit) == (None, "us")


@pytest.mark.parametrize("text", ["", "  "])
def test_no_text_means_no_moment(text):
    assert moment(text, "Europe/Copenhagen") is None


@pytest.mark.parametrize(
    "text",
    [
        "yesterday", "now", "today", "2026", "2026-10", "2026-W44", "20261031", "31.10.2026",
        "10/31/2026", "2026-13-01", "2026-02-29", "0000-01-01", "0001-01-01", "1899-12-31",
        "2200-01-01", "9999-12-31", "9999-12-31 23:59", "2026-10-31 24:00", "2026-10-31 12",
        "2026-10-31 12:60", "2026-10-31 12:00 PM", "2026-10-31 12:00+99:00", "2026-10-31x",
        "2026-10-31-12", "٢٠٢٦-١٠-٣١", "2026-10-31 12:00 Europe/Copenhagen", "NaT", "-1",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_in_one_sentence_that_names_the_option(text):
    with pytest.raises(UsageError) as raised:
        moment(text, "Europe/Copenhagen", option="--as-of")
    assert str(raised.value) == (
        f"--as-of is not a date; found {text!r}; allowed: 2026-10-31, or with a time, "
        "2026-10-31 12:00, from the year 1900 to 2199."
    )


def test_an_open_workspace_reads_moments_on_the_clock_of_its_agreement(tmp_path):
    (tmp_path / "sources.yml").write_text("company: Acme\n")
    text = EXAMPLE.replace("timezone: Europe/Copenhagen", "timezone: America/Havana")
    assert text != EXAMPLE
    (tmp_path / "agreement.yml").write_text(text)
    workspace = smarketing.open(tmp_path)
    assert workspace.moment("2026-03-07") == pd.Timestamp("2026-03-08 05:00")
    assert workspace.moment("2026-10-31 12:00") == pd.Timestamp("2026-10-31 16:00")
    with pytest.raises(UsageError, match=r"^as-of is not a date; found 'soon'; allowed: "):
        workspace.moment("soon")


NO_MONTHS = [
    "", "2026", "2026-1", "2026-00", "2026-13", "2026-10-01", "2026-10 ", "0000-01", "0001-01",
    "1899-12", "2200-01", "9999-12", "٢٠٢٦-١٠", "soon", None, 202610, date(2026, 10, 1),
]  # fmt: skip


@pytest.mark.parametrize("label", NO_MONTHS, ids=repr)
def test_what_is_no_month_is_refused_by_all_that_take_one(label):
    text = f'; found {label!r}; allowed: "YYYY-MM", from 1900-01 to 2199-12.'
    for use in (
        check_month,
        lambda month: Month(month, "UTC"),
        lambda month: month_bounds(month, "UTC"),
        lambda month: months_between(month, "2026-10"),
        lambda month: months_between("2026-10", month),
    ):
        with pytest.raises(UsageError) as raised:
            use(label)
        assert str(raised.value) == "a month is needed" + text
    with pytest.raises(UsageError) as raised:
        check_month(label, "--since")
    assert str(raised.value) == "a month is needed as --since" + text


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "../etc/passwd", "Europe", "/etc/passwd"])
def test_a_month_of_no_known_zone_is_refused(zone):
    with pytest.raises(UsageError, match="there is no such time zone"):
        Month("2026-10", zone)


def test_the_first_and_the_last_month_there_is_have_their_bounds():
    zone = "America/Havana"
    assert Month("1900-01", zone).first < Month("1900-02", zone).first
    assert Month("2199-12", zone).end == first_instant(date(2200, 1, 1), zone)
    for month, way in ((Month("1900-01", zone), "previous"), (Month("2199-12", zone), "next")):
        with pytest.raises(UsageError, match="a month is needed"):
            getattr(month, way)


def test_months_are_ordered_counted_and_found():
    october = Month("2026-10", "Europe/Copenhagen")
    assert october.previous < october < october.next
    assert sorted([october.next, october.previous, october])[1] == october
    assert {october, Month("2026-10", "Europe/Copenhagen")} == {october}
    assert october != Month("2026-10", "UTC")
    assert str(october.shifted(-10)) == "2025-12"
    assert october.shifted(15).label == "2028-01"
    assert [str(month) for month in october.to(october.shifted(3))] == [
        "2026-10", "2026-11", "2026-12", "2027-01",
    ]  # fmt: skip
    assert october.to(october.previous) == []
    assert Month.of(october.first, october.zone) == october
    assert Month.of(october.end, october.zone) == october.next


def test_months_of_times_keep_their_place_and_what_is_missing():
    times = pd.Series(
        pd.to_datetime(["2026-10-31 23:30", None, "2026-01-01 12:00"]), index=[7, 3, 5]
    )
    found = month_of(times, "Europe/Copenhagen")
    assert found.index.tolist() == [7, 3, 5]
    assert found.isna().tolist() == [False, True, False]
    assert found.dropna().tolist() == ["2026-11", "2026-01"]
    assert month_of(times[:0], "UTC").tolist() == []
    assert month_of(pd.Series([pd.NaT], dtype="datetime64[us]"), "UTC").isna().all()


def test_times_of_another_age_have_a_month_though_none_can_be_asked_for():
    times = pd.Series([datetime(1, 6, 1), datetime(9999, 12, 31)])  # noqa: DTZ001 - naive UTC
    assert month_of(times, "UTC").tolist() == ["0001-06", "9999-12"]


@pytest.mark.parametrize(
    "week",
    ["", "2026-44", "2026-W00", "2026-W54", "2025-W53", "0000-W01", "0001-W01", "9999-W52",
     "1899-W52", "2200-W01", "2026-W4", "٢٠٢٦-W44", None, 202644],
    ids=repr,
)  # fmt: skip
def test_what_is_no_week_is_refused_in_one_sentence(week):
    with pytest.raises(UsageError) as raised:
        week_bounds(week, "UTC")
    assert str(raised.value) == (
        f'a week is needed; found {week!r}; allowed: "YYYY-Www", such as 2026-W44, from the year '
        "1900 to 2199."
    )


def test_bounds_of_months_agree_with_utc_where_no_clock_changes():
    for label in months_between("1900-01", "2199-12"):
        first = pd.Timestamp(datetime.fromisoformat(f"{label}-01").replace(tzinfo=UTC))
        assert month_bounds(label, "UTC")[0] == first.tz_localize(None)
