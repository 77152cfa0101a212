"""The columns that only leads have: the outcome, today's score, attributes, undeclared ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.cells import Cells
from smarketing.warehouse.ingesting.target_columns import Meaning, Target
from smarketing.warehouse.ingesting.undeclared import Kept
from smarketing.warehouse.privacy import personal_kind
from smarketing.warehouse.sources.model import Attribute, KnownAt
from smarketing.warehouse.tables import INTERNAL, TABLES

_TYPES = {"text": "VARCHAR", "number": "DOUBLE", "boolean": "BOOLEAN", "time": "TIMESTAMP"}
Found = tuple[list[Target], list[Meaning]]


def outcome_and_score(cells: Cells) -> Found:
    """Return the outcome of tables without dates, and the parts of the score leads have today."""
    source, file = cells.source, cells.raw.file
    targets, meanings = [], []
    outcome = source.outcome
    if outcome is None:
        targets.append(Target("outcome", "BOOLEAN", "outcome", "NULL", str))
    else:
        targets.append(
            Target(
                "outcome",
                "BOOLEAN",
                outcome.column,
                cells.text(outcome.column),
                partial(sql.won, outcome.won, outcome.lost),
                wanted=", ".join((*outcome.won, *(outcome.lost or ("anything else",)))),
            )
        )
        meanings.append(Meaning("outcome", "canonical", None, f"{file}: {outcome.column}"))
    for n, label in enumerate(source.score_today):
        value, wanted = cells.typed("DOUBLE"), cells.wanted("DOUBLE")
        text = cells.text(label)
        targets.append(
            Target(f"_score{n}", "DOUBLE", label, text, value, wanted=wanted, hidden=True)
        )
    if source.score_today:
        labels = " + ".join(source.score_today)
        meanings.append(Meaning("score_today", "canonical", None, f"{file}: {labels}"))
    return targets, meanings


def attributes(cells: Cells) -> Found:
    """Return the declared attributes, and the moments at which some of them become known."""
    targets, meanings = [], []
    declared = dict(cells.source.attributes)
    times = {a.column: name for name, a in declared.items() if a.type == "time"}
    times |= {name: name for name, a in declared.items() if a.type == "time"}
    for attribute in cells.source.attributes.values():
        known = attribute.known
        if isinstance(known, KnownAt) and known.at not in times:
            times[known.at] = known.at
            declared[known.at] = Attribute(column=known.at, type="time", known=known)
    for name, attribute in declared.items():
        known = attribute.known
        at = times[known.at] if isinstance(known, KnownAt) else None
        where = f"{cells.raw.file}: {attribute.column}"
        meanings.append(Meaning(name, "at" if at else str(known), at, where))
        targets.append(_attribute(cells, name, attribute))
    return targets, meanings


def _attribute(cells: Cells, name: str, attribute: Attribute) -> Target:
    kind = _TYPES[attribute.type]
    value, local = (
        cells.typed(kind, label=attribute.column),
        None if attribute.take else cells.local(kind),
    )
    if attribute.take == "domain":
        value = sql.domain
    elif attribute.take == "hash":
        value = "keyed_hash({})".format
    elif attribute.take == "present":
        kind, value = "BOOLEAN", sql.present
    return Target(
        name,
        kind,
        attribute.column,
        cells.text(attribute.column, attribute.missing),
        value,
        values=cells.source.values.get(name, {}),
        wanted="" if attribute.take else cells.wanted(kind),
        secret=attribute.take is not None or personal_kind(attribute.column) is not None,
        local=local,
    )


def undeclared(cells: Cells) -> tuple[list[tuple[int, str]], list[tuple[str, str]]]:
    """Return the places of the columns nobody declared, each with our name of it.

    Beside them the labels of the personal ones, which are dropped, with the kind.
    """
    source, raw = cells.source, cells.raw
    used = {
        *source.columns.values(),
        *(attribute.column for attribute in source.attributes.values()),
        *(a.known.at for a in source.attributes.values() if isinstance(a.known, KnownAt)),
        *source.score_today,
        *((source.outcome.column,) if source.outcome else ()),
        *((source.merged_ids,) if source.merged_ids else ()),
    }
    mine = {raw.column(label) for label in used}
    names = {column.name for column in TABLES["leads"].columns}
    taken = {name.lower() for name in (*names, *INTERNAL, *source.attributes, *used)}
    columns, dropped = [], []
    for n, label in enumerate(raw.labels):
        if f"c{n}" in mine:
            continue
        if kind := cells.kind(label):
            dropped.append((label, kind))
            continue
        name, count = label, 1
        while name.lower() in taken:
            count += 1
            name = f"{label} ({count})"
        taken.add(name.lower())
        columns.append((n, name))
    return columns, dropped


def of_undeclared(
    cells: Cells, columns: Sequence[tuple[int, str]], kept: Mapping[int, Kept]
) -> Found:
    """Return the targets of columns nobody declared, kept as :class:`Kept` says."""
    targets, meanings = [], []
    for n, name in columns:
        label = cells.raw.labels[n]
        meanings.append(Meaning(name, "undeclared", None, f"{cells.raw.file}: {label}"))
        value = kept[n].value.format
        targets.append(Target(name, "VARCHAR", label, cells.text_at(n), value))
    return targets, meanings
