"""Look-ups in other exports: ids of one system into those of another, with the loss counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse import sql
from smarketing.warehouse.readers.raw import Export, RawTable
from smarketing.warehouse.readers.registry import files_of
from smarketing.warehouse.sources.model import Lookup, Source, Sources

# letters of an 18-character Salesforce id are its first 15 with three that tell upper case
ID18 = """
CREATE MACRO id18(x) AS CASE
  WHEN regexp_full_match(x, '[A-Za-z0-9]{15}') AND regexp_matches(x, '[A-Za-z]') THEN x ||
    array_to_string(list_transform([0, 5, 10], lambda i: substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
      1 + list_sum(list_transform([0, 1, 2, 3, 4], lambda j: CASE
        WHEN unicode(substr(x, i + j + 1, 1)) BETWEEN 65 AND 90 THEN 1 << j ELSE 0 END))::INT,
      1)), '')
  ELSE x END
"""
_BETWEEN_IDS = r"[;,|\n]"
_AROUND_IDS = " \t\r[]{}'\""
_WITH_MOMENT = r"\d+\s*:\s*(\d+(\.\d+)?|\d{4}-\d{2}-\d{2}.*)"
Way = tuple[str, str, str, str, int]


class Lookups:
    """The look-up tables of an ingest, each built once.

    Parameters
    ----------
    con : duckdb connection
    sources : Sources
    folder : Path
        The workspace.
    load : callable
        Loads an export, once.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        sources: Sources,
        folder: Path,
        load: Callable[[Export], RawTable],
    ) -> None:
        self.con, self.sources, self.folder, self.load = con, sources, folder, load
        self.ways: list[Way] = []
        """Table, export, canonical column, by which look-up (in words), rows."""
        self._tables: dict[Lookup, str] = {}
        con.execute("CREATE TABLE aliases(gone VARCHAR, kept VARCHAR)")

    def table(self, lookup: Lookup) -> str:
        """Return the look-up table (columns ``k``, ``v``) of one look-up and those after it.

        Of a key that comes twice the first value counts; a domain that stands for several
        values is no key.
        """
        if lookup in self._tables:
            return self._tables[lookup]
        further = self.table(lookup.then) if lookup.then else None
        parts: list[str] = []
        for export in files_of(lookup, self.folder):
            raw = self.load(export)
            key = sql.matched(self._cell(raw, lookup, lookup.key), lookup.match)
            value = self._cell(raw, lookup, lookup.to)
            part = f"SELECT {key} AS k, {value} AS v, {len(parts)} AS n, _row FROM {raw.table}"
            if lookup.then is not None:
                far = sql.matched("a.v", lookup.then.match)
                part = (
                    f"SELECT a.k, b.v, a.n, a._row FROM ({part}) a JOIN {further} b ON b.k = {far}"
                )
            parts.append(part)
        table = f"lookup_{len(self._tables)}"
        sure = "HAVING count(DISTINCT v) = 1" if lookup.match == "domain" else ""
        self.con.execute(
            f"CREATE TABLE {table} AS SELECT k, arg_min(v, (n, _row)) AS v"
            f" FROM ({' UNION ALL '.join(parts)}) WHERE k IS NOT NULL AND v IS NOT NULL"
            f" GROUP BY k {sure}"
        )
        self._tables[lookup] = table
        return table

    def add_merged(self, lookup: Lookup) -> None:
        """Note which contacts a table says were merged into which."""
        self.con.execute(f"INSERT INTO aliases SELECT k, v FROM {self.table(lookup)} WHERE k <> v")

    def add_merged_ids(self, raw: RawTable, source: Source) -> None:
        """Note the contacts merged into each lead, from a column that lists their ids.

        HubSpot lists bare ids (``100;200``), or each with the moment of the merger behind it
        (``100:1673000000000;200:…``); a database may hold an array of either.

        Raises
        ------
        SmarketingError
            If an entry is neither, rather than to take it for an id that nobody has.
        """
        label = source.merged_ids or ""
        missing = (*self.sources.missing, *source.missing)
        ids = sql.cell(f"CAST({raw.column(label)} AS VARCHAR)", missing)
        own = sql.cell(f"CAST({raw.column(source.columns['lead_id'])} AS VARCHAR)", missing)
        entries = f"unnest(regexp_split_to_array({ids}, {sql.lit(_BETWEEN_IDS)}))"
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE entries AS"
            f" SELECT _row, kept, trim(entry, {sql.lit(_AROUND_IDS)}) AS entry"
            f" FROM (SELECT _row, {own} AS kept, {entries} AS entry FROM {raw.table})"
        )
        # where the company's own ids have a colon, it is no sign of a moment
        colons = sql.count(self.con, "entries", "contains(kept, ':')") > 0
        alone = "true" if colons else "NOT contains(entry, ':')"
        read = f"entry = '' OR {alone} OR regexp_full_match(entry, {sql.lit(_WITH_MOMENT)})"
        wrong = self.con.execute(
            f"SELECT _row, entry FROM entries WHERE NOT ({read}) ORDER BY _row LIMIT 1"
        ).fetchone()
        if wrong is not None:
            raise SmarketingError(
                "these are no ids of merged contacts",
                raw.file,
                raw.lines([wrong[0]])[wrong[0]],
                label,
                found=repr(wrong[1]),
                allowed="ids such as 100;200, or each with its moment: 100:1673000000000;200:…",
                todo="Name another column as `merged_ids` in sources.yml, or leave it out.",
            )
        self.con.execute(
            "INSERT INTO aliases SELECT gone, kept FROM (SELECT kept, unnest(CASE"
            rf" WHEN {alone} THEN regexp_extract_all(entry, '\S+')"
            " ELSE [trim(split_part(entry, ':', 1))] END) AS gone FROM entries)"
            " WHERE kept IS NOT NULL AND gone <> kept"
        )

    def count_ways(self, name: str, parts: list[tuple[str, Source]]) -> None:
        """Count by which look-up the rows of a staged table found their lead."""
        counts = self.con.execute(
            f"SELECT _source, _way, count(*) FROM s_{name}"
            " WHERE _way IS NOT NULL AND (_state IS NULL OR _state = 'rejected')"
            " GROUP BY ALL ORDER BY 1, 2"
        ).fetchall()
        for number, way, rows in counts:
            shown, source = parts[number]
            column = "lead_id" if "lead_id" in source.via else next(iter(source.via))
            words = "none" if way < 0 else _in_words(source.via[column][way])
            self.ways.append((name, shown, column, words, rows))

    def _cell(self, raw: RawTable, lookup: Lookup, label: str) -> str:
        text = sql.cell(f"CAST({raw.column(label)} AS VARCHAR)", self.sources.missing)
        is_id = lookup.labels_of == "salesforce" and lookup.match == "exact"
        return f"id18({text})" if is_id else text


def _in_words(lookup: Lookup) -> str:
    chain = lookup.chain()
    how = {"exact": "", "email": " (e-mail)", "domain": " (domain)"}
    return ", ".join(f"{one.key} → {one.to}{how[one.match]}" for one in chain)
