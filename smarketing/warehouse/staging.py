"""Staging: every export loaded once, its rows mapped onto the canonical tables, none judged yet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from smarketing.errors import Problem, SmarketingError
from smarketing.warehouse import sql
from smarketing.warehouse.mapping import Mapper, spread
from smarketing.warehouse.privacy import (
    EMAIL_PATTERN,
    PHONE_PATTERN,
    hash_key,
    keyed_hash,
    missing_key,
)
from smarketing.warehouse.readers import READERS, RawTable, files_of
from smarketing.warehouse.sources import FileOptions, Source, Sources
from smarketing.warehouse.tables import TABLES
from smarketing.warehouse.targets import Check, Meaning

# letters of an 18-character Salesforce id are its first 15 with three that tell upper case
_ID18 = """
CREATE MACRO id18(x) AS CASE
  WHEN regexp_full_match(x, '[A-Za-z0-9]{15}') AND regexp_matches(x, '[A-Za-z]') THEN x ||
    array_to_string(list_transform([0, 5, 10], lambda i: substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
      1 + list_sum(list_transform([0, 1, 2, 3, 4], lambda j: CASE
        WHEN unicode(substr(x, i + j + 1, 1)) BETWEEN 65 AND 90 THEN 1 << j ELSE 0 END))::INT,
      1)), '')
  ELSE x END
"""


class Staging:
    """The exports of a workspace in a database in memory: personal data never reach a disk.

    Parameters
    ----------
    sources : Sources
    folder : Path
        The workspace.
    scratch : Path
        A folder for files that must be rewritten to be read.
    """

    def __init__(self, sources: Sources, folder: Path, scratch: Path) -> None:
        self.sources, self.folder, self.scratch = sources, folder, scratch
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'")
        self.con.execute(f"SET temp_directory = {sql.lit(str(scratch / 'spill'))}")
        self.con.execute(_ID18)
        self.checks: list[Check] = []
        self.files: list[RawTable] = []
        self.meanings: dict[tuple[str, str], Meaning] = {}
        self.dropped: dict[tuple[str, str], str] = {}
        self.ignoring: dict[str, set[int]] = {}
        self.without_rows: list[str] = []
        self._raw: dict[tuple[str, str, str, str, str | None], int] = {}
        self._lookups: dict[FileOptions, str] = {}
        self._add_hash()

    def stage(self, name: str) -> list[int]:
        """Fill ``s_NAME`` with all rows of a table; return the numbers of the files it is from.

        Beside the table's columns a row has ``_id`` (its place in the order of the sources),
        ``_file`` and ``_row``, ``_copy`` (equal for rows with equal cells), ``_person``,
        ``_skip`` (why it is left out), ``_check`` (which check it failed) and ``_found``.
        """
        parts, used = [], []
        number = 0
        for source in self.sources.tables[name]:
            for path, shown in files_of(source, self.folder):
                file = self._load(path, shown, source)
                used.append(file)
                for one in spread(source):
                    parts.append(self._map(name, one, file, number))
                    if source.unknown_leads == "ignore":
                        self.ignoring.setdefault(name, set()).add(number)
                    if self.con.execute(f"SELECT count(*) FROM {parts[-1]}").fetchone() == (0,):
                        self.without_rows.append(_no_rows(name, shown, one))
                    number += 1
        rows = " UNION ALL BY NAME ".join(f"FROM {part}" for part in parts)
        names = ", ".join(sql.ident(column.name) for column in TABLES[name].columns)
        self.con.execute(
            f"CREATE TABLE s_{name} AS SELECT {names}, * EXCLUDE ({names}),"
            f" row_number() OVER (ORDER BY _source, _file, _row) AS _id FROM ({rows})"
        )
        for part in parts:
            self.con.execute(f"DROP TABLE {part}")
        return list(dict.fromkeys(used))

    def lines(self, places: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """Return the line of each (file number, row number)."""
        out = {}
        for file in {file for file, _ in places}:
            found = self.files[file].lines(row for one, row in places if one == file)
            out |= {(file, row): line for row, line in found.items()}
        return out

    def close(self) -> None:
        """Forget everything."""
        self.con.close()

    def _load(self, path: Path, shown: str, options: FileOptions) -> int:
        how = (shown, options.reader, options.delimiter, options.encoding, options.sheet)
        if how not in self._raw:
            number = len(self.files)
            reader = READERS[options.reader]
            raw = reader.load(self.con, f"raw_{number}", path, shown, options, self.scratch)
            self.files.append(raw)
            self._raw[how] = number
        return self._raw[how]

    def _map(self, name: str, source: Source, file: int, number: int) -> str:
        raw = self.files[file]
        # only leads keep what is not mapped; of other tables the ids may be addresses
        looked_at = (
            raw.labels
            if TABLES[name].open_ended
            else [label for column, label in source.columns.items() if column.endswith("_id")]
        )
        emails = self._personal_columns(raw, looked_at)
        lookups = {
            column: [self._lookup(lookup) for lookup in ways] for column, ways in source.via.items()
        }
        mapper = Mapper(self.sources, TABLES[name], source, raw, lookups, emails)
        mapping = mapper.build(len(self.checks), number, file)
        self.checks += mapping.checks
        for meaning in mapping.meanings:
            before = self.meanings.get((name, meaning.name))
            if before is None or not before.source:
                self.meanings[name, meaning.name] = meaning
        self.dropped |= {(raw.file, label): kind for label, kind in mapping.dropped}
        part = f"p_{name}_{number}"
        try:
            self.con.execute(f"CREATE TABLE {part} AS {mapping.select}")
        except duckdb.Error as error:
            if "date_format" in str(error) or "strptime" in str(error).lower():
                raise SmarketingError(
                    Problem(
                        "date_format is no form of dates",
                        "sources.yml",
                        found=", ".join(source.date_format),
                        allowed="strptime's letters, such as %d/%m/%Y %H:%M",
                    )
                ) from None
            raise
        return part

    def _lookup(self, lookup: FileOptions) -> str:
        if lookup in self._lookups:
            return self._lookups[lookup]
        parts = []
        for path, shown in files_of(lookup, self.folder):
            raw = self.files[self._load(path, shown, lookup)]
            key = sql.cell(raw.column(lookup.key), self.sources.missing)  # type: ignore[attr-defined]
            value = sql.cell(raw.column(lookup.to), self.sources.missing)  # type: ignore[attr-defined]
            if lookup.reader == "salesforce":
                key = f"id18({key})"
            parts.append(
                f"SELECT {key} AS k, {value} AS v, {len(parts)} AS n, _row FROM {raw.table}"
            )
        table = f"lookup_{len(self._lookups)}"
        self.con.execute(
            f"CREATE TABLE {table} AS SELECT k, arg_min(v, (n, _row)) AS v"
            f" FROM ({' UNION ALL '.join(parts)}) WHERE k IS NOT NULL AND v IS NOT NULL GROUP BY k"
        )
        self._lookups[lookup] = table
        return table

    def _personal_columns(self, raw: RawTable, labels: Iterable[str]) -> set[str]:
        """Return those labels whose cells hold e-mail addresses or phone numbers."""
        labels = list(labels)
        forms = f"({EMAIL_PATTERN})|({PHONE_PATTERN})"
        tests = ", ".join(
            f"coalesce(bool_or(regexp_matches({raw.column(label)}, {sql.lit(forms)})), false)"
            for label in labels
        )
        found = self.con.execute(f"SELECT {tests or 'NULL'} FROM {raw.table}").fetchone()
        return {label for label, yes in zip(labels, found, strict=False) if yes}

    def _add_hash(self) -> None:
        key = hash_key(self.sources.public_hash_key)
        line = None
        for n, source in enumerate(self.sources.tables["leads"]):
            for name, attribute in source.attributes.items():
                if attribute.take == "hash":
                    line = line or self.sources.line("tables", "leads", n, "attributes", name)
        if key is None and line is not None:
            raise missing_key(line)

        def hashed(value: str) -> str:
            if key is None:
                raise missing_key(line)
            return keyed_hash(value, key)

        self.con.create_function("keyed_hash", hashed, ["VARCHAR"], "VARCHAR")


def _no_rows(name: str, shown: str, source: Source) -> str:
    tests = [
        f"{label} holds something" if cells == ("*",) else f"{label} is {' or '.join(cells)}"
        for label, cells in source.where.items()
    ]
    where = f" where {' and '.join(tests)}" if tests else ""
    return f"{shown} has no row for {name}{where}."
