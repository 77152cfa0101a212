"""One report: rendered in a temporary place, published whole, or the last good one stays."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.folder import Folder
from smarketing.language.speaker import LANGUAGES, check_language
from smarketing.periods import check_period
from smarketing.reporting.html.branding import brand_of
from smarketing.reporting.runs.exclusive import one_run_at_a_time
from smarketing.reporting.runs.html_export import page_of
from smarketing.reporting.runs.manifest import (
    SUFFIX,
    inputs_of,
    is_current,
    manifest_of,
    read_manifest,
    text_of,
)
from smarketing.reporting.runs.notebook import (
    CELL_SECONDS,
    NOTEBOOKS,
    check_complete,
    execute,
    notebook_path,
)
from smarketing.reporting.runs.parameters import check_parameters, read_parameters
from smarketing.reporting.runs.restated import restated, restated_note
from smarketing.results import Result

TEMPORARY = ".rendering-"
"""What a run's temporary folder is called; one that was killed leaves it to the next."""


@dataclass(frozen=True)
class Rendered(Result):
    """A published report.

    Parameters
    ----------
    month : str
        The period: "YYYY-MM", or "YYYY-Www" for a weekly page.
    html, manifest : Path
        The page, and what it was made from.
    status : str
        "rendered", or "unchanged": the page there is made from just these inputs.
    """

    month: str
    html: Path
    manifest: Path
    status: str = "rendered"

    def frame(self) -> pd.DataFrame:
        """Return the report as one row."""
        return pd.DataFrame([self.to_dict()])


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
    cell_seconds : int
    """

    place: Folder
    kind: str
    period: str
    language: str
    folder: Path
    notebook: Path
    cell_seconds: int = CELL_SECONDS

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

    def about(self) -> dict[str, Any]:
        """Return what is known of the report before it runs, as its manifest keeps it."""
        parameters = {
            "workspace": self.place.name,
            "month" if self.kind == "monthly" else "week": self.period,
            "language": self.language,
        }
        return {
            "kind": self.kind,
            "period": self.period,
            "language": self.language,
            "workspace": self.place.name,
            "inputs": inputs_of(self.place, self.notebook),
            "parameters": parameters,
        }


def own_language(place: Folder) -> str:
    """Return the language of the workspace's pages: the agreement's, where pages speak it."""
    language = place.agreement.language
    return language if language in LANGUAGES else "en"


def plan_job(
    workspace: str | Path,
    period: str | None = None,
    *,
    kind: str = "monthly",
    language: str = "",
    out: Path | None = None,
    notebook: Path | None = None,
    cell_seconds: int = CELL_SECONDS,
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
        check_period(place, period, kind),
        check_language(language or own_language(place)),
        Path(out) if out else place.reports,
        notebook or notebook_path(NOTEBOOKS[kind]),
        cell_seconds,
    )


def render_report(
    workspace: str | Path,
    month: str | None = None,
    *,
    week: str | None = None,
    kind: str = "monthly",
    language: str = "",
    out: Path | None = None,
    notebook: Path | None = None,
    cell_seconds: int = CELL_SECONDS,
) -> Rendered:
    """Render the report of a month or week into one HTML file with a manifest beside it.

    Everything happens in a temporary folder; the page and its manifest are moved into place
    once every cell has run. If anything fails, the last good report stays as it was, and the
    failed notebook is kept in ``failed/`` beside it.

    Parameters
    ----------
    workspace : str or Path
        Folder with sources.yml, agreement.yml and an ingested warehouse.
    month : str, optional
        "YYYY-MM"; the latest whole month of the data if left out.
    week : str, optional
        "YYYY-Www", for ``kind="weekly"``.
    kind : {"monthly", "weekly"}
    language : str
        Empty is the agreement's own where the report speaks it, English otherwise.
    out : Path, optional
        Folder for the report; the workspace's own by default (``reports/WORKSPACE``).
    notebook : Path, optional
        A notebook of one's own instead of the project's.
    cell_seconds : int
        How long one cell may run.

    Returns
    -------
    Rendered

    Raises
    ------
    UsageError
        For a kind, language, month or week that does not exist.
    SmarketingError
        If the notebook failed: what went wrong in plain words, and where the notebook is kept.
        If another run is at work in the folder and does not end.

    Examples
    --------
    >>> render_report("data/demo", "2026-10").html.name  # doctest: +SKIP
    'monthly-2026-10.html'
    """
    job = plan_job(
        workspace,
        week if kind == "weekly" else month,
        kind=kind,
        language=language,
        out=out,
        notebook=notebook,
        cell_seconds=cell_seconds,
    )
    with one_run_at_a_time(job.folder):
        return render(job)


def render(job: Job, changed_only: bool = False) -> Rendered:
    """Render one report; who calls holds the folder.

    Parameters
    ----------
    job : Job
    changed_only : bool
        Leave a page alone that was made from just these inputs.

    Raises
    ------
    SmarketingError
        If it was not rendered.
    """
    try:
        about = job.about()
        if changed_only and is_current(job.html, about):
            return _rendered(job, "unchanged")
        temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=job.folder))
        try:
            _make(job, about, temporary)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise SmarketingError(
            Problem(
                f"the report of {job.period} cannot be written: {error.strerror or error}",
                str(job.folder),
                todo="The last good one is still there." if job.html.is_file() else None,
            )
        ) from error
    return _rendered(job, "rendered")


def _make(job: Job, about: Mapping[str, Any], temporary: Path) -> None:
    parameters = check_parameters(
        read_parameters(job.notebook),
        {**about["parameters"], "workspace": str(job.place.path)},
        job.notebook.stem,
    )
    book = execute(
        job.notebook, temporary / f"{job.name}.ipynb", parameters, job.folder, job.cell_seconds
    )
    figures = check_complete(book, job.folder, job.name)
    changes = restated(read_manifest(job.html), figures, about["inputs"])
    title = str(figures.get("title", job.name))
    html = page_of(
        _with_note(book, changes, job.language), title, job.language, brand_of(job.place)
    )
    manifest = manifest_of(about, figures, changes, book, html)
    made = {job.html.name: html}
    if text := figures.get("text"):
        made[f"{job.name}.txt"] = f"{text}\n"
    # the manifest last: without it, or with another page's, the next run renders again
    made[f"{job.name}{SUFFIX}"] = text_of(manifest)
    for file, content in made.items():
        (temporary / file).write_text(content, encoding="utf-8")
    for file in made:
        os.replace(temporary / file, job.folder / file)


def _with_note(book: NotebookNode, changes: list[dict[str, Any]], language: str) -> NotebookNode:
    """Return the notebook with what was restated said at its end, before the sources."""
    note = restated_note(changes, language)
    if note is None:
        return book
    output = new_output("display_data", data={"text/html": note.markup})
    cell = new_code_cell("", outputs=[output], execution_count=0, id="restated")
    cells = [*book.cells[:-1], cell, *book.cells[-1:]]
    return NotebookNode({**book, "cells": cells})


def _rendered(job: Job, status: str) -> Rendered:
    return Rendered(job.period, job.html, job.folder / f"{job.name}{SUFFIX}", status)
