"""Mistakes by their place in the agreement; lines are looked up when they are reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One mistake: where (keys and list positions), what, what was found and is allowed."""

    loc: tuple[int | str, ...]
    what: str
    found: str | None = None
    allowed: str | None = None


class Faults(ValueError):  # noqa: N818 - several of them
    """All mistakes of one part; a ValueError, so that pydantic collects it with its own."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.what for fault in self.faults))
