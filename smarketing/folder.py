"""A workspace: the folder with sources.yml, agreement.yml and raw exports of one company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from smarketing.clock import check_month
from smarketing.errors import Problem, UsageError
from smarketing.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement
    from smarketing.warehouse.sources.model import Sources


@dataclass(frozen=True)
class Folder:
    """One company's folder; its files are read when first asked for.

    Parameters
    ----------
    path : Path
        The folder; absolute, so that notebooks and commands find it from anywhere.

    Examples
    --------
    >>> workspace = Folder.open("data/demo")  # doctest: +SKIP
    >>> with workspace.warehouse() as warehouse:  # doctest: +SKIP
    ...     warehouse.counts()
    """

    path: Path

    @classmethod
    def open(cls, path: str | Path) -> Folder:
        """Open the workspace in a folder.

        Raises
        ------
        UsageError
            If the folder does not exist or holds no sources.yml.
        """
        folder = Path(path).expanduser().resolve()
        if not folder.is_dir():
            raise UsageError(
                Problem("there is no such workspace folder", str(path), todo="Check the path.")
            )
        if not (folder / "sources.yml").is_file():
            raise UsageError(
                Problem(
                    "this folder is no workspace: it holds no sources.yml",
                    str(path),
                    todo="Name the folder that holds sources.yml and agreement.yml.",
                )
            )
        return cls(folder)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def warehouse_path(self) -> Path:
        """Where ingest writes the warehouse."""
        return self.path / "warehouse.duckdb"

    @property
    def cache(self) -> Path:
        """Where what took long to compute is kept; it may be deleted at any time."""
        return self.path / ".cache"

    @property
    def reports(self) -> Path:
        """Where reports go unless somebody names another folder."""
        return self.path / "reports"

    @cached_property
    def agreement(self) -> Agreement:
        """The agreement in agreement.yml; its goals go on from where they first stood."""
        from smarketing.agreement.goal_starts import with_goal_starts
        from smarketing.agreement.load import load_agreement
        from smarketing.agreement.versions import agreement_versions

        agreement = load_agreement(self.path / "agreement.yml")
        if not agreement.goals:
            return agreement
        return with_goal_starts(agreement, agreement_versions(self.path))

    def agreement_for(self, month: str) -> Agreement:
        """Return the version that was valid on a month's first day ("YYYY-MM")."""
        from smarketing.agreement.goal_starts import with_goal_starts
        from smarketing.agreement.versions import agreement_valid_at, agreement_versions

        first = date.fromisoformat(f"{check_month(month)}-01")
        agreement = agreement_valid_at(self.path, first)
        return with_goal_starts(agreement, agreement_versions(self.path))

    @cached_property
    def sources(self) -> Sources:
        """The typed sources.yml."""
        from smarketing.warehouse.sources.load import load_sources

        return load_sources(self.path / "sources.yml")

    def warehouse(self) -> Warehouse:
        """Open the warehouse read-only; the caller closes it, or uses ``with``."""
        return Warehouse.open(self.warehouse_path)
