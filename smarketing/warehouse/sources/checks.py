"""What a typed sources.yml can still have wrong: names, required columns, labels of exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from smarketing.errors import Problem, SmarketingError
from smarketing.faults import Loc, near
from smarketing.warehouse.privacy import personal_kind
from smarketing.warehouse.readers.labels import position
from smarketing.warehouse.readers.registry import READERS, files_of
from smarketing.warehouse.sources.model import FileOptions, KnownAt, Source, Sources
from smarketing.warehouse.sql import is_date_form
from smarketing.warehouse.tables import INTERNAL, STAGES, TABLES, Table
from smarketing.yamlfile import mark_of

COMPUTED = {"spell": "counted from recycled rows", "automatic": "false"}
"""Required columns that ingest fills where no export has them."""

_REDUCE = (
    "Reduce it with `take: domain`, `take: hash` or `take: present`; if it is about no person, say "
    "`personal: false`."
)

_FORMS = "Write strptime's letters, such as %d/%m/%Y %H:%M; a percent sign of its own is %%."

_OF_LEADS = ("attributes", "outcome", "score_today", "same_person", "merged_ids", "merged")


def source_problems(data: Mapping[str, Any], shown: str) -> list[Problem]:
    """Return the mistakes of a read sources.yml that no type can tell, each with its line.

    Sources that fail their type are left to it; the others are looked at all the same.
    """
    mistakes = list(_whole(data))
    tables = data.get("tables")
    for name, entries in tables.items() if isinstance(tables, Mapping) else ():
        if name not in TABLES:
            continue
        is_list = isinstance(entries, list)
        for n, entry in enumerate(entries if is_list else [entries]):
            loc: Loc = ("tables", name, n) if is_list else ("tables", name)
            try:
                source = Source.model_validate(entry)
            except ValidationError:
                continue
            mistakes += [(loc + at, what, todo) for at, what, todo in _one(TABLES[name], source)]
    return [Problem(what, shown, *mark_of(data, loc), todo=todo) for loc, what, todo in mistakes]


def _whole(data: Mapping[str, Any]) -> Iterator[tuple[Loc, str, str | None]]:
    tables = data.get("tables")
    if isinstance(tables, Mapping) and "leads" not in tables:
        yield ("tables",), "a workspace needs the table leads", None
    for loc in _by_history(data) if isinstance(tables, Mapping) and "changes" not in tables else ():
        yield loc, "`known: history` needs the table changes", "Name the export of it there."
    if data.get("history_from") and not data.get("history_from_reason"):
        yield (
            ("history_from",),
            "history_from needs its reason, for reports to tell",
            ("Add history_from_reason."),
        )
    for key in data.get("cannot") or ():
        table, _, column = str(key).partition(".")
        names = [c.name for c in TABLES[table].columns] if table in TABLES else []
        if table not in TABLES or (column and column not in names):
            yield ("cannot", key), f'there is no table or column "{key}"', near(table, TABLES)


def _by_history(data: Mapping[str, Any]) -> Iterator[Loc]:
    """Yield where an attribute is declared as known by its history."""
    leads = data["tables"].get("leads")
    is_list = isinstance(leads, list)
    for n, source in enumerate(leads if is_list else [leads]):
        attributes = source.get("attributes") if isinstance(source, Mapping) else None
        for name, one in attributes.items() if isinstance(attributes, Mapping) else ():
            if isinstance(one, Mapping) and one.get("known") == "history":
                yield ("tables", "leads", *([n] if is_list else []), "attributes", name, "known")


def _one(table: Table, source: Source) -> Iterator[tuple[Loc, str, str | None]]:
    names = [column.name for column in table.columns]
    given = {*source.columns, *source.constants}
    for block in ("columns", "constants", "via", "values"):
        allowed = [*names, *source.attributes] if block == "values" else names
        for name in getattr(source, block):
            if name not in allowed:
                what = f'{table.name} has no column "{name}"'
                hint = near(name, allowed) or f"Columns: {', '.join(allowed)}."
                if table.open_ended and block == "columns":
                    hint += " Further columns of leads go under `attributes`."
                yield (block, name), what, hint
            elif block == "via" and name not in source.columns:
                yield (block, name), f"via needs `columns: {{{name}: …}}` to look up", None
    for column in table.columns:
        values = [*source.values.get(column.name, {}).values()]
        values += [source.constants[column.name]] if column.name in source.constants else []
        for value in values if column.allowed else ():
            if value is not None and value not in column.allowed:
                block = "values" if column.name in source.values else "constants"
                yield (
                    (block, column.name),
                    f'{column.name} cannot be "{value}"; allowed: {", ".join(column.allowed)}',
                    near(value, column.allowed),
                )
    if source.versions:
        given |= {"field"}
        if table.name != "changes":
            yield ("versions",), "only changes can come as versions of leads", None
        for name in ("field", "old", "new"):
            if name in {*source.columns, *source.constants, *source.values}:
                yield (), f"{name} has no place beside `versions`: rows are compared", None
        for block in ("where", "exclude"):
            if getattr(source, block):
                yield (block,), f"`{block}` has no place beside `versions`", None
    elif table.name == "changes" and "new" not in given:
        yield (), "changes need the column new: what the value became", None
    if source.unpivot:
        given |= {"stage", "entered_at"}
        if table.name != "stages":
            yield ("unpivot",), "only stages can be unpivoted", None
        for label, stages in source.unpivot.items():
            for stage in stages:
                if stage not in STAGES:
                    yield (
                        ("unpivot", label),
                        f'there is no stage "{stage}"; allowed: {", ".join(STAGES)}',
                        near(stage, STAGES),
                    )
    for column in table.columns:
        if column.required and column.name not in given and column.name not in COMPUTED:
            yield (
                (),
                f"{table.name} needs the column {column.name}",
                (f"Add it to `columns` (or `constants`): {column.name}: <column of the export>."),
            )
    for block in _OF_LEADS if table.name != "leads" else ():
        if getattr(source, block):
            yield (block,), f"`{block}` belongs to leads only", None
    for form in source.date_format:
        if not is_date_form(form):
            yield ("date_format",), f'date_format: "{form}" is no form of dates', _FORMS
    for first, second in both_orders(source.date_format):
        yield (
            ("date_format",),
            f'date_format: "{first}" and "{second}" read one cell in two ways: day or month first',
            "Keep the one that the export is written in.",
        )
    for n, rule in enumerate(source.exclude):
        if bool(rule.like) == bool(rule.values):
            yield ("exclude", n), "an exclude rule needs either `like` or `in`", None
    yield from _of_attributes(table, source)


def _of_attributes(table: Table, source: Source) -> Iterator[tuple[Loc, str, str | None]]:
    """Yield what is wrong with the attributes of leads: names, when they are known, people."""
    names = {column.name for column in table.columns}
    for name, attribute in source.attributes.items():
        if name in names:
            yield ("attributes", name), f'"{name}" is a column of {table.name} already', None
        known = attribute.known
        if known == "history" and (attribute.take is not None or attribute.type == "time"):
            why = "it is a time" if attribute.take is None else "`take` reduces it"
            yield ("attributes", name, "known"), f"no history of {name} is kept: {why}", None
        at = known.at if isinstance(known, KnownAt) else name
        if at != name and at in source.attributes and source.attributes[at].type != "time":
            yield ("attributes", name, "known"), f'"{at}" is no attribute of type time', None
        kind = personal_kind(attribute.column)
        if kind and attribute.take is None and attribute.type == "text" and attribute.is_personal:
            yield (
                ("attributes", name),
                f'"{attribute.column}" looks like personal data ({kind})',
                _REDUCE,
            )
        if not name.isprintable():
            yield ("attributes", name), "the name of an attribute holds a control character", None
        if name.lower() in INTERNAL:
            yield ("attributes", name), f'"{name}" is a name that the ingest needs', "Rename it."
    for first, second in _same_but_for_case(source.attributes):
        yield ("attributes", second), f'"{second}" and "{first}" differ by case only', "Rename one."


def both_orders(forms: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield two forms of dates that differ in the order of day and month alone.

    ISO 8601 is always read, and so among them.

    Examples
    --------
    >>> list(both_orders(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"]))
    [('%d/%m/%Y', '%m/%d/%Y')]
    >>> list(both_orders(["%Y-%d-%m"]))
    [('%Y-%m-%d', '%Y-%d-%m')]
    """
    seen: dict[str, str] = {}
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", *forms):
        plain = form.replace("%-", "%")
        order_free = plain.replace("%d", "%?").replace("%m", "%?")
        other = seen.setdefault(order_free, form)
        if other.replace("%-", "%") != plain:
            yield other, form


def _same_but_for_case(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            yield seen[name.lower()], name
        seen.setdefault(name.lower(), name)


def labels_used(source: Source) -> Iterator[tuple[Loc, str]]:
    """Yield each label of the export that a source names, with its place in the source."""
    for block in ("columns", "where", "split", "unpivot"):
        for key, value in getattr(source, block).items():
            yield (block, key), value if block == "columns" else key
    for n, rule in enumerate(source.exclude):
        yield ("exclude", n, "column"), rule.column
    for name, attribute in source.attributes.items():
        yield ("attributes", name, "column"), attribute.column
        known = attribute.known
        if isinstance(known, KnownAt) and known.at not in source.attributes:
            yield ("attributes", name, "known", "at"), known.at
    if source.same_person:
        yield ("same_person",), source.same_person
    if source.merged_ids:
        yield ("merged_ids",), source.merged_ids
    if source.outcome:
        yield ("outcome", "column"), source.outcome.column
    for n, label in enumerate(source.score_today):
        yield ("score_today", n), label


def export_problems(sources: Sources, folder: Path) -> list[Problem]:
    """Return what is wrong with the exports themselves: absent files, headers without a label."""
    problems: dict[Problem, None] = {}
    for name, entries in sources.tables.items():
        for n, source in enumerate(entries):
            loc: Loc = ("tables", name, n)
            wanted = list(labels_used(source))
            for problem in _file_problems(sources, folder, source, loc, wanted):
                problems[problem] = None
            ways = [(("via", column), lookups) for column, lookups in source.via.items()]
            for block, lookups in [*ways, (("merged",), source.merged)]:
                for m, first in enumerate(lookups):
                    for deep, lookup in enumerate(first.chain()):
                        at: Loc = (*loc, *block, m, *(["then"] * deep))
                        pair: list[tuple[Loc, str]] = [
                            (("from",), lookup.key),
                            (("to",), lookup.to),
                        ]
                        for problem in _file_problems(sources, folder, lookup, at, pair):
                            problems[problem] = None
    return list(problems)


def _file_problems(
    sources: Sources, folder: Path, options: FileOptions, loc: Loc, wanted: list[tuple[Loc, str]]
) -> Iterator[Problem]:
    reader = READERS[options.reader]
    try:
        exports = files_of(options, folder)
    except SmarketingError as error:
        line = sources.line(*loc, "file") or sources.line(*loc)
        yield from (replace(one, file="sources.yml", line=line) for one in error.problems)
        return
    try:
        for export in exports:
            labels = reader.labels(export)
            for at, label in wanted:
                if labels.count(label) > 1:
                    yield Problem(
                        "the header has this column more than once",
                        export.shown,
                        1,
                        label,
                        found=f"{labels.count(label)} times",
                        allowed="a label that stands once",
                        todo="Rename one of them in the export.",
                    )
                if position(labels, label, options.labels_of) is None:
                    where = f"It is named in sources.yml, line {sources.line(*loc, *at)}."
                    hint = near(label, labels)
                    yield Problem(
                        "the header has no such column",
                        export.shown,
                        1,
                        label,
                        found=", ".join(labels[:8]) + (" …" if len(labels) > 8 else ""),
                        allowed="a label of the header, in the same spelling",
                        todo=f"{hint} {where}" if hint else where,
                    )
    except SmarketingError as error:
        yield from error.problems
