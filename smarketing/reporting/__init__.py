"""Notebooks rendered into pages: figures, tables, the monthly and the weekly report."""

from importlib import import_module
from typing import Any

_WHERE = {
    "Rendered": "runs.render",
    "check_parameters": "parameters",
    "page_of": "runs.export",
    "read_parameters": "parameters",
    "render_report": "runs.render",
    "render_reports": "runs.batch",
    "write_rows": "rows",
}

__all__ = [
    "Rendered",
    "check_parameters",
    "page_of",
    "read_parameters",
    "render_report",
    "render_reports",
    "write_rows",
]


def __getattr__(name: str) -> Any:
    # papermill and nbconvert take a second to import: only who renders a page should wait for
    # them, not the kernel that runs the notebook
    if name in _WHERE:
        return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
