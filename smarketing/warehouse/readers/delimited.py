"""Text exports (CSV and its kin): checked for what people really send, parsed by DuckDB."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers.file_checks import (
    check_delimiter,
    check_kind,
    lines_at,
    wrong_encoding,
)
from smarketing.warehouse.readers.raw import BadLine, Export, RawTable, clean_labels
from smarketing.warehouse.sources.model import FileOptions
from smarketing.warehouse.sql import count, lit

if TYPE_CHECKING:
    from _csv import Reader

_CHUNK = 1 << 20
_BROKEN_PACK = (EOFError, gzip.BadGzipFile, zlib.error)
_MANY = 10_000
SEPARATOR = re.compile(r"\ufeff?sep=.\s*", re.IGNORECASE)
_MAX_LINE = 64 << 20  # a cell may be long, but one beyond this is a broken quote


def labels(export: Export) -> list[str]:
    """Return the labels of the header.

    Raises
    ------
    SmarketingError
        If the file is empty, no text, in another encoding or with another delimiter.
    """
    check_kind(export)
    path, shown, options = export.path, export.shown, export.options
    with _text(path, options.encoding) as stream:
        try:
            above = _skip_to_header(stream, options)
            header = next(_records(stream, options.delimiter), None)
        except UnicodeDecodeError:
            raise wrong_encoding(_bytes(path), export) from None
        except csv.Error as error:
            raise SmarketingError(f"the header cannot be read: {error}", shown, above + 1) from None
        except _BROKEN_PACK as error:
            raise _broken_pack(error, shown) from None
    if header is None or not any(cell.strip() for cell in header):
        raise SmarketingError(
            "the first line must hold the column labels",
            shown,
            above + 1,
            found="an empty line",
            todo="Export it again, or write `header_line` for it in sources.yml.",
        )
    if len(header) == 1:
        check_delimiter(header[0], export)
    return clean_labels(header)


def load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    export: Export,
    scratch: Path,
) -> RawTable:
    """Load a text file; lines that are no rows come back as ``bad``.

    Raises
    ------
    SmarketingError
        If the file cannot be read as the text table it is said to be.
    """
    names, shown, options = labels(export), export.shown, export.options
    utf8 = _as_utf8(export, scratch / f"{table}.csv")
    with _text(utf8, "utf-8") as stream:
        above = _skip_to_header(stream, options)
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(names)))
    query = (
        f"CREATE OR REPLACE TABLE {table} AS SELECT *, row_number() OVER () AS _row FROM"
        f" read_csv({lit(str(utf8))}, auto_detect=false, header=true, skip={above},"
        f" delim={lit(options.delimiter)},"
        f""" quote='"', escape='"', columns={{{columns}}}, parallel=false,"""
        f" max_line_size={_MAX_LINE}, store_rejects=true, rejects_limit=0,"
        f" rejects_table='{table}_bad', rejects_scan='{table}_scan', strict_mode="
    )
    try:
        con.execute(query + "true)")
    except duckdb.Error:
        # text after a closing quote, or line ends of two kinds: read it as leniently as Excel does
        for left in (table, f"{table}_bad", f"{table}_scan"):
            con.execute(f"DROP TABLE IF EXISTS {left}")
        _check_ends(utf8, shown, options.delimiter, above)
        try:
            con.execute(query + "false)")
        except duckdb.Error as error:
            raise SmarketingError(
                f"the file cannot be parsed: {str(error).splitlines()[0]}", shown
            ) from None
    bad = con.execute(
        f"SELECT line_byte_position, any_value(error_type) FROM {table}_bad GROUP BY 1 ORDER BY 1"
    ).fetchall()
    data = _bytes(utf8) if bad else b""
    places = lines_at(data, [_first_cell(data, offset - 1) for offset, _ in bad])
    lines = tuple(
        BadLine(place, _why(kind, len(names))) for place, (_, kind) in zip(places, bad, strict=True)
    )
    starts = partial(_lines, utf8, options.delimiter, above, frozenset(one.line for one in lines))
    _check_quotes(utf8, shown, options.delimiter, above, count(con, table) + len(lines))
    return RawTable(table, shown, tuple(names), starts, options.labels_of, lines)


def _open(path: Path) -> gzip.GzipFile | io.BufferedReader:
    return gzip.GzipFile(path) if path.suffix == ".gz" else path.open("rb")


def _bytes(path: Path) -> bytes:
    """Return a file's bytes; of a packed file that breaks off, those before."""
    parts: list[bytes] = []
    with _open(path) as stream, contextlib.suppress(*_BROKEN_PACK):
        while part := stream.read(_CHUNK):
            parts.append(part)
    return b"".join(parts)


def _text(path: Path, encoding: str) -> io.TextIOWrapper:
    stream = _open(path)
    try:
        return io.TextIOWrapper(stream, encoding=_codec(encoding), newline="")
    except LookupError:
        stream.close()
        raise SmarketingError(
            "this is not an encoding",
            "sources.yml",
            found=encoding,
            allowed="utf-8, latin-1, cp1252, utf-16 …",
        ) from None


def _codec(encoding: str) -> str:
    return "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding


def _records(stream: Iterable[str], delimiter: str) -> Reader:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    return csv.reader(stream, delimiter=delimiter)


def _as_utf8(export: Export, copy: Path) -> Path:
    """Return the file itself if it is UTF-8, else a copy that is: DuckDB knows few encodings."""
    path, encoding = export.path, export.options.encoding
    utf8 = _codec(encoding) == "utf-8-sig"
    try:
        with _text(path, encoding) as stream:
            if export.options.skip_footer:
                _without_footer(stream, copy, export.options.skip_footer)
                return copy
            if utf8:
                while stream.read(_CHUNK):
                    pass
                return path
            with copy.open("w", encoding="utf-8", newline="") as out:
                while part := stream.read(_CHUNK):
                    out.write(part)
    except UnicodeError:
        raise wrong_encoding(_bytes(path), export) from None
    except _BROKEN_PACK as error:
        raise _broken_pack(error, export.shown) from None
    return copy


def _without_footer(stream: io.TextIOWrapper, copy: Path, lines: int) -> None:
    """Write a file without its last lines; empty ones at its end do not count."""
    every = stream.read().rstrip("\r\n").splitlines(keepends=True)
    copy.write_text("".join(every[:-lines]), encoding="utf-8", newline="")


def _check_ends(path: Path, shown: str, delimiter: str, above: int) -> None:
    """Refuse a file whose lines end in two ways so that most are no rows: each costs DuckDB time.

    Such is one whose rows end in a lone carriage return, with line breaks in unquoted cells.
    """
    widths: Counter[int] = Counter()
    lone = False
    with _text(path, "utf-8") as stream, contextlib.suppress(csv.Error):
        _skip(stream, above)
        widths.update(len(record) for record in _records(stream, delimiter) if record)
        lone = isinstance(stream.newlines, tuple) and {"\r", "\n"} <= set(stream.newlines)
    width = next(iter(widths), 0)
    lines = widths.total() - 1
    bad = lines + 1 - widths[width]
    if not lone or bad <= max(_MANY, lines / 2):
        return
    raise SmarketingError(
        "the lines end in two ways, so that most of them are no rows",
        shown,
        found=f"{bad} of {lines} lines with fewer or more cells than the header's {width}",
        allowed="rows that all end alike, and cells with line breaks in quotation marks",
        todo="Export it again, as CSV UTF-8 with all texts in quotation marks.",
    )


def _broken_pack(error: Exception, shown: str) -> SmarketingError:
    return SmarketingError(f"the packed file is broken: {error}", shown, todo="Fetch it again.")


def _first_cell(data: bytes, offset: int) -> int:
    """Skip the empty lines that DuckDB counts to the line after them."""
    while data[offset : offset + 1] in (b"\n", b"\r"):
        offset += 1
    return offset


def _why(kind: str, width: int) -> str:
    if kind == "MISSING COLUMNS":
        return f"the line has fewer cells than the header's {width}"
    if kind == "TOO MANY COLUMNS":
        return (
            f"the line has more cells than the header's {width}: is a cell with a delimiter quoted?"
        )
    if kind == "UNQUOTED VALUE":
        return "a quotation mark is not closed"
    return f"the line cannot be read ({kind.lower()})"


def _starts(path: Path, delimiter: str, above: int) -> Iterable[int]:
    """Yield the line at which each record after the header starts."""
    with _text(path, "utf-8") as stream:
        _skip(stream, above)
        reader = _records(stream, delimiter)
        width = len(next(reader, []))
        line = above + reader.line_num + 1
        for record in reader:
            if record or width == 1:  # DuckDB skips empty lines too, but in one-column files
                yield line
            line = above + reader.line_num + 1


def _skip(stream: io.TextIOWrapper, lines: int) -> None:
    for _ in range(lines):
        stream.readline()


def _skip_to_header(stream: io.TextIOWrapper, options: FileOptions) -> int:
    """Read the lines above the header, and return how many these are.

    A first line such as ``sep=;`` tells a spreadsheet what stands between the cells.
    """
    if options.header_line is not None:
        _skip(stream, options.header_line - 1)
        return options.header_line - 1
    if SEPARATOR.fullmatch(stream.readline()):
        return 1
    stream.seek(0)
    return 0


def _lines(
    path: Path, delimiter: str, above: int, bad: frozenset[int], rows: Iterable[int]
) -> dict[int, int]:
    wanted = set(rows)
    good = (line for line in _starts(path, delimiter, above) if line not in bad)
    return {row: line for row, line in enumerate(good, start=1) if row in wanted}


def _check_quotes(path: Path, shown: str, delimiter: str, above: int, rows: int) -> None:
    """Refuse a file in which an open quotation mark swallowed rows: DuckDB does so silently."""
    with _open(path) as stream:
        quotes = sum(part.count(b'"') for part in iter(lambda: stream.read(_CHUNK), b""))
    if quotes % 2 == 0:
        return
    starts = list(_starts(path, delimiter, above))
    if len(starts) <= rows:
        return
    raise SmarketingError(
        "a quotation mark is opened and never closed, so the rest cannot be told apart",
        shown,
        starts[-1],
        todo="Close it, or write a quotation mark inside a cell twice.",
    )
