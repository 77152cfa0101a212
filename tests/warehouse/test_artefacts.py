"""Nothing that a run leaves behind names a person; test_database.py looks for passwords."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from smarketing.reporting import Rendered
from tests.conftest import ONE_WORKER

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
WORDS = re.compile(r"[^\W\d_]+")


@pytest.fixture(scope="module")
def people(demo: Path) -> tuple[set[str], set[tuple[str, str]]]:
    """Return all e-mail addresses and full names of the demo's contacts."""
    with gzip.open(
        demo / "raw" / "hubspot" / "contacts.csv.gz", "rt", encoding="utf-8-sig"
    ) as file:
        rows = list(csv.DictReader(file))
    emails = {row["Email"].strip().lower() for row in rows if "@" in row["Email"]}
    names = {
        (row["First Name"].strip().lower(), row["Last Name"].strip().lower())
        for row in rows
        if row["First Name"] and row["Last Name"]
    }
    assert len(emails) > 1000
    assert len(names) > 500
    return emails, names


def _left_behind(demo: Path, report: Path) -> Iterator[tuple[str, str]]:
    """Yield every file of the workspace and its reports but the raw exports, as text."""
    for folder in (demo, report):
        for path in sorted(folder.rglob("*")):
            if path.is_dir() or path.is_relative_to(demo / "raw") or path.name == "README.md":
                continue
            if path.suffix == ".duckdb":
                with duckdb.connect(str(path), read_only=True) as con:
                    for (table,) in con.execute("SHOW TABLES").fetchall():
                        for row in con.execute(f"FROM {table}").fetchall():
                            yield f"{path.name}/{table}", " ".join(str(c) for c in row)
            yield path.name, path.read_bytes().decode("latin-1")
            if path.suffix != ".duckdb":
                yield path.name, path.read_bytes().decode("utf-8", "replace")


def _found(text: str, emails: set[str], names: set[tuple[str, str]]) -> set[str]:
    lower = text.lower()
    seen = {one for one in EMAIL.findall(lower) if one in emails}
    tokens = WORDS.findall(lower)
    seen |= {" ".join(pair) for pair in pairwise(tokens) if pair in names}
    return seen


@ONE_WORKER
def test_no_contact_of_the_demo_is_named_anywhere(
    demo: Path, monthly: Rendered, people: tuple[set[str], set[tuple[str, str]]]
) -> None:
    emails, names = people
    named: dict[str, set[str]] = {}
    files = set()
    for name, text in _left_behind(demo, monthly.html.parent):
        files.add(name)
        if found := _found(text, emails, names):
            named.setdefault(name, set()).update(found)
    assert {"warehouse.duckdb", "warehouse.duckdb/leads", monthly.html.name} <= files
    assert any(name.endswith(".json") for name in files)
    assert not {name: sorted(found)[:5] for name, found in named.items()}


def test_the_search_would_find_them(people: tuple[set[str], set[tuple[str, str]]]) -> None:
    emails, names = people
    email, name = min(emails), " ".join(min(names)).title()
    assert _found(f"write to {email.upper()}, {name}", emails, names) == {email, name.lower()}
