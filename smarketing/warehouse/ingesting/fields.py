"""Which fields of a CRM's history are attributes of our leads, and their values as we have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from smarketing.errors import SmarketingError
from smarketing.faults import near
from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.cells import Cells
from smarketing.warehouse.ingesting.undeclared import Kept, Wordings
from smarketing.warehouse.privacy import PHONE_PATTERN, personal_kind
from smarketing.warehouse.readers.labels import bare_label, other_names
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources.model import Source

_KINDS = {"number": "DOUBLE", "boolean": "BOOLEAN", "time": "TIMESTAMP"}


@dataclass(frozen=True)
class Field:
    """A column that leads keep: its name with us, its label in the export, how its cells are read.

    Parameters
    ----------
    name, label : str
    system : str or None
        The CRM whose labels the export of leads follows.
    type : str
        text, number, boolean or time.
    missing : tuple of str
        Cells that mean "no value".
    values : dict
        The value map.
    """

    name: str
    label: str
    system: str | None
    type: str = "text"
    missing: tuple[str, ...] = ()
    values: tuple[tuple[str, str | None], ...] = ()
    kept: Kept | None = None
    """How the cells of a column nobody declared are kept."""


def fields_of(cells: Cells, undeclared: Mapping[str, tuple[str, Kept]]) -> list[Field]:
    """Return the columns of an export of leads whose changes are kept, personal data left out.

    These are the declared attributes that nothing is taken of, the undeclared columns (our name
    to their label and what is kept: of a text only that there was one), and the source.
    """
    source, system = cells.source, cells.source.labels_of
    fields = []
    if (label := source.columns.get("source")) and cells.kind(label) is None:
        fields.append(Field("source", label, system))
    for name, attribute in source.attributes.items():
        if attribute.take is None and cells.kind(attribute.column) is None:
            missing = attribute.missing
            fields.append(Field(name, attribute.column, system, attribute.type, missing))
    for name, (label, kept) in undeclared.items():
        fields.append(Field(name, label, system, kept.type, kept=kept))
    return [
        replace(
            field,
            missing=(*source.missing, *field.missing),
            values=tuple(source.values.get(field.name, {}).items()),
        )
        for field in fields
    ]


def with_fields(
    con: duckdb.DuckDBPyConnection,
    raw: RawTable,
    cells: Cells,
    fields: Sequence[Field],
    line: int | None,
) -> Source:
    """Return a source of changes whose map of ``field`` names our columns, and no others.

    A field is ours by what ``values`` says, by the label that leads are read from, by our own
    name, or – in exports of the same CRM – by another name of that label.

    Raises
    ------
    SmarketingError
        If ``values`` or ``constants`` name a column that leads do not keep.
    """
    source = cells.source
    names = {field.name for field in fields}
    declared = dict(source.values.get("field", {}))
    wanted = [*declared.values(), source.constants.get("field")]
    for name in wanted:
        if name is not None and name not in names:
            raise SmarketingError(
                "leads keep no such column: undeclared in the export, or personal",
                "sources.yml",
                line,
                found=name,
                allowed=", ".join(sorted(names)),
                todo=near(name, names),
            )
    label = source.columns.get("field")
    if label is None:
        return source
    text = cells.text(label)
    names_used = con.execute(f"SELECT DISTINCT {text} FROM {raw.table} r").fetchall()
    ours = _Ours(fields, source.labels_of)
    mapped = {
        cell: ours.name(cell) for (cell,) in names_used if cell is not None and cell not in declared
    }
    known = {cell: name for cell, name in sorted(mapped.items()) if name is not None}
    values = {**source.values, "field": {**declared, **known, "*": None}}
    return source.model_copy(update={"values": values})


def with_codes(
    fields: Sequence[Field], wordings: Wordings, cells: Cells, source: Source
) -> list[Field]:
    """Return the fields of leads with codes for what they held at other times, too.

    Parameters
    ----------
    fields : sequence of Field
    wordings : Wordings
    cells : Cells
        Of the export of changes.
    source : Source
        Whose map of ``field`` names our columns, as :func:`with_fields` makes it.
    """
    label = source.columns.get("field")
    if label is None:
        return list(fields)
    named = source.values.get("field", {})
    sides = [source.columns[side] for side in ("old", "new") if side in source.columns]

    def coded(field: Field) -> Field:
        theirs = [cell for cell, name in named.items() if name == field.name]
        if field.kept is None or not field.kept.coded or not theirs:
            return field
        of_it = f"FROM {cells.raw.table} r WHERE {cells.text(label)} IN {sql.lits(theirs)}"
        texts = " UNION ALL ".join(f"SELECT {cells.text(side)} AS t {of_it}" for side in sides)
        value = wordings.of_changes(field.name, texts)
        return replace(field, kept=replace(field.kept, value=value))

    return [coded(field) for field in fields]


class _Ours:
    """Finds our name of a field of the CRM."""

    def __init__(self, fields: Sequence[Field], system: str | None) -> None:
        near_by = [f for f in fields if system is None or f.system in (None, system)]
        self.exact = {f.name: f.name for f in near_by} | {f.label: f.name for f in near_by}
        self.others: dict[str, set[str]] = {}
        for field in near_by:
            for one in other_names(field.label, system or field.system):
                self.others.setdefault(one, set()).add(field.name)

    def name(self, cell: str) -> str | None:
        """Return the name, None if the field is none of ours, or might be two of them."""
        if cell in self.exact:
            return self.exact[cell]
        if personal_kind(cell) is not None:
            return None
        names = self.others.get(bare_label(cell), set())
        return next(iter(names)) if len(names) == 1 else None


def value_by_field(fields: Sequence[Field], cells: Cells, field: str) -> Callable[[str], str]:
    """Return what turns the SQL of a changed cell into that of the value as leads have it.

    Numbers, answers and times are written as DuckDB does, so that they can be cast back; what
    cannot be read is missing. Addresses and phone numbers that somebody typed are blotted out.

    Parameters
    ----------
    fields : sequence of Field
    cells : Cells
        Of the export of changes.
    field : str
        SQL of our name of the field.
    """

    def value(text: str) -> str:
        cases = []
        for one in {f.name: f for f in reversed(fields)}.values():
            cell = f"CASE WHEN {text} NOT IN {sql.lits(one.missing)} THEN {text} END"
            cell = sql.mapped(cell if one.missing else text, dict(one.values))
            if one.kept is not None and one.kept.coded:
                cases.append(f"WHEN {sql.lit(one.name)} THEN {one.kept.value.format(cell)}")
            elif one.type in _KINDS:
                kind = _KINDS[one.type]
                local = cells.local(kind)
                typed = cells.typed(kind)(cell, local(cell)) if local else cells.typed(kind)(cell)
                cell = f"CAST({typed} AS VARCHAR)"
                cases.append(f"WHEN {sql.lit(one.name)} THEN {cell}")
            elif one.missing or one.values:
                cases.append(f"WHEN {sql.lit(one.name)} THEN {_plain(cell)}")
        if not cases:
            return _plain(text)
        return f"CASE {field} {' '.join(cases)} ELSE {_plain(text)} END"

    return value


def _plain(text: str) -> str:
    phone = f"regexp_matches({text}, {sql.lit(PHONE_PATTERN)})"
    return f"CASE WHEN {phone} THEN '(phone number)' ELSE {sql.redacted(text)} END"
