"""Rows for people and machines: CSV and Parquet files, whole or not at all."""

from __future__ import annotations

import os
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
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.suffix == ".csv":
            frame.map(_harmless).to_csv(temporary, index=False, lineterminator="\n")
        else:
            frame.to_parquet(temporary, index=False)
        os.replace(temporary, path)
    except OSError as error:
        raise SmarketingError(f"the rows cannot be written: {error.strerror}", str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _harmless(value: object) -> object:
    if isinstance(value, (list, tuple)):
        value = "; ".join(str(item) for item in value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
