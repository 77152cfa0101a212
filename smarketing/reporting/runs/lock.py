"""One run at a time in a folder of reports; a run that was killed is no longer one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from smarketing.errors import Problem, SmarketingError

LOCK = ".run.lock"
PATIENCE_SECONDS = 1800.0
"""The monthly and the weekly timer may fall on the same minute: the second waits."""


@contextmanager
def one_run_at_a_time(folder: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold a folder of reports, and clear away what a killed run left in it.

    The system lets go of the lock when its holder ends, however it ends.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    patience : float
        Seconds to wait for another run.

    Raises
    ------
    SmarketingError
        If another run holds it all that time, or the folder cannot be written.

    Examples
    --------
    >>> with one_run_at_a_time(folder):  # doctest: +SKIP
    ...     render(job)
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            sys.stderr.write("Another run is at work here; waiting for it to end …\n")
            lock.acquire(timeout=patience)
    except Timeout:
        raise SmarketingError(
            Problem(
                f"another run has been at work here for more than {patience:,.0f} seconds",
                str(folder),
                todo="Wait for it, or stop it, and run again.",
            )
        ) from None
    except OSError as error:
        raise SmarketingError(
            Problem(f"reports cannot be written here: {error.strerror or error}", str(folder))
        ) from error
    try:
        for left in folder.glob(".rendering-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()
