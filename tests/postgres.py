"""A throw-away PostgreSQL server for tests, from Debian's packages, on a socket of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from smarketing.warehouse.warehouse import Warehouse

PROGRAMS = "usr/lib/postgresql/*/bin/initdb"


def unavailable(reason: str) -> None:
    """Skip the test with a reason, or fail where everything is required."""
    if os.environ.get("SMARKETING_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server for as long as the block runs; yields what psycopg connects with."""
    found = sorted(Path("/").glob(PROGRAMS), key=lambda p: float(p.parts[-3]))
    if not found:
        unavailable("PostgreSQL's server is not installed: apt-get install postgresql")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        unavailable("PostgreSQL refuses to run as root, and there is no runuser to leave it by")
    programs = found[-1].parent
    # The path of a socket has at most 107 characters: pytest's own folders may be too deep.
    folder = Path(tempfile.mkdtemp(prefix="smarketing-pg-"))
    as_owner = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    data, log = folder / "data", folder / "log"

    def run(program: str, *options: str) -> None:
        done = subprocess.run(
            [*as_owner, str(programs / program), "-D", str(data), *options],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + (log.read_text() if log.exists() else "")

    try:
        run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync")
        settings = f"-k {folder} -c listen_addresses= -c fsync=off -c autovacuum=off"
        run("pg_ctl", "start", "--wait", "-t", "60", "-l", str(log), "-o", settings)
        try:
            yield f"host={folder} user=postgres dbname=postgres"
        finally:
            run("pg_ctl", "stop", "--wait", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_with(warehouse: Warehouse, names: Iterable[str]) -> Iterator[Any]:
    """Yield a connection to a server that holds some of a warehouse's tables."""
    try:
        import psycopg
    except ImportError:
        unavailable("psycopg is not installed")
    with postgres_server() as address, psycopg.connect(address, autocommit=True) as con:
        for name in names:
            table = warehouse.con.table(name)
            kinds = {"string": "text", "boolean": "boolean", "float64": "double precision"}
            columns = ", ".join(
                f'"{c}" {kinds.get(str(kind), "bigint" if kind.is_integer() else "timestamp")}'
                for c, kind in table.schema().items()
            )
            con.execute(f"CREATE TABLE {name} ({columns})")
            with con.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                for row in warehouse.con.raw_sql(f"SELECT * FROM {name}").fetchall():
                    copy.write_row(row)
        yield con
