"""Files for people and machines: rows as CSV and Parquet, texts; whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    with _whole(path, "the rows") as temporary:
        if path.suffix == ".csv":
            frame.map(_harmless).to_csv(temporary, index=False, lineterminator="\n")
        else:
            frame.to_parquet(temporary, index=False)
    return path


def write_text(text: str, path: Path) -> Path:
    """Write a text as UTF-8; the file appears only when whole.

    Raises
    ------
    SmarketingError
        If the folder does not exist or cannot be written.
    """
    with _whole(Path(path), "the text") as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


@contextmanager
def _whole(path: Path, what: str) -> Iterator[Path]:
    """Give a place beside the file to write to, and put it in the file's place at the end."""
    if path.is_dir():
        raise SmarketingError(f"{what} cannot be written: this is a folder", str(path))
    if not path.parent.is_dir():
        raise SmarketingError(f"{what} cannot be written: there is no such folder", str(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise SmarketingError(
            f"{what} cannot be written: {error.strerror or error}", str(path)
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _harmless(value: object) -> object:
    if isinstance(value, (list, tuple)):
        value = "; ".join(str(item) for item in value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
