"""The canonical tables of a warehouse on another engine: carried once, then asked there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import duckdb
import ibis

from smarketing.errors import SmarketingError, UsageError
from smarketing.fingerprint import digest, rows_sql
from smarketing.scoring.engines.stores import DONE, STORES, Store
from smarketing.warehouse.sources.secrets import filled, scrubbed, unlogged
from smarketing.warehouse.tables import TABLES
from smarketing.warehouse.warehouse import Warehouse

_EXTRAS = {"psycopg": "postgres", "pyspark": "spark"}
_LIBRARIES = ("ibis", "psycopg", "py4j", "pyspark")
_DECLARED = ("at_creation", "at", "history")


class EngineWarehouse(Warehouse):
    """A warehouse whose tables stand on another engine.

    Parameters
    ----------
    store : Store
        With the copy to use chosen.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store.con)
        self.store = store

    def close(self) -> None:
        """Let go of the engine."""
        self.store.close()


@contextmanager
def on_engine(address: str, warehouse: Warehouse) -> Iterator[Warehouse]:
    """Carry a warehouse's tables to an engine, unless it holds them, and ask there.

    The copy stands in a schema (on Spark, a folder) of its own, named for the company and what
    the tables hold; older copies of the company's are removed, and with them whoever was
    forgotten since. Columns that ``sources.yml`` does not declare stay at home.

    Parameters
    ----------
    address : str
        ``duckdb://FILE``, ``postgresql://USER:$PASSWORD@HOST/DATABASE`` or
        ``pyspark://FOLDER?spark.master=local[2]``. ``duckdb://`` is the warehouse itself.
        ``$NAME`` stands for a variable of the environment.
    warehouse : Warehouse

    Raises
    ------
    UsageError
        If it is no address of an engine.
    SmarketingError
        If the engine cannot be reached or fails; no password is in the message.

    Examples
    --------
    >>> with on_engine("postgresql://ann:$PGPASSWORD@db/crm", warehouse) as away:  # doctest: +SKIP
    ...     score_leads(warehouse, agreement, on=away)
    """
    kind, mark, rest = address.partition("://")
    if not mark or kind not in STORES:
        raise UsageError(
            "--engine names no engine",
            found=repr(f"{kind}://…" if mark else kind),
            allowed="duckdb://FILE, postgresql://HOST/DATABASE, pyspark://",
        )
    if kind == "duckdb" and _is_same(rest, warehouse):
        yield warehouse
        return
    with _failing(address):
        store = STORES[kind](filled(address, "--engine"))
    try:
        with _failing(address):
            yield EngineWarehouse(carried(store, warehouse))
    finally:
        with _failing(address):
            store.close()


def carried(store: Store, warehouse: Warehouse) -> Store:
    """Bring the tables over unless they are there; return the store, set to them.

    Examples
    --------
    >>> EngineWarehouse(carried(store, warehouse)).table("leads")  # doctest: +SKIP
    """
    company = re.sub(r"[^a-z0-9]+", "_", (warehouse.meta("company") or "").lower())[:30]
    family = f"smarketing_{company}_"
    copy = family + _digest(warehouse)
    # A family's copies end in sixteen digits of a fingerprint: other companies' begin alike.
    held = [name for name in store.copies() if re.fullmatch(f"{family}[0-9a-f]{{16}}", name)]
    if copy not in held or not store.is_whole(copy):
        if copy in held:
            store.drop(copy)
        store.begin(copy)
        for name, rows in _tables(warehouse):
            store.write(copy, name, rows)
    for older in held:
        if older != copy:
            store.drop(older)
    store.use(copy)
    return store


def _digest(warehouse: Warehouse) -> str:
    """Return sixteen digits that tell what the tables hold, whatever the order of their rows."""
    contents = []
    for name, rows in _tables(warehouse):
        cells = warehouse.con.raw_sql(rows_sql(f"({ibis.to_sql(rows)})")).fetchone()
        contents.append((name, str(rows.schema()), cells))
    return digest(contents)[:16]


def _tables(warehouse: Warehouse) -> list[tuple[str, ibis.Table]]:
    """Return what is carried: canonical tables, declared attributes; what makes it whole, last."""
    known = warehouse.columns()
    known = known[(known.table_name == "leads") & known.known.isin(_DECLARED)]
    named = {*known.column_name, *known.known_at.dropna()}
    named |= {column.name for column in TABLES["leads"].columns}
    held = [name for name in (*TABLES, "_columns", "_missing") if warehouse.has(name)]
    past = sorted(known.column_name[known.known == "history"])
    tables = []
    for name in (*held, DONE):
        rows = warehouse.con.table(name)
        if name == "leads":
            rows = rows.select([column for column in rows.columns if column in named])
        if name == "changes":  # of other attributes no score asks what they were
            rows = rows.filter(rows.field.isin(past) if past else ibis.literal(False))
        tables.append((name, rows))
    return tables


def _is_same(path: str, warehouse: Warehouse) -> bool:
    if not path:
        return True
    own = warehouse.con.raw_sql("SELECT path FROM duckdb_databases() WHERE NOT internal")
    paths = [Path(row[0]).resolve() for row in own.fetchall() if row[0]]
    return Path(unquote(path)).resolve() in paths


@contextmanager
def _failing(address: str) -> Iterator[None]:
    """Say what failed on an engine, in a line without credentials."""
    try:
        with unlogged():
            yield
    except ImportError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0], "")
        if not extra:
            raise
        raise SmarketingError(
            f"{error.name} is not installed", todo=f"pip install 'smarketing[{extra}]'"
        ) from None
    except Exception as error:
        if not _is_engines(error):
            raise
        raise _failed(address, error) from None


def _is_engines(error: Exception) -> bool:
    library = type(error).__module__.partition(".")[0]
    return isinstance(error, (duckdb.Error, OSError)) or library in _LIBRARIES


def _failed(address: str, error: Exception) -> SmarketingError:
    text = str(error)
    if "JAVA_GATEWAY_EXITED" in text:
        java = "It needs Java 17: apt-get install default-jre-headless."
        todo = f"{java} If that is there, look at the lines above."
        return SmarketingError("Spark did not start", todo=todo)
    lines = [line for line in text.splitlines() if line.strip() and line[0] not in " \t"]
    at_end = "Traceback (most recent call last)" in text  # of Spark's workers
    first = lines[-1 if at_end else 0] if lines else type(error).__name__
    return SmarketingError(
        f"the engine failed: {scrubbed(first, address)}",
        found=f"{address.partition('://')[0]}://…",
        todo="Look at the address in --engine, and at the environment.",
    )
