"""Nothing that a whole run leaves behind names a person, or holds the database's password."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import duckdb
import numpy as np
import psycopg
import pytest
from ruamel.yaml import YAML

from smarketing.warehouse import sql
from tests.conftest import ONE_WORKER
from tests.postgres import postgres_server

EMAIL = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
GZIP = b"\x1f\x8b"
PASSWORD = "hunter2-of-the-database"  # noqa: S105 - of a server that lives for this test
RUN = "from smarketing.cli import main; main()"
LEFT = (
    r"warehouse\.duckdb/leads",
    r"warehouse\.duckdb/campaigns",
    r"rejects/.*\.csv",
    r"models/champion/model\.skops/.*",
    r"models/champion/model\.json",
    r"scores\.csv",
    r"scores\.parquet/rows",
    r"\.cache/.*",
    r"proposal\.yml",
    r"reports/.*\.html",
    r"reports/.*\.json",
    r"reports/.*\.(txt|md)",
    r"reports/.*runs\.jsonl",
)
"""What a whole run leaves behind, among more."""


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


@pytest.fixture(scope="module")
def whole_run(
    demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, dict[str, str]]]:
    """Run all that leaves something behind on the demo, its campaigns read from a database.

    Gives the workspace, and what the commands said.
    """
    with postgres_server() as said:
        server = dict(part.split("=") for part in said.split())
        folder = tmp_path_factory.mktemp("whole") / "demo"
        shutil.copytree(
            demo,
            folder,
            ignore=shutil.ignore_patterns(
                "warehouse.*", "rejects", ".cache", "models", "reports", "runs.jsonl"
            ),
        )
        _campaigns_from_a_database(folder, server)
        host = quote(server["host"], safe="")
        where = f"postgresql:///postgres?host={host}&user=$PGUSER&password=$PGPASSWORD"
        told = {
            " ".join(command): _said(folder, server, command)
            for command in (
                ["ingest"],
                ["audit"],
                ["learn", "--model", "boosted", "--keep"],
                ["score", "--model", "kept", "-o", str(folder / "scores.csv")],
                ["score", "--engine", where, "-o", str(folder / "scores.parquet")],
                ["funnel", "--engine", where],
                ["compare"],
                ["recommend"],
                ["report", "--month", "2026-10", "--workers", "1"],
            )
        }
        yield folder, told


def _campaigns_from_a_database(folder: Path, server: dict[str, str]) -> None:
    """Let one table of the workspace come from a database, by address and password."""
    with (folder / "raw" / "campaigns.csv").open(encoding="utf-8-sig", newline="") as file:
        labels, *rows = csv.reader(file)
    with psycopg.connect(host=server["host"], user=server["user"], dbname="postgres") as con:
        con.execute(
            f"CREATE TABLE campaigns({', '.join(sql.ident(one) + ' text' for one in labels)})"
        )
        marks = ", ".join(["%s"] * len(labels))
        with con.cursor() as cursor:
            cursor.executemany(f"INSERT INTO campaigns VALUES ({marks})", rows)
    sources = YAML(typ="safe").load(folder / "sources.yml")
    read = {
        "reader": "database",
        "address": "postgresql://${PGUSER}:${PGPASSWORD}@/postgres?host=${PGFOLDER}",
        "table": "public.campaigns",
    }
    mapped = {k: v for k, v in sources["tables"]["campaigns"].items() if k in ("columns", "values")}
    sources["tables"]["campaigns"] = {**read, **mapped}
    YAML().dump(sources, folder / "sources.yml")


def _said(folder: Path, server: dict[str, str], command: list[str]) -> str:
    """Run a command as a person does, with the password in its environment."""
    secrets = {"PGPASSWORD": PASSWORD, "PGUSER": server["user"], "PGFOLDER": server["host"]}
    done = subprocess.run(
        [sys.executable, "-c", RUN, command[0], str(folder), *command[1:]],
        capture_output=True, text=True, check=False, timeout=900, env={**os.environ, **secrets},
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stderr[-2000:])
    return done.stdout + done.stderr


def _left_behind(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a workspace but the raw exports; what is packed, unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.is_relative_to(folder / "raw") or path.name == "README.md":
            continue
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as con:
                for (table,) in con.execute("SHOW TABLES").fetchall():
                    yield f"{name}/{table}", _cells(con, table)
        elif path.suffix == ".parquet":
            with duckdb.connect() as con:
                con.read_parquet(str(path)).create_view("rows")
                yield f"{name}/rows", _cells(con, "rows")
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                for part in packed.namelist():
                    yield f"{name}/{part}", packed.read(part)
        data = path.read_bytes()
        if data[:2] == GZIP:
            yield f"{name}/unpacked", gzip.decompress(data)
        yield name, data


def _cells(con: duckdb.DuckDBPyConnection, table: str) -> bytes:
    """Return what stands in the texts of a table, a row a line."""
    columns = [
        sql.ident(name)
        for name, kind, *_ in con.execute(f"DESCRIBE {table}").fetchall()
        if kind == "VARCHAR"
    ]
    if not columns:
        return b""
    rows = con.execute(f"SELECT DISTINCT concat_ws(' ', {', '.join(columns)}) FROM {table}")
    return "\n".join(row[0] for row in rows.fetchall()).encode()


def _words(data: bytes) -> list[bytes]:
    """Return the words of bytes, as they are written but for the case of plain letters."""
    return data.translate(_LETTERS).split()


# All but letters become blanks; what lies beyond ASCII is part of some letter.
_LETTERS = bytes(
    ord(chr(n).lower()) if chr(n).isalpha() or n >= 0x80 else ord(" ") for n in range(256)
)


def _found(data: bytes, emails: set[str], names: set[tuple[str, str]]) -> set[str]:
    """Return the addresses and names that stand in bytes, in any encoding of texts."""
    # numpy keeps texts in four bytes a letter, and fills them up with zeros
    narrow = data.replace(bytes(7), b" ").replace(bytes(3), b"")
    seen = {one.decode() for one in EMAIL.findall(narrow.lower())} & emails
    wanted = {
        tuple(form(part).encode(encoding, "replace").lower() for part in pair): pair
        for pair in names
        for form in (str.lower, str.title)
        for encoding in ("utf-8", "latin-1")
    }
    words = _words(narrow)
    seen |= {" ".join(wanted[pair]) for pair in wanted.keys() & pairwise(words)}
    return seen


@ONE_WORKER
def test_no_contact_is_named_and_no_password_told_in_all_that_a_run_leaves(
    whole_run: tuple[Path, dict[str, str]], people: tuple[set[str], set[tuple[str, str]]]
) -> None:
    folder, told = whole_run
    emails, names = people
    named: dict[str, set[str]] = {}
    files = set()
    said = ((name, text.encode()) for name, text in told.items())
    for name, data in (*_left_behind(folder), *said):
        files.add(name)
        found = _found(data, emails, names) | ({PASSWORD} if PASSWORD.encode() in data else set())
        if found:
            named.setdefault(name, set()).update(found)
    absent = [form for form in LEFT if not any(re.fullmatch(form, name) for name in files)]
    assert not absent
    assert not {name: sorted(found)[:5] for name, found in named.items()}


def test_the_search_would_find_them(people: tuple[set[str], set[tuple[str, str]]]) -> None:
    emails, names = people
    email, name = min(emails), " ".join(min(names)).title()
    for encoding in ("utf-8", "latin-1", "utf-32-le"):
        data = f"write to {email.upper()},\t{name}!".encode(encoding)
        assert _found(data, emails, names) == {email, name.lower()}


@pytest.mark.parametrize("pack", ["duckdb", "zip", "numpy", "parquet", "gz"])
def test_the_search_looks_into_what_is_packed(tmp_path: Path, pack: str) -> None:
    said = "anna@north.example"
    path = tmp_path / {"numpy": "m.skops", "zip": "m.skops"}.get(pack, f"m.{pack}")
    if pack == "duckdb":
        with duckdb.connect(str(path)) as con:
            con.execute("CREATE TABLE t AS SELECT ? AS a", [said])
    elif pack == "parquet":
        duckdb.sql(f"SELECT '{said}' AS a").write_parquet(str(path), compression="zstd")
    elif pack == "gz":
        path.write_bytes(gzip.compress(said.encode()))
    else:
        array = io.BytesIO()
        np.save(array, np.array([said, "b" * 30]))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("a", said if pack == "zip" else array.getvalue())
    assert any(said in _found(data, {said}, set()) for _, data in _left_behind(tmp_path))
