"""Fixtures shared by all tests: the real data, a made-up warehouse, the demo and its reports."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser
from ruamel.yaml import YAML

from smarketing.cli import main
from smarketing.reporting.runs.batch import render_reports
from smarketing.reporting.runs.render import Rendered
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import KNOWN, made_up_company, write_warehouse
from tests.chromium import find_chromium, started
from tests.scoring_cases import LINES, agreement

Run = Callable[..., tuple[int, str, str]]
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
def public(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that gives the workspace of a public set, ingested once."""

    @cache
    def workspace(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name) / "data" / name
        folder.mkdir(parents=True)
        for file in ("sources.yml", "agreement.yml"):
            shutil.copy(Path(__file__).parents[1] / "data" / name / file, folder)
        (folder / "raw").symlink_to(real_data / name, target_is_directory=True)
        assert ingest(folder).counts.rejected.sum() == 0
        return folder

    return workspace


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


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command line and gives (exit status, stdout, stderr)."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["smarketing", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        written = capsys.readouterr()
        return status, written.out, written.err

    return call


@pytest.fixture(scope="session")
def made_up_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of a hundred and fifty made-up leads over a year, with its warehouse."""
    folder = tmp_path_factory.mktemp("acme") / "acme"
    folder.mkdir()
    (folder / "sources.yml").write_text("company: Acme\n")
    with (folder / "agreement.yml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(agreement(lines=LINES).to_dict(), file)
    write_warehouse(
        folder / "warehouse.duckdb", made_up_company(leads=150), KNOWN, timezone="Europe/Copenhagen"
    )
    return folder


@pytest.fixture
def acme(made_up_workspace: Path, tmp_path: Path) -> Path:
    """Return a copy of the made-up workspace, to write into."""
    return shutil.copytree(made_up_workspace, tmp_path / "acme")
