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

from smarketing.errors import Problem, SmarketingError
from smarketing.reporting.html.branding import brand_of
from smarketing.reporting.runs.html_export import page_of
from smarketing.reporting.runs.job import Job
from smarketing.reporting.runs.manifest import (
    SUFFIX,
    inputs_of,
    is_current,
    manifest_of,
    read_manifest,
    text_of,
)
from smarketing.reporting.runs.notebook import check_complete, execute
from smarketing.reporting.runs.parameters import check_parameters
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
        about = _about(job)
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


def _about(job: Job) -> dict[str, Any]:
    """Return what is known of the report before it runs, as its manifest keeps it."""
    asked = {
        "kind": job.kind,
        "period": job.period,
        "language": job.language,
        "workspace": job.place.name,
    }
    parameters = {
        "workspace": job.place.name,
        "month" if job.kind == "monthly" else "week": job.period,
        "language": job.language,
    }
    return {**asked, "inputs": inputs_of(job.place, job.notebook), "parameters": parameters}


def _make(job: Job, about: Mapping[str, Any], temporary: Path) -> None:
    parameters = {**about["parameters"], "workspace": str(job.place.path)}
    check_parameters(job.notebook, parameters)
    book = execute(job.notebook, temporary / f"{job.name}.ipynb", parameters, job.folder)
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
