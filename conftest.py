"""What examples in docstrings may use beside the package itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

DEMO = Path(__file__).parent / "data" / "demo"


class Copy:
    """A copy of the demo company for one example to write in; made when it is first opened."""

    def __init__(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self._factory, self._path = tmp_path_factory, ""

    def __fspath__(self) -> str:
        if not self._path:
            self._path = str(self._factory.mktemp("example") / "my-company")
            shutil.copytree(DEMO, self._path, ignore=shutil.ignore_patterns("proposal.yml"))
        return self._path


@pytest.fixture(autouse=True)
def my_company(
    doctest_namespace: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Let an example write to ``smarketing.open(my_company)``."""
    doctest_namespace["my_company"] = Copy(tmp_path_factory)
