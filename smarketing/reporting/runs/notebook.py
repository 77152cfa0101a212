"""One run of a report's notebook: every cell, or the reason in words and the notebook kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from smarketing.errors import Problem, SmarketingError
from smarketing.reporting.html.page import KEY_FIGURES
from smarketing.reporting.runs.kernel import OwnPython
from smarketing.shipped import NOTEBOOKS as NOTEBOOK_FOLDER
from smarketing.shipped import shipped_folder

NOTEBOOKS = {"monthly": "monthly_report", "weekly": "weekly_meeting"}
"""The notebook of each kind of report."""

START_SECONDS = 120
CELL_SECONDS = 900


def notebook_path(name: str) -> Path:
    """Return where one of the package's own notebooks lies.

    Raises
    ------
    SmarketingError
        If the package was installed without its notebooks.
    """
    return shipped_folder(NOTEBOOK_FOLDER) / f"{name}.ipynb"


def execute(
    source: Path, target: Path, parameters: Mapping[str, Any], folder: Path
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
            execution_timeout=CELL_SECONDS,
            # an empty folder: the kernel imports what lies beside it, and nothing of that is ours
            cwd=str(target.parent),
            kernel_manager_class=OwnPython,
        )
    except (PapermillExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as error:
        raise _failed(target, folder, _in_words(error)) from error


def check_complete(book: NotebookNode, folder: Path, name: str) -> dict[str, Any]:
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


def _in_words(error: Exception) -> str:
    """Return why a run ended: our own errors as they are, others with their cell and kind."""
    if isinstance(error, CellTimeoutError):
        return f"a cell ran longer than {CELL_SECONDS} seconds and was stopped"
    if isinstance(error, DeadKernelError):
        return "Python itself died while a cell ran, most often for lack of memory"
    if not isinstance(error, PapermillExecutionError):
        first = (str(error).splitlines() or [type(error).__name__])[0]
        return f"the kernel did not start: {first}"
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
    what = what.strip().rstrip(".")
    return SmarketingError(Problem(f"{notebook.stem} was not rendered: {what}", todo=todo))


def _near(path: Path) -> str:
    """Return a path as short as the reader can follow it."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
