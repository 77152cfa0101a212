"""Spells: one row per run of a lead through the funnel, with the moment of each stage."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import ibis
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.warehouse.tables import ENDINGS, STAGES
from smarketing.warehouse.warehouse import Warehouse

_READ: WeakKeyDictionary[Warehouse, pd.DataFrame] = WeakKeyDictionary()

MOMENTS = tuple(f"{stage}_at" for stage in STAGES if stage != "lead")


def spells(warehouse: Warehouse) -> ibis.Table:
    """Return one row per lead and spell, with the first moment of every stage in it.

    A spell starts when the lead entered stage `lead`; without such a row the first spell starts
    when the lead was created, and no spell starts after another of its stages. Leads without any
    stage have one spell. Where no `customer` (or `opportunity`) row says it, a won deal's
    closing (or a deal's opening) does, for the latest spell started by then – or the first, for
    a deal older than its lead.

    Parameters
    ----------
    warehouse : Warehouse

    Returns
    -------
    ibis.Table
        ``lead_id``, ``spell`` (from 1), ``started_at``, ``mql_at``, ``sales_ready_at``,
        ``accepted_at``, ``sql_at``, ``opportunity_at``, ``customer_at``, ``rejected_at``,
        ``recycled_at``, ``disqualified_at`` and ``ended_at``, the earliest of customer,
        rejected, recycled, disqualified; null while open. Times are naive UTC.

    Raises
    ------
    CannotAnswer
        If neither leads nor stages have dates.

    Examples
    --------
    >>> with Warehouse.open(Path("data/demo/warehouse.duckdb")) as warehouse:  # doctest: +SKIP
    ...     spells(warehouse).count().execute()
    """
    if not warehouse.has("stages") and not warehouse.has_time:
        raise CannotAnswer(
            tr(
                "the leads have no dates, so their runs through the funnel cannot be followed in "
                "time"
            )
        )
    table = _from_stages(warehouse)
    for moment, deals in (("customer_at", _won(warehouse)), ("opportunity_at", _opened(warehouse))):
        if deals is not None:
            table = _filled(table, moment, deals)
    return table.mutate(ended_at=ibis.least(*(table[f"{stage}_at"] for stage in ENDINGS))).select(
        "lead_id", "spell", "started_at", *MOMENTS, "ended_at"
    )


def spell_frame(warehouse: Warehouse) -> pd.DataFrame:
    """Return the rows of :func:`spells`, read once from an open warehouse, which never changes.

    Examples
    --------
    >>> with Warehouse.open(Path("data/demo/warehouse.duckdb")) as warehouse:  # doctest: +SKIP
    ...     spell_frame(warehouse).started_at.min()
    """
    if warehouse not in _READ:
        _READ[warehouse] = spells(warehouse).execute()
    return _READ[warehouse].copy()


def spell_starts(warehouse: Warehouse) -> ibis.Table:
    """Return ``lead_id``, ``spell`` and ``started_at`` of each spell; leads have dates.

    Examples
    --------
    >>> with Warehouse.open(Path("data/demo/warehouse.duckdb")) as warehouse:  # doctest: +SKIP
    ...     spell_starts(warehouse).count().execute()
    """
    return _from_stages(warehouse).select("lead_id", "spell", "started_at")


def _from_stages(warehouse: Warehouse) -> ibis.Table:
    leads = warehouse.table("leads").select("lead_id", "created_at")
    if not warehouse.has("stages"):
        never = {moment: ibis.null("timestamp") for moment in MOMENTS}
        return leads.mutate(spell=ibis.literal(1, "int32"), **never).rename(started_at="created_at")
    stages = warehouse.table("stages")
    first = {f"{stage}_at": stages.entered_at.min(where=stages.stage == stage) for stage in STAGES}
    seen = stages.group_by("lead_id", "spell").agg(**first, first_at=stages.entered_at.min())
    joined = leads.left_join(seen, "lead_id")
    created = ibis.ifelse(joined.spell.fill_null(1) == 1, joined.created_at, None)
    return joined.select(
        "lead_id",
        spell=joined.spell.fill_null(1).cast("int32"),
        started_at=ibis.least(ibis.coalesce(joined.lead_at, created), joined.first_at),
        **{moment: joined[moment] for moment in MOMENTS},
    )


def _won(warehouse: Warehouse) -> ibis.Table | None:
    deals = _deals(warehouse)
    return None if deals is None else deals.filter(deals.won).mutate(at="closed_at")


def _opened(warehouse: Warehouse) -> ibis.Table | None:
    deals = _deals(warehouse)
    return None if deals is None else deals.mutate(at="opened_at")


def _deals(warehouse: Warehouse) -> ibis.Table | None:
    if not (warehouse.has("deals") and warehouse.has("deal_leads")):
        return None
    deals = warehouse.table("deals").select("deal_id", "opened_at", "closed_at", "won")
    named = warehouse.table("deal_leads").select("deal_id", "lead_id")
    return named.join(deals, "deal_id").select("lead_id", *deals.columns)


def _filled(table: ibis.Table, moment: str, deals: ibis.Table) -> ibis.Table:
    """Fill a moment that no stage row says, from deals (lead_id, deal_id, at)."""
    # each deal belongs to one spell: the last started by then, else the lead's first
    pairs = (
        deals.filter(deals["at"].notnull())
        .select("deal_id", "lead_id", "at")
        .join(table.select("lead_id", "spell", "started_at"), "lead_id")
        .select("deal_id", "lead_id", "at", "spell", "started_at")
    )
    late = (pairs.started_at > pairs["at"]).fill_null(False)
    pairs = pairs.mutate(
        late=ibis.ifelse(late, 1, 0), nearest=ibis.ifelse(late, pairs.spell, -pairs.spell)
    )
    order = ibis.window(group_by=["deal_id", "lead_id"], order_by=["late", "nearest"])
    chosen = pairs.mutate(place=ibis.row_number().over(order))
    chosen = chosen.filter(chosen.place == 0)
    first_deals = chosen.group_by("lead_id", "spell").agg(deal_at=chosen["at"].min())
    table = table.view()  # ibis cannot lengthen a chain of joins by its computed columns
    joined = table.left_join(first_deals, ["lead_id", "spell"])
    columns = {name: joined[name] for name in table.columns}
    columns[moment] = ibis.coalesce(joined[moment], joined.deal_at)
    return joined.select(**columns)
