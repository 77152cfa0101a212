"""A database as a source, on a real PostgreSQL; credentials are in the environment alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import psycopg
import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.sources.load import load_sources
from smarketing.warehouse.sources.secrets import filled, has_password, scrubbed
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import workspace
from tests.postgres import postgres_server

PASSWORD = "s3cr/et pa:ss@word"  # noqa: S105 - of a server that lives for this test
SOURCES = """\
company: Small
timezone: Europe/Copenhagen
tables:
  leads: &leads
    reader: database
    address: postgresql://${PGUSER}:${PGPASSWORD}@/postgres?host=${PGFOLDER}
    table: crm.contact
    system: hubspot
    columns: {lead_id: Record ID, created_at: Create Date}
    attributes:
      employees: {column: Number of Employees, type: number, known: at_creation}
      newsletter: {column: newsletter, type: boolean, known: at_creation}
  stages:
    <<: *leads
    attributes: {}
    columns: {lead_id: Record ID}
    unpivot: {Became a Lead Date: lead}
"""
ROWS = """
CREATE SCHEMA crm;
CREATE TABLE crm.contact (id bigint, property_createdate timestamptz,
  property_hs_lifecyclestage_lead_date timestamp, property_numemployees numeric(10, 1),
  property_email text, newsletter boolean, _fivetran_deleted boolean);
INSERT INTO crm.contact VALUES
  (1, '2026-01-05 09:00+01', '2026-01-05 09:00', 12.5, 'anna@north.example', true, false),
  (2, '2026-07-06 10:30+02', '2026-07-06 10:30', NULL, 'bo@south.example', NULL, false),
  (3, '2026-07-07 10:30+02', '2026-07-07 10:30', 3, NULL, false, true);
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as address:
        with psycopg.connect(address, autocommit=True) as con:
            con.execute(ROWS)
        yield address.split()[0].removeprefix("host=")


@pytest.fixture
def login(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PGUSER", "postgres"), ("PGPASSWORD", PASSWORD), ("PGFOLDER", postgres)):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("login")
def test_tables_of_a_database_go_in_as_exports_do(tmp_path: Path) -> None:
    folder = workspace(tmp_path, SOURCES)
    report = ingest(folder)
    assert report.to_dict()["tables"]["leads"]["excluded"] == 1
    assert set(report.left_out.reason) >= {"deleted in the CRM"}
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        leads = warehouse.table("leads").execute().sort_values("lead_id")
        stages = warehouse.table("stages").execute()
    assert leads.created_at.tolist() == [
        pd.Timestamp("2026-01-05 08:00"),
        pd.Timestamp("2026-07-06 08:30"),
    ]
    assert leads.employees.iloc[0] == 12.5
    assert leads.newsletter.iloc[0]
    # naive local times of the winter and of the summer
    assert sorted(stages.entered_at.astype(str)) == ["2026-01-05 08:00:00", "2026-07-06 08:30:00"]
    assert ingest(folder).unchanged


@pytest.mark.usefixtures("login")
def test_a_changed_row_is_noticed(tmp_path: Path, postgres: str) -> None:
    folder = workspace(tmp_path, SOURCES)
    ingest(folder)
    with psycopg.connect(f"host={postgres} user=postgres dbname=postgres") as con:
        con.execute("UPDATE crm.contact SET property_numemployees = 13 WHERE id = 1")
    report = ingest(folder)
    assert report.changes.set_index("table_name").loc["leads"].tolist() == [0, 1, 0]


@pytest.mark.usefixtures("login")
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("/postgres?", "/nowhere?", "cannot be reached"),
        ("@/postgres?host=${PGFOLDER}", "@no-such-host.invalid/postgres", "cannot be reached"),
        ("crm.contact", "crm.contacts", "no such table"),
        ("${PGUSER}:", "nobody:", "cannot be reached"),
    ],
)
def test_a_failure_names_no_password(
    tmp_path: Path,
    old: str,
    new: str,
    says: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert old in SOURCES
    folder = workspace(tmp_path, SOURCES.replace(old, new))
    with caplog.at_level(logging.DEBUG), pytest.raises(SmarketingError, match=says) as caught:
        ingest(folder)
    out = capfd.readouterr()
    told = " ".join([str(caught.value), caplog.text, out.out, out.err])
    assert caught.value.__cause__ is None
    for secret in (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD), "s3cr"):
        assert secret not in told
    assert not (folder / "warehouse.duckdb").exists()


@pytest.mark.usefixtures("login")
def test_no_file_holds_the_password(tmp_path: Path) -> None:
    folder = workspace(tmp_path, SOURCES)
    ingest(folder)
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"s3cr" not in content, path
            assert quote(PASSWORD, safe="").encode() not in content, path


CLEAR = {
    "postgresql://ann:pa55@db/crm": True,
    "postgresql://ann:$PW@db/crm": False,
    "postgresql://${U}:${PW}@db/crm": False,
    "postgresql://ann@db/crm": False,
    "postgresql:///crm?password=pa55": True,
    "snowflake://ann@acc/db?token=$T&warehouse=w": False,
    "duckdb:///tmp/file.duckdb": False,
}


@pytest.mark.parametrize(("address", "clear"), CLEAR.items())
def test_passwords_in_clear_are_seen(address: str, clear: bool) -> None:
    assert has_password(address) is clear


def test_a_password_in_sources_yml_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = SOURCES.replace("${PGPASSWORD}", "hunter2hunter2")
    (tmp_path / "sources.yml").write_text(text)
    with pytest.raises(SmarketingError, match="belongs into no file") as caught:
        load_sources(tmp_path / "sources.yml")
    assert "hunter2" not in str(caught.value)


def test_the_environment_fills_in_and_what_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "a b@c")
    monkeypatch.delenv("NOT_SET", raising=False)
    address = "postgresql://u:$PW@h/d"
    assert filled(address) == "postgresql://u:a%20b%40c@h/d"
    assert scrubbed("could not: postgresql://u:a%20b%40c@h/d with a b@c", address) == (
        "could not: postgresql://u:$PW@h/d with ***"
    )
    with pytest.raises(SmarketingError, match="the environment lacks NOT_SET"):
        filled("postgresql://u:${NOT_SET}@h/d")
