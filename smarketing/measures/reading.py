"""Read a company's facts from the warehouse; only rows that count leave the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import ibis
import pandas as pd

from smarketing.clock import month_of, to_local
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.language.speaker import spoken
from smarketing.measures.customers import party_of
from smarketing.measures.facts import KEY, REASONS, Facts, with_customers
from smarketing.measures.path import moment, path_of
from smarketing.measures.personas import persona_fields, personas
from smarketing.periods import first_moment
from smarketing.warehouse.spells import deal_spells, spell_frame
from smarketing.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

ATTEMPTS = ("call", "email", "email_sent", "letter", "meeting", "message", "sms", "visit")
"""Kinds of events that are an outbound contact when a person of sales did them."""

_NO_LINKS = pd.DataFrame({"deal_id": [], "lead_id": [], "spell": []}).astype(
    {"deal_id": "str", "lead_id": "str", "spell": "int32"}
)

# Asked for by each part of a report: an open warehouse never changes.
_READ: WeakKeyDictionary[Warehouse, dict[tuple[str, str], Facts]] = WeakKeyDictionary()


def read_facts(warehouse: Warehouse, agreement: Agreement) -> Facts:
    """Read what is counted from the warehouse, once while it is open.

    Raises
    ------
    CannotAnswer
        If the leads have no dates, or there are no leads.

    Examples
    --------
    >>> facts = read_facts(warehouse, agreement)  # doctest: +SKIP
    >>> facts.last_month  # doctest: +SKIP
    '2026-10'
    """
    read = _READ.setdefault(warehouse, {})
    key = (spoken(), agreement.model_dump_json())  # why a table is missing is said in words
    if key not in read:
        read[key] = _read(warehouse, agreement)
    return read[key]


def _read(warehouse: Warehouse, agreement: Agreement) -> Facts:
    leads = warehouse.table("leads")
    fields = tuple(n for n in agreement.handover.required_fields if n in leads.columns)
    known = ("source", "campaign_id", "account_id", "owner_id")
    asked = [name for name in persona_fields(agreement) if name in leads.columns]
    about = leads.select("lead_id", *dict.fromkeys((*known, *fields, *asked))).execute()
    about["persona"] = personas(about[asked], agreement)
    about = about[list(dict.fromkeys(("lead_id", *known, *fields, "persona")))]
    runs = spell_frame(warehouse).merge(about, on="lead_id")
    if runs.started_at.isna().all():
        raise CannotAnswer(tr("no lead has a date, so nothing can be followed in time"))
    runs = runs.sort_values(KEY, ignore_index=True)
    runs["next_started_at"] = runs.groupby("lead_id").started_at.shift(-1)
    runs["month"] = month_of(runs.started_at, agreement.timezone)
    links = deal_spells(warehouse)
    behind = _NO_LINKS if links is None else links.execute()
    runs["has_deals"] = runs.lead_id.isin(behind.lead_id)
    path = path_of(agreement)
    runs = _days_in_order(runs, path, agreement.timezone)
    deals = warehouse.table("deals").execute() if warehouse.has("deals") else None
    wins = None if deals is None else _wins(deals, behind, runs, about, agreement)
    missing = ("events", "stages", "deals", "campaigns", "spend", "visits")
    facts = Facts(
        agreement=agreement,
        data_until=warehouse.data_until or runs.started_at.max(),
        history_from=warehouse.history_from,
        begins=first_moment(warehouse),
        spells=runs,
        recorded=tuple(
            stage
            for stage in path
            if runs[moment(stage)].notna().any() or (stage == "customer" and runs.is_customer.any())
        ),
        wins=wins,
        win_spells=behind if wins is None else behind[behind.deal_id.isin(wins.deal_id)],
        customers=pd.DataFrame(),
        losses=None if deals is None else _losses(deals),
        attempts=_attempts(warehouse),
        assigned=_assigned(warehouse),
        touches=_touches(warehouse),
        campaigns=_frame(warehouse, "campaigns"),
        spend=_frame(warehouse, "spend"),
        visits=_frame(warehouse, "visits"),
        fields=fields,
        contradicted=_contradicted(warehouse, runs),
        reasons=_reasons(warehouse, deals, behind),
        why={name: warehouse.why_missing(name) for name in missing if not warehouse.has(name)},
    )
    return with_customers(facts)


def _days_in_order(runs: pd.DataFrame, path: tuple[str, ...], timezone: str) -> pd.DataFrame:
    """Let a day without a time lie at the stage before it, if that was on the same day.

    Such a day is stored as its midnight, and would lie before everything else of that day.
    """
    latest = runs.started_at
    for stage in path[1:]:
        entered = runs[moment(stage)]
        if entered.isna().all():
            continue
        local, local_before = (to_local(times, timezone) for times in (entered, latest))
        day = local == local.dt.normalize()
        lifted = day & (entered < latest) & (local_before.dt.normalize() == local)
        runs[moment(stage)] = entered.mask(lifted, latest)
        latest = pd.concat([latest, entered], axis=1).max(axis=1)
    return runs


def _wins(
    deals: pd.DataFrame,
    behind: pd.DataFrame,
    runs: pd.DataFrame,
    about: pd.DataFrame,
    agreement: Agreement,
) -> pd.DataFrame:
    won = deals[deals.won.astype("boolean").fillna(False).astype(bool)]
    columns = ["deal_id", "account_id", "opened_at", "closed_at", "amount", "currency"]
    wins = won.sort_values(["closed_at", "deal_id"], ignore_index=True)[columns]
    linked = behind.merge(runs[[*KEY, "started_at", "sales_ready_at"]], on=KEY)
    linked = linked.sort_values(["deal_id", "started_at", *KEY], na_position="last")
    first = linked.drop_duplicates("deal_id").set_index("deal_id")[[*KEY, "started_at"]]
    handed = linked.groupby("deal_id").sales_ready_at.min().rename("handed_at")
    wins = wins.join(first, on="deal_id").join(handed, on="deal_id")
    account = wins.account_id.fillna(wins.lead_id.map(about.set_index("lead_id").account_id))
    wins["party"] = party_of(account, wins.lead_id, wins.deal_id)
    same = wins.currency.isna() | (wins.currency == agreement.currency)
    wins["counted"] = same & wins.amount.notna()
    wins["cents"] = (wins.amount.fillna(0) * 100).round().astype("int64")
    wins["month"] = month_of(wins.closed_at, agreement.timezone)
    return wins.drop(columns=["account_id", "amount"])


def _losses(deals: pd.DataFrame) -> pd.DataFrame:
    lost = deals[~deals.won.astype("boolean").fillna(True).astype(bool)]
    return lost[["deal_id", "closed_at"]].sort_values("deal_id", ignore_index=True)


def _contradicted(warehouse: Warehouse, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the customers by their stage alone whose deals say otherwise."""
    if not warehouse.has("stages"):
        return pd.DataFrame(columns=[*KEY, "at"]).astype({"at": "datetime64[us]"})
    stages = warehouse.table("stages")
    called = stages.filter(stages.stage == "customer").group_by(*KEY)
    called = called.agg(at=stages.entered_at.min()).execute().sort_values(KEY)
    without = runs.groupby("lead_id").is_customer.any() | ~runs.groupby("lead_id").has_deals.any()
    return called[called.lead_id.isin(without.index[~without])].reset_index(drop=True)


def _reasons(
    warehouse: Warehouse, deals: pd.DataFrame | None, behind: pd.DataFrame
) -> pd.DataFrame:
    """Return why leads were given back or written off, and why deals with them were lost."""
    parts = []
    if warehouse.has("stages"):
        stages = warehouse.table("stages")
        off = stages.filter(stages.stage.isin(("rejected", "recycled", "disqualified")))
        off = off.select("lead_id", "spell", "reason", kind="stage", at="entered_at")
        parts.append(off.execute().assign(deal_id=None))
    if deals is not None:
        lost = deals[["deal_id", "loss_reason", "closed_at"]].merge(_losses(deals)[["deal_id"]])
        lost = lost[lost.closed_at.notna()].merge(behind, on="deal_id")
        lost = lost.rename(columns={"closed_at": "at", "loss_reason": "reason"})
        parts.append(lost.assign(kind="lost"))
    parts = [part[list(REASONS)] for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(REASONS)).astype({"at": "datetime64[us]"})
    table = pd.concat(parts)
    table["at"] = pd.to_datetime(table["at"]).astype("datetime64[us]")
    return table.sort_values(["at", "lead_id", "spell", "kind"], ignore_index=True)


def _attempts(warehouse: Warehouse) -> pd.DataFrame:
    if not warehouse.has("events"):
        return _no_events().assign(connected=False)
    events = warehouse.table("events")
    by_people = (events.actor == "sales") & ~events.automatic & events.kind.isin(ATTEMPTS)
    outcome = events.outcome.fill_null("")
    met = (events.kind == "meeting") & ~outcome.isin(("no_show", "no_answer", "cancelled"))
    connected = (outcome == "connected") | met
    tried = events.mutate(connected=connected).filter(by_people)
    return _ordered(tried.select("lead_id", "occurred_at", "connected"))


def _assigned(warehouse: Warehouse) -> pd.DataFrame:
    if not warehouse.has("events"):
        return _no_events()
    events = warehouse.table("events")
    return _ordered(events.filter(events.kind == "assigned").select("lead_id", "occurred_at"))


def _no_events() -> pd.DataFrame:
    times = pd.Series([], dtype="datetime64[us]")
    return pd.DataFrame({"lead_id": pd.Series([], dtype="str"), "occurred_at": times})


def _touches(warehouse: Warehouse) -> pd.DataFrame:
    """Return the touches of leads: how they came, and what they did that names a campaign."""
    leads = warehouse.table("leads")
    touches = leads.filter(leads.created_at.notnull()).select(
        "lead_id", "campaign_id", occurred_at=leads.created_at
    )
    if warehouse.has("events") and warehouse.has("campaigns"):
        events, campaigns = warehouse.table("events"), warehouse.table("campaigns")
        names = campaigns.select("campaign_id", subject=campaigns.campaign_id).union(
            campaigns.select("campaign_id", subject=campaigns.name), distinct=True
        )
        # an e-mail sent is no touch yet; what the lead itself did with it is
        acted = events.filter((events.actor == "lead") & ~events.automatic).join(names, "subject")
        touches = touches.union(acted.select("lead_id", "campaign_id", "occurred_at"))
    return _ordered(touches)


def _ordered(table: ibis.Table) -> pd.DataFrame:
    columns: list[Any] = [name for name in table.columns if name != "occurred_at"]
    return table.order_by("occurred_at", *columns).execute()


def _frame(warehouse: Warehouse, name: str) -> pd.DataFrame | None:
    return warehouse.table(name).execute() if warehouse.has(name) else None
