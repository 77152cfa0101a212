"""One report to render: what is asked for, checked before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smarketing.errors import Problem, UsageError
from smarketing.folder import Folder
from smarketing.language.speaker import LANGUAGES, check_language
from smarketing.periods import check_period
from smarketing.reporting.runs.notebook import NOTEBOOKS, notebook_path


@dataclass(frozen=True)
class Job:
    """One report to render: all that is asked for is known to exist.

    Parameters
    ----------
    place : Folder
    kind : {"monthly", "weekly"}
    period : str
    language : str
    folder : Path
        Where it is published.
    notebook : Path
    """

    place: Folder
    kind: str
    period: str
    language: str
    folder: Path
    notebook: Path

    @property
    def name(self) -> str:
        """The page's file name without its ending; another language than the agreement's is named.

        Examples
        --------
        ``monthly-2026-10``, ``monthly-2026-10.da``
        """
        own = self.language == own_language(self.place)
        return f"{self.kind}-{self.period}" + ("" if own else f".{self.language}")

    @property
    def html(self) -> Path:
        """Where the page is published."""
        return self.folder / f"{self.name}.html"


def own_language(place: Folder) -> str:
    """Return the language of the workspace's pages: the agreement's, where pages speak it."""
    language = place.agreement.language
    return language if language in LANGUAGES else "en"


def period_of(place: Folder, period: str | None, kind: str) -> str:
    """Return the month or week to report on: the given one if the data reaches it, or the latest.

    Raises
    ------
    UsageError
        If it is no month or week, or the data says nothing of it.
    CannotAnswer
        If the tables have no dates, and a month or week is asked for.
    """
    with place.warehouse() as warehouse:
        return check_period(warehouse, place.agreement.timezone, period, kind)


def plan_job(
    workspace: str | Path,
    period: str | None = None,
    *,
    kind: str = "monthly",
    language: str = "",
    out: Path | None = None,
    notebook: Path | None = None,
) -> Job:
    """Return what there is to do, after checking that it can be done at all.

    Raises
    ------
    UsageError
        For a kind, language, month or week that does not exist.
    """
    if kind not in NOTEBOOKS:
        raise UsageError(
            Problem(
                "there is no such kind of reports", found=repr(kind), allowed=", ".join(NOTEBOOKS)
            )
        )
    place = Folder.open(workspace)
    return Job(
        place,
        kind,
        period_of(place, period, kind),
        check_language(language or own_language(place)),
        Path(out) if out else place.reports,
        notebook or notebook_path(NOTEBOOKS[kind]),
    )
