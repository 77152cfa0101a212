"""Versions of the agreement: agreement.yml now, agreements/vN.yml before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from smarketing.agreement.load import load_agreement
from smarketing.agreement.model import Agreement
from smarketing.errors import Problem
from smarketing.lock import locked

CURRENT = "agreement.yml"
KEPT = "agreements"
LOCK = ".agreement.lock"
PATIENCE_SECONDS = 5.0


@contextmanager
def one_at_a_time(folder: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the workspace's agreement while it is read, compared and written.

    Parameters
    ----------
    folder : Path
        The workspace.
    patience : float
        Seconds to wait for another writer.

    Raises
    ------
    SmarketingError
        If another writer holds it all that time, or the folder cannot be written.

    Examples
    --------
    >>> with one_at_a_time(folder):  # doctest: +SKIP
    ...     write_whole(folder / "agreement.yml", text)
    """
    busy = Problem(
        "somebody else is accepting an agreement here right now",
        LOCK,
        todo="Try again in a minute.",
    )
    with locked(folder / LOCK, patience, busy, "the agreement cannot be changed here"):
        yield


def kept_name(version: int) -> str:
    """Return the name an old version is kept under, relative to the workspace."""
    return f"{KEPT}/v{version}.yml"


def agreement_versions(folder: Path) -> list[Agreement]:
    """Return every version a workspace holds, oldest first.

    Parameters
    ----------
    folder : Path
        The workspace.

    Raises
    ------
    SmarketingError
        If agreement.yml is missing, or any version has mistakes.
    """
    by_number = {}
    for path in sorted((folder / KEPT).glob("v*.yml")):
        if path.stem[1:].isdigit():
            kept = load_agreement(path, f"{KEPT}/{path.name}")
            by_number[kept.version] = kept
    current = load_agreement(folder / CURRENT, CURRENT)
    by_number[current.version] = current  # what is in force wins over a copy of the same number
    return [by_number[number] for number in sorted(by_number)]


def agreement_valid_at(folder: Path, day: date) -> Agreement:
    """Return the version in force on a day.

    Before the first version there was no agreement: leads of that time are judged by the oldest
    one, as nothing else was agreed.

    Parameters
    ----------
    folder : Path
        The workspace.
    day : date
        A day in the agreement's time zone.
    """
    versions = agreement_versions(folder)
    in_force = [version for version in versions if version.valid_from <= day]
    if not in_force:
        return versions[0]
    return max(in_force, key=lambda version: (version.valid_from, version.version))
