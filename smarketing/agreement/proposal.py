"""A proposal for the next agreement: what to change, from when, and what it would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from ruamel.yaml import YAML

from smarketing.agreement.diff import Change, diff
from smarketing.agreement.edit import change_scalars
from smarketing.agreement.load import check_agreement, load_agreement
from smarketing.agreement.model import Agreement
from smarketing.agreement.versions import CURRENT
from smarketing.errors import SmarketingError
from smarketing.fingerprint import file_sha256, sha256
from smarketing.row_files import whole_file
from smarketing.yamlfile import check_yaml, parse_yaml, plain_types, read_yaml

PROPOSAL = "proposal.yml"
Value = str | int | float | bool | date | None


def _single(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value  # numpy's numbers, which YAML lacks
    if isinstance(value, (str, int, float, date)) or value is None:
        return plain_types(value)
    raise ValueError("a single value is needed")


class Proposal(BaseModel):
    """Changes to one version of the agreement: the form of proposal.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    base_version: Annotated[int, Field(ge=1)]
    """The version to be changed."""
    base_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of its file's bytes: the proposal stands only while the file does."""
    valid_from: date
    """The first day the next version is in force."""
    changes: dict[str, Annotated[Any, BeforeValidator(_single)]]
    """Dotted path in the file -> new value: a text, a number, true or false, a date or null."""
    effects: tuple[str, ...] = ()
    """What the changes are expected to do, in words, with intervals."""


def make_proposal(
    folder: Path, changes: Mapping[str, Value], valid_from: date, effects: Iterable[str] = ()
) -> Proposal:
    """Propose changes to the agreement as it stands now; nothing is written.

    Parameters
    ----------
    folder : Path
        The workspace.
    changes : mapping of str to scalar
        Dotted path in agreement.yml -> new value.
    valid_from : date
        The first day the changes are to be in force.
    effects : iterable of str
        What they are expected to do, in words.

    Raises
    ------
    SmarketingError
        If the changed agreement would have mistakes, or a path leads nowhere.
    """
    path = folder / CURRENT
    proposal = Proposal(
        base_version=load_agreement(path).version,
        base_sha256=file_sha256(path),
        valid_from=valid_from,
        changes=dict(changes),
        effects=tuple(effects),
    )
    next_version(folder, proposal)
    return proposal


def write_proposal(folder: Path, proposal: Proposal) -> Path:
    """Write proposal.yml into a workspace, whole or not at all; return its path."""
    head = "# The next agreement as proposed; smarketing agree shows and accepts it.\n"
    content = {**dict(proposal), "effects": list(proposal.effects)}
    write_whole(folder / PROPOSAL, head + yaml_text(content))
    return folder / PROPOSAL


def read_proposal(folder: Path) -> Proposal:
    """Read the proposal of a workspace.

    Raises
    ------
    SmarketingError
        If there is none, or it has mistakes.
    """
    if not (folder / PROPOSAL).is_file():
        raise SmarketingError(
            "there is no proposal", PROPOSAL, todo="smarketing recommend makes one."
        )
    return check_yaml(read_yaml(folder / PROPOSAL, PROPOSAL), Proposal, PROPOSAL)


def next_version(folder: Path, proposal: Proposal) -> tuple[str, Agreement, list[Change]]:
    """Return text and model of the next version, and what changes; checked, not written."""
    path = folder / CURRENT
    base = load_agreement(path)
    raw = path.read_bytes()
    if sha256(raw) != proposal.base_sha256:
        raise SmarketingError(
            "the file was changed after the proposal was made",
            CURRENT,
            found=f"version {base.version}",
            allowed=f"version {proposal.base_version} as it was",
            todo="Make a new proposal.",
        )
    own = sorted({"version", "valid_from"} & set(proposal.changes))
    if own:
        raise SmarketingError(
            f"{' and '.join(own)} cannot be proposed: accepting sets it", PROPOSAL
        )
    check_day(base, proposal.valid_from, PROPOSAL)
    edits = {
        **proposal.changes,
        "version": base.version + 1,
        "valid_from": proposal.valid_from,
    }
    text = change_scalars(raw.decode("utf-8"), edits, CURRENT)
    agreement = check_agreement(parse_yaml(text, CURRENT), CURRENT)
    changes = diff(base, agreement)
    if len(changes) > len(proposal.changes):  # a value that others refer to by an alias
        extra = "; ".join(change.words for change in changes)
        raise SmarketingError("the proposal would change more than it says", CURRENT, found=extra)
    return text, agreement, changes


def check_day(base: Agreement, valid_from: date, shown_as: str) -> None:
    """Raise :class:`SmarketingError` if a next version would be in force before this one."""
    if valid_from < base.valid_from:
        raise SmarketingError(
            "the next version cannot be in force before this one",
            shown_as,
            found=valid_from.isoformat(),
            allowed=f"{base.valid_from.isoformat()} or later",
        )


def yaml_text(content: Any) -> str:
    """Write plain types as YAML in the order given."""
    yaml, out = YAML(), StringIO()
    yaml.allow_unicode, yaml.width = True, 100
    yaml.dump(content, out)
    return out.getvalue()


def write_whole(path: Path, text: str) -> None:
    """Put a text in place whole or not at all."""
    with whole_file(path) as unfinished:
        unfinished.write_bytes(text.encode("utf-8"))
