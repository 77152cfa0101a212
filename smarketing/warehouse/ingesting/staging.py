"""Staging: every export loaded once, its rows mapped onto the canonical tables, none judged yet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from smarketing.errors import Problem, SmarketingError
from smarketing.faults import Loc
from smarketing.warehouse import sql
from smarketing.warehouse.ingesting import lead_columns
from smarketing.warehouse.ingesting.cells import Cells
from smarketing.warehouse.ingesting.fields import Field, fields_of, with_codes, with_fields
from smarketing.warehouse.ingesting.list_cells import lists_of, one_a_row
from smarketing.warehouse.ingesting.lookups import ID18, Lookups
from smarketing.warehouse.ingesting.mapping import Mapper, spread
from smarketing.warehouse.ingesting.row_versions import as_changes
from smarketing.warehouse.ingesting.target_columns import Check, Mapped, Meaning
from smarketing.warehouse.ingesting.unclear_numbers import unclear_numbers
from smarketing.warehouse.ingesting.undeclared import Kept, Wordings
from smarketing.warehouse.privacy import (
    EMAIL_PATTERN,
    PHONE_PATTERN,
    hash_key,
    keyed_hash,
    missing_key,
)
from smarketing.warehouse.readers.raw import Export, RawTable
from smarketing.warehouse.readers.registry import READERS, files_of
from smarketing.warehouse.sources.checks import labels_used
from smarketing.warehouse.sources.model import KnownAt, Source, Sources
from smarketing.warehouse.tables import TABLES, Table

MEMORY_VARIABLE = "SMARKETING_MEMORY"


class Staging:
    """The exports of a workspace in a database in memory; what spills to a disk is encrypted.

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
        self.con.execute("SET enable_progress_bar = false")
        # with DuckDB's own random numbers: no extension need be fetched for files so short-lived
        self.con.execute("SET force_mbedtls_unsafe = 'true'")
        self.con.execute("SET temp_file_encryption = true")
        # DuckDB would make a join of every list of missing markers: a minute for some 400 columns
        self.con.execute("SET disabled_optimizers = 'in_clause'")
        self.con.execute(f"SET temp_directory = {sql.lit(str(scratch / 'spill'))}")
        if limit := os.environ.get(MEMORY_VARIABLE):
            _limit(self.con, limit)
        self.con.execute(ID18)
        self.con.execute("CREATE TYPE STATE AS ENUM ('rejected', 'excluded', 'copy', 'merged')")
        self.checks: list[Check] = []
        self.files: list[RawTable] = []
        self.meanings: dict[tuple[str, str], Meaning] = {}
        self.dropped: dict[tuple[str, str], str] = {}
        self.coded: set[tuple[str, str]] = set()
        """Files with the labels of their columns whose wording is not kept."""
        self.ignoring: dict[str, set[int]] = {}
        self.updating: set[str] = set()
        self.fields: list[Field] = []
        """The columns of leads whose changes are kept."""
        self.without_rows: list[str] = []
        self.other_labels: dict[tuple[str, str], str] = {}
        self.wordings = Wordings(self.con)
        self.lookups = Lookups(self.con, sources, folder, self._loaded)
        self._raw: dict[tuple[str | None, ...], int] = {}
        self._sizes: dict[int, int] = {}
        self._places: dict[tuple[str, int], tuple[int, int]] = {}
        self._add_hash()

    def stage(self, name: str) -> list[int]:
        """Fill ``s_NAME`` with all rows of a table; return the numbers of the files it is from.

        Beside the table's columns a row has ``_id`` (its place in the order of the sources),
        ``_source`` (see :meth:`place`), ``_copy`` (equal for rows with equal cells), ``_way``
        (which look-up found its lead), ``_state``, ``_note`` (why it is left out), ``_check``
        (which check it failed) and ``_found``; one of leads also ``_person``.
        """
        parts: list[str] = []
        used: list[int] = []
        shown: list[tuple[str, Source]] = []
        base = 0
        for source in self.sources.tables[name]:
            for export in files_of(source, self.folder):
                file = self.load(export)
                used.append(file)
                self._tell_labels(source, self.files[file])
                if source.repeated == "update":
                    self.updating.add(name)
                if lists := lists_of(name, source):
                    file = self._listed(file, lists)
                    used.append(file)
                spreading = spread(source)
                if source.versions:
                    file, compared = self._compared(file, source)
                    used.append(file)
                    spreading = [compared]
                for one in spreading:
                    number = len(parts)
                    mapping = self._map(name, one, file, number, base)
                    parts.append(mapping.select)
                    self._places[name, number] = (file, base)
                    shown.append((export.shown, one))
                    if source.unknown_leads == "ignore":
                        self.ignoring.setdefault(name, set()).add(number)
                    base += self._size(file)
        names = ", ".join(sql.ident(column.name) for column in TABLES[name].columns)
        rows = " UNION ALL BY NAME ".join(f"({part})" for part in parts)
        self._run(
            f"CREATE TABLE s_{name} AS SELECT {names}, * EXCLUDE ({names}) FROM ({rows})", name
        )
        rows_by_source = dict(
            self.con.execute(f"SELECT _source, count(*) FROM s_{name} GROUP BY 1").fetchall()
        )
        for number, (file_name, one) in enumerate(shown):
            if number not in rows_by_source:
                self.without_rows.append(_no_rows(name, file_name, one))
        self.lookups.count_ways(name, shown)
        return list(dict.fromkeys(used))

    def place(self, name: str, source: int, row: int) -> tuple[int, int]:
        """Return the file number and the row number in it of a staged row, by its ``_id``."""
        file, base = self._places[name, source]
        return file, row - base

    def lines(self, places: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """Return the line of each (file number, row number)."""
        out: dict[tuple[int, int], int] = {}
        for file in {file for file, _ in places}:
            of_file = self.files[file].lines(row for one, row in places if one == file)
            out |= {(file, row): line for row, line in of_file.items()}
        return out

    def close(self) -> None:
        """Forget everything."""
        self.con.close()

    def load(self, export: Export) -> int:
        """Load an export, once; return its number among the files."""
        one = export.options
        file = (export.shown, one.address, one.sheet)
        written = (one.delimiter, one.encoding, str(one.header_line), str(one.skip_footer))
        how = (*file, one.reader, one.labels_of, *written)
        if how not in self._raw:
            number = len(self.files)
            raw = READERS[one.reader].load(self.con, f"raw_{number}", export, self.scratch)
            self.files.append(raw)
            self._raw[how] = number
        return self._raw[how]

    def _loaded(self, export: Export) -> RawTable:
        return self.files[self.load(export)]

    def _listed(self, file: int, lists: dict[str, str]) -> int:
        """Give each value of a list a row of its own."""
        raw = one_a_row(self.con, self.files[file], lists, f"raw_{len(self.files)}")
        self.files.append(raw)
        return len(self.files) - 1

    def _compared(self, file: int, source: Source) -> tuple[int, Source]:
        """Turn versions of leads into changes from each to the next."""
        raw, source = as_changes(
            self.con, self.files[file], source, self.fields, f"raw_{len(self.files)}"
        )
        self.files.append(raw)
        return len(self.files) - 1, source

    def _size(self, file: int) -> int:
        if file not in self._sizes:
            self._sizes[file] = sql.count(self.con, self.files[file].table)
        return self._sizes[file]

    def _run(self, statement: str, name: str) -> None:
        with self._dates_understood(name):
            self.con.execute(statement)

    @contextmanager
    def _dates_understood(self, name: str) -> Iterator[None]:
        """Say in words that a table's date_format is none, which only DuckDB can tell."""
        try:
            yield
        except duckdb.Error as error:
            if "date_format" in str(error) or "strptime" in str(error).lower():
                forms = {form for one in self.sources.tables[name] for form in one.date_format}
                raise SmarketingError(
                    "date_format is no form of dates",
                    "sources.yml",
                    found=", ".join(sorted(forms)),
                    allowed="strptime's letters, such as %d/%m/%Y %H:%M",
                ) from None
            raise

    def _map(self, name: str, source: Source, file: int, number: int, base: int) -> Mapped:
        raw = self.files[file]
        # only leads keep what is not mapped; of other tables the ids may be addresses
        looked_at = (
            raw.labels
            if TABLES[name].open_ended
            else [label for column, label in source.columns.items() if column.endswith("_id")]
        )
        lookups: dict[str, list[tuple[str, str]]] = {
            column: [(self.lookups.table(lookup), lookup.match) for lookup in ways]
            for column, ways in source.via.items()
        }
        for lookup in source.merged:
            self.lookups.add_merged(lookup)
        if source.merged_ids:
            self.lookups.add_merged_ids(raw, source)
        personal = self._personal_columns(raw, looked_at)
        fields = self.fields
        if name == "changes":
            cells = Cells(self.sources, source, raw, personal)
            line = self.sources.line("tables", "changes")
            source = with_fields(self.con, raw, cells, self.fields, line)
            fields = with_codes(self.fields, self.wordings, cells, source)
        self._refuse_unclear(raw, source, name)
        days = self._day_columns(raw, source, TABLES[name])
        undeclared: list[tuple[int, str]] = []
        kept: dict[int, Kept] = {}
        if TABLES[name].open_ended:
            cells = Cells(self.sources, source, raw, personal)
            self._refuse_differing(cells)
            undeclared, dropped = lead_columns.undeclared(cells)
            with self._dates_understood(name):
                kept = self.wordings.kept(cells, undeclared)
            self.dropped |= {(raw.file, label): kind for label, kind in dropped}
            self.coded |= {(raw.file, raw.labels[n]) for n, _ in undeclared if kept[n].coded}
        mapper = Mapper(
            self.sources, TABLES[name], source, raw, lookups, personal, fields, days,
            undeclared, kept,
        )  # fmt: skip
        mapping = mapper.build(len(self.checks), number, base)
        if name == "leads":
            self.fields += fields_of(
                mapper.cells, {name: (raw.labels[n], kept[n]) for n, name in undeclared}
            )
        self.checks += mapping.checks
        for meaning in mapping.meanings:
            before = self.meanings.get((name, meaning.name))
            if before is None or not before.source:
                self.meanings[name, meaning.name] = meaning
        return mapping

    def _refuse_unclear(self, raw: RawTable, source: Source, name: str) -> None:
        """Refuse numbers that can be read in two ways, unless `decimal` says how."""
        if source.decimal is not None:
            return
        kinds = {column.name: column.type for column in TABLES[name].columns}
        of_numbers: dict[str, tuple[Loc, str]] = {
            column: (("columns", column), label)
            for column, label in source.columns.items()
            if kinds.get(column) in ("DOUBLE", "INTEGER", "BIGINT")
        }
        of_numbers |= {
            attribute: (("attributes", attribute), one.column)
            for attribute, one in source.attributes.items()
            if one.type == "number" and one.take is None
        }
        of_numbers |= {
            f"score_today {n}": (("score_today",), label)
            for n, label in enumerate(source.score_today, 1)
        }
        if not of_numbers:
            return
        place = ("tables", name, self.sources.tables[name].index(source))
        labels = {one: label for one, (_, label) in of_numbers.items() if raw.column(label)}
        lines = {one: self.sources.line(*place, *at) for one, (at, _) in of_numbers.items()}
        cells = Cells(self.sources, source, raw, set())
        if problems := list(unclear_numbers(self.con, cells, labels, lines)):
            raise SmarketingError(problems)

    def _refuse_differing(self, cells: Cells) -> None:
        """Refuse declared texts that differ for nearly every lead: names, numbers, addresses."""
        declared = {
            one.column: name
            for name, one in cells.source.attributes.items()
            if one.type == "text" and one.take is None and one.is_personal
        }
        place = self.sources.tables["leads"].index(cells.source)
        at = [
            self.sources.line("tables", "leads", place, "attributes", n) for n in declared.values()
        ]
        lines = dict(zip(declared, at, strict=True))
        if differing := self.wordings.differing(cells, list(declared)):
            raise SmarketingError(
                Problem(
                    f'"{label}" is a text that differs for nearly every lead: it may name people, '
                    "and no score can use it",
                    "sources.yml",
                    lines[label],
                    todo="Leave it out, reduce it with `take`, or, if it is about no person, say "
                    "`personal: false`.",
                )
                for label in differing
            )

    def _tell_labels(self, source: Source, raw: RawTable) -> None:
        """Note which columns stand under another of their names."""
        for _, label in labels_used(source):
            column = raw.column(label)
            if column is not None and label not in raw.labels:
                other = raw.labels[int(column[1:])]
                if other.lower() != label.lower():
                    self.other_labels[raw.file, label] = other

    def _personal_columns(self, raw: RawTable, labels: Iterable[str]) -> set[str]:
        """Return those labels whose cells hold e-mail addresses or phone numbers."""
        texts = [label for label in labels if raw.type_of(label) == "VARCHAR" and raw.column(label)]
        forms = f"({EMAIL_PATTERN})|({PHONE_PATTERN})"
        tests = ", ".join(
            f"coalesce(bool_or(CASE WHEN {cell} LIKE '+%' OR contains({cell}, '@')"
            f" THEN regexp_matches({cell}, {sql.lit(forms)}) END), false)"
            for cell in map(raw.column, texts)
        )
        if not tests:
            return set()
        answers = sql.row_of(self.con, f"SELECT {tests} FROM {raw.table}")
        return {label for label, yes in zip(texts, answers, strict=True) if yes}

    def _day_columns(self, raw: RawTable, source: Source, table: Table) -> set[str]:
        """Return the labels of moments that are all midnights: a database may not say "day"."""
        if (source.timezone or self.sources.timezone) == self.sources.home:
            return set()
        kinds = ("TIMESTAMP", "DATE")
        of_moments = {column.name for column in table.columns if column.type in kinds}
        labels = [label for name, label in source.columns.items() if name in of_moments]
        for one in source.attributes.values():
            labels += [one.column] if one.type == "time" else []
            labels += [one.known.at] if isinstance(one.known, KnownAt) else []
        cells = Cells(self.sources, source, raw, set())
        asked = [label for label in dict.fromkeys(labels) if raw.column(label)]
        if not asked:
            return set()
        tests = [sql.only_days(f"t{n}", source.date_format) for n, _ in enumerate(asked)]
        texts = ", ".join(f"{cells.text(label)} AS t{n}" for n, label in enumerate(asked))
        answers = sql.row_of(
            self.con, f"SELECT {', '.join(tests)} FROM (SELECT {texts} FROM {raw.table} r)"
        )
        return {label for label, yes in zip(asked, answers, strict=True) if yes}

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


def _limit(con: duckdb.DuckDBPyConnection, limit: str) -> None:
    """Bound DuckDB's memory: what goes beyond is spilled, encrypted, to the workspace's disk."""
    try:
        con.execute(f"SET memory_limit = {sql.lit(limit)}")
    except duckdb.Error:
        raise SmarketingError(
            f"{MEMORY_VARIABLE} is no size", found=repr(limit), allowed="2GB, 500MB …"
        ) from None


def _no_rows(name: str, shown: str, source: Source) -> str:
    tests = [
        f"{label} holds something" if cells == ("*",) else f"{label} is {' or '.join(cells)}"
        for label, cells in source.where.items()
    ]
    where = f" where {' and '.join(tests)}" if tests else ""
    return f"{shown} has no row for {name}{where}."
