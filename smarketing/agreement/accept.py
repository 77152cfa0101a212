"""Accepting a proposal: the next version of the agreement, the old one kept, the reason noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from smarketing.agreement.diff import Change
from smarketing.agreement.proposal import (
    PROPOSAL,
    Proposal,
    next_version,
    read_proposal,
    write_whole,
    yaml_text,
)
from smarketing.agreement.versions import CURRENT, KEPT, kept_name
from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.results import Result

HISTORY = f"{KEPT}/history.yml"


@dataclass(frozen=True)
class NextVersion(Result):
    """The version that a proposal makes, and what changes.

    Parameters
    ----------
    version : int
        The new version.
    valid_from : date
        The first day it is in force.
    changes : tuple of Change
        What differs from the one before.
    effects : tuple of str
        What the changes are expected to do, in words.
    reason : str, optional
        Why it was accepted; None while it is not.
    """

    version: int
    valid_from: date
    changes: tuple[Change, ...]
    effects: tuple[str, ...]
    reason: str | None = None

    def frame(self) -> pd.DataFrame:
        """Return one row a change: path, old, new, words."""
        return pd.DataFrame(
            [vars(change) for change in self.changes], columns=["path", "old", "new", "words"]
        )


def pending_changes(folder: Path, proposal: Proposal | None = None) -> NextVersion:
    """Return what a proposal would change; nothing is written.

    Parameters
    ----------
    folder : Path
        The workspace.
    proposal : Proposal, optional
        The workspace's proposal.yml by default.

    Raises
    ------
    SmarketingError
        As :func:`accept` would.
    """
    proposal = proposal or read_proposal(folder)
    _, agreement, changes = next_version(folder, proposal)
    return NextVersion(agreement.version, agreement.valid_from, tuple(changes), proposal.effects)


def accept(folder: Path, reason: str, proposal: Proposal | None = None) -> NextVersion:
    """Write the next version of the agreement.

    Values are changed in place: comments, order and all else in the file stay as they were. The
    old file is kept as ``agreements/vN.yml``, the reason is noted in ``agreements/history.yml``,
    and proposal.yml is taken away. Nothing is written unless the new version is right.

    Parameters
    ----------
    folder : Path
        The workspace.
    reason : str
        Why, for those who read the history.
    proposal : Proposal, optional
        What to change; the workspace's proposal.yml by default.

    Raises
    ------
    UsageError
        Without a reason.
    SmarketingError
        If the file changed since the proposal, another file stands where the old version is to
        be kept, or the new version would have mistakes.
    """
    if not reason.strip():
        raise UsageError(Problem("accepting takes a reason", allowed='--reason "…"'))
    proposal = proposal or read_proposal(folder)
    text, agreement, changes = next_version(folder, proposal)
    old, kept = (folder / CURRENT).read_bytes(), folder / kept_name(proposal.base_version)
    if kept.exists() and kept.read_bytes() != old:
        raise SmarketingError(
            Problem(
                f"another version {proposal.base_version} is kept there already",
                kept_name(proposal.base_version),
                todo=f"Give {CURRENT} the number it should have, and make a new proposal.",
            )
        )
    history = folder / HISTORY
    entry = {
        "version": agreement.version,
        "valid_from": agreement.valid_from,
        "accepted_at": datetime.now(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z",
        "reason": reason.strip(),
        "changes": [change.words for change in changes],
        "effects": list(proposal.effects),
    }
    so_far = history.read_text(encoding="utf-8") if history.exists() else ""
    if so_far and not so_far.endswith("\n"):
        so_far += "\n"
    kept.parent.mkdir(exist_ok=True)
    write_whole(kept, old.decode("utf-8"))
    write_whole(folder / CURRENT, text)
    write_whole(history, so_far + yaml_text([entry]))
    (folder / PROPOSAL).unlink(missing_ok=True)
    return NextVersion(
        agreement.version, agreement.valid_from, tuple(changes), proposal.effects, reason.strip()
    )
