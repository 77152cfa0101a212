"""What a warehouse says about itself: what it was built from, and what it cannot answer."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from smarketing.fingerprint import file_sha256, rows_sql, sha256
from smarketing.warehouse import sql
from smarketing.warehouse.forgotten import FILE, FORGOTTEN, Forgotten
from smarketing.warehouse.ingesting.judging import Judge, utc_moment
from smarketing.warehouse.ingesting.retention import retention_months
from smarketing.warehouse.ingesting.staging import Staging
from smarketing.warehouse.readers.registry import files_of
from smarketing.warehouse.sources.model import FileOptions, Source, Sources
from smarketing.warehouse.tables import NO_EXPORT, NO_ROW, TABLES


def missing_tables(
    sources: Sources, wanted: list[str], empty: list[str]
) -> list[tuple[object, ...]]:
    """Return why which table, or column, is not there."""
    reasons = dict(sources.cannot)
    for name in TABLES:
        if name in empty:
            file = sources.tables[name][0].file
            reasons.setdefault(name, f"{file}{NO_ROW}")
        elif name not in wanted:
            reasons.setdefault(name, NO_EXPORT)
    return sorted(reasons.items())


def meta_of(
    staging: Staging, sources: Sources, folder: Path, judge: Judge, tables: list[str]
) -> dict[str, str]:
    """Return the facts of ``_meta``."""
    dated = sql.count(staging.con, "s_leads", "_state IS NULL AND created_at IS NOT NULL") > 0
    meta = {
        "company": sources.company,
        "fingerprint": fingerprint(staging, sources, folder),
        "has_time": "true" if dated or "stages" in tables else "false",
        "timezone": sources.home,
        "data_until_from": judge.data_until_from,
        FORGOTTEN: str(len(Forgotten.read(folder).hashes)),
    }
    if judge.data_until is not None:
        meta["data_until"] = judge.data_until.isoformat()
    if sources.history_from is not None:
        moment = utc_moment(sources.history_from, sources.home)
        meta["history_from"] = moment.isoformat()
        meta["history_from_reason"] = sources.history_from_reason or ""
    return meta


def fingerprint(staging: Staging, sources: Sources, folder: Path) -> str:
    """Return SHA-256 over all that decides the contents: files, databases' rows, this version."""
    parts = [version("smarketing"), f"retention {retention_months(folder)}"]
    if sources.home != sources.timezone:
        parts.append(f"days in {sources.home}")
    named = {"sources.yml": folder / "sources.yml"}
    if (folder / FILE).is_file():
        named[FILE] = folder / FILE
    for entries in sources.tables.values():
        for options in (one for source in entries for one in _all_of(source)):
            for export in files_of(options, folder):
                if options.reader == "database":
                    raw = staging.files[staging.load(export)]
                    cells = ", ".join(f"c{n}" for n in range(len(raw.labels)))
                    rows = rows_sql(f"(SELECT {cells} FROM {raw.table})")
                    parts += [export.shown, str(sql.row_of(staging.con, rows))]
                else:
                    named[export.shown] = export.path
    for shown, path in sorted(named.items()):
        parts += [shown, file_sha256(path)]
    return sha256("".join(f"{part}\n" for part in parts))


def _all_of(source: Source) -> list[FileOptions]:
    lookups = [one for ways in source.via.values() for one in ways] + list(source.merged)
    return [source, *(one for lookup in lookups for one in lookup.chain())]
