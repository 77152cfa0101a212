"""Rejected rows: where they stand, why, and when they are too many to go on."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import astuple, dataclass
from pathlib import Path

from smarketing.errors import Problem
from smarketing.warehouse.ingesting.judging import REASONS, WARNED
from smarketing.warehouse.ingesting.staging import Staging
from smarketing.warehouse.tables import TABLES

_SHOWN = 80
_EXAMPLES = 3
_REASONS = 3


@dataclass(frozen=True)
class Reject:
    """A row that did not become a canonical one.

    ``counted`` is false for exact copies: they are listed, but nothing is wrong with them.
    ``warned`` rows are left out and told, but are no reason to end an ingest.
    """

    file: str
    line: int
    column: str
    found: str
    reason: str
    counted: bool = True
    warned: bool = False


def rejects_of(staging: Staging, name: str, files: list[int]) -> list[Reject]:
    """Return the rejected rows and the dropped copies of a table, in the order of their lines."""
    rows = staging.con.execute(
        "SELECT s._source, s._id, s._state, s._note, s._check, s._found, f._source, f._id"
        f" FROM s_{name} s LEFT JOIN s_{name} f ON f._id = s._first"
        " WHERE s._state IN ('rejected', 'copy') ORDER BY s._id"
    ).fetchall()
    rows = [
        (staging.place(name, *row[:2]), *row[2:6], row[7] and staging.place(name, *row[6:]))
        for row in rows
    ]
    lines = staging.lines({place for row in rows for place in (row[0], row[-1]) if place})
    key = " + ".join(TABLES[name].key)
    out = [
        Reject(staging.files[file].file, bad.line, "", "", bad.reason)
        for file in files
        for bad in staging.files[file].bad
    ]
    for place, state, note, check, written, first in rows:
        shown = staging.files[place[0]].file
        warned = note in WARNED
        if note is None:
            rule = staging.checks[check]
            warned = rule.warns
            column, reason = rule.column, rule.reason(written)
            cell = "" if rule.secret else written or ""
        else:
            column = {"key": key, "unknown": "lead_id", "no_deal": "deal_id"}.get(note, "")
            cell = ""
            reason = REASONS[note]
        if first is not None:
            where = f"line {lines[first]}"
            other = staging.files[first[0]].file
            reason += f": {where}" if other == shown else f": {other}, {where}"
        cell = cell if len(cell) <= _SHOWN else cell[: _SHOWN - 1] + "…"
        out.append(Reject(shown, lines[place], column, cell, reason, state == "rejected", warned))
    return out


def too_many(name: str, rejects: list[Reject], rows: int, share: float) -> list[Problem]:
    """Return the problems to stop with if more than a share of a table's rows was rejected.

    The commonest reasons stand first, each with the first lines it was found at.
    """
    counted = [reject for reject in rejects if reject.counted and not reject.warned]
    if len(counted) <= share * rows:
        return []
    problems = [
        Problem(
            f"{len(counted)} of {rows} rows of {name} would be rejected,"
            f" more than the {share:.1%} allowed",
            "sources.yml",
            todo="Mend the export or its mapping (or max_reject_share); nothing was changed.",
        )
    ]
    kinds = Counter((reject.column, kind_of(reject)) for reject in counted)
    for (column, kind), number in kinds.most_common(_REASONS):
        alike = [r for r in counted if (r.column, kind_of(r)) == (column, kind)]
        problems += [_example(reject) for reject in alike[:_EXAMPLES]]
        if number > _EXAMPLES:
            problems.append(
                Problem(
                    f"… and {number - _EXAMPLES} more like it", alike[0].file, column=column or None
                )
            )
    return problems


def _example(reject: Reject) -> Problem:
    what, _, allowed = reject.reason.partition("; allowed: ")
    cell = repr(reject.found) if reject.found else None
    return Problem(what, reject.file, reject.line, reject.column or None, cell, allowed or None)


def kind_of(reject: Reject) -> str:
    """Return a reject's reason without what differs from row to row."""
    return reject.reason.split("; ")[0].split(": ")[0]


def write_rejects(folder: Path, rejects: dict[str, list[Reject]]) -> None:
    """Write one TABLE.csv a table into a folder; tables without rejects have none.

    Cells that a spreadsheet would run as a formula get an apostrophe before them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in rejects.items():
        if not rows:
            continue
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["file", "line", "column", "found", "reason"])
            writer.writerows([_harmless(cell) for cell in astuple(row)[:5]] for row in rows)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r") else cell
