"""Local times become UTC as the zone's clocks say, whichever way they are computed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.warehouse import sql

FIRST, LAST = datetime.fromisoformat("2014-12-30"), datetime.fromisoformat("2035-01-03")
ZONES = (
    "Europe/Copenhagen",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/Sao_Paulo",  # gave it up
    "Asia/Kathmandu",
    "UTC",
)


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    return con


def expected(local: datetime, zone: str) -> datetime:
    """Return UTC: of a time that is skipped by the clock before, of one that comes twice later."""
    first, second = (
        local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC).replace(tzinfo=None)
        for fold in (0, 1)
    )
    return max(first, second)


@settings(max_examples=60, deadline=None)
@given(st.datetimes(FIRST, LAST), st.sampled_from(ZONES))
def test_a_local_time_is_moved_as_the_clocks_are(
    con: duckdb.DuckDBPyConnection, local: datetime, zone: str
) -> None:
    asked = f"SELECT {sql.to_utc('moment', zone)} FROM (SELECT ?::TIMESTAMP AS moment)"
    assert con.execute(asked, [local]).fetchone()[0] == expected(local, zone)


@pytest.mark.parametrize("zone", ZONES)
def test_every_quarter_around_the_clock_changes_is_as_duckdb_has_it(
    con: duckdb.DuckDBPyConnection, zone: str
) -> None:
    differ = con.execute(
        f"SELECT count(*) FILTER ({sql.to_utc('moment', zone)}"
        f" <> timezone('UTC', timezone({sql.lit(zone)}, moment))), count(*) FROM (SELECT unnest("
        "generate_series(TIMESTAMP '2014-12-30', TIMESTAMP '2026-12-31', INTERVAL '15 minutes'))"
        " moment)"
    ).fetchone()
    assert differ[0] == 0 < differ[1]
