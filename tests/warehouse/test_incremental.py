"""Ingest again: what changed, which told months are told anew, and when nothing happens."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import DEALS, LEADS, SOURCES, STAGES, workspace


def _bytes(folder: Path) -> str:
    return hashlib.sha256((folder / "warehouse.duckdb").read_bytes()).hexdigest()


def _restated(folder: Path) -> list[tuple[object, ...]]:
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        rows = warehouse.restated()
    return list(rows.drop(columns="told_until").itertuples(index=False, name=None))


def test_the_same_exports_twice_change_nothing(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    first = ingest(folder)
    before, stamp = _bytes(folder), (folder / "warehouse.duckdb").stat().st_mtime_ns
    second = ingest(folder)
    assert not first.unchanged
    assert second.unchanged
    assert _bytes(folder) == before
    assert (folder / "warehouse.duckdb").stat().st_mtime_ns == stamp
    assert "Nothing differs from the last ingest" in " ".join(second.notes)
    assert second.to_dict()["unchanged"] is True


def test_another_order_of_rows_changes_no_row(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    ingest(folder)
    head, *rows = STAGES.splitlines()
    workspace(folder, stages="\n".join([head, *rows[::-1]]) + "\n")
    report = ingest(folder)
    assert not report.changes[["added", "changed", "removed"]].to_numpy().any()
    assert report.restated.empty
    assert "No row differs" in " ".join(report.notes)


def test_new_rows_after_the_end_restate_nothing(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    ingest(folder)
    workspace(folder, stages=STAGES + "L3,Qualified,2026-02-03\n")
    report = ingest(folder)
    stages = report.changes.set_index("table_name").loc["stages"]
    assert stages.tolist() == [1, 0, 0]
    assert report.restated.empty
    assert _restated(folder) == []


LATE = {
    # exports that change -> (month, table, added, changed, removed) restated
    "a late stage": (
        {"stages": STAGES + "L4,New,2025-12-31 12:00\n"}, [("2025-12", "stages", 1, 0, 0)],
    ),
    "in local time the month before": (
        {"stages": STAGES + "L4,New,2025-12-31T23:30:00Z\n"}, [("2026-01", "stages", 1, 0, 0)],
    ),
    "a deal that changed": (
        {"deals": DEALS.replace("200,DKK", "300,DKK")}, [("2026-01", "deals", 0, 1, 0)],
    ),
    "a lead that went": (
        {"leads": "\n".join(LEADS.splitlines()[:-1]) + "\n"}, [("2026-01", "leads", 0, 0, 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "told"), LATE.values(), ids=LATE.keys())
def test_late_rows_restate_their_month(
    tmp_path: Path, files: dict[str, str], told: list[tuple[object, ...]]
) -> None:
    folder = workspace(tmp_path)
    ingest(folder)
    workspace(folder, **files)
    report = ingest(folder)
    assert _restated(folder) == told
    assert f"{told[0][0]} (1)" in " ".join(report.notes)
    # a later ingest that changes nothing keeps what was restated; undoing it restates again
    ingest(folder)
    assert _restated(folder) == told
    workspace(folder)
    ingest(folder)
    assert len(_restated(folder)) == 2


def test_another_column_changes_every_row(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    ingest(folder)
    workspace(folder, SOURCES.replace("      employees:", "      staff:"))
    report = ingest(folder)
    assert report.changes.set_index("table_name").loc["leads"].tolist() == [0, 4, 0]


def test_a_newer_file_takes_a_rows_place_only_where_that_is_agreed(tmp_path: Path) -> None:
    sources = SOURCES.replace("raw/leads.csv", "raw/leads*.csv").replace(
        "public_hash_key: test", "public_hash_key: test\nmax_reject_share: 0.5"
    )
    more = LEADS.splitlines()[0] + "\nL2,2026-01-06 10:30,fair,bo@south.example,300\n"
    folder = workspace(tmp_path, sources, leads2_csv=more)
    assert ingest(folder).counts.set_index("table_name").rejected["leads"] == 1
    agreed = sources.replace("leads*.csv\n", "leads*.csv\n    repeated: update\n")
    workspace(folder, agreed, leads2_csv=more)
    report = ingest(folder)
    assert report.counts.set_index("table_name").rejected["leads"] == 0
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        leads = warehouse.table("leads").execute().set_index("lead_id")
    assert leads.employees["L2"] == 300
    assert len(leads) == 4
