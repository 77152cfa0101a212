"""One export's cells turned into a canonical table's columns, with every bad cell marked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from smarketing.warehouse import sql
from smarketing.warehouse.ingesting import lead_columns
from smarketing.warehouse.ingesting import reject_reasons as reasons
from smarketing.warehouse.ingesting.cells import Cells
from smarketing.warehouse.ingesting.fields import Field, value_by_field
from smarketing.warehouse.ingesting.target_columns import Check, Mapped, Meaning, Target
from smarketing.warehouse.ingesting.undeclared import Kept
from smarketing.warehouse.privacy import personal_kind
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources.model import Source, Sources
from smarketing.warehouse.tables import Column, Table

_MONEY = ("amount", "cost")
_FIRST, _LAST = "1970-01-01", "2100-01-01"
_DELETED = ("IsDeleted", "is_deleted", "_fivetran_deleted")


class Mapper:
    """Maps one loaded export onto a table.

    Parameters
    ----------
    sources : Sources
    table : Table
    source : Source
        With unpivot already spread out (see :func:`spread`).
    raw : RawTable
    lookups : dict
        Per canonical column, the DuckDB look-up tables (columns ``k``, ``v``) with how their
        keys are compared.
    personal : set of str
        Labels of columns with addresses or phone numbers in their cells.
    fields : sequence of Field
        The attributes of leads whose changes are kept.
    days : set of str
        Labels of columns whose moments are all days, written as midnights.
    undeclared : sequence of (int, str)
        Of leads: the places of the columns that nobody declared, with our names of them.
    kept : mapping of int to Kept
        How the cells of these are kept.
    """

    def __init__(
        self,
        sources: Sources,
        table: Table,
        source: Source,
        raw: RawTable,
        lookups: dict[str, list[tuple[str, str]]],
        personal: set[str],
        fields: Sequence[Field] = (),
        days: Collection[str] = (),
        undeclared: Sequence[tuple[int, str]] = (),
        kept: Mapping[int, Kept] = MappingProxyType({}),
    ) -> None:
        self.undeclared, self.kept = undeclared, kept
        self.table, self.source, self.raw, self.lookups = table, source, raw, lookups
        self.cells = Cells(sources, source, raw, personal, days)
        self.fields = fields
        self.meanings: list[Meaning] = []
        self.joins: list[str] = []

    def build(self, first_check: int, source_number: int, base: int) -> Mapped:
        """Return the SQL; checks are numbered from ``first_check``, rows from ``base``."""
        targets = [self._canonical(column) for column in self.table.columns]
        if self.table.open_ended:
            targets = [t for t in targets if t.name not in ("outcome", "score_today")]
            targets += self._of_leads()
        checks, cases, founds = self._checks(targets, first_check)
        skip = self._skip(targets)
        cells = [
            f"{t.text} AS t{n}" if t.native else f"CAST({t.text} AS VARCHAR) AS t{n}"
            for n, t in enumerate(targets)
        ]
        cells += [
            f"CAST({t.looked_up} AS VARCHAR) AS j{n}" for n, t in enumerate(targets) if t.looked_up
        ]
        person = "CAST(NULL AS VARCHAR)"
        if self.source.same_person:
            person = f"lower({self.cells.text(self.source.same_person)})"
        of_leads = " _person," if self.table.open_ended else ""
        ways = list(self.lookups)
        for name, tables in self.lookups.items():
            for lookup, match in tables:
                key = sql.matched(self._key(name), match)
                self.joins.append(f" LEFT JOIN {lookup} ON {lookup}.k = {key}")
        where = " AND ".join(self._where()) or "true"
        copy = ", ".join(f"r.c{n}" for n in range(len(self.raw.labels)))
        level0 = (
            f"SELECT r._row, hash({copy}) AS _copy, {person} AS _person,"
            f" {self._excluded()} AS _x, {self._way(ways)} AS _way,"
            f" {', '.join(cells)} FROM {self.raw.table} r{''.join(self.joins)} WHERE {where}"
        )
        mapped = [
            sql.mapped(f"j{n}" if t.looked_up else f"t{n}", t.values) + f" AS m{n}"
            for n, t in enumerate(targets)
        ]
        level1 = f"SELECT *, {', '.join(mapped)} FROM ({level0})"
        local = [f", {t.local(f'm{n}')} AS l{n}" for n, t in enumerate(targets) if t.local]
        typed = [
            (t.value(f"m{n}", f"l{n}") if t.local else t.value(f"m{n}")) + f" AS v{n}"
            for n, t in enumerate(targets)
        ]
        level2 = f"SELECT *, {', '.join(typed)} FROM (SELECT *{''.join(local)} FROM ({level1}))"
        level3 = f"SELECT *, {skip} AS _skip, CASE {cases} END AS _check FROM ({level2})"
        out = [
            f"CAST(v{n} AS {t.type}) AS {sql.ident(t.name)}"
            for n, t in enumerate(targets)
            if not t.hidden
        ]
        scores = [f"v{n}" for n, t in enumerate(targets) if t.hidden]
        if self.table.open_ended:
            out.append(f"CAST({' + '.join(scores) or 'NULL'} AS DOUBLE) AS score_today")
        select = (
            f"SELECT {', '.join(out)}, {base}::BIGINT + _row AS _id,"
            f" {source_number}::USMALLINT AS _source, _copy,{of_leads} _way,"
            " CAST(CASE WHEN _skip IS NOT NULL THEN 'excluded' WHEN _check IS NOT NULL"
            " THEN 'rejected' END AS STATE) AS _state, _skip AS _note,"
            " CAST(NULL AS BIGINT) AS _first,"
            " CAST(CASE WHEN _skip IS NULL THEN _check END AS USMALLINT) AS _check,"
            f" CASE _check {founds} END AS _found FROM ({level3})"
        )
        return Mapped(select, checks, self.meanings)

    def _of_leads(self) -> list[Target]:
        targets, meanings = lead_columns.outcome_and_score(self.cells)
        more, of_attributes = lead_columns.attributes(self.cells)
        rest, kept = lead_columns.of_undeclared(self.cells, self.undeclared, self.kept)
        self.meanings += [*meanings, *of_attributes, *kept]
        return [*targets, *more, *rest]

    def _canonical(self, column: Column) -> Target:
        name, source, cells = column.name, self.source, self.cells
        label = source.columns.get(name)
        where = f"{self.raw.file}: {label}" if label else ""
        self.meanings.append(Meaning(name, "canonical", None, where))
        value = cells.typed(column.type, name, label or "")
        if self.table.name == "changes" and name in ("old", "new"):
            at = next(n for n, one in enumerate(self.table.columns) if one.name == "field")
            value = value_by_field(self.fields, cells, f"m{at}")
        if label is None:
            default = {"automatic": "false"}.get(name)
            return Target(
                name, column.type, name, sql.lit(source.constants.get(name, default)), value,
                local=cells.local(column.type),
            )  # fmt: skip
        required = column.required and name != "spell"
        if column.type == "TIMESTAMP" and cells.moment(label) and name not in source.via:
            text = self._utc(label)
            return Target(name, column.type, label, text, str, required=required, native=True)
        kind = cells.kind(label)
        kinds = [personal_kind(lookup.chain()[-1].to) for lookup in source.via.get(name, ())]
        if name.endswith("_id") and "e-mail" in (kinds or [kind]):
            value = "keyed_hash({})".format  # an id that is an address is kept as its hash
        looked = [f"{table}.v" for table, _ in self.lookups.get(name, ())]
        return Target(
            name,
            column.type,
            label,
            self._key(name) if name.endswith("_id") else cells.text(label),
            value,
            f"coalesce({', '.join(looked)}, NULL)" if looked else None,
            source.values.get(name, {}),
            required,
            column.allowed,
            cells.wanted(column.type, name),
            secret=kind is not None,
            local=cells.local(column.type),
        )

    def _key(self, name: str) -> str:
        return self.cells.key(self.source.columns[name])

    def _utc(self, label: str) -> str:
        """Return the SQL of a moment, or day, that is no text as naive UTC."""
        column = self.cells.moment(label)
        if self.cells.zoned(label):
            return f"timezone('UTC', r.{column})"
        return sql.to_utc(f"CAST(r.{column} AS TIMESTAMP)", self.cells.zone_of(label))

    # -- conditions --------------------------------------------------------------------------

    def _way(self, ways: list[str]) -> str:
        """Return by which look-up a row found its lead: 0, 1 …; -1 for none, null if not asked."""
        if not ways:
            return "CAST(NULL AS TINYINT)"
        name = "lead_id" if "lead_id" in ways else ways[0]
        cases = " ".join(
            f"WHEN {table}.v IS NOT NULL THEN {n}"
            for n, (table, _) in enumerate(self.lookups[name])
        )
        return f"CAST(CASE {cases} WHEN {self._key(name)} IS NULL THEN NULL ELSE -1 END AS TINYINT)"

    def _where(self) -> list[str]:
        conditions = []
        for label, values in self.source.where.items():
            text = self.cells.text(label)
            if values == ("*",):
                conditions.append(f"{text} IS NOT NULL")
            else:
                conditions.append(f"{text} IN {sql.lits(values)}")
        return conditions

    def _excluded(self) -> str:
        cases = []
        for rule in self.source.exclude:
            text = self.cells.text(rule.column)
            test = sql.like(text, rule.like) if rule.like else f"{text} IN {sql.lits(rule.values)}"
            cases.append(f"WHEN {test} THEN {sql.lit(rule.reason)}")
        if self.source.labels_of:
            marks = dict.fromkeys(self.raw.column(label) for label in _DELETED)
            for column in marks:
                if column:
                    test = sql.boolean(f"trim(CAST(r.{column} AS VARCHAR))")
                    cases.append(f"WHEN {test} THEN 'deleted in the CRM'")
        return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"

    def _skip(self, targets: list[Target]) -> str:
        cases = ["WHEN _x IS NOT NULL THEN _x"]
        for n, t in enumerate(targets):
            if t.required and None in t.values.values():
                before = f"j{n}" if t.looked_up else f"t{n}"
                reason = sql.lit(
                    "of no column that leads keep"
                    if t.name == "field"
                    else f"{t.label} maps to no {t.name}"
                )
                cases.append(f"WHEN {before} IS NOT NULL AND m{n} IS NULL THEN {reason}")
            if t.looked_up and self.source.unknown_leads == "ignore":
                cases.append(f"WHEN j{n} IS NULL THEN 'of no lead of ours'")
        return f"CASE {' '.join(cases)} END"

    def _checks(self, targets: list[Target], first: int) -> tuple[list[Check], str, str]:
        checks: list[Check] = []
        cases: list[str] = []
        founds: list[str] = []

        def check(
            test: str, t: Target, n: int, reason: Callable[[str | None], str], warns: bool = False
        ) -> None:
            at = first + len(checks)
            checks.append(Check(t.label, reason, t.secret, warns))
            cases.append(f"WHEN {test} THEN {at}")
            shown = "NULL" if t.secret else f"CAST(t{n} AS VARCHAR)"
            founds.append(f"WHEN {at} THEN {shown}")

        for n, t in enumerate(targets):
            if t.looked_up:
                check(f"t{n} IS NOT NULL AND j{n} IS NULL", t, n, reasons.no_match)
            if t.required:
                check(f"m{n} IS NULL", t, n, partial(reasons.needed, t.name))
            if t.wanted:
                say = partial(reasons.unreadable, t, self.source)
                check(f"m{n} IS NOT NULL AND v{n} IS NULL", t, n, say)
            if t.type in ("TIMESTAMP", "DATE"):
                outside = f"v{n} < TIMESTAMP '{_FIRST}' OR v{n} >= TIMESTAMP '{_LAST}'"
                check(outside, t, n, lambda _: "the year is not between 1970 and 2099")
            if t.allowed:
                check(f"v{n} NOT IN {sql.lits(t.allowed)}", t, n, partial(reasons.unknown_value, t))
            if t.name == "visitors" and not self.table.open_ended:
                check(f"v{n} < 0", t, n, reasons.negative)
        if self.source.negative == "reject" and not self.table.open_ended:
            for n, t in enumerate(targets):  # last: a row with a fault besides counts as faulty
                if t.name in _MONEY:
                    check(f"v{n} < 0", t, n, reasons.negative_money, warns=True)
        return checks, " ".join(cases) or "WHEN false THEN 0", " ".join(founds) or "WHEN -1 THEN ''"


def spread(source: Source) -> list[Source]:
    """Return one source per unpivoted column and stage; others unchanged."""
    if not source.unpivot:
        return [source]
    return [
        source.model_copy(
            update={
                "unpivot": {},
                "columns": {**source.columns, "entered_at": label},
                "constants": {**source.constants, "stage": stage},
                "where": {**source.where, label: ("*",)},
            }
        )
        for label, stages in source.unpivot.items()
        for stage in stages
    ]
