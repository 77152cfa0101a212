"""One export's cells turned into a canonical table's columns, with every bad cell marked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from smarketing.warehouse import reasons, sql
from smarketing.warehouse.privacy import personal_kind
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources import Attribute, KnownAt, Source, Sources
from smarketing.warehouse.tables import Column, Table
from smarketing.warehouse.targets import Check, Mapping, Meaning, Target

_TYPES = {"text": "VARCHAR", "number": "DOUBLE", "boolean": "BOOLEAN", "time": "TIMESTAMP"}
_NOT_NEGATIVE = ("amount", "cost", "visitors")
_FREE_TEXT = ("subject", "reason", "outcome", "loss_reason")
_FIRST, _LAST = "1970-01-01", "2100-01-01"


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
        Per canonical column, pairs of a DuckDB look-up table (columns ``k``, ``v``) and the
        reader's name.
    has_emails : set of str
        Labels of columns with e-mail addresses in their cells.
    """

    def __init__(
        self,
        sources: Sources,
        table: Table,
        source: Source,
        raw: RawTable,
        lookups: dict[str, list[str]],
        has_emails: set[str],
    ) -> None:
        self.table, self.source, self.raw = table, source, raw
        self.lookups, self.has_emails = lookups, has_emails
        self.zone = source.timezone or sources.timezone
        self.missing = (*sources.missing, *source.missing)
        self.dropped: list[tuple[str, str]] = []
        self.meanings: list[Meaning] = []

    def cell(self, label: str, more_missing: tuple[str, ...] = ()) -> str:
        """Return the SQL of a cell's text."""
        return sql.cell(f"r.{self.raw.column(label)}", (*self.missing, *more_missing))

    def build(self, first_check: int, source_number: int, file_number: int) -> Mapping:
        """Return the SQL; checks are numbered from ``first_check``."""
        targets = [self._canonical(column) for column in self.table.columns]
        if self.table.open_ended:
            targets = [t for t in targets if t.name not in ("outcome", "score_today")]
            targets += [*self._outcome(), *self._attributes(), *self._undeclared()]
        checks, cases, founds = self._checks(targets, first_check)
        skip = self._skip(targets)
        rows = f"md5(concat_ws(chr(31), {self._all_cells()})) AS _copy"
        cells = [f"CAST({t.text} AS VARCHAR) AS t{n}" for n, t in enumerate(targets)]
        cells += [
            f"CAST({t.looked_up} AS VARCHAR) AS j{n}" for n, t in enumerate(targets) if t.looked_up
        ]
        person = "NULL"
        if self.source.same_person:
            person = f"lower({self.cell(self.source.same_person)})"
        joins = "".join(
            f" LEFT JOIN {table} ON {table}.k = {self._key(name)}"
            for name, tables in self.lookups.items()
            for table in tables
        )
        where = " AND ".join(self._where()) or "true"
        level0 = (
            f"SELECT r._row, {rows}, {person} AS _person, {self._excluded()} AS _x,"
            f" {', '.join(cells)} FROM {self.raw.table} r{joins} WHERE {where}"
        )
        mapped = [
            sql.mapped(f"j{n}" if t.looked_up else f"t{n}", t.values) + f" AS m{n}"
            for n, t in enumerate(targets)
        ]
        level1 = f"SELECT *, {', '.join(mapped)} FROM ({level0})"
        typed = [f"{t.value(f'm{n}')} AS v{n}" for n, t in enumerate(targets)]
        level2 = f"SELECT *, {', '.join(typed)} FROM ({level1})"
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
            f"SELECT {', '.join(out)}, {source_number} AS _source, {file_number} AS _file, _row,"
            f" _copy, _person, _skip, CASE WHEN _skip IS NULL THEN _check END AS _check,"
            f" CASE _check {founds} END AS _found FROM ({level3})"
        )
        return Mapping(select, checks, self.meanings, self.dropped)

    # -- targets -----------------------------------------------------------------------------

    def _canonical(self, column: Column) -> Target:
        name, source = column.name, self.source
        label = source.columns.get(name)
        self._means(name, "canonical", None, label)
        value = self._typed(column.type, name)
        if label is None:
            default = {"automatic": "false"}.get(name)
            return Target(
                name, column.type, name, sql.lit(source.constants.get(name, default)), value
            )
        kind = personal_kind(label) or ("e-mail" if label in self.has_emails else None)
        told = [personal_kind(lookup.to) for lookup in source.via.get(name, ())] or [kind]
        if name.endswith("_id") and "e-mail" in told:
            value = "keyed_hash({})".format  # an id that is an address is kept as its hash
        looked = [f"{table}.v" for table in self.lookups.get(name, ())]
        return Target(
            name,
            column.type,
            label,
            self._key(name) if name.endswith("_id") else self.cell(label),
            value,
            f"coalesce({', '.join(looked)}, NULL)" if looked else None,
            source.values.get(name, {}),
            column.required and name != "spell",
            column.allowed,
            self._wanted(column.type, name),
            secret=kind is not None,
        )

    def _key(self, name: str) -> str:
        text = self.cell(self.source.columns[name])
        return f"id18({text})" if self.source.reader == "salesforce" else text

    def _outcome(self) -> list[Target]:
        targets = []
        outcome = self.source.outcome
        if outcome is None:
            targets.append(Target("outcome", "BOOLEAN", "outcome", "NULL", str))
        else:
            targets.append(
                Target(
                    "outcome",
                    "BOOLEAN",
                    outcome.column,
                    self.cell(outcome.column),
                    partial(sql.won, outcome.won, outcome.lost),
                    wanted=", ".join((*outcome.won, *(outcome.lost or ("anything else",)))),
                )
            )
            self._means("outcome", "canonical", None, outcome.column)
        for n, label in enumerate(self.source.score_today):
            value = self._typed("DOUBLE")
            wanted = self._wanted("DOUBLE")
            targets.append(
                Target(
                    f"_score{n}",
                    "DOUBLE",
                    label,
                    self.cell(label),
                    value,
                    wanted=wanted,
                    hidden=True,
                )
            )
        if self.source.score_today:
            self._means("score_today", "canonical", None, " + ".join(self.source.score_today))
        return targets

    def _attributes(self) -> list[Target]:
        targets = []
        declared = dict(self.source.attributes)
        times = {a.column: name for name, a in declared.items() if a.type == "time"}
        times |= {name: name for name, a in declared.items() if a.type == "time"}
        for attribute in self.source.attributes.values():
            known = attribute.known
            if isinstance(known, KnownAt) and known.at not in times:
                times[known.at] = known.at
                declared[known.at] = Attribute(column=known.at, type="time", known=known)
        for name, attribute in declared.items():
            known = attribute.known
            at = times[known.at] if isinstance(known, KnownAt) else None
            self._means(name, "at" if at else str(known), at, attribute.column)
            targets.append(self._attribute(name, attribute))
        return targets

    def _attribute(self, name: str, attribute: Attribute) -> Target:
        kind = _TYPES[attribute.type]
        value = self._typed(kind)
        if attribute.take == "domain":
            value = sql.domain
        elif attribute.take == "hash":
            value = "keyed_hash({})".format
        elif attribute.take == "present":
            kind, value = "BOOLEAN", "({} IS NOT NULL)".format
        secret = attribute.take is not None or personal_kind(attribute.column) is not None
        return Target(
            name,
            kind,
            attribute.column,
            self.cell(attribute.column, attribute.missing),
            value,
            values=self.source.values.get(name, {}),
            wanted="" if attribute.take else self._wanted(kind),
            secret=secret,
        )

    def _undeclared(self) -> list[Target]:
        source = self.source
        used = {
            *source.columns.values(),
            *(attribute.column for attribute in source.attributes.values()),
            *(a.known.at for a in source.attributes.values() if isinstance(a.known, KnownAt)),
            *source.score_today,
            *((source.outcome.column,) if source.outcome else ()),
        }
        mine = {self.raw.column(label) for label in used}
        names = {column.name for column in self.table.columns}
        taken = {name.lower() for name in (*names, *source.attributes, *used)}
        targets = []
        for n, label in enumerate(self.raw.labels):
            if f"c{n}" in mine:
                continue
            kind = personal_kind(label) or ("e-mail" if label in self.has_emails else None)
            if kind:
                self.dropped.append((label, kind))
                continue
            name, count = label, 1
            while name.lower() in taken:
                count += 1
                name = f"{label} ({count})"
            taken.add(name.lower())
            self._means(name, "undeclared", None, label)
            text = sql.cell(f"r.c{n}", self.missing)
            targets.append(Target(name, "VARCHAR", label, text, str))
        return targets

    def _means(self, name: str, known: str, at: str | None, label: str | None) -> None:
        where = f"{self.raw.file}: {label}" if label else ""
        self.meanings.append(Meaning(name, known, at, where))

    # -- types -------------------------------------------------------------------------------

    def _typed(self, kind: str, name: str = "") -> Callable[[str], str]:
        source = self.source
        if name == "month":
            return sql.month
        if name == "currency":
            return "upper({})".format
        if kind == "TIMESTAMP":
            return partial(sql.utc_time, zone=self.zone, formats=source.date_format)
        if kind == "DATE":
            return lambda text: f"CAST({sql.local_time(text, source.date_format)} AS DATE)"
        if kind == "DOUBLE":
            return partial(sql.number, decimal=source.decimal)
        if kind in ("INTEGER", "BIGINT"):
            return lambda text: sql.whole_number(sql.number(text, source.decimal), kind)
        if kind == "BOOLEAN":
            return sql.boolean
        if name in _FREE_TEXT:
            return sql.redacted
        return str

    def _wanted(self, kind: str, name: str = "") -> str:
        if name == "month":
            return "2026-10"
        if kind in ("TIMESTAMP", "DATE"):
            own = [f"`{form}`" for form in self.source.date_format]
            return ", ".join(["2026-10-31", "2026-10-31 14:05", "2026-10-31T14:05:00Z", *own])
        if kind == "BOOLEAN":
            return "true, false, yes, no, 1, 0"
        if kind in ("INTEGER", "BIGINT"):
            return "a whole number"
        return "a number such as 1234.5" if kind == "DOUBLE" else ""

    # -- conditions --------------------------------------------------------------------------

    def _where(self) -> list[str]:
        conditions = []
        for label, values in self.source.where.items():
            text = self.cell(label)
            if values == ("*",):
                conditions.append(f"{text} IS NOT NULL")
            else:
                conditions.append(f"{text} IN {sql.lits(values)}")
        return conditions

    def _excluded(self) -> str:
        cases = []
        for rule in self.source.exclude:
            text = self.cell(rule.column)
            test = sql.like(text, rule.like) if rule.like else f"{text} IN {sql.lits(rule.values)}"
            cases.append(f"WHEN {test} THEN {sql.lit(rule.reason)}")
        return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"

    def _skip(self, targets: list[Target]) -> str:
        cases = ["WHEN _x IS NOT NULL THEN _x"]
        for n, t in enumerate(targets):
            if t.required and None in t.values.values():
                before = f"j{n}" if t.looked_up else f"t{n}"
                reason = sql.lit(f"{t.label} maps to no {t.name}")
                cases.append(f"WHEN {before} IS NOT NULL AND m{n} IS NULL THEN {reason}")
            if t.looked_up and self.source.unknown_leads == "ignore":
                cases.append(f"WHEN j{n} IS NULL THEN 'of no lead of ours'")
        return f"CASE {' '.join(cases)} END"

    def _checks(self, targets: list[Target], first: int) -> tuple[list[Check], str, str]:
        checks: list[Check] = []
        cases: list[str] = []
        founds: list[str] = []

        def check(test: str, t: Target, n: int, reason: Callable[[str | None], str]) -> None:
            at = first + len(checks)
            checks.append(Check(t.label, reason, t.secret))
            cases.append(f"WHEN {test} THEN {at}")
            founds.append(f"WHEN {at} THEN {'NULL' if t.secret else f't{n}'}")

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
            if t.name in _NOT_NEGATIVE and not self.table.open_ended:
                check(
                    f"v{n} < 0", t, n, lambda _: "an amount cannot be negative; allowed: 0 or more"
                )
        return checks, " ".join(cases) or "WHEN false THEN 0", " ".join(founds) or "WHEN -1 THEN ''"

    def _all_cells(self) -> str:
        return ", ".join(f"coalesce(r.c{n}, chr(30))" for n in range(len(self.raw.labels)))


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
