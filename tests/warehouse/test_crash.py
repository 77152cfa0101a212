"""Whatever befalls an ingest, the warehouse is the old one or the new one, whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smarketing.warehouse.ingesting.run import ingest
from tests.crashes import company, version_of

ROOT = Path(__file__).parents[2]


def _run(what: str, folder: Path, number: int) -> Any:
    """Run in a fresh process: one that has opened a database cannot be forked."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crashes", what, str(folder), str(number), "1"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_killed_ingest_leaves_the_old_warehouse_or_the_new_one(tmp_path: Path) -> None:
    answer = _run("kills", tmp_path, 10)
    assert answer["broken"] == []
    assert answer["failed"] == []
    assert answer["kills"] >= 5


@pytest.mark.parametrize("limit", [20_000, 300_000, 700_000])
def test_a_full_disk_is_told_and_the_old_warehouse_stands(tmp_path: Path, limit: int) -> None:
    ingest(company(tmp_path, 0))
    company(tmp_path, 1)
    status, version = _run("full", tmp_path, limit)
    assert (status, version) == (1, "v0")
    assert not list(tmp_path.glob(".ingest-*"))
    ingest(tmp_path)
    assert version_of(tmp_path) == "v1"


def test_two_ingests_at_once_wait_for_each_other(tmp_path: Path) -> None:
    ingest(company(tmp_path, 0))
    company(tmp_path, 1)
    statuses, version = _run("at_once", tmp_path, 3)
    assert statuses == [0, 0, 0]
    assert version == "v1"
    assert not list(tmp_path.glob(".ingest-*"))
