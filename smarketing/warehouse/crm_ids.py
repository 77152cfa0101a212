"""Which record of a CRM each lead is, read from the exports that sources.yml joins."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from smarketing.warehouse.ingesting.staging import Staging
from smarketing.warehouse.readers.labels import position
from smarketing.warehouse.readers.registry import files_of
from smarketing.warehouse.sources.model import Lookup, Sources
from smarketing.warehouse.sql import ident
from smarketing.warehouse.warehouse import Warehouse

RECORD_ID = {"hubspot": "Record ID", "salesforce": "Id"}
"""The label of a record's id in each CRM's exports."""

FORMS = {"hubspot": r"\d+", "salesforce": r"[A-Za-z0-9]{18}"}
_COLUMNS = ["lead_id", "record_id", "deleted", "converted"]
_MARKS = {"deleted": "IsDeleted", "converted": "IsConverted"}
_YES = ("true", "1", "yes")


def crm_ids(folder: Path, sources: Sources, crm: str, warehouse: Warehouse) -> pd.DataFrame:
    """Return the records of a CRM behind the leads.

    Leads exported from the CRM are their own records; others are found by the look-ups
    (``via: lead_id``) with which ``sources.yml`` brings the CRM's rows to leads.

    Parameters
    ----------
    folder : Path
        The workspace.
    sources : Sources
    crm : str
        "hubspot" or "salesforce".
    warehouse : Warehouse
        For leads that were merged.

    Returns
    -------
    pandas.DataFrame
        ``lead_id``, ``record_id``, ``deleted``, ``converted`` (bool); a lead may have several.

    Examples
    --------
    >>> crm_ids(folder, sources, "salesforce", warehouse)  # doctest: +SKIP
    """
    records = [pd.DataFrame(columns=_COLUMNS)]
    if any(source.labels_of == crm for source in sources.tables["leads"]):
        own = warehouse.table("leads").select("lead_id").execute()
        records.append(own.assign(record_id=own.lead_id, deleted=False, converted=False))
    lookups = _lookups(sources, crm)
    if lookups:
        with tempfile.TemporaryDirectory(prefix="smarketing-") as scratch:
            staging = Staging(sources, folder, Path(scratch))
            try:
                records += [_looked_up(staging, lookup, folder) for lookup in lookups]
            finally:
                staging.close()
    ids = pd.concat(records, ignore_index=True)
    merged = warehouse._rows("_merged")
    if len(merged):
        ids["lead_id"] = ids.lead_id.replace(dict(zip(merged.gone, merged.kept, strict=True)))
    ids = ids[ids.record_id.str.fullmatch(FORMS[crm])]
    return ids.drop_duplicates("record_id", ignore_index=True)


def _lookups(sources: Sources, crm: str) -> list[Lookup]:
    """Return the look-ups that start from the id of the CRM's records."""
    label = RECORD_ID[crm]
    every = [
        lookup
        for table in sources.tables.values()
        for source in table
        for lookup in source.via.get("lead_id", ())
    ]
    return [
        lookup
        for lookup in dict.fromkeys(every)
        if lookup.labels_of == crm and position((label,), lookup.key, crm) == 0
    ]


def _looked_up(staging: Staging, lookup: Lookup, folder: Path) -> pd.DataFrame:
    table = staging.lookups.table(lookup)
    ids = staging.con.execute(f"SELECT v AS lead_id, k AS record_id FROM {table}").df()
    ids = ids.assign(deleted=False, converted=False)
    for export in files_of(lookup, folder):
        raw = staging.files[staging.load(export)]
        key = raw.column(lookup.key)
        for mark, label in _MARKS.items():
            column = raw.column(label)
            if column is not None:
                text = f"SELECT id18({key}) FROM {ident(raw.table)} WHERE lower({column}) IN {_YES}"
                marked = {row[0] for row in staging.con.execute(text).fetchall()}
                ids[mark] |= ids.record_id.isin(marked)
    return ids
