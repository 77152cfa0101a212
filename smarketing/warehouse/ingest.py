"""Ingest: raw exports into one warehouse, all or nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.results import Result, plain
from smarketing.warehouse.checks import export_problems
from smarketing.warehouse.judging import REASONS, Judge, utc_moment
from smarketing.warehouse.readers import files_of
from smarketing.warehouse.rejects import Reject, kind_of, rejects_of, too_many, write_rejects
from smarketing.warehouse.sources import Sources, load_sources
from smarketing.warehouse.staging import Staging
from smarketing.warehouse.store import swap_in, workshop, write_warehouse
from smarketing.warehouse.tables import TABLES


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
    """

    counts: pd.DataFrame
    left_out: pd.DataFrame
    notes: tuple[str, ...]
    data_until: pd.Timestamp | None
    fingerprint: str

    def frame(self) -> pd.DataFrame:
        """Return the counts, one row a table."""
        return self.counts

    def to_dict(self) -> dict[str, Any]:
        """Return plain types; ``tables`` is keyed by the table's name."""
        return {
            "tables": {
                row["table_name"]: {key: row[key] for key in row if key != "table_name"}
                for row in plain(self.counts)
            },
            "left_out": plain(self.left_out),
            "notes": list(self.notes),
            "data_until": plain(self.data_until),
            "fingerprint": self.fingerprint,
        }


def ingest(folder: str | Path) -> IngestReport:
    """Build the warehouse of a workspace from its sources.yml and raw exports.

    The new ``warehouse.duckdb`` and ``rejects/`` replace the old ones only when whole. The same
    input gives the same contents.

    Parameters
    ----------
    folder : Path
        The workspace.

    Raises
    ------
    UsageError
        If there is no such folder.
    SmarketingError
        If sources.yml or an export is wrong, or more rows than ``max_reject_share`` are; with
        file, line, column, what was found and what is allowed. Nothing is changed then.

    Examples
    --------
    >>> ingest("data/demo").counts  # doctest: +SKIP
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(Problem("there is no such workspace folder", str(folder)))
    sources = load_sources(folder / "sources.yml")
    if problems := export_problems(sources, folder):
        raise SmarketingError(problems)
    with workshop(folder) as scratch:
        staging = Staging(sources, folder, scratch)
        try:
            return _build(staging, sources, folder, scratch)
        finally:
            staging.close()


def _build(staging: Staging, sources: Sources, folder: Path, scratch: Path) -> IngestReport:
    wanted = [name for name in TABLES if name in sources.tables]
    files = {name: staging.stage(name) for name in wanted}
    empty = [name for name in wanted if _count(staging, f"s_{name}") == 0]
    if "leads" in empty:
        raise SmarketingError(
            Problem(
                "there is a header, but no row of leads",
                sources.tables["leads"][0].file,
                1,
                sources.tables["leads"][0].columns.get("lead_id"),
                found="0 rows",
                allowed="a row per lead",
                todo="Export it again; if `where` is set in sources.yml, look whether it fits.",
            )
        )
    tables = [name for name in wanted if name not in empty]
    judge = Judge(staging, tables)
    judge.judge()
    rejects = {name: rejects_of(staging, name, files[name]) for name in tables}
    problems = [
        problem
        for name in tables
        for problem in too_many(
            name, rejects[name], _rows(staging, name, rejects[name]), sources.max_reject_share
        )
    ]
    if problems:
        raise SmarketingError(problems)
    left_out = _left_out(staging, tables, rejects)
    counts = [_counted(staging, name, rejects[name]) for name in tables]
    missing = _missing(sources, wanted, empty)
    meta = _meta(staging, sources, folder, judge, tables)
    write_warehouse(staging, scratch / "warehouse.duckdb", tables, counts, missing, meta)
    write_rejects(scratch / "rejects", rejects)
    swap_in(folder, scratch / "warehouse.duckdb", scratch / "rejects")
    columns = ["table_name", "accepted", "rejected", "excluded", "merged"]
    return IngestReport(
        pd.DataFrame(counts, columns=columns),
        left_out,
        tuple(_notes(staging, sources, judge, rejects, missing)),
        judge.data_until,
        meta["fingerprint"],
    )


def _count(staging: Staging, table: str, where: str = "true") -> int:
    return staging.con.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]


def _rows(staging: Staging, name: str, rejects: list[Reject]) -> int:
    """Return the rows that could have been accepted, lines that are no rows among them."""
    staged = _count(staging, f"s_{name}", "_state IS NULL")
    return staged + sum(reject.counted for reject in rejects)


def _counted(staging: Staging, name: str, rejects: list[Reject]) -> tuple[object, ...]:
    states = dict(
        staging.con.execute(f"SELECT _state, count(*) FROM s_{name} GROUP BY 1").fetchall()
    )
    excluded = states.get("excluded", 0) + states.get("copy", 0)
    rejected = sum(reject.counted for reject in rejects)
    return (name, states.get(None, 0), rejected, excluded, states.get("merged", 0))


def _left_out(
    staging: Staging, tables: list[str], rejects: dict[str, list[Reject]]
) -> pd.DataFrame:
    rows: list[tuple[str, str, str, int]] = []
    for name in tables:
        found = Counter(
            f"{reject.column}: {kind_of(reject)}" if reject.column else kind_of(reject)
            for reject in rejects[name]
            if reject.counted
        )
        rows += [(name, "rejected", reason, n) for reason, n in found.items()]
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


def _missing(sources: Sources, wanted: list[str], empty: list[str]) -> list[tuple[object, ...]]:
    reasons = dict(sources.cannot)
    for name in TABLES:
        if name in empty:
            file = sources.tables[name][0].file
            reasons.setdefault(name, f"{file} gives no row for it")
        elif name not in wanted:
            reasons.setdefault(name, "sources.yml names no export for it")
    return sorted(reasons.items())


def _meta(
    staging: Staging, sources: Sources, folder: Path, judge: Judge, tables: list[str]
) -> dict[str, str]:
    dated = _count(staging, "s_leads", "_state IS NULL AND created_at IS NOT NULL") > 0
    meta = {
        "company": sources.company,
        "fingerprint": fingerprint(sources, folder),
        "has_time": "true" if dated or "stages" in tables else "false",
        "timezone": sources.timezone,
        "data_until_from": judge.data_until_from,
    }
    if judge.data_until is not None:
        meta["data_until"] = judge.data_until.isoformat()
    if sources.history_from is not None:
        moment = utc_moment(sources.history_from, sources.timezone)
        meta["history_from"] = moment.isoformat()
        meta["history_from_reason"] = sources.history_from_reason or ""
    return meta


def fingerprint(sources: Sources, folder: Path) -> str:
    """Return SHA-256 over sources.yml and every raw file it names, in the order of their names."""
    named = {}
    for entries in sources.tables.values():
        for source in entries:
            lookups = [lookup for ways in source.via.values() for lookup in ways]
            for options in (source, *lookups):
                named |= {shown: path for path, shown in files_of(options, folder)}
    total = hashlib.sha256()
    for shown, path in [("sources.yml", folder / "sources.yml"), *sorted(named.items())]:
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{shown}\n{content}\n".encode())
    return total.hexdigest()


def _notes(
    staging: Staging,
    sources: Sources,
    judge: Judge,
    rejects: dict[str, list[Reject]],
    missing: list[tuple[object, ...]],
) -> list[str]:
    notes = []
    total = sum(reject.counted for rows in rejects.values() for reject in rows)
    if total:
        rows = "1 row was" if total == 1 else f"{total} rows were"
        notes.append(f"{rows} rejected; rejects/ lists each with its line and reason.")
    by_file: dict[str, list[str]] = {}
    for (file, label), kind in sorted(staging.dropped.items()):
        by_file.setdefault(file, []).append(f"{label} ({kind})")
    for file, labels in by_file.items():
        notes.append(f"Personal data of {file} was dropped: {', '.join(labels)}.")
    if judge.data_until is None:
        notes.append("The tables have no dates, so nothing can be followed in time.")
    else:
        notes.append(
            f"The data ends {judge.data_until:%Y-%m-%d %H:%M} UTC: {judge.data_until_from}."
        )
    if sources.history_from is not None:
        notes.append(f"History counts from {sources.history_from}: {sources.history_from_reason}.")
    notes += staging.without_rows
    notes += [f"Without {name}: {reason}." for name, reason in missing if name in sources.cannot]
    return notes
