"""People who asked to be forgotten: a list of keyed hashes, never of ids."""

from __future__ import annotations

import csv
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from smarketing.errors import SmarketingError
from smarketing.row_files import whole_file
from smarketing.warehouse.privacy import KEY_VARIABLE

FILE = "forgotten.csv"
FORGOTTEN = "forgotten"
"""Under which a warehouse says how many people were on the list when it was built."""
_HEADER = ["person", "salt", "key"]
_LEAST_ROWS = 2
"""A list is written when somebody asks to be forgotten: it holds somebody."""
_PERSON = re.compile(r"[0-9a-f]{32}$")


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
        rows = list(csv.reader(_text_of(path).splitlines()))
        wrong = next((n for n, row in enumerate(rows, 1) if not _is_written(n, row, rows)), None)
        if wrong is not None or len(rows) < _LEAST_ROWS:
            raise SmarketingError(
                "the list of people to forget was changed by hand",
                FILE,
                wrong or max(len(rows), 1),
                found=f"{max(len(rows) - 1, 0)} people"
                if wrong is None
                else "a row of another form",
                todo="Put it back from a copy: without it, they would come back.",
            )
        salt, key = rows[1][1], rows[1][2]
        forgotten = cls(frozenset(row[0] for row in rows[1:]), salt, key)
        if key != _told(salt):
            raise SmarketingError(
                f"the list of people to forget was written with another {KEY_VARIABLE}",
                FILE,
                todo=f"Set {KEY_VARIABLE} as it was then: else they would come back.",
            )
        return forgotten

    def check(self, before: str | None) -> None:
        """Refuse a list that is shorter than the one a warehouse was built with.

        Raises
        ------
        SmarketingError
            If people are missing from it, or the list is gone.
        """
        if len(self.hashes) < int(before or 0):
            raise SmarketingError(
                "people are missing from the list of those to forget",
                FILE,
                found=f"{len(self.hashes)} people",
                allowed=f"{before}, as many as the warehouse was built with, or more",
                todo="Put it back from a copy: without it, they would come back.",
            )

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


def _text_of(path: Path) -> str:
    """Return the list's text: as we write it, or as a spreadsheet saves it.

    Raises
    ------
    SmarketingError
        If it is neither; with the line of the first byte that is no text.
    """
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        text = encoding.removesuffix("-sig").upper()
        raise SmarketingError(
            "the list of people to forget is damaged",
            FILE,
            data.count(b"\n", 0, error.start) + 1,
            found=f"byte 0x{data[error.start]:02x}, which is no {text} text",
            todo="Put it back from a copy: without it, they would come back.",
        ) from None


def _is_written(line: int, row: list[str], rows: list[list[str]]) -> bool:
    """Return whether a row is one that we write: the header, or a hash with the list's own salt."""
    if line == 1:
        return row == _HEADER
    return len(row) == len(_HEADER) and bool(_PERSON.match(row[0])) and row[1:] == rows[1][1:]


def _hash(value: str, salt: str) -> str:
    key = f"{salt}:{os.environ.get(KEY_VARIABLE, '')}".encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]


def _told(salt: str) -> str:
    """Return what tells one secret from another, and gives neither away."""
    return _hash("which secret", salt)[:8] if os.environ.get(KEY_VARIABLE) else ""
