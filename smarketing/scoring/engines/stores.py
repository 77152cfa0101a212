"""Where copies of a warehouse's tables are kept on an engine: written, found, removed."""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from smarketing.warehouse.sql import ident

DONE = "_meta"
"""Written last: a copy without it was broken off, and is made anew."""

Judge = Callable[[pd.DataFrame], pd.DataFrame]
"""Takes a frame of leads and their features, returns one row for each."""
_BATCH = 50_000


class Store(ABC):
    """An engine that keeps copies of warehouses, each under a name of its own.

    Attributes
    ----------
    con : ibis backend
    """

    con: Any

    @abstractmethod
    def copies(self) -> list[str]:
        """Return the names of all that is kept here, ours or not, whole or broken off."""

    @abstractmethod
    def is_whole(self, copy: str) -> bool:
        """Return whether a copy was finished."""

    @abstractmethod
    def begin(self, copy: str) -> None:
        """Make room for a copy."""

    @abstractmethod
    def write(self, copy: str, name: str, rows: ibis.Table) -> None:
        """Write one table of a copy, in Arrow batches."""

    @abstractmethod
    def use(self, copy: str) -> None:
        """Let the names of tables mean this copy's."""

    @abstractmethod
    def drop(self, copy: str) -> None:
        """Remove a copy."""

    def judged(self, leads: ibis.Table, judge: Judge, schema: pa.Schema) -> pd.DataFrame:
        """Return what `judge` makes of the rows of an expression, on the workers if there are any.

        Parameters
        ----------
        leads : ibis.Table
            An expression on the copy in use.
        judge : callable
            Must not depend on which rows stand together: it is given a batch at a time.
        schema : pyarrow.Schema
            Of what it returns.
        """
        batches = leads.to_pyarrow_batches(chunk_size=_BATCH)
        frames = [judge(batch.to_pandas()) for batch in batches if batch.num_rows]
        return pd.concat(frames, ignore_index=True) if frames else schema.empty_table().to_pandas()

    def close(self) -> None:
        """Let go of the engine."""
        self.con.disconnect()


class _Schemas(Store):
    """Engines that keep each copy in a schema."""

    def copies(self) -> list[str]:
        return self.con.list_databases()

    def is_whole(self, copy: str) -> bool:
        return DONE in self.con.list_tables(database=copy)

    def begin(self, copy: str) -> None:
        self.con.create_database(copy)

    def drop(self, copy: str) -> None:
        self.con.raw_sql(f"DROP SCHEMA {ident(copy)} CASCADE")


class _Duckdb(_Schemas):
    """A DuckDB file."""

    def __init__(self, address: str) -> None:
        self.con = ibis.duckdb.connect(unquote(address.partition("://")[2]))
        self.con.raw_sql("SET enable_progress_bar = false")  # stdout is for the answer alone

    def write(self, copy: str, name: str, rows: ibis.Table) -> None:
        self.con.con.register("batches", rows.to_pyarrow_batches(chunk_size=_BATCH))
        self.con.raw_sql(f"CREATE TABLE {ident(copy)}.{ident(name)} AS FROM batches")
        self.con.con.unregister("batches")

    def use(self, copy: str) -> None:
        self.con.raw_sql(f"USE {ident(copy)}")


class _Postgres(_Schemas):
    """A PostgreSQL database; what the address leaves out, libpq takes from the environment."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        given = {
            "host": parts.hostname,
            "port": parts.port,
            "user": parts.username,
            "password": parts.password,
            "database": parts.path.removeprefix("/"),
        }
        known = {name: unquote(str(value)) for name, value in given.items() if value}
        self.con = ibis.postgres.connect(**{"port": None, **known, **dict(parse_qsl(parts.query))})

    def write(self, copy: str, name: str, rows: ibis.Table) -> None:
        self.con.create_table(name, schema=rows.schema(), database=copy)
        target = f"{ident(copy)}.{ident(name)}"
        options = pyarrow.csv.WriteOptions(include_header=False)
        with (
            self.con.con.cursor() as cursor,
            cursor.copy(f"COPY {target} FROM STDIN (FORMAT csv)") as copied,
        ):
            for batch in rows.to_pyarrow_batches(chunk_size=_BATCH):
                text = io.BytesIO()
                pyarrow.csv.write_csv(batch, text, options)  # quotes texts, and never a null
                copied.write(text.getvalue())
        if "lead_id" in rows.columns:
            self.con.raw_sql(f"CREATE INDEX ON {target} (lead_id)")
        self.con.raw_sql(f"ANALYZE {target}")

    def use(self, copy: str) -> None:
        self.con.raw_sql(f"SET search_path TO {ident(copy)}")


class _Spark(Store):
    """A Spark cluster, and a folder it can read with a folder of Parquet for each copy.

    The address is ``pyspark://FOLDER?spark.master=…&spark.driver.memory=…``, all of it
    optional: any setting of Spark may stand behind the question mark. Without a folder copies
    last as long as the session, on this machine.
    """

    def __init__(self, address: str) -> None:
        from pyspark import SparkConf
        from pyspark.sql import SparkSession

        place, _, query = address.partition("://")[2].partition("?")
        asked = dict(parse_qsl(query))
        master = asked.get("spark.master") or SparkConf().get("spark.master", "local[*]")
        local: dict[str, str] = {}
        if master.startswith("local"):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the workers' Python
            local = {
                "spark.master": master,
                "spark.sql.shuffle.partitions": "4",  # the usual 200 are for a hundred machines
                "spark.ui.enabled": "false",
                "spark.driver.bindAddress": "127.0.0.1",
                "spark.driver.host": "127.0.0.1",
            }
        always = {
            "spark.sql.caseSensitive": "true",
            "spark.sql.timestampType": "TIMESTAMP_NTZ",  # stored times are naive
        }
        quiet = {"spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
        builder = SparkSession.builder.appName("smarketing")
        # pyspark says nothing public of the file systems that Java knows: hence the upper pin.
        self.session: Any = builder.config(map={**local, **quiet, **asked, **always}).getOrCreate()
        self.con = ibis.pyspark.connect(self.session, **always)
        self.own = "" if place else tempfile.mkdtemp(prefix="smarketing-spark-")
        self.place = unquote(place) or self.own

    def copies(self) -> list[str]:
        files, folder = self._files()
        if not files.exists(folder):
            return []
        return [entry.getPath().getName() for entry in files.listStatus(folder)]

    def is_whole(self, copy: str) -> bool:
        files, folder = self._files(copy, DONE)
        return bool(files.exists(folder))

    def begin(self, copy: str) -> None:
        files, folder = self._files(copy)
        files.mkdirs(folder)

    def write(self, copy: str, name: str, rows: ibis.Table) -> None:
        files, folder = self._files(copy, name)
        with tempfile.TemporaryDirectory(prefix="smarketing-") as scratch:
            table = Path(scratch) / name
            table.mkdir()
            batches = rows.to_pyarrow_batches(chunk_size=_BATCH)
            with pa.parquet.ParquetWriter(table / "part.parquet", batches.schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
            files.copyFromLocalFile(True, self._path(str(table)), folder)

    def use(self, copy: str) -> None:
        files, folder = self._files(copy)
        for entry in files.listStatus(folder):
            name = entry.getPath().getName()
            self.session.read.parquet(entry.getPath().toString()).createOrReplaceTempView(name)

    def drop(self, copy: str) -> None:
        files, folder = self._files(copy)
        files.delete(folder, True)

    def judged(self, leads: ibis.Table, judge: Judge, schema: pa.Schema) -> pd.DataFrame:
        """Send the judge to the workers, instead of the rows here."""
        from pyspark.sql.pandas.types import from_arrow_schema

        def on_worker(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                if batch.num_rows:
                    judged = judge(batch.to_pandas())
                    yield pa.RecordBatch.from_pandas(judged, schema, preserve_index=False)

        kind = from_arrow_schema(schema, prefer_timestamp_ntz=True)
        self.con.create_view("_asked", leads, overwrite=True)
        try:
            return self.session.table("_asked").mapInArrow(on_worker, kind).toArrow().to_pandas()
        finally:
            self.session.catalog.dropTempView("_asked")

    def close(self) -> None:
        """Stop the session, and remove copies made for it alone."""
        super().close()
        if self.own:
            shutil.rmtree(self.own, ignore_errors=True)

    def _files(self, *names: str) -> tuple[Any, Any]:
        """Return the file system a path lies on – local, HDFS, S3 … – and the path."""
        path = self._path("/".join((self.place, *names)))
        return path.getFileSystem(self.session._jsc.hadoopConfiguration()), path

    def _path(self, name: str) -> Any:
        return self.session._jvm.org.apache.hadoop.fs.Path(name)


STORES: dict[str, Callable[[str], Store]] = {
    "duckdb": _Duckdb,
    "postgres": _Postgres,
    "postgresql": _Postgres,
    "pyspark": _Spark,
}
"""What makes an engine's store of its address."""
