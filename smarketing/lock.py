"""One program at a time in a folder, however many are started and however they end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from smarketing.errors import Problem, SmarketingError


@contextmanager
def locked(
    path: Path, patience: float, busy: Problem, barred: str, waiting: str = ""
) -> Iterator[None]:
    """Hold a lock file; the system lets go of it when its holder ends, however it ends.

    Being held is no matter of the file's being there or of its date, so none is ever taken away:
    neither one that a killed program left, nor one whose holder is only suspended.

    Parameters
    ----------
    path : Path
        The lock file, in a folder that is there. Whoever may write the folder may take the lock.
    patience : float
        Seconds to wait for another holder.
    busy : Problem
        What to say if another holds it all that time.
    barred : str
        What cannot be done where the file cannot be locked, such as "reports cannot be written
        here".
    waiting : str, optional
        What to say on stderr before waiting.

    Raises
    ------
    SmarketingError
        If another holds it all that time, or the file cannot be locked.

    Examples
    --------
    >>> with locked(folder / ".lock", 5.0, busy, "nothing can be changed here"):  # doctest: +SKIP
    ...     change(folder)
    """
    try:
        lock = FileLock(path, mode=path.parent.stat().st_mode & 0o666 | 0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if waiting:
                sys.stderr.write(f"{waiting}\n")
            lock.acquire(timeout=patience, poll_interval=0.02)
    except Timeout:
        raise SmarketingError(busy) from None
    except (OSError, NotImplementedError) as error:  # the latter where a drive knows no locks
        reason = getattr(error, "strerror", None) or error
        folder = f"Take away or rename the folder {path.name}." if path.is_dir() else None
        raise SmarketingError(Problem(f"{barred}: {reason}", busy.file, todo=folder)) from error
    try:
        yield
    finally:
        lock.release()
