"""The commands on the data: ingest, its draft, forget."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from smarketing.cli import main
from smarketing.warehouse.sources.load import load_sources
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import workspace


def _run(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["smarketing", *arguments])
    status = 0
    try:
        main()
    except SystemExit as end:
        status = int(end.code or 0)
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_draft_goes_to_stdout_and_can_be_ingested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = workspace(tmp_path)
    files = [str(folder / "raw" / name) for name in ("leads.csv", "stages.csv")]
    status, out, err = _run(["ingest", "--draft", *files], monkeypatch, capsys)
    assert status == 0
    assert "want your decision" in err
    (folder / "sources.yml").write_text(out)
    assert set(load_sources(folder / "sources.yml").tables) == {"leads", "stages"}
    status, out, _ = _run(["ingest", str(folder), "--json"], monkeypatch, capsys)
    assert status == 0
    assert json.loads(out)["tables"]["leads"]["accepted"] == 4
    status, out, _ = _run(["ingest", "--draft", "--json", *files], monkeypatch, capsys)
    assert json.loads(out)["unsure_lines"]


def test_forget_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = workspace(tmp_path)
    _run(["ingest", str(folder)], monkeypatch, capsys)
    arguments = ["forget", str(folder), "--lead", "L1", "--json"]
    status, out, _ = _run(arguments, monkeypatch, capsys)
    assert status == 0
    assert json.loads(out)["removed"] == {"leads": 1, "stages": 2}
    status, out, err = _run(arguments, monkeypatch, capsys)
    assert (status, out) == (1, "")
    assert "no lead of the warehouse has this id" in err


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["ingest", "a", "b"], 2, "one workspace at a time"),
        (["ingest", "--draft", "nothing.csv"], 1, "no such file"),
        (["ingest", "nowhere"], 2, "no such workspace"),
        (["forget", "nowhere", "--lead", "L1"], 2, "no such workspace"),
    ],
)
def test_wrong_use_is_told_in_words(
    arguments: list[str],
    status: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found, out, err = _run(arguments, monkeypatch, capsys)
    assert (found, out) == (status, "")
    assert says in err


def test_a_memory_limit_that_is_no_size_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARKETING_MEMORY", "lots")
    status, _, err = _run(["ingest", str(workspace(tmp_path))], monkeypatch, capsys)
    assert status == 1
    assert "SMARKETING_MEMORY is no size" in err


def test_data_beyond_the_memory_limit_spill_to_the_disk_and_the_warehouse_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = """
company: Big
timezone: UTC
tables:
  leads: {reader: parquet, file: raw/leads.parquet, columns: {lead_id: Id, created_at: Created}}
  events:
    reader: parquet
    file: raw/events.parquet
    columns: {lead_id: Id, occurred_at: At, subject: Page}
    constants: {actor: lead, automatic: "false", kind: page_view}
"""
    (tmp_path / "raw").mkdir()
    (tmp_path / "sources.yml").write_text(sources)
    with duckdb.connect() as con:
        rows = "SELECT 'L' || i % 5000 AS Id, TIMESTAMP '2026-01-01' + to_seconds(i)"
        lead = f"{rows} AS Created FROM range(5000) t(i)"
        event = f"{rows} AS At, '/page/' || i AS Page FROM range(300000) t(i)"
        con.execute(f"COPY ({lead}) TO '{tmp_path}/raw/leads.parquet'")
        con.execute(f"COPY ({event}) TO '{tmp_path}/raw/events.parquet'")
    status, *_ = _run(["ingest", str(tmp_path)], monkeypatch, capsys)
    assert status == 0
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        free = warehouse.fingerprint, warehouse.table("events").execute()
    (tmp_path / "warehouse.duckdb").unlink()
    monkeypatch.setenv("SMARKETING_MEMORY", "70MB")
    status, _, err = _run(["ingest", str(tmp_path)], monkeypatch, capsys)
    assert (status, err) == (0, "")
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        assert warehouse.fingerprint == free[0]
        pd.testing.assert_frame_equal(warehouse.table("events").execute(), free[1])
    assert not list(tmp_path.glob(".ingest-*"))
