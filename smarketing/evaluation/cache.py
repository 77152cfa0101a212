"""Predictions kept between runs: an interrupted backtest goes on where it was, a second one reads.

What is kept are numbers without names: a file of one column per model and month, called by the
fingerprint of everything the numbers depend on. Whatever changes – a row, an outcome, a setting,
a library, this code – gives another fingerprint, so nothing ever has to be declared stale.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache as once
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from smarketing.scoring.models import MODELS

MOST_FILES, MOST_BYTES, MOST_DAYS = 1_000, 100_000_000, 120
_FORM = b"1"
_LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn")
_ROOMS = ("scoring", "evaluation")
_SEAL = b"sha256"
_KEYS = ("smarketing: rows", "smarketing: also")


@dataclass(frozen=True)
class Cache:
    """A folder of numbers by fingerprint; it may be deleted at any time.

    The oldest unused files go first, once there are more than a thousand, they hold more than
    100 MB, or nobody asked for them in 120 days. A file that was changed or is not whole is made
    anew; a folder that cannot be written is no reason to stop.

    Parameters
    ----------
    folder : Path
        Made if absent. It keeps itself out of git.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> kept = Cache(Path(mkdtemp()))
    >>> kept.numbers("ab12", 2, lambda: np.array([0.5, 0.25])).tolist()
    [0.5, 0.25]
    >>> kept.numbers("ab12", 2, lambda: 1 / 0).tolist()  # read, not made
    [0.5, 0.25]
    """

    folder: Path

    def numbers(
        self, key: str, n: int, make: Callable[[], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Return `n` numbers kept under a fingerprint; make and keep them if they are not there."""
        path = self.folder / f"{key}.parquet"
        found = _read(path, n)
        if found is None:
            found = np.asarray(make(), dtype=np.float64)
            with contextlib.suppress(OSError):
                self._write(path, found)
        return found

    def _write(self, path: Path, values: NDArray[np.float64]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        table = pa.table({"p": values}).replace_schema_metadata({_SEAL: _seal(values)})
        with NamedTemporaryFile(dir=self.folder, suffix=".new", delete=False) as unfinished:
            try:
                pq.write_table(table, unfinished)
            except BaseException:
                Path(unfinished.name).unlink(missing_ok=True)
                raise
        Path(unfinished.name).replace(path)
        self._tidy_up()

    def _tidy_up(self) -> None:
        """Delete what is too much or too old, and what interrupted runs left half-written."""
        now, files = time.time(), []
        for entry in os.scandir(self.folder):
            if not entry.name.endswith((".parquet", ".new")):
                continue
            with contextlib.suppress(OSError):
                files.append((entry.stat().st_mtime, entry.stat().st_size, entry.path))
        total = 0
        for place, (used, size, path) in enumerate(sorted(files, reverse=True)):
            total += size
            days = (now - used) / 86_400
            finished = path.endswith(".parquet")
            gone = finished and (place >= MOST_FILES or total > MOST_BYTES or days > MOST_DAYS)
            if gone or (path.endswith(".new") and days > 1):
                Path(path).unlink(missing_ok=True)


def kept(
    cache: Cache | None,
    n: int,
    make: Callable[[], NDArray[np.float64]],
    depends_on: Callable[[], Iterable[str | bytes | NDArray]],
) -> NDArray[np.float64]:
    """Return `n` numbers from the cache, or made anew where there is none."""
    if cache is None:
        return make()
    return cache.numbers(fingerprint(depends_on()), n, make)


def model_name(name: str) -> str:
    """Return a model's name with its settings, for a fingerprint."""
    return json.dumps([name, sorted(vars(MODELS[name]()).items())], default=repr)


def columns_of(frame: pd.DataFrame) -> str:
    """Return the columns' names and types, for a fingerprint."""
    return json.dumps([[c, str(frame[c].dtype)] for c in frame])


def _read(path: Path, n: int) -> NDArray[np.float64] | None:
    try:
        table = pq.read_table(path)
        values = table.column("p").to_numpy().astype(np.float64, copy=False)
    except (OSError, pa.ArrowException, KeyError, ValueError):
        return None
    if len(values) != n or (table.schema.metadata or {}).get(_SEAL) != _seal(values):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # what is in use stays
    return values


def _seal(values: NDArray[np.float64]) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest().encode()


def row_prints(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """Return two numbers for the contents of each row, shape (rows, 2).

    Two independent ones of 64 bits: with one, a chance match among a million rows would not be
    out of the question.

    Examples
    --------
    >>> prints = row_prints(pd.DataFrame({"a": [1.0, 1.0, 2.0], "b": ["x", "x", None]}))
    >>> bool((prints[0] == prints[1]).all()), bool((prints[0] == prints[2]).any())
    (True, False)
    """
    if not frame.shape[1]:
        return np.zeros((len(frame), 2), np.uint64)
    # Texts as plain objects: the same values count alike however pandas stores them.
    plain = frame.astype({c: object for c in frame if not pd.api.types.is_numeric_dtype(frame[c])})
    hashed = [
        pd.util.hash_pandas_object(plain, index=False, hash_key=key).to_numpy() for key in _KEYS
    ]
    return np.column_stack(hashed)


def fingerprint(parts: Iterable[str | bytes | NDArray]) -> str:
    """Return one name for all that numbers depend on, this code and its libraries included.

    Examples
    --------
    >>> fingerprint(["a", "bc"]) == fingerprint(["ab", "c"])
    False
    """
    seal = hashlib.sha256()
    for part in (_FORM, _code(), *parts):
        data = part.encode() if isinstance(part, str) else part
        if isinstance(data, np.ndarray):
            data = f"{data.dtype.str}{data.shape}".encode() + np.ascontiguousarray(data).tobytes()
        seal.update(len(data).to_bytes(8, "big"))
        seal.update(data)
    return seal.hexdigest()


@once
def _code() -> bytes:
    """Return a digest of the code that learns and judges, and of the libraries it calls."""
    seal = hashlib.sha256(platform.python_version().encode() + platform.machine().encode())
    for library in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            seal.update(f"{library} {version(library)}".encode())
    package = Path(__file__).parents[1]
    for room in _ROOMS:
        for path in sorted((package / room).rglob("*.py")):
            seal.update(path.relative_to(package).as_posix().encode())
            seal.update(path.read_bytes())
    return seal.digest()
