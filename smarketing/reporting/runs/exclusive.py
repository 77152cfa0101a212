"""One run at a time in a folder of reports; a run that was killed is no longer one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smarketing.errors import Problem, SmarketingError
from smarketing.lock import locked

LOCK = ".run.lock"
PATIENCE_SECONDS = 1800.0
"""The monthly and the weekly timer may fall on the same minute: the second waits."""

_BARRED = "reports cannot be written here"


@contextmanager
def one_run_at_a_time(folder: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold a folder of reports, and clear away what a killed run left in it.

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
    except OSError as error:
        raise SmarketingError(
            Problem(f"{_BARRED}: {error.strerror or error}", str(folder))
        ) from error
    busy = Problem(
        f"another run has been at work here for more than {patience:,.0f} seconds",
        str(folder),
        todo="Wait for it, or stop it, and run again.",
    )
    waiting = "Another run is at work here; waiting for it to end …"
    with locked(folder / LOCK, patience, busy, _BARRED, waiting):
        for left in folder.glob(".rendering-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
