"""Small companies on which a number was once wrong, each with the value worked out by hand.

A case is a folder of ``cases/counting``: a workspace, and ``right.yml`` with the right value and
the arithmetic behind it. Its check stands below under the folder's name; :class:`Asked` runs
commands on a copy of it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from smarketing.cli import main
from smarketing.warehouse.ingesting.report import IngestReport
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse

CASES = Path(__file__).parent / "cases" / "counting"


class Asked:
    """A copy of a case, ingested, and the answers that commands give about it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.ingested: IngestReport = ingest(folder)

    def json(self, command: str, *options: str) -> dict[str, Any]:
        """Return what a command prints with --json."""
        self._capsys.readouterr()
        main([command, str(self.folder), *options, "--json"])
        answer: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return answer

    def table(self, name: str) -> pd.DataFrame:
        """Return a canonical table."""
        with Warehouse.open(self.folder / "warehouse.duckdb") as warehouse:
            return warehouse.table(name).execute()


Check = Callable[[Asked], None]
CHECKS: dict[str, Check] = {}


def case(name: str) -> Callable[[Check], Check]:
    """Take a function as the check of the case of that folder."""

    def keep(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return keep
