"""What a notebook may be told: its `parameters` cell, read without running it."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from smarketing.errors import Problem, SmarketingError, UsageError

Literal = str | int | float | bool
_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def read_parameters(notebook: Path) -> dict[str, Literal]:
    """Return the names and defaults of a notebook's parameters, in the file's order.

    The cell tagged ``parameters`` is parsed, never run: it may hold only plain
    ``name = literal`` lines, so that what papermill would paste over it is known beforehand.

    Raises
    ------
    SmarketingError
        If the notebook is missing, has no such cell, or the cell holds anything else.

    Examples
    --------
    >>> read_parameters(Path("notebooks/monthly_report.ipynb"))["language"]  # doctest: +SKIP
    'en'
    """
    if not notebook.is_file():
        raise SmarketingError(Problem("there is no such notebook", notebook.name))
    book = nbformat.read(notebook, as_version=4)
    tagged = [c for c in book.cells if "parameters" in c.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise SmarketingError(
            Problem(
                "exactly one cell tagged `parameters` is needed",
                notebook.name,
                found=str(len(tagged)),
            )
        )
    defaults: dict[str, Literal] = {}
    for line in ast.parse(tagged[0].source).body:
        name, value = _assignment(line)
        if name is None or type(value) not in _WORDS:
            raise SmarketingError(
                Problem(
                    "the parameters cell may hold only plain values",
                    notebook.name,
                    line.lineno,
                    found=ast.unparse(line)[:60],
                    allowed="name = text, number, True or False",
                )
            )
        defaults[name] = value
    return defaults


def _assignment(line: ast.stmt) -> tuple[str | None, Any]:
    if not isinstance(line, ast.Assign) or len(line.targets) != 1:
        return None, None
    target = line.targets[0]
    try:
        value = ast.literal_eval(line.value)
    except ValueError:
        return None, None
    return (target.id, value) if isinstance(target, ast.Name) else (None, None)


def check_parameters(
    defaults: Mapping[str, Literal], given: Mapping[str, Any], notebook: str
) -> dict[str, Literal]:
    """Return the given parameters, refused unless the notebook knows them by name and type.

    papermill would paste an unknown name into the notebook as code and go on with the defaults;
    nothing unknown is let through to it.

    Parameters
    ----------
    defaults : mapping
        As from :func:`read_parameters`.
    given : mapping
        What the caller wants set.
    notebook : str
        The notebook's name, for the message.

    Raises
    ------
    UsageError
        With every wrong name and every wrong type.

    Examples
    --------
    >>> check_parameters({"month": ""}, {"month": "2026-10"}, "monthly_report")
    {'month': '2026-10'}
    >>> check_parameters({"month": ""}, {"mnoth": "2026-10"}, "monthly_report")
    Traceback (most recent call last):
        ...
    smarketing.errors.UsageError: monthly_report: there is no parameter of that name; found \
'mnoth'; allowed: month. Did you mean 'month'?
    """
    problems = []
    for name, value in given.items():
        if name not in defaults:
            close = difflib.get_close_matches(str(name), defaults, n=1)
            problems.append(
                Problem(
                    "there is no parameter of that name",
                    notebook,
                    found=repr(name),
                    allowed=", ".join(defaults),
                    todo=f"Did you mean {close[0]!r}?" if close else None,
                )
            )
            continue
        wanted = type(defaults[name])
        # a whole number may stand for a number; True is an int to Python, but not to a person
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            problems.append(
                Problem(
                    f"the parameter {name} is of the wrong kind",
                    notebook,
                    found=repr(value)[:60],
                    allowed=f"{_WORDS[wanted]}, such as {defaults[name]!r}",
                )
            )
    if problems:
        raise UsageError(problems)
    return dict(given)
