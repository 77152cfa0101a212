"""Accepting a proposal: the next version of the agreement, the old one kept, the reason noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from smarketing.agreement.diff import Change
from smarketing.agreement.proposal import (
    PROPOSAL,
    Proposal,
    next_version,
    write_whole,
    yaml_text,
)
from smarketing.agreement.versions import CURRENT, KEPT, kept_name
from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.results import Result

HISTORY = f"{KEPT}/history.yml"


@dataclass(frozen=True)
class Accepted(Result):
    """The version that was written, and what changed.

    Parameters
    ----------
    version : int
        The new version.
    changes : tuple of Change
        What differs from the one before.
    reason : str
        Why it was accepted.
    """

    version: int
    changes: tuple[Change, ...]
    reason: str

    def frame(self) -> pd.DataFrame:
        """Return one row a change: path, old, new, words."""
        return pd.DataFrame(
            [vars(c) for c in self.changes], columns=["path", "old", "new", "words"]
        )


def accept(folder: Path, proposal: Proposal, reason: str) -> Accepted:
    """Write the next version of the agreement.

    Values are changed in place: comments, order and all else in the file stay as they were. The
    old file is kept as ``agreements/vN.yml``, the reason is noted in ``agreements/history.yml``,
    and proposal.yml is taken away. Nothing is written unless the new version is right.

    Parameters
    ----------
    folder : Path
        The workspace.
    proposal : Proposal
        What to change; :func:`~smarketing.agreement.proposal.read_proposal` reads it.
    reason : str
        Why, for those who read the history.

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
    return Accepted(agreement.version, tuple(changes), reason.strip())
