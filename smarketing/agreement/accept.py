"""The next version of the agreement, accepted or gone back to: the old one kept, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from smarketing.agreement.diff import Change, diff
from smarketing.agreement.edit import change_scalars
from smarketing.agreement.effects import title_of
from smarketing.agreement.load import check_agreement, load_agreement
from smarketing.agreement.proposal import (
    PROPOSAL,
    Proposal,
    check_day,
    next_version,
    read_proposal,
    write_whole,
    yaml_text,
)
from smarketing.agreement.versions import CURRENT, KEPT, kept_name, one_at_a_time
from smarketing.errors import SmarketingError, UsageError
from smarketing.results import Result
from smarketing.yamlfile import parse_yaml

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

    @property
    def titled_effects(self) -> list[tuple[str, str]]:
        """The effects, each with the title it stands under; empty where it has none."""
        titled = [(title_of(effect), effect) for effect in self.effects]
        return [(title, effect.removeprefix(f"{title}: ")) for title, effect in titled]

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
    reason = _checked(reason)
    proposal = proposal or read_proposal(folder)
    # Of two that accept at once the second finds the file changed, and is told so.
    with one_at_a_time(folder):
        old = (folder / CURRENT).read_bytes()
        text, agreement, changes = next_version(folder, proposal)
        accepted = NextVersion(
            agreement.version, agreement.valid_from, tuple(changes), proposal.effects, reason
        )
        _put_in_force(folder, old, proposal.base_version, text, accepted)
        (folder / PROPOSAL).unlink(missing_ok=True)
    return accepted


def roll_back(folder: Path, version: int, reason: str, valid_from: date) -> NextVersion:
    """Put an old version in force again, as the next one: nothing that was agreed is erased.

    The kept file comes back byte for byte, but for its version and the day it is valid from.

    Parameters
    ----------
    folder : Path
        The workspace.
    version : int
        The version to go back to; it is kept in ``agreements/``.
    reason : str
        Why, for those who read the history.
    valid_from : date
        The first day it is in force again, not before the present version's.

    Raises
    ------
    UsageError
        Without a reason, or for a version that is not kept.
    SmarketingError
        If the day is too early, or a file has mistakes.

    Examples
    --------
    >>> roll_back(folder, 3, "the new line starved closing", date(2026, 12, 1))  # doctest: +SKIP
    """
    reason = _checked(reason)
    with one_at_a_time(folder):
        old, base = (folder / CURRENT).read_bytes(), load_agreement(folder / CURRENT)
        kept = folder / kept_name(version)
        if version == base.version or not kept.is_file():
            known = sorted(
                int(p.stem[1:]) for p in kept.parent.glob("v*.yml") if p.stem[1:].isdigit()
            )
            raise UsageError(
                f"there is no version {version} to go back to",
                found=f"version {base.version} is in force",
                allowed=", ".join(str(v) for v in known if v != base.version) or "none is kept",
            )
        check_day(base, valid_from, CURRENT)
        edits = {"version": base.version + 1, "valid_from": valid_from}
        text = change_scalars(kept.read_bytes().decode("utf-8"), edits, kept_name(version))
        agreement = check_agreement(parse_yaml(text, CURRENT), kept_name(version))
        changes = tuple(diff(base, agreement))
        effects = (f"The terms of version {version} are in force again.",)
        accepted = NextVersion(agreement.version, agreement.valid_from, changes, effects, reason)
        _put_in_force(folder, old, base.version, text, accepted)
    return accepted


def _checked(reason: str) -> str:
    if not reason.strip():
        raise UsageError("accepting takes a reason", allowed='--reason "…"')
    return reason.strip()


def _put_in_force(folder: Path, old: bytes, version: int, text: str, accepted: NextVersion) -> None:
    """Keep the old file, write the new one, note the reason; the folder is locked by now."""
    kept = folder / kept_name(version)
    if kept.exists() and kept.read_bytes() != old:
        raise SmarketingError(
            f"another version {version} is kept there already",
            kept_name(version),
            todo=f"Give {CURRENT} the number it should have, and make a new proposal.",
        )
    if (folder / CURRENT).read_bytes() != old:  # an editor knows nothing of the lock
        raise SmarketingError(
            "the file is being changed just now", CURRENT, todo="Make a new proposal."
        )
    entry = {
        "version": accepted.version,
        "valid_from": accepted.valid_from,
        "accepted_at": datetime.now(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z",
        "reason": accepted.reason,
        "changes": [change.words for change in accepted.changes],
        "effects": list(accepted.effects),
    }
    kept.parent.mkdir(exist_ok=True)
    write_whole(kept, old.decode("utf-8"))
    write_whole(folder / CURRENT, text)
    add_to_history(folder, entry)


def add_to_history(folder: Path, entry: dict[str, object]) -> None:
    """Put an entry at the end of ``agreements/history.yml``, all else in it as it was."""
    history = folder / HISTORY
    history.parent.mkdir(exist_ok=True)
    so_far = history.read_text(encoding="utf-8") if history.exists() else ""
    if so_far and not so_far.endswith("\n"):
        so_far += "\n"
    write_whole(history, so_far + yaml_text([entry]))
