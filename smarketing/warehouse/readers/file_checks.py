"""What people send in place of a text table, recognised before it is parsed."""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Iterable

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers.raw import Export, clean_labels
from smarketing.warehouse.sources.model import FileOptions

_SIGNATURES = (
    (b"PK\x03\x04", "an Excel file (or another zip) with a text file's name",
     "Write `reader: excel` in sources.yml, or save it as CSV UTF-8."),
    (b"\xd0\xcf\x11\xe0", "an old Excel file with a text file's name",
     "Write `reader: excel` in sources.yml, or save it as CSV UTF-8."),
    (b"PAR1", "a Parquet file", "Write `reader: parquet` in sources.yml."),
    (b"%PDF", "a PDF", "Export the table as CSV."),
    (b"\x1f\x8b", "a gzip-packed file", "Let its name end in .gz."),
)  # fmt: skip
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WEB_PAGE = re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE)


def check_kind(export: Export) -> None:
    """Raise an error if the first bytes are those of another kind of file."""
    with export.path.open("rb") as stream:
        head = stream.read(4096)
    packed = export.path.suffix == ".gz"
    kind = next((one for one in _SIGNATURES if head.startswith(one[0])), None)
    if head.startswith(_UTF16) and "16" not in export.options.encoding:
        what, found = "the file is UTF-16 text", f"the byte order mark {head[:2]!r}"
        allowed = "UTF-8, or the encoding named in sources.yml"
        todo = "Write `encoding: utf-16` for it in sources.yml."
    elif kind is not None and not packed:
        what, found = (
            f"the file is named like text, but is {kind[1]}",
            f"the first bytes {head[:4]!r}",
        )
        allowed, todo = "text cells with a delimiter between them", kind[2]
    elif _WEB_PAGE.match(head) and not packed:
        what, found = "the file is a web page, not a table", repr(head[:20].decode("latin-1"))
        allowed = "a header line with column labels"
        todo = "Export it again: a log-in page may have been saved in its place."
    elif not head.strip(b"\xef\xbb\xbf \t\r\n") and not packed:
        what, found = "the file is empty", "no text"
        allowed, todo = "a header line with column labels, and rows", "Export it again."
    else:
        return
    raise SmarketingError(what, export.shown, 1, 1, found, allowed, todo)


def check_delimiter(header: str, export: Export) -> None:
    """Raise an error if a header of one column holds another delimiter."""
    own = export.options.delimiter
    other = max((mark for mark in ";\t,|" if mark != own), key=header.count)
    if header.count(other) == 0:
        return
    name = "tab" if other == "\t" else other
    raise SmarketingError(
        "the header has one column only, so the delimiter is another",
        export.shown,
        1,
        1,
        found=f'"{name}" {header.count(other)} times',
        allowed=f'"{own}" between cells',
        todo=f'Write `delimiter: "{name}"` for it in sources.yml.',
    )


def wrong_encoding(data: bytes, export: Export) -> SmarketingError:
    """Return the error that names the first byte that is no text in the encoding declared."""
    options = export.options
    try:
        data.decode(options.encoding)
    except UnicodeDecodeError as error:
        at = error.start
    except UnicodeError:
        at = 0
    start = max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1
    before = _cells(data[start:at], options)
    header = _cells(re.split(rb"[\r\n]", data, maxsplit=1)[0], options)
    names = clean_labels(header)
    column = names[len(before) - 1] if len(before) <= len(names) else len(before)
    byte = data[at : at + 1]
    windows = any(0x80 <= one <= 0x9F for one in data)
    guess = "cp1252" if windows else "latin-1"
    return SmarketingError(
        f"the text is not {options.encoding}",
        export.shown,
        line_at(data, at),
        column,
        found=f"byte 0x{byte.hex()}, which is {byte.decode(guess, 'replace')!r} in {guess}",
        allowed=f"{options.encoding} text, or the encoding named in sources.yml",
        todo=f"Write `encoding: {guess}` for it in sources.yml, or save it as UTF-8.",
    )


def _cells(line: bytes, options: FileOptions) -> list[str]:
    text = line.decode("latin-1").replace("\0", "")
    return next(csv.reader([text], delimiter=options.delimiter), [""])


def line_at(data: bytes, offset: int) -> int:
    """Return the line, from 1, that a byte stands in."""
    return lines_at(data, [offset])[0]


def lines_at(data: bytes, offsets: Iterable[int]) -> list[int]:
    """Return the line, from 1, that each of some bytes stands in."""
    starts = [end.end() for end in re.finditer(rb"\r\n|\n|\r", data)]
    return [bisect_right(starts, offset) + 1 for offset in offsets]
