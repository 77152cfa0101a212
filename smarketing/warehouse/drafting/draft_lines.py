"""The lines of a draft: each with its reason, and a mark where a person must decide."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_PLAIN = re.compile(r"[A-Za-z_][\w ./()+-]*[\w)]|[A-Za-z_]")
_NOT_PLAIN = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_WIDTH = 72


@dataclass(frozen=True)
class DraftLine:
    """One line of a draft.

    Parameters
    ----------
    depth : int
        How deep it stands, in steps of two blanks.
    text : str
    reason : str
        Why it is proposed.
    sure : bool
        False where a person must decide.
    """

    depth: int
    text: str
    reason: str = ""
    sure: bool = True

    def __str__(self) -> str:
        text = "  " * self.depth + self.text
        if not self.reason:
            return text
        return f"{text.ljust(_WIDTH)} # {'' if self.sure else '? '}{self.reason}"


@dataclass
class DraftLines:
    """Lines in the making."""

    all: list[DraftLine] = field(default_factory=list)

    def add(self, depth: int, text: str, reason: str = "", sure: bool = True) -> None:
        """Add a line."""
        self.all.append(DraftLine(depth, text, reason, sure))

    def ask(self, depth: int, text: str, reason: str) -> None:
        """Add a line that a person must decide on."""
        self.add(depth, text, reason, sure=False)


def plain(text: str) -> str:
    """Return a text as YAML, quoted where it must be.

    Examples
    --------
    >>> plain("Create Date"), plain("yes"), plain("a: b"), plain("1")
    ('Create Date', '"yes"', '"a: b"', '"1"')
    """
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN and ": " not in text:
        return text
    return json.dumps(text, ensure_ascii=False)


def mapping(pairs: Mapping[str, str | None]) -> str:
    """Return a value map on one line."""
    inner = ", ".join(
        f"{plain(key)}: {'null' if value is None else plain(value)}" for key, value in pairs.items()
    )
    return "{" + inner + "}"
