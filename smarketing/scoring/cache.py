"""Predictions kept between runs: an interrupted backtest goes on where it was, a second one reads.

What is kept are numbers without names of leads: a file per model and month, and of what follows
from them, called by the fingerprint of everything the numbers depend on. Whatever changes – a
row, an outcome, a setting, a library, this code – gives another fingerprint, so nothing ever has
to be declared stale.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping
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

from smarketing.fingerprint import digest, files_digest

MOST_FILES, MOST_BYTES, MOST_DAYS = 1_000, 100_000_000, 120
_FORM = "3"
_LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "duckdb", "ibis-framework")
_ROOMS = ("agreement", "warehouse", "scoring", "evaluation", "funnel", "planning")
_SEAL = b"sha256"

Numbers = NDArray[np.float64]


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
    >>> cache = Cache(Path(mkdtemp()))
    >>> cache.frame("ab12", lambda: pd.DataFrame({"p": [0.5, 0.25]})).p.tolist()
    [0.5, 0.25]
    >>> cache.frame("ab12", lambda: 1 / 0).p.tolist()  # read, not made
    [0.5, 0.25]
    """

    folder: Path

    def frame(self, key: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return columns of numbers kept under a fingerprint, rows numbered from 0.

        What is not there is made, and kept.
        """
        stored = self._read(key)
        return self._write(key, make()) if stored is None else stored

    def _read(self, key: str) -> pd.DataFrame | None:
        path = self.folder / f"{key}.parquet"
        try:
            with pq.ParquetFile(path) as file:
                table = file.read(use_threads=False)
            values = {name: table.column(name).to_numpy() for name in table.column_names}
        except (OSError, pa.ArrowException, KeyError, ValueError):
            return None
        if any(column.dtype != np.float64 for column in values.values()):
            return None
        if (table.schema.metadata or {}).get(_SEAL) != digest(values).encode():
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # what is in use stays
        return pd.DataFrame(values)

    def _write(self, key: str, made: pd.DataFrame) -> pd.DataFrame:
        made = made.astype(np.float64).reset_index(drop=True)
        with contextlib.suppress(OSError):
            values = {name: made[name].to_numpy() for name in made}
            self._put(self.folder / f"{key}.parquet", values)
        return made

    def _put(self, path: Path, values: Mapping[str, Numbers]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        table = pa.table(dict(values)).replace_schema_metadata({_SEAL: digest(values)})
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


def cached_numbers(
    cache: Cache | None, make: Callable[[], Numbers], depends_on: Callable[[], Iterable[object]]
) -> Numbers:
    """Return numbers from the cache, or made anew where there is none."""
    return cached_frame(cache, lambda: pd.DataFrame({"p": make()}), depends_on)["p"].to_numpy()


def cached_frame(
    cache: Cache | None,
    make: Callable[[], pd.DataFrame],
    depends_on: Callable[[], Iterable[object]],
) -> pd.DataFrame:
    """Return columns of numbers, rows numbered from 0, from the cache or made anew."""
    if cache is None:
        return make().astype(np.float64).reset_index(drop=True)
    return cache.frame(fingerprint(depends_on()), make)


def fingerprint(parts: Iterable[object]) -> str:
    """Return one name for all that numbers depend on, this code and its libraries included.

    Examples
    --------
    >>> fingerprint(["a", "bc"]) == fingerprint(["ab", "c"])
    False
    """
    return digest([_FORM, _code(), *parts])


@once
def _code() -> str:
    """Return a digest of the code that learns and judges, and of the libraries it calls."""
    versions = {}
    for library in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[library] = version(library)
    package = Path(__file__).parents[1]
    rooms = [path for room in _ROOMS for path in sorted((package / room).rglob("*.py"))]
    files = files_digest([package / "clock.py", package / "fingerprint.py", *rooms], package)
    return digest([platform.python_version(), platform.machine(), versions, files])
