"""Which readers there are, and which files an export means."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import Protocol

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers import database, delimited, excel, parquet
from smarketing.warehouse.readers.raw import Export, RawTable
from smarketing.warehouse.sources.model import FileOptions


class Reader(Protocol):
    """What sets a kind of export apart: a module with these two functions."""

    def labels(self, export: Export) -> list[str]:
        """Return the column labels, without reading the rows."""

    def load(
        self, con: duckdb.DuckDBPyConnection, table: str, export: Export, scratch: Path
    ) -> RawTable:
        """Load the rows into a DuckDB table; `scratch` takes files that must be rewritten."""


READERS: dict[str, Reader] = {
    "csv": delimited,
    "hubspot": delimited,
    "salesforce": delimited,
    "database": database,
    "excel": excel,
    "parquet": parquet,
}


def within(path: Path, folder: Path) -> bool:
    """Return whether a path lies in a folder, as written: links may lead elsewhere.

    Examples
    --------
    >>> within(Path("a/raw/x.csv"), Path("a")), within(Path("/etc/hosts"), Path("a"))
    (True, False)
    >>> within(Path("a/../b/x.csv"), Path("a"))
    False
    """
    own, other = (Path(os.path.normpath(one.absolute())) for one in (folder, path))
    return other.is_relative_to(own)


def files_of(options: FileOptions, folder: Path) -> list[Export]:
    """Return the files that an export's `file` means.

    A folder means all files in it; `*` and `?` make a glob. Sorted by name. A database's table
    is no file: its path is empty.

    Raises
    ------
    SmarketingError
        If there is none.
    """
    if options.reader == "database":
        return [Export(Path(), f"table {options.table}", options)]
    where = folder / options.file
    if not within(where, folder):
        raise SmarketingError(
            "the files of a workspace stand in its folder",
            options.file,
            found=options.file,
            allowed="a path below the workspace, such as raw/leads.csv",
            todo="Copy the export there, or link to it, and correct `file` in sources.yml.",
        )
    if any(mark in options.file for mark in "*?["):
        paths = sorted(path for path in folder.glob(options.file) if path.is_file())
    elif os.path.isdir(where):
        paths = sorted(
            path for path in where.iterdir() if path.is_file() and not path.name.startswith(".")
        )
    else:
        paths = [where] if os.path.isfile(where) else []
    if not paths:
        is_there = os.path.isdir(where.parent)
        near = sorted(path.name for path in where.parent.glob("*")) if is_there else []
        raise SmarketingError(
            "there is no such file",
            options.file,
            found=f"{options.file}; its folder holds {', '.join(near[:8])}"
            if near
            else options.file,
            allowed="a file, a folder, or a pattern such as raw/*.csv",
            todo="Put the export there, or correct `file` in sources.yml.",
        )
    return [Export(path, path.relative_to(folder).as_posix(), options) for path in paths]
