"""What became of the rows: counts, what was left out and why, and notes for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from smarketing.results import Result
from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.changes import CHANGES, RESTATED
from smarketing.warehouse.ingesting.judging import REASONS, Judge
from smarketing.warehouse.ingesting.rejects import Reject, kind_of
from smarketing.warehouse.ingesting.staging import Staging
from smarketing.warehouse.sources.model import Sources

COUNTS = ["table_name", "accepted", "rejected", "excluded", "merged"]
_LINES = 5
_LABELS = 8
JOINS = ["table_name", "export", "column_name", "found_by", "rows"]


@dataclass(frozen=True)
class IngestReport(Result):
    """What became of the rows of every table.

    Parameters
    ----------
    counts : pandas.DataFrame
        ``table_name``, ``accepted``, ``rejected``, ``excluded``, ``merged``.
    left_out : pandas.DataFrame
        ``table_name``, ``state`` (rejected, excluded, copy, merged), ``reason``, ``rows``.
    notes : tuple of str
        What a person should know, one sentence each.
    data_until : pandas.Timestamp or None
        The moment the data ends, naive UTC.
    fingerprint : str
        SHA-256 over sources.yml and the raw files.
    joins : pandas.DataFrame
        ``table_name``, ``export``, ``column_name``, ``found_by`` (which look-up; none),
        ``rows``: what joining the systems lost.
    changes : pandas.DataFrame
        ``table_name``, ``added``, ``changed``, ``removed``, against the warehouse before.
    restated : pandas.DataFrame
        ``month``, ``table_name``, ``added``, ``changed``, ``removed``, ``told_until``: months
        the warehouse before had told of already.
    unchanged : bool
        Whether the warehouse was left as it was, as nothing differed.
    """

    counts: pd.DataFrame
    left_out: pd.DataFrame
    notes: tuple[str, ...]
    data_until: pd.Timestamp | None
    fingerprint: str
    joins: pd.DataFrame = field(default_factory=partial(pd.DataFrame, columns=JOINS))
    changes: pd.DataFrame = field(default_factory=partial(pd.DataFrame, columns=CHANGES))
    restated: pd.DataFrame = field(default_factory=partial(pd.DataFrame, columns=RESTATED))
    unchanged: bool = False

    def frame(self) -> pd.DataFrame:
        """Return the counts, one row a table."""
        return self.counts

    def to_dict(self) -> dict[str, Any]:
        """Return plain types; ``tables`` is keyed by the table's name."""
        content = super().to_dict()
        tables = {row.pop("table_name"): row for row in content.pop("counts")}
        return {"tables": tables, **content}


def rows_of(staging: Staging, name: str, rejects: list[Reject]) -> int:
    """Return the rows that could have been accepted, lines that are no rows among them."""
    staged = sql.count(staging.con, f"s_{name}", "_state IS NULL")
    return staged + sum(reject.counted for reject in rejects)


def counted(staging: Staging, name: str, rejects: list[Reject]) -> tuple[object, ...]:
    """Return what ``counts`` says of a table."""
    states = dict(
        staging.con.execute(f"SELECT _state, count(*) FROM s_{name} GROUP BY 1").fetchall()
    )
    excluded = states.get("excluded", 0) + states.get("copy", 0)
    rejected = sum(reject.counted for reject in rejects)
    return (name, states.get(None, 0), rejected, excluded, states.get("merged", 0))


def left_out(staging: Staging, tables: list[str], rejects: dict[str, list[Reject]]) -> pd.DataFrame:
    """Return why rows were left out, and how many for each reason."""
    rows: list[tuple[str, str, str, int]] = []
    for name in tables:
        by_reason = Counter(
            f"{reject.column}: {kind_of(reject)}" if reject.column else kind_of(reject)
            for reject in rejects[name]
            if reject.counted
        )
        rows += [(name, "rejected", reason, n) for reason, n in by_reason.items()]
        rows += [
            (name, state, REASONS.get(note, note), n)
            for state, note, n in staging.con.execute(
                f"SELECT _state, _note, count(*) FROM s_{name}"
                " WHERE _state IN ('excluded', 'copy', 'merged') GROUP BY ALL"
            ).fetchall()
        ]
    frame = pd.DataFrame(rows, columns=["table_name", "state", "reason", "rows"])
    order = ["table_name", "state", "rows", "reason"]
    return frame.sort_values(order, ascending=[True, True, False, True], ignore_index=True)


def notes_of(
    staging: Staging,
    sources: Sources,
    judge: Judge,
    rejects: dict[str, list[Reject]],
    missing: list[tuple[object, ...]],
) -> list[str]:
    """Return what a person should know, one sentence each."""
    notes = []
    total = sum(reject.counted for rows in rejects.values() for reject in rows)
    if total:
        rows = "1 row was" if total == 1 else f"{total} rows were"
        notes.append(f"{rows} rejected; rejects/ lists each with its line and reason.")
    notes += _warned(rejects)
    by_file: dict[str, list[str]] = {}
    for (file, label), kind in sorted(staging.dropped.items()):
        by_file.setdefault(file, []).append(f"{label} ({kind})")
    for file, labels in by_file.items():
        notes.append(f"Personal data of {file} was dropped: {', '.join(labels)}.")
    notes += _coded(staging.coded)
    if judge.data_until is None:
        notes.append("The tables have no dates, so nothing can be followed in time.")
    else:
        notes.append(
            f"The data ends {judge.data_until:%Y-%m-%d %H:%M} UTC: {judge.data_until_from}."
        )
    if sources.history_from is not None:
        notes.append(f"History counts from {sources.history_from}: {sources.history_from_reason}.")
    for (file, label), other in sorted(staging.other_labels.items()):
        notes.append(
            f'{file} has no column "{label}"; "{other}" is another name of it and is read.'
        )
    notes += _joined(staging)
    notes += staging.without_rows
    notes += [f"Without {name}: {reason}." for name, reason in missing if name in sources.cannot]
    return notes


def _coded(columns: Collection[tuple[str, str]]) -> list[str]:
    """Say of which columns no wording is kept."""
    if not columns:
        return []
    labels = list(dict.fromkeys(label for _, label in sorted(columns)))
    some = ", ".join(labels[:_LABELS]) + (" …" if len(labels) > _LABELS else "")
    n = "1 column" if len(labels) == 1 else f"{len(labels)} columns"
    return [f"Of {n} not in sources.yml only codes are kept, no wording: {some}."]


def _warned(rejects: dict[str, list[Reject]]) -> list[str]:
    """Say which rows were left out that no ingest ends for, each kind with its first lines."""
    kinds: dict[tuple[str, str], list[Reject]] = {}
    for reject in (one for rows in rejects.values() for one in rows if one.warned):
        kinds.setdefault((reject.file, reject.reason), []).append(reject)
    sentences = []
    for (file, reason), rows in kinds.items():
        lines = ", ".join(str(row.line) for row in rows[:_LINES])
        lines += f" and {len(rows) - _LINES} more" if len(rows) > _LINES else ""
        where = f"{file}, {'line' if len(rows) == 1 else 'lines'} {lines}"
        sentences.append(f"Left out: {where}: {reason}.")
    return sentences


def joins_of(staging: Staging) -> pd.DataFrame:
    """Return by which look-up how many rows of each export found their lead."""
    return pd.DataFrame(staging.lookups.ways, columns=JOINS)


def _joined(staging: Staging) -> list[str]:
    sentences = []
    for (table, export, column), rows in joins_of(staging).groupby(JOINS[:3], sort=False):
        total, lost = rows.rows.sum(), rows[rows.found_by == "none"].rows.sum()
        ways = [f"{n:,} by {way}" for way, n in zip(rows.found_by, rows.rows, strict=True)
                if way != "none"]  # fmt: skip
        sentences.append(
            f"{export}, {table}: of {total:,} rows {', '.join(ways) or 'none'} found their"
            f" {column}; {lost:,} ({lost / total:.1%}) found none."
        )
    return sentences
