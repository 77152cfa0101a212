"""One writer of a workspace's agreement at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from smarketing.errors import Problem, SmarketingError

LOCK = ".agreement.lock"
PATIENCE_SECONDS = 5.0
STALE_SECONDS = 60.0
"""Writing takes milliseconds: a lock this old was left by a program that was killed."""


@contextmanager
def one_at_a_time(folder: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the workspace's agreement while it is read, compared and written.

    The lock is a file that only one can make, so it holds on every system and network drive.

    Parameters
    ----------
    folder : Path
        The workspace.
    patience : float
        Seconds to wait for another writer.

    Raises
    ------
    SmarketingError
        If another writer holds it all that time.

    Examples
    --------
    >>> with one_at_a_time(folder):  # doctest: +SKIP
    ...     write_whole(folder / "agreement.yml", text)
    """
    path, until = folder / LOCK, time.monotonic() + patience
    while True:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > STALE_SECONDS:
                    path.unlink()
                    continue
        if time.monotonic() > until:
            raise SmarketingError(
                Problem(
                    "somebody else is accepting an agreement here right now",
                    LOCK,
                    todo="Try again in a minute.",
                )
            )
        time.sleep(0.02)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
