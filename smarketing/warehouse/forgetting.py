"""Forgetting a person: out of the warehouse at once, and never in again."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from smarketing.errors import SmarketingError
from smarketing.results import Result
from smarketing.warehouse import sql
from smarketing.warehouse.forgotten import FILE, FORGOTTEN, Forgotten
from smarketing.warehouse.ingesting.store import (
    NO_ROOM,
    WAREHOUSE,
    no_room,
    replace_warehouse,
    workshop,
)

_TEXTS = (
    ".html",
    ".json",
    ".jsonl",
    ".csv",
    ".tsv",
    ".ipynb",
    ".md",
    ".yml",
    ".yaml",
    ".txt",
    ".log",
)
_PACKED = (".xlsx", ".zip", ".gz", ".parquet", ".pdf")
"""Files that are looked into as what they hold; of a PDF the page it was made of tells."""


@dataclass(frozen=True)
class Forgetting(Result):
    """What was removed, and what is left for a person to do.

    Parameters
    ----------
    removed : dict of str to int
        Rows by table.
    named_in : tuple of str
        Files that name the lead still: reports and lists made before.
    models : tuple of str
        Saved models that learned from the lead among others, now removed.
    """

    removed: dict[str, int]
    named_in: tuple[str, ...]
    models: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """Return the rows removed, by table: ``table_name``, ``rows``."""
        return pd.DataFrame(list(self.removed.items()), columns=["table_name", "rows"])

    @property
    def notes(self) -> list[str]:
        """What a person should know, one sentence each."""
        sentences = [f"{FILE} keeps the person out of every later ingest; keep that file."]
        if self.models:
            sentences.append(
                f"Models that had learned from them are gone: {', '.join(self.models)}."
            )
        if self.named_in:
            files = ", ".join(self.named_in)
            sentences.append(
                f"Made earlier, and naming this id: {files}. Make them again, or delete."
            )
        sentences.append("The raw exports are as they were: delete the person in the CRM too.")
        return sentences

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, the notes among them."""
        return {**super().to_dict(), "notes": self.notes}


def forget(folder: str | Path, lead_id: str, elsewhere: Iterable[Path] = ()) -> Forgetting:
    """Remove a person from a workspace: warehouse, history, and what models learned from.

    The person's hashed id goes on the workspace's list, which every later ingest honours. The
    ids of contacts merged into the lead go with it. Saved models that may have learned from the
    person are deleted: fitted anew, they do so without.

    Parameters
    ----------
    folder : Path
        The workspace.
    lead_id : str
        The id, as in ``leads``, or one that was merged into it.
    elsewhere : iterable of Path
        Folders beside the workspace, such as that of its reports, to look for the id in.

    Raises
    ------
    SmarketingError
        If there is no warehouse, or no such lead in it. Nothing is changed then.

    Examples
    --------
    >>> forget("data/demo", "100017").notes  # doctest: +SKIP
    """
    folder = Path(folder)
    try:
        removed, models, ids = _forget(folder, lead_id)
    except NO_ROOM as error:
        raise no_room(error) from None
    named = dict.fromkeys(
        path for place in (folder, *elsewhere) for path in _named(place.resolve(), folder, ids)
    )
    return Forgetting(removed, tuple(named), tuple(models))


def _forget(folder: Path, lead_id: str) -> tuple[dict[str, int], list[str], list[str]]:
    with workshop(folder) as scratch:
        path = folder / WAREHOUSE
        if not path.is_file():
            todo = f"Run: smarketing ingest {folder}"
            raise SmarketingError("there is no warehouse yet", WAREHOUSE, todo=todo)
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")
            con.execute(f"ATTACH {sql.lit(str(path))} AS old (READ_ONLY)")
            ids = _ids(con, lead_id)
            if not ids:
                raise SmarketingError(
                    "no lead of the warehouse has this id",
                    WAREHOUSE,
                    found=lead_id,
                    todo="Look it up in the CRM: it is the record's id.",
                )
            # the list comes first: whatever happens then, no ingest brings the person back
            meta = dict(con.execute("FROM old._meta").fetchall())
            forgotten = Forgotten.read(folder)
            forgotten.check(meta.get(FORGOTTEN))
            forgotten.write(folder, ids)
            n = len(Forgotten.read(folder).hashes)
            removed = _without(con, ids, scratch / WAREHOUSE, n)
        replace_warehouse(folder, scratch / WAREHOUSE)
        return removed, _remove_models(folder), ids


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' ORDER BY table_oid"
    ).fetchall()
    return [row[0] for row in rows]


def _ids(con: duckdb.DuckDBPyConnection, lead_id: str) -> list[str]:
    """Return all ids of the person."""
    if "_merged" not in _tables(con):
        merged: list[tuple[str, str]] = []
    else:
        merged = con.execute("FROM old._merged").fetchall()
    kept = dict(merged).get(lead_id, lead_id)
    if not sql.count(con, "old.leads", f"lead_id = {sql.lit(kept)}"):
        return []
    return [kept, *(gone for gone, into in merged if into == kept)]


def _without(
    con: duckdb.DuckDBPyConnection, ids: list[str], target: Path, forgotten: int
) -> dict[str, int]:
    """Write the old warehouse's tables anew without the person: deleted rows stay in a file."""
    con.execute(f"ATTACH {sql.lit(str(target))} AS new")
    some = sql.lits(ids)
    removed: dict[str, int] = {}
    for name in _tables(con):
        columns = {row[0] for row in con.execute(f"DESCRIBE old.{name}").fetchall()}
        test = "true"
        if "lead_id" in columns:
            test = f"lead_id NOT IN {some}"
            removed[name] = sql.count(con, f"old.{name}", f"NOT ({test})")
        elif name == "_merged":
            test = f"gone NOT IN {some}"
        con.execute(f"CREATE TABLE new.{name} AS FROM old.{name} WHERE {test}")
    for name, gone in removed.items():
        con.execute(
            "UPDATE new._ingest SET accepted = accepted - ?, excluded = excluded + ?"
            " WHERE table_name = ?",
            [gone, gone, name],
        )
    con.execute("DELETE FROM new._meta WHERE key = ?", [FORGOTTEN])
    con.execute("INSERT INTO new._meta VALUES (?, ?)", [FORGOTTEN, str(forgotten)])
    con.execute("DETACH new")
    return removed


def _remove_models(folder: Path) -> list[str]:
    """Delete saved models: what they learned from cannot be taken out of them."""
    removed = []
    for path in sorted((folder / "models").rglob("model.*")):
        path.unlink()
        removed.append(path.parent.relative_to(folder).as_posix())
    return sorted(set(removed))


def _named(place: Path, folder: Path, ids: list[str]) -> Iterator[str]:
    """Yield the files that hold one of the ids as a word of its own."""
    form = re.compile(
        rb"(?<![\w])(" + b"|".join(re.escape(one.encode()) for one in ids) + rb")(?![\w])"
    )
    home = folder.resolve()
    skipped = (home / "raw", home / "rejects")
    for path in sorted(place.rglob("*")) if place.is_dir() else ():
        if path.suffix not in _TEXTS + _PACKED or any(path.is_relative_to(one) for one in skipped):
            continue
        if path.is_file() and any(form.search(text) for text in _texts_in(path)):
            yield str(path.relative_to(home) if path.is_relative_to(home) else path)


def _texts_in(path: Path) -> Iterator[bytes]:
    """Yield the texts of a file, unpacked; of one that cannot be read, its bytes."""
    try:
        if path.suffix == ".parquet":
            with duckdb.connect() as con:
                rows = con.read_parquet(str(path))
                while batch := rows.fetchmany(10_000):
                    yield " ".join(str(cell) for row in batch for cell in row).encode()
        elif path.suffix in (".xlsx", ".zip"):
            with zipfile.ZipFile(path) as packed:
                yield from (packed.read(name) for name in packed.namelist())
        elif path.suffix == ".gz":
            yield gzip.decompress(path.read_bytes())
        elif path.suffix == ".pdf" and path.with_suffix(".html").is_file():
            yield path.with_suffix(".html").read_bytes()
    except (duckdb.Error, OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error):
        pass  # what is no such file holds what its bytes say
    yield path.read_bytes()
