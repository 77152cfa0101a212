"""What a notebook may be told: the names in its `parameters` cell, read without running it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import nbformat
from papermill.translators import PythonTranslator

from smarketing.errors import Problem, SmarketingError, UsageError


def check_parameters(notebook: Path, names: Iterable[str]) -> None:
    """Refuse a notebook that does not take parameters of these names.

    papermill would give it what it does not ask for, and run it with its own defaults.

    Parameters
    ----------
    notebook : Path
    names : iterable of str

    Raises
    ------
    SmarketingError
        If the notebook is missing.
    UsageError
        With every name that is not assigned in the cell tagged ``parameters``.

    Examples
    --------
    >>> check_parameters(Path("notebooks/monthly_report.ipynb"), ["month"])  # doctest: +SKIP
    """
    if not notebook.is_file():
        raise SmarketingError(Problem("there is no such notebook", notebook.name))
    book = nbformat.read(notebook, as_version=4)
    known = [
        parameter.name
        for cell in book.cells
        if "parameters" in cell.metadata.get("tags", [])
        for parameter in PythonTranslator.inspect(cell)
    ]
    problems = [
        Problem(
            "there is no parameter of that name in its cell tagged `parameters`",
            notebook.name,
            found=repr(name),
            allowed=", ".join(known) or "none",
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise UsageError(problems)
