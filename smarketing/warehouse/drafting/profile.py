"""A look at an export nobody has described: its kind, and what stands in each column."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse import sql
from smarketing.warehouse.privacy import EMAIL_PATTERN, PHONE_PATTERN, personal_kind
from smarketing.warehouse.readers.labels import position
from smarketing.warehouse.readers.raw import Export
from smarketing.warehouse.readers.registry import READERS
from smarketing.warehouse.sources.model import FileOptions

_MANY = 60
_ALMOST = 0.98
_DATES = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
          "%m/%d/%Y", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")  # fmt: skip
_SALESFORCE = ("IsDeleted", "SystemModstamp", "CreatedById", "LastModifiedById", "OwnerId")
_HUBSPOT = ("Record ID", "Create Date", "Lifecycle Stage", "Original Source", "Contact owner",
            "Last Modified Date", "Lead Status")  # fmt: skip


@dataclass(frozen=True)
class ColumnLook:
    """What stands in a column.

    Parameters
    ----------
    label : str
    kind : str
        text, number, boolean or time; empty for a column without a cell.
    filled, distinct : int
        Cells with something in them, and how many differ.
    values : dict of str to int
        How often each value comes, if they are few; the commonest first.
    formats : tuple of str
        The strptime forms that fit all cells of a time which are no ISO dates.
    personal : str or None
        The kind of personal data.
    """

    label: str
    kind: str
    filled: int
    distinct: int
    values: dict[str, int] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    personal: str | None = None


@dataclass(frozen=True)
class Look:
    """What a file is.

    Parameters
    ----------
    path : Path
    options : FileOptions
        How it is read.
    rows : int
    columns : tuple of ColumnLook
    cells : callable
        Returns all cells of a label, in the file's order.
    """

    path: Path
    options: FileOptions
    rows: int
    columns: tuple[ColumnLook, ...]
    cells: Callable[[str], list[str | None]]

    @cached_property
    def labels(self) -> list[str]:
        """The header."""
        return [column.label for column in self.columns]

    def column(self, label: str) -> ColumnLook | None:
        """Return the column of a label, or of another of its names."""
        at = position(self.labels, label, self.options.labels_of)
        return None if at is None else self.columns[at]

    def unique(self, column: ColumnLook) -> bool:
        """Return whether every row has a value of its own, but for a few copies of rows."""
        return self.rows > 0 and column.distinct >= _ALMOST * self.rows


def look_at(path: Path) -> Look:
    """Read a file of any kind that ingest reads, and look at its columns.

    Raises
    ------
    SmarketingError
        If it cannot be read.
    """
    if not path.is_file():
        raise SmarketingError("there is no such file", str(path))
    options = _options(path)
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        reader = READERS[options.reader]
        raw = reader.load(con, "raw", Export(path, path.name, options), Path(scratch))
        rows = sql.count(con, "raw")
        looks = tuple(
            _column(con, label, f"CAST(c{n} AS VARCHAR)") for n, label in enumerate(raw.labels)
        )
        texts = {
            label: [
                row[0] for row in con.execute(f"SELECT CAST(c{n} AS VARCHAR) FROM raw").fetchall()
            ]
            for n, label in enumerate(raw.labels)
            if looks[n].distinct and not looks[n].personal
        }
    return Look(path, options, rows, looks, lambda label: texts.get(label, []))


def _options(path: Path) -> FileOptions:
    shown = f"raw/{path.name}"
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return FileOptions(reader="excel", file=shown)
    if head.startswith(b"PAR1"):
        return FileOptions(reader="parquet", file=shown)
    encoding = "utf-8"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif path.suffix != ".gz":
        data = path.read_bytes()
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            encoding = "cp1252" if any(0x80 <= one <= 0x9F for one in data) else "latin-1"
    options = FileOptions(reader="csv", file=shown, encoding=encoding)
    if path.suffix != ".gz":
        line = head.decode(encoding, "replace").splitlines()[:1]
        counts = {mark: len(next(csv.reader(line, delimiter=mark), [])) for mark in ",;\t|"}
        best = max(counts, key=lambda mark: counts[mark])
        if counts[best] > 1:
            options = options.model_copy(update={"delimiter": best})
    labels = READERS["csv"].labels(Export(path, path.name, options))
    for system, known in (("salesforce", _SALESFORCE), ("hubspot", _HUBSPOT)):
        hits = sum(position(labels, label, system) is not None for label in known)
        if hits >= 2:
            return options.model_copy(update={"reader": system})
    return options


def _column(con: duckdb.DuckDBPyConnection, label: str, cell: str) -> ColumnLook:
    rows = f"(SELECT {sql.cell(cell, ())} AS v FROM raw) WHERE v IS NOT NULL"
    forms = ", ".join(f"bool_and(try_strptime(v, {sql.lit(form)}) IS NOT NULL)" for form in _DATES)
    iso = sql.local_time("v", ())
    zoned = sql.utc_time("v", iso, "UTC")
    person = f"({EMAIL_PATTERN})|({PHONE_PATTERN})"
    filled, distinct, number, boolean, time, personal, *dates = sql.row_of(
        con,
        f"SELECT count(v), count(DISTINCT v), bool_and({sql.number('v')} IS NOT NULL),"
        f" bool_and({sql.boolean('v')} IS NOT NULL),"
        f" bool_and(coalesce(year(coalesce({iso}, {zoned})) BETWEEN 1970 AND 2099, false)),"
        f" bool_or(regexp_matches(v, {sql.lit(person)})), {forms}"
        f" FROM {rows}",
    )
    if not filled:
        return ColumnLook(label, "", 0, 0)
    formats = tuple(form for form, fits in zip(_DATES, dates, strict=True) if fits)
    kind = "text"
    if time or formats:
        kind = "time"
    elif boolean:
        kind = "boolean"
    elif number:
        kind = "number"
    values: dict[str, int] = {}
    if distinct <= _MANY:
        values = dict(
            con.execute(
                f"SELECT v, count(*) AS n FROM {rows} GROUP BY v ORDER BY n DESC, v"
            ).fetchall()
        )
    if personal is True:
        values = {}
    announced = personal_kind(label) or ("e-mail" if personal else None)
    return ColumnLook(
        label,
        kind,
        filled,
        distinct,
        {} if announced else values,
        () if time else formats,
        announced,
    )
