"""Fixtures shared by all tests: the real data, where it is, and a small made-up warehouse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smarketing.warehouse.warehouse import Warehouse
from tests.builders import KNOWN, made_up_company, write_warehouse


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of the public data sets; skip where it is absent."""
    named = os.environ.get("SMARKETING_REAL_DATA")
    folder = Path(named) if named else Path(__file__).parents[1].parent / "shared" / "data"
    if folder.is_dir():
        return folder
    reason = f"the public data sets are not in {folder}; name their folder in SMARKETING_REAL_DATA"
    if os.environ.get("SMARKETING_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def made_up_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a small made-up warehouse."""
    path = tmp_path_factory.mktemp("made_up") / "warehouse.duckdb"
    return write_warehouse(path, made_up_company(), KNOWN, timezone="Europe/Copenhagen")


@pytest.fixture
def made_up(made_up_path: Path) -> Warehouse:
    """Return the small made-up warehouse, open."""
    with Warehouse.open(made_up_path) as warehouse:
        yield warehouse
