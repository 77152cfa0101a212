"""The warehouse as every room but ingest sees it: canonical tables, read-only."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import ibis
import pandas as pd

from smarketing.errors import CannotAnswer, SmarketingError
from smarketing.fingerprint import digest, rows_sql
from smarketing.language.catalogue import tr
from smarketing.warehouse.sql import ident
from smarketing.warehouse.tables import NO_EXPORT, NO_ROW, TABLES


class Warehouse:
    """Canonical tables of one workspace behind an ibis backend.

    Beside the canonical tables the file holds some about itself: ``_columns`` (when each
    attribute becomes known), ``_ingest`` (rows accepted and rejected), ``_missing`` (why a
    table is absent), ``_merged`` (which ids became which), ``_restated`` (months told anew) and
    ``_meta``.

    Parameters
    ----------
    con : ibis backend
        Open connection to the database that holds the tables.

    Examples
    --------
    >>> with Warehouse.open(Path("data/demo/warehouse.duckdb")) as warehouse:  # doctest: +SKIP
    ...     warehouse.table("leads").count().execute()
    """

    def __init__(self, con: Any) -> None:
        self.con = con
        self._present = frozenset(con.list_tables())
        self._meta = dict(
            con.table("_meta").execute().itertuples(index=False, name=None)
            if "_meta" in self._present
            else ()
        )

    @classmethod
    def open(cls, path: Path) -> Warehouse:
        """Open a warehouse file read-only.

        Raises
        ------
        SmarketingError
            If there is no warehouse yet, or it cannot be read.
        """
        if not path.is_file():
            raise SmarketingError(
                "there is no warehouse yet", path.name, todo=f"Run: smarketing ingest {path.parent}"
            )
        try:
            con = ibis.duckdb.connect(path, read_only=True)
            con.raw_sql("SET enable_progress_bar = false")  # stdout is for the answer alone
            return cls(con)
        except Exception as error:  # duckdb raises several kinds for a broken file
            raise SmarketingError(
                f"the warehouse cannot be opened: {str(error).splitlines()[0]}",
                path.name,
                todo=f"Delete it and run: smarketing ingest {path.parent}",
            ) from error

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.con.disconnect()

    def has(self, table: str) -> bool:
        """Return whether the canonical table is there."""
        return table in self._present

    def table(self, name: str) -> ibis.Table:
        """Return a canonical table as an ibis expression.

        Raises
        ------
        CannotAnswer
            If the workspace has no such table; the sentence says why.
        """
        if not self.has(name):
            raise CannotAnswer(self.why_missing(name))
        return self.con.table(name)

    def why_missing(self, name: str) -> str:
        """Return one sentence on why a canonical table is absent."""
        reasons = self._rows("_missing")
        reason = dict(zip(reasons.get("table_name", ()), reasons.get("reason", ()), strict=True))
        return tr(
            "there is no table of {what} ({table}): {reason}",
            what=tr(TABLES[name].says),
            table=name,
            reason=_in_words(reason.get(name, NO_EXPORT)),
        )

    def columns(self) -> pd.DataFrame:
        """Return when each attribute of a lead becomes known.

        Returns
        -------
        pandas.DataFrame
            ``table_name``, ``column_name``, ``known`` (canonical, at_creation, at,
            history, after_outcome, undeclared), ``known_at`` (the timestamp column, for ``at``),
            ``source`` (file and column of the export).
        """
        return self._rows("_columns")

    def counts(self) -> pd.DataFrame:
        """Return ``table_name``, ``accepted``, ``rejected``, ``excluded``, ``merged``."""
        return self._rows("_ingest")

    def restated(self) -> pd.DataFrame:
        """Return the months that an ingest told anew after they had been told.

        Returns
        -------
        pandas.DataFrame
            ``month``, ``table_name``, ``added``, ``changed``, ``removed`` (rows), and
            ``told_until`` (the moment the data ended before, naive UTC): a report of that month
            made of data that ended then differs from one made now. Oldest ingest first.
        """
        return self._rows("_restated")

    def meta(self, key: str) -> str | None:
        """Return one fact the ingest wrote down: such as company, fingerprint or time zone."""
        return self._meta.get(key)

    @property
    def has_time(self) -> bool:
        """Whether leads carry the time they were created."""
        return self.meta("has_time") == "true"

    @property
    def data_until(self) -> pd.Timestamp | None:
        """The moment the data ends, naive UTC; None for tables without dates."""
        return _timestamp(self.meta("data_until"))

    @property
    def history_from(self) -> pd.Timestamp | None:
        """The first moment from which the history can be trusted, if declared."""
        return _timestamp(self.meta("history_from"))

    @property
    def fingerprint(self) -> str:
        """SHA-256 over sources.yml and the raw files the warehouse was built from."""
        return self.meta("fingerprint") or ""

    @cached_property
    def contents(self) -> str:
        """One name for all rows of all tables, whatever their order; of a DuckDB file only.

        The fingerprint names the raw files. This also changes when a person is forgotten, or
        somebody changes the file by hand.
        """
        contents = []
        for name in sorted(self._present):
            rows = self.con.con.execute(rows_sql(ident(name))).fetchone()
            contents.append((name, str(self.con.table(name).schema()), rows))
        return digest(contents)

    def _rows(self, name: str) -> pd.DataFrame:
        return self.con.table(name).execute() if name in self._present else pd.DataFrame()


def _in_words(reason: str) -> str:
    """Return a reason the ingest wrote down, in English; those of sources.yml stay as they are."""
    file = reason.removesuffix(NO_ROW)
    return tr(reason) if file == reason else tr("{file} gives no row for it", file=file)


def _timestamp(text: str | None) -> pd.Timestamp | None:
    return pd.Timestamp(text) if text else None
