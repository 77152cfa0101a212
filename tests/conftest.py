"""Fixtures shared by all tests: the real data, a made-up warehouse, the demo and its reports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser

from smarketing.reporting.runs.batch import render_reports
from smarketing.reporting.runs.render import Rendered
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import KNOWN, made_up_company, write_warehouse
from tests.chromium import find_chromium, started

ONE_WORKER = pytest.mark.xdist_group("rendered")  # so that each report is rendered once


def absent(reason: str) -> NoReturn:
    """Skip a test for want of something; fail it where all must run."""
    if os.environ.get("SMARKETING_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of the public data sets; skip where it is absent."""
    named = os.environ.get("SMARKETING_REAL_DATA")
    folder = Path(named) if named else Path(__file__).parents[1].parent / "shared" / "data"
    if folder.is_dir():
        return folder
    absent(f"the public data sets are not in {folder}; name their folder in SMARKETING_REAL_DATA")


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


@pytest.fixture(scope="session")
def demo() -> Path:
    """Return the demo company's workspace, ingested."""
    folder = Path(__file__).parents[1] / "data" / "demo"
    if not (folder / "warehouse.duckdb").is_file():
        absent("the demo has no warehouse; run: smarketing ingest data/demo")
    return folder


@pytest.fixture(scope="session")
def monthly(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Return the demo's latest month, rendered; mark its tests with ONE_WORKER."""
    return render_reports(demo, "2026-10", out=tmp_path_factory.mktemp("reports"))[0]


@pytest.fixture(scope="session")
def monthly_danish(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Return the same month in Danish; mark its tests with ONE_WORKER."""
    out = tmp_path_factory.mktemp("reports")
    return render_reports(demo, "2026-10", language="da", out=out)[0]


@pytest.fixture(scope="session")
def weekly(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Return the demo's last week, rendered; mark its tests with ONE_WORKER."""
    out = tmp_path_factory.mktemp("reports")
    return render_reports(demo, week="2026-W44", kind="weekly", out=out)[0]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return Debian's Chromium, headless, driven by Playwright; skip where it is absent."""
    if find_chromium() is None:
        absent("there is no Chromium; install Debian's package chromium")
    with started() as browser:
        yield browser
