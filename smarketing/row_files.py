"""Files for people and machines: rows as CSV and Parquet, texts; whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from smarketing.errors import SmarketingError, UsageError

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_rows(frame: pd.DataFrame, path: Path) -> Path:
    r"""Write a frame as .csv or .parquet; the file appears only when whole.

    In CSV, a text that a spreadsheet would run as a formula gets an apostrophe in front.

    Raises
    ------
    UsageError
        For another kind of file.
    SmarketingError
        If the folder does not exist or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_rows(pd.DataFrame({"name": ["=1+1"]}), folder / "rows.csv").read_text()
    "name\n'=1+1\n"
    """
    path = Path(path)
    if path.suffix not in {".csv", ".parquet"}:
        raise UsageError("the file's kind is not known", found=path.name, allowed=".csv, .parquet")
    with _told(path, "the rows"), whole_file(path) as unfinished:
        if path.suffix == ".csv":
            frame.map(_harmless).to_csv(unfinished, index=False, lineterminator="\n")
        else:
            frame.to_parquet(unfinished, index=False)
    return path


def write_text(text: str, path: Path) -> Path:
    """Write a text as UTF-8; the file appears only when whole.

    Raises
    ------
    SmarketingError
        If the folder does not exist or cannot be written.
    """
    path = Path(path)
    with _told(path, "the text"), whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
    return path


@contextmanager
def _told(path: Path, what: str) -> Iterator[None]:
    """Say in a person's words why a file cannot be written."""
    if path.is_dir():
        raise SmarketingError(f"{what} cannot be written: this is a folder", str(path))
    if not path.parent.is_dir():
        raise SmarketingError(f"{what} cannot be written: there is no such folder", str(path))
    try:
        yield
    except OSError as error:
        raise SmarketingError(
            f"{what} cannot be written: {error.strerror or error}", str(path)
        ) from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path beside a file; what is written there takes its place once it is on the disk.

    Without that wait a power cut could leave the file's name with nothing in it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with whole_file(path) as unfinished:
    ...     _ = unfinished.write_text("all of it")
    >>> path.read_text()
    'all of it'
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        with unfinished.open("rb+") as stream:
            os.fsync(stream.fileno())
        unfinished.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _harmless(value: object) -> object:
    if isinstance(value, (list, tuple)):
        value = "; ".join(str(item) for item in value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
