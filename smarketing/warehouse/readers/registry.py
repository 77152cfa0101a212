"""Which readers there are, and which files an export means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers import database, delimited, excel, parquet
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources.model import FileOptions


@dataclass(frozen=True)
class Reader:
    """What sets a kind of export apart.

    Parameters
    ----------
    labels : callable
        Returns a file's column labels, without reading its rows.
    load : callable
        Loads a file into a DuckDB table.
    """

    labels: Callable[[Path, str, FileOptions], list[str]]
    load: Callable[[duckdb.DuckDBPyConnection, str, Path, str, FileOptions, Path], RawTable]


READERS: dict[str, Reader] = {
    "csv": Reader(delimited.labels, delimited.load),
    "hubspot": Reader(delimited.labels, delimited.load),
    "salesforce": Reader(delimited.labels, delimited.load),
    "database": Reader(database.labels, database.load),
    "excel": Reader(excel.labels, excel.load),
    "parquet": Reader(parquet.labels, parquet.load),
}


def files_of(options: FileOptions, folder: Path) -> list[tuple[Path, str]]:
    """Return the files an export's `file` means, each with the name a person knows it by.

    A folder means all files in it; `*` and `?` make a glob. Sorted by name. A database's table
    is no file: its path is empty.

    Raises
    ------
    SmarketingError
        If there is none.
    """
    if options.reader == "database":
        return [(Path(), database.shown_as(options))]
    where = folder / options.file
    if any(mark in options.file for mark in "*?["):
        found = sorted(path for path in folder.glob(options.file) if path.is_file())
    elif where.is_dir():
        found = sorted(
            path for path in where.iterdir() if path.is_file() and not path.name.startswith(".")
        )
    else:
        found = [where] if where.is_file() else []
    if not found:
        near = sorted(path.name for path in where.parent.glob("*")) if where.parent.is_dir() else []
        raise SmarketingError(
            "there is no such file",
            options.file,
            found=("its folder holds " + ", ".join(near[:8])) if near else "no such folder",
            allowed="a file, a folder, or a pattern such as raw/*.csv",
            todo="Put the export there, or correct `file` in sources.yml.",
        )
    return [(path, path.relative_to(folder).as_posix()) for path in found]
