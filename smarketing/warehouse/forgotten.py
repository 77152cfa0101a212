"""People who asked to be forgotten: a list of keyed hashes, never of ids."""

from __future__ import annotations

import csv
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from smarketing.errors import SmarketingError
from smarketing.row_files import whole_file
from smarketing.warehouse.privacy import KEY_VARIABLE

FILE = "forgotten.csv"
_HEADER = ["person", "salt", "key"]


@dataclass(frozen=True)
class Forgotten:
    """The list of a workspace.

    A hash is keyed with a random salt of the list's own and, where it is set, with the secret
    of the environment: without the secret nobody can find out who is on it by trying ids.

    Parameters
    ----------
    hashes : frozenset of str
    salt : str
        The list's own salt.
    key : str
        A few digits that tell which secret was used; empty if none was.
    """

    hashes: frozenset[str] = frozenset()
    salt: str = ""
    key: str = ""

    @classmethod
    def read(cls, folder: Path) -> Forgotten:
        """Read the list of a workspace; an absent one is empty.

        Raises
        ------
        SmarketingError
            If the file is not as it was written, or was written with another secret: whoever
            is on it would come back unnoticed.
        """
        path = folder / FILE
        if not path.is_file():
            return cls()
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        if rows[:1] != [_HEADER] or any(len(row) != len(_HEADER) for row in rows):
            raise SmarketingError(
                "the list of people to forget was changed by hand",
                FILE,
                todo="Put it back from a copy: without it, they would come back.",
            )
        if len(rows) == 1:
            return cls()
        salt, key = rows[1][1], rows[1][2]
        forgotten = cls(frozenset(row[0] for row in rows[1:]), salt, key)
        if key != _told(salt):
            raise SmarketingError(
                f"the list of people to forget was written with another {KEY_VARIABLE}",
                FILE,
                todo=f"Set {KEY_VARIABLE} as it was then: else they would come back.",
            )
        return forgotten

    def holds(self, lead_id: str) -> bool:
        """Return whether a lead is on the list."""
        return _hash(lead_id, self.salt) in self.hashes

    def write(self, folder: Path, lead_ids: Iterable[str]) -> None:
        """Write the list with further leads on it, in one step."""
        salt = self.salt or secrets.token_hex(16)
        key = self.key if self.hashes else _told(salt)
        hashes = self.hashes | {_hash(lead, salt) for lead in lead_ids}
        with (
            whole_file(folder / FILE) as unfinished,
            unfinished.open("w", encoding="utf-8", newline="") as stream,
        ):
            writer = csv.writer(stream)
            writer.writerow(_HEADER)
            writer.writerows([one, salt, key] for one in sorted(hashes))


def _hash(value: str, salt: str) -> str:
    key = f"{salt}:{os.environ.get(KEY_VARIABLE, '')}".encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]


def _told(salt: str) -> str:
    """Return what tells one secret from another, and gives neither away."""
    return _hash("which secret", salt)[:8] if os.environ.get(KEY_VARIABLE) else ""
