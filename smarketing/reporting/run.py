"""Run a report's notebook in its own kernel and publish the page, or leave the last good one."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from smarketing.clock import months_between
from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.reporting.kernel import OwnPython
from smarketing.reporting.page import KEY_FIGURES
from smarketing.reporting.parameters import check_parameters, read_parameters
from smarketing.reporting.periods import LANGUAGES, check_language, check_period
from smarketing.results import Result
from smarketing.workspace import Workspace

NOTEBOOKS = {"monthly": "monthly_report", "weekly": "weekly_meeting"}
"""The notebook of each kind of report."""


START_SECONDS = 120
CELL_SECONDS = 900
_LIBRARIES = (
    "smarketing",
    "pandas",
    "numpy",
    "scikit-learn",
    "statsmodels",
    "duckdb",
    "ibis-framework",
    "matplotlib",
    "seaborn",
    "papermill",
    "nbconvert",
)
_TEMPLATES = Path(__file__).parent / "templates"


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
        "rendered".
    """

    month: str
    html: Path
    manifest: Path
    status: str = "rendered"

    def frame(self) -> pd.DataFrame:
        """Return the report as one row."""
        return pd.DataFrame([self.to_dict()])


def notebook_path(name: str) -> Path:
    """Return where a notebook of the project lies.

    Raises
    ------
    SmarketingError
        If the package was installed without its notebooks.
    """
    for root in (Path(__file__).resolve().parents[2], *(Path.cwd() / "x").parents):
        path = root / "notebooks" / f"{name}.ipynb"
        if path.is_file():
            return path
    raise SmarketingError(
        Problem(
            "the notebook is not here",
            f"notebooks/{name}.ipynb",
            todo="Run from a copy of the project's repository.",
        )
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
    language : {"", "en"}
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

    Examples
    --------
    >>> render_report("data/demo", "2026-10").html.name  # doctest: +SKIP
    'monthly-2026-10.html'
    """
    _one_of("kind", kind, tuple(NOTEBOOKS))
    place = Workspace.open(workspace)
    if not language:
        language = place.agreement.language if place.agreement.language in LANGUAGES else "en"
    check_language(language)
    period = check_period(place, week if kind == "weekly" else month, kind)
    source = notebook or notebook_path(NOTEBOOKS[kind])
    parameters = check_parameters(
        read_parameters(source),
        {
            "workspace": str(place.path),
            "month" if kind == "monthly" else "week": period,
            "language": language,
        },
        source.stem,
    )
    folder = Path(out) if out else place.reports
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{kind}-{period}"
    temporary = Path(tempfile.mkdtemp(prefix=".rendering-", dir=folder))
    try:
        book = _execute(source, temporary / f"{name}.ipynb", parameters, folder, cell_seconds)
        figures = _check_complete(book, folder, name)
        html = page_of(book, str(figures.get("title", name)), language)
        manifest = _manifest(place, kind, period, language, parameters, source, figures, book, html)
        made = {f"{name}.html": html, f"{name}.manifest.json": manifest}
        for file, text in made.items():
            (temporary / file).write_text(text, encoding="utf-8")
        for file in made:
            os.replace(temporary / file, folder / file)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Rendered(period, folder / f"{name}.html", folder / f"{name}.manifest.json")


def render_reports(
    workspace: str | Path,
    month: str = "",
    since: str = "",
    week: str = "",
    kind: str = "monthly",
    language: str = "",
    out: Path | None = None,
) -> list[Rendered]:
    """Render one period, or all months since one, oldest first; empty means the latest.

    Raises
    ------
    UsageError, SmarketingError
        As :func:`render_report`; months rendered before the one that failed stay.
    """
    if kind == "weekly" and (month or since):
        raise UsageError(Problem("a weekly page takes a week, not a month", allowed="week"))
    if kind != "weekly" and week:
        raise UsageError(Problem("a week is for weekly pages", allowed='kind="weekly"'))
    if month and since:
        raise UsageError(Problem("name a month, or since when, not both"))
    months = [month]
    if since:
        latest = check_period(Workspace.open(workspace), None, "monthly")
        months = months_between(since, latest)
        if not months:
            raise UsageError(
                Problem("the data ends before that month", found=since, allowed=f"up to {latest}")
            )
    return [
        render_report(
            workspace, each or None, week=week or None, kind=kind, language=language, out=out
        )
        for each in months
    ]


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(
            Problem(
                f"there is no such {what} of reports", found=repr(value), allowed=", ".join(allowed)
            )
        )


def _execute(
    source: Path, target: Path, parameters: Mapping[str, Any], folder: Path, cell_seconds: int
) -> NotebookNode:
    """Run the notebook; on failure keep it in ``failed/`` and say in plain words what happened."""
    try:
        return papermill.execute_notebook(
            nbformat.read(source, as_version=4),
            # papermill formats the path: braces in a folder's name are no place holders
            str(target).replace("{", "{{").replace("}", "}}"),
            parameters=dict(parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            start_timeout=START_SECONDS,
            execution_timeout=cell_seconds,
            cwd=str(source.parent.parent),
            kernel_manager_class=OwnPython,
        )
    except PapermillExecutionError as error:
        raise _failed(target, folder, _in_words(error)) from error
    except CellTimeoutError as error:
        raise _failed(
            target, folder, f"a cell ran longer than {cell_seconds} seconds and was stopped"
        ) from error
    except DeadKernelError as error:
        raise _failed(
            target, folder, "Python itself died while a cell ran, most often for lack of memory"
        ) from error
    except RuntimeError as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise _failed(target, folder, f"the kernel did not start: {first}") from error


def _in_words(error: PapermillExecutionError) -> str:
    """Return a told error as it is, any other with its cell and kind."""
    if error.ename in {"SmarketingError", "UsageError", "CannotAnswer"}:
        return error.evalue
    code = [line for line in error.source.splitlines() if line and not line.startswith("#")]
    where = f" at `{code[0][:60]}`" if code else ""
    return f"cell {error.exec_count}{where} stopped with {error.ename}: {error.evalue}"


def _failed(notebook: Path, folder: Path, what: str) -> SmarketingError:
    todo = None
    if notebook.is_file():
        kept = folder / "failed" / notebook.name
        kept.parent.mkdir(exist_ok=True)
        os.replace(notebook, kept)
        todo = f"The notebook as far as it came is kept: {_near(kept)}."
    return SmarketingError(
        Problem(f"the report was not rendered: {what.strip().rstrip('.')}", todo=todo)
    )


def _near(path: Path) -> str:
    """Return a path as short as the reader can follow it."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _check_complete(book: NotebookNode, folder: Path, name: str) -> dict[str, Any]:
    """Return the key figures the notebook handed over, once sure that every cell has run."""
    wrong = ""
    figures: dict[str, Any] | None = None
    for number, cell in enumerate((c for c in book.cells if c.cell_type == "code"), start=1):
        state = cell.metadata.get("papermill", {})
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed or cell.execution_count is None or state.get("status") != "completed":
            wrong = wrong or f"cell {number} did not complete"
        for output in cell.outputs:
            figures = output.get("data", {}).get(KEY_FIGURES, figures)
    if not wrong and figures is None:
        wrong = "the notebook ended without handing over its key figures"
    if wrong:
        kept = folder / f".{name}.ipynb"
        nbformat.write(book, kept)
        kept = kept.rename(kept.with_name(f"{name}.ipynb"))
        raise _failed(kept, folder, wrong)
    return dict(figures)  # type: ignore[arg-type]


def page_of(book: NotebookNode, title: str, language: str = "en") -> str:
    """Return an executed notebook as one self-contained page: no code, scripts or network.

    Parameters
    ----------
    book : NotebookNode
        Executed; shown are its markdown and its cells' HTML outputs, nothing else.
    title : str
        The page's title, escaped here.
    language : str
        Of the page, as in ``<html lang>``.

    Examples
    --------
    >>> "<title>A &amp; B</title>" in page_of(nbformat.v4.new_notebook(), "A & B")
    True
    """
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number}"  # papermill's injected cell has a random one
    exporter = HTMLExporter(
        extra_template_basedirs=[str(_TEMPLATES)],
        template_name="page",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        # widgets' state and cells' highlighting have no place on the page
        config=Config({"CSSHTMLHeaderPreprocessor": {"enabled": False}}),
    )
    css = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    html, _ = exporter.from_notebook_node(
        book, resources={"smarketing": {"language": language, "title": title, "css": css}}
    )
    return html.strip() + "\n"


def _manifest(
    place: Workspace,
    kind: str,
    period: str,
    language: str,
    parameters: Mapping[str, Any],
    source: Path,
    figures: Mapping[str, Any],
    book: NotebookNode,
    html: str,
) -> str:
    """Return what the page was made from; what differs from run to run stands under ``run``."""
    with place.warehouse() as warehouse:
        fingerprint = warehouse.fingerprint
    agreement = place.path / "agreement.yml"
    cells = [c for c in book.cells if c.cell_type == "code"]
    about = {
        "kind": kind,
        "period": period,
        "language": language,
        "workspace": place.name,
        "inputs": {
            "data_fingerprint": fingerprint,
            "agreement_version": figures.get("agreement_version"),
            "agreement_sha256": _sha256(agreement.read_bytes()) if agreement.is_file() else None,
            "notebook_sha256": _sha256(source.read_bytes()),
        },
        "parameters": {**parameters, "workspace": place.name},
        "versions": {"python": platform.python_version(), **{n: version(n) for n in _LIBRARIES}},
        "key_figures": figures,
        "html_sha256": _sha256(html.encode()),
        "run": {
            "started_at": book.metadata.papermill.start_time,
            "seconds": round(book.metadata.papermill.duration, 2),
            "cells": [round(c.metadata.papermill.duration, 2) for c in cells],
        },
    }
    return json.dumps(about, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
