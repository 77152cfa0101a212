"""Ingest: raw exports into one warehouse, all or nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from smarketing.errors import SmarketingError, UsageError
from smarketing.warehouse import sql
from smarketing.warehouse.forgotten import FORGOTTEN, Forgotten
from smarketing.warehouse.ingesting import provenance as about
from smarketing.warehouse.ingesting.changes import (
    CHANGES,
    RESTATED,
    before,
    sentences,
    write_restated,
)
from smarketing.warehouse.ingesting.judging import Judge
from smarketing.warehouse.ingesting.rejects import Reject, rejects_of, too_many, write_rejects
from smarketing.warehouse.ingesting.report import (
    COUNTS,
    IngestReport,
    counted,
    joins_of,
    left_out,
    notes_of,
    rows_of,
)
from smarketing.warehouse.ingesting.staging import Staging
from smarketing.warehouse.ingesting.store import (
    NO_ROOM,
    REJECTS,
    WAREHOUSE,
    no_room,
    swap_in,
    workshop,
    write_warehouse,
)
from smarketing.warehouse.sources.checks import export_problems
from smarketing.warehouse.sources.home import agreed_zone
from smarketing.warehouse.sources.load import load_sources
from smarketing.warehouse.sources.model import Sources
from smarketing.warehouse.tables import TABLES

_OTHER = (
    "The warehouse that stood was made by another version, and could not be compared: it is "
    "replaced."
)
LEAST_KEPT = 0.5
"""Share of the leads of the last ingest below which one asks whether that is meant."""


def ingest(
    folder: str | Path, today: date | None = None, accept_loss: bool = False
) -> IngestReport:
    """Build the warehouse of a workspace from its sources.yml and raw exports.

    The new ``warehouse.duckdb`` and ``rejects/`` replace the old ones only when whole, and not
    at all if nothing differs. The same input gives the same contents.

    Parameters
    ----------
    folder : Path
        The workspace.
    today : date, optional
        The day of ingest, after which nothing can have happened; by default that of the clock,
        where the company is.
    accept_loss : bool
        Whether it may keep fewer than half of the leads that the last one kept.

    Raises
    ------
    UsageError
        If there is no such folder.
    SmarketingError
        If sources.yml or an export is wrong, or more rows than ``max_reject_share`` are; with
        file, line, column, what was found and what is allowed; or if few leads are left. Nothing
        is changed then.

    Examples
    --------
    >>> ingest("data/demo").counts  # doctest: +SKIP
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError("there is no such workspace folder", str(folder))
    sources = load_sources(folder / "sources.yml", agreed_zone(folder))
    if problems := export_problems(sources, folder):
        raise SmarketingError(problems)
    with workshop(folder) as scratch:
        try:
            staging = Staging(sources, folder, scratch)
            try:
                day = today or datetime.now(ZoneInfo(sources.home)).date()
                return _build(staging, sources, folder, scratch, day, accept_loss)
            finally:
                staging.close()
        except NO_ROOM as error:
            raise no_room(error) from None


def _build(
    staging: Staging,
    sources: Sources,
    folder: Path,
    scratch: Path,
    today: date,
    accept_loss: bool,
) -> IngestReport:
    wanted = [name for name in TABLES if name in sources.tables]
    files = {name: staging.stage(name) for name in wanted}
    empty = [name for name in wanted if not sql.count(staging.con, f"s_{name}")]
    if "leads" in empty:
        raise _no_leads(sources)
    tables = [name for name in wanted if name not in empty]
    judge = Judge(staging, tables, folder, today)
    judge.judge()
    rejects = {name: rejects_of(staging, name, files[name]) for name in tables}
    problems = [
        problem
        for name in tables
        for problem in too_many(
            name, rejects[name], rows_of(staging, name, rejects[name]), sources.max_reject_share
        )
    ]
    if problems:
        raise SmarketingError(problems)
    counts = [counted(staging, name, rejects[name]) for name in tables]
    missing = about.missing_tables(sources, wanted, empty)
    meta = about.meta_of(staging, sources, folder, judge, tables)
    report = IngestReport(
        pd.DataFrame(counts, columns=COUNTS),
        left_out(staging, tables, rejects),
        tuple(notes_of(staging, sources, judge, rejects, missing)),
        judge.data_until,
        meta["fingerprint"],
        joins_of(staging),
    )
    write_warehouse(staging, scratch / "warehouse.duckdb", tables, counts, missing, meta)
    if not accept_loss:
        _refuse_loss(staging, folder, report.left_out)
    report = _compared(staging, report, folder, tables, sources.home)
    staging.con.execute("DETACH warehouse")
    if not report.unchanged:
        _put(scratch, folder, rejects)
    return report


def _compared(
    staging: Staging, report: IngestReport, folder: Path, tables: list[str], zone: str
) -> IngestReport:
    """Say what differs from the warehouse that stands, and write down what is restated."""
    with before(staging.con, folder / WAREHOUSE) as old:
        compared = None if old is None else old.changes(tables, zone)
        if old is None or compared is None:
            write_restated(staging.con, [])
            other = "" if old is None and not (folder / WAREHOUSE).exists() else _OTHER
            return replace(report, notes=(*report.notes, *filter(None, [other])))
        Forgotten.read(folder).check(old.meta.get(FORGOTTEN))
        changes, restated = compared
        same = old.meta.get("fingerprint") == report.fingerprint and (folder / REJECTS).is_dir()
        if same and not changes[CHANGES[1:]].to_numpy().any():
            note = "Nothing differs from the last ingest: the warehouse is left as it was."
            return replace(report, notes=(*report.notes, note), changes=changes, unchanged=True)
        rows = list(restated[RESTATED].itertuples(index=False, name=None))
        write_restated(staging.con, [*old.history(), *rows])
        notes = (*report.notes, *sentences(changes, restated))
        return replace(report, notes=notes, changes=changes, restated=restated)


def _refuse_loss(staging: Staging, folder: Path, left_out: pd.DataFrame) -> None:
    """Refuse an ingest that keeps no lead, or few of those that the last one kept.

    Raises
    ------
    SmarketingError
        With what to do if it is meant.
    """
    kept = sql.count(staging.con, "s_leads", "_state IS NULL")
    with before(staging.con, folder / WAREHOUSE) as old:
        last = 0 if old is None else old.leads()
    if kept >= max(last * LEAST_KEPT, 1):
        return
    why = [
        f"{row.reason} {row.rows:,}" for row in left_out.itertuples() if row.table_name == "leads"
    ]
    lost = f"{kept:,} leads" + (f", where the last ingest kept {last:,}" if last else "")
    raise SmarketingError(
        "hardly a lead would be left" if kept else "no lead would be left",
        found=lost + (f"; left out: {', '.join(why)}" if why else ""),
        allowed=f"{math.ceil(last * LEAST_KEPT):,} or more" if last else "a lead or more",
        todo="Look whether an export is cut off, or a rule of sources.yml leaves out too much; if "
        "it is meant, add --accept-loss.",
    )


def _put(scratch: Path, folder: Path, rejects: dict[str, list[Reject]]) -> None:
    write_rejects(scratch / "rejects", rejects)
    swap_in(folder, scratch / "warehouse.duckdb", scratch / "rejects")


def _no_leads(sources: Sources) -> SmarketingError:
    first = sources.tables["leads"][0]
    return SmarketingError(
        "there is a header, but no row of leads",
        first.file or first.table,
        1,
        first.columns.get("lead_id"),
        found="0 rows",
        allowed="a row per lead",
        todo="Export it again; if `where` is set in sources.yml, look whether it fits.",
    )
