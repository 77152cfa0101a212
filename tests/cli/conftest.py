"""The command line as a person runs it, and a small company to run it on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from smarketing.cli import main
from tests.builders import KNOWN, made_up_company, write_warehouse
from tests.scoring_cases import LINES, agreement

Run = Callable[..., tuple[int, str, str]]


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
