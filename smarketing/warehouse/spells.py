"""Spells: one row per run of a lead through the funnel, with the moment of each stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

import ibis
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.warehouse.local_time import local_time
from smarketing.warehouse.tables import ENDINGS, STAGES
from smarketing.warehouse.warehouse import Warehouse

_READ: WeakKeyDictionary[Warehouse, pd.DataFrame] = WeakKeyDictionary()

MOMENTS = tuple(f"{stage}_at" for stage in STAGES if stage != "lead")


def spells(warehouse: Warehouse) -> ibis.Table:
    """Return one row per lead and spell, with the first moment of every stage in it.

    A spell starts when the lead entered stage `lead`; without such a row the first spell starts
    when the lead was created, and no spell starts after another of its stages. Leads without any
    stage have one spell; leads without a date too, which starts at no known time.

    A deal belongs to the latest spell started by its day – or to the lead's first, if it is older
    than its lead. Where no `opportunity` row says it, its opening does. Whether a lead became a
    customer is for its deals to say: a won deal's closing, where no `customer` row names another
    moment; and a `customer` row of a lead whose deals were all lost, or are still open, is none.

    Parameters
    ----------
    warehouse : Warehouse

    Returns
    -------
    ibis.Table
        ``lead_id``, ``spell`` (from 1), ``started_at``, ``mql_at``, ``sales_ready_at``,
        ``accepted_at``, ``sql_at``, ``opportunity_at``, ``customer_at``, ``rejected_at``,
        ``recycled_at``, ``disqualified_at``; ``lost_at``, when the last of its deals was lost and
        none is open or won; ``is_customer`` and ``is_lost``, true also where the closing has no
        date; and
        ``ended_at``, the earliest of customer, rejected, recycled, disqualified, lost and the
        next spell's start (the deal's opening, if all that is known is that it was decided);
        null while open. Times are naive UTC.

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
    deals = _deals(warehouse)
    if deals is None:
        never = ibis.null("timestamp")
        table = table.mutate(
            lost_at=never,
            is_customer=table.customer_at.notnull(),
            is_lost=ibis.literal(False),
            decided=never,
        )
    else:
        table = _judged_by_deals(table, deals, _Days.of(warehouse))
    following = ibis.window(group_by="lead_id", order_by="spell")
    ends = [table[f"{stage}_at"] for stage in ENDINGS]
    ends += [table.lost_at, table.decided, table.started_at.lead().over(following)]
    return table.mutate(ended_at=ibis.least(*ends)).select(
        "lead_id", "spell", "started_at", *MOMENTS, "lost_at", "is_customer", "is_lost", "ended_at"
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


def _deals(warehouse: Warehouse) -> ibis.Table | None:
    if not (warehouse.has("deals") and warehouse.has("deal_leads")):
        return None
    deals = warehouse.table("deals").select("deal_id", "opened_at", "closed_at", "won")
    named = warehouse.table("deal_leads").select("deal_id", "lead_id")
    return named.join(deals, "deal_id").select("lead_id", *deals.columns)


def deal_spells(warehouse: Warehouse) -> ibis.Table | None:
    """Return ``deal_id``, ``lead_id`` and the ``spell`` that each deal of a lead belongs to.

    As :func:`spells` puts them; a deal without a closing date by its opening. None where no table
    says which leads are behind which deals.

    Examples
    --------
    >>> with Warehouse.open(Path("data/demo/warehouse.duckdb")) as warehouse:  # doctest: +SKIP
    ...     deal_spells(warehouse).count().execute()
    """
    deals = _deals(warehouse)
    if deals is None:
        return None
    return _chosen(_decision(deals), _from_stages(warehouse), _Days.of(warehouse)).select(
        "deal_id", "lead_id", "spell"
    )


@dataclass(frozen=True)
class _Days:
    """The company's zone, over the time in which deals were opened and closed."""

    timezone: str
    since: datetime
    until: datetime

    @classmethod
    def of(cls, warehouse: Warehouse) -> _Days:
        if warehouse not in _DAYS:
            deals = warehouse.table("deals")
            ends = deals.aggregate(
                opened=deals.opened_at.min(), closed=deals.closed_at.min(),
                last_opened=deals.opened_at.max(), last_closed=deals.closed_at.max(),
            ).execute()  # fmt: skip
            moments = pd.to_datetime(ends.iloc[0]).dropna()
            first, last = (moments.min(), moments.max()) if len(moments) else (pd.Timestamp(0),) * 2
            _DAYS[warehouse] = cls(
                warehouse.meta("timezone") or "UTC",
                (first - pd.Timedelta(days=2)).to_pydatetime(warn=False).replace(tzinfo=UTC),
                (last + pd.Timedelta(days=2)).to_pydatetime(warn=False).replace(tzinfo=UTC),
            )
        return _DAYS[warehouse]

    def local(self, at: ibis.Value) -> ibis.Value:
        return local_time(at, self.timezone, since=self.since, until=self.until)


_DAYS: WeakKeyDictionary[Warehouse, _Days] = WeakKeyDictionary()


def _decision(deals: ibis.Table) -> ibis.Table:
    return deals.mutate(at=ibis.coalesce(deals.closed_at, deals.opened_at))


def _judged_by_deals(table: ibis.Table, deals: ibis.Table, days: _Days) -> ibis.Table:
    """Let deals say what no stage row says, and whether a lead became a customer."""
    opened = _chosen(deals.mutate(at="opened_at"), table, days)
    opened = opened.group_by("lead_id", "spell").agg(deal_opened_at=opened.opened_at.min())
    decided = _chosen(_decision(deals), table, days)
    won, lost = decided.won.fill_null(False), ~decided.won.fill_null(True)
    decided = decided.group_by("lead_id", "spell").agg(
        wins=decided.count(where=won),
        losses=decided.count(where=lost),
        deals=decided.count(),
        deal_won_at=decided.closed_at.min(where=won),
        deal_lost_at=decided.closed_at.max(where=lost),
        known_at=decided.opened_at.min(where=decided.won.notnull()),
    )
    by_lead = deals.group_by("lead_id").agg(ever_won=deals.won.fill_null(False).any())
    for says, keys in ((opened, ["lead_id", "spell"]), (decided, ["lead_id", "spell"]),
                       (by_lead, ["lead_id"])):  # fmt: skip
        table = table.view()  # ibis cannot lengthen a chain of joins by its computed columns
        joined = table.left_join(says, keys)
        added = [name for name in says.columns if name not in keys]
        table = joined.select(*(joined[name] for name in (*table.columns, *added)))
    # a lead without deals is what its stage rows say; null is no deal
    is_one = table.ever_won.fill_null(True)
    customer_at = ibis.ifelse(
        is_one, ibis.coalesce(table.customer_at, table.deal_won_at), ibis.null("timestamp")
    )
    won_here = (table.wins > 0).fill_null(False) | customer_at.notnull()
    lost_here = ((table.losses == table.deals) & ~won_here).fill_null(False)
    undated = won_here & customer_at.isnull() | lost_here & table.deal_lost_at.isnull()
    return table.mutate(
        opportunity_at=ibis.coalesce(table.opportunity_at, table.deal_opened_at),
        customer_at=customer_at,
        lost_at=ibis.ifelse(lost_here, table.deal_lost_at, ibis.null("timestamp")),
        is_customer=won_here,
        is_lost=lost_here,
        decided=ibis.ifelse(undated, table.known_at, ibis.null("timestamp")),
    )


def _chosen(deals: ibis.Table, table: ibis.Table, days: _Days) -> ibis.Table:
    """Put deals (with ``at``) to one spell of each lead: the last by then, else the first."""
    pairs = deals.filter(deals["at"].notnull()).join(
        table.select("lead_id", "spell", "started_at"), "lead_id"
    )
    pairs = pairs.select(*deals.columns, "spell", "started_at")
    # a day without a time is stored as its midnight, and lies before nothing of that day
    day, start = days.local(pairs["at"]), days.local(pairs.started_at)
    same_day = (day == day.truncate("D")) & (start.truncate("D") == day)
    late = ((pairs.started_at > pairs["at"]) & ~same_day).fill_null(False)
    pairs = pairs.mutate(
        late=ibis.ifelse(late, 1, 0), nearest=ibis.ifelse(late, pairs.spell, -pairs.spell)
    )
    order = ibis.window(group_by=["deal_id", "lead_id"], order_by=["late", "nearest"])
    chosen = pairs.mutate(place=ibis.row_number().over(order))
    return chosen.filter(chosen.place == 0)
