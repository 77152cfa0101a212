"""Read a company's history from the warehouse; only rows that count leave the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import ibis
import pandas as pd

from smarketing.clock import month_of
from smarketing.errors import CannotAnswer
from smarketing.funnel.history import PATH, REASONS, History, moment
from smarketing.funnel.personas import persona_fields, personas
from smarketing.language.catalogue import tr
from smarketing.language.speaker import spoken
from smarketing.warehouse.spells import spell_frame
from smarketing.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

ATTEMPTS = ("call", "email", "email_sent", "letter", "meeting", "message", "sms", "visit")
"""Kinds of events that are an outbound contact when a person of sales did them."""

# Asked for by each part of a report: an open warehouse never changes.
_READ: WeakKeyDictionary[Warehouse, dict[tuple[str, str], History]] = WeakKeyDictionary()
_ENOUGH_TO_REORDER = 20


def read_history(warehouse: Warehouse, agreement: Agreement) -> History:
    """Read what the funnel needs from the warehouse; only rows that count leave the database.

    Raises
    ------
    CannotAnswer
        If the leads have no dates, or there are no leads.

    Examples
    --------
    >>> history = read_history(warehouse, agreement)  # doctest: +SKIP
    >>> history.last_month  # doctest: +SKIP
    '2026-10'
    """
    read = _READ.setdefault(warehouse, {})
    key = (spoken(), agreement.model_dump_json())  # why a table is missing is said in words
    if key not in read:
        read[key] = _read_history(warehouse, agreement)
    return read[key]


def _read_history(warehouse: Warehouse, agreement: Agreement) -> History:
    leads = warehouse.table("leads")
    fields = tuple(n for n in agreement.handover.required_fields if n in leads.columns)
    known = ("source", "campaign_id", "account_id", "owner_id")
    asked = [name for name in persona_fields(agreement) if name in leads.columns]
    about = leads.select("lead_id", *dict.fromkeys((*known, *fields, *asked))).execute()
    about["persona"] = personas(about[asked], agreement)
    about = about[list(dict.fromkeys(("lead_id", *known, *fields, "persona")))]
    runs = spell_frame(warehouse)
    runs = runs[runs.started_at.notna()].merge(about, on="lead_id")
    if runs.empty:
        raise CannotAnswer(tr("no lead has a date, so nothing can be followed in time"))
    runs = runs.sort_values(["lead_id", "spell"], ignore_index=True)
    runs["next_started_at"] = runs.groupby("lead_id").started_at.shift(-1)
    runs["month"] = month_of(runs.started_at, agreement.timezone)
    wins, win_spells = _wins(warehouse, agreement, runs, about)
    missing = ("events", "stages", "deals", "campaigns", "spend", "visits")
    return History(
        agreement=agreement,
        data_until=warehouse.data_until or runs.started_at.max(),
        history_from=warehouse.history_from,
        spells=runs,
        recorded=_in_order(runs),
        wins=wins,
        win_spells=win_spells,
        attempts=_attempts(warehouse),
        assigned=_assigned(warehouse),
        touches=_touches(warehouse),
        campaigns=_frame(warehouse, "campaigns"),
        spend=_frame(warehouse, "spend"),
        visits=_frame(warehouse, "visits"),
        fields=fields,
        reasons=_reasons(warehouse, runs),
        why={name: warehouse.why_missing(name) for name in missing if not warehouse.has(name)},
    )


def _in_order(runs: pd.DataFrame) -> tuple[str, ...]:
    """Return the recorded stages; neighbours change places where most records say so."""
    order = [stage for stage in PATH if runs[moment(stage)].notna().any()]
    for _ in order:  # as often as a stage may have to move
        for place in range(1, len(order) - 1):
            first, second = order[place : place + 2]
            both = runs[[moment(first), moment(second)]].dropna()
            backward = (both[moment(second)] < both[moment(first)]).mean()
            if len(both) >= _ENOUGH_TO_REORDER and backward > 0.5:
                order[place : place + 2] = second, first
    return tuple(order)


def _wins(
    warehouse: Warehouse, agreement: Agreement, runs: pd.DataFrame, about: pd.DataFrame
) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    none = pd.DataFrame({"deal_id": [], "lead_id": [], "spell": []})
    if not warehouse.has("deals"):
        return None, none
    deals = warehouse.table("deals")
    won = deals.filter(deals.won.fill_null(False) & deals.closed_at.notnull())
    columns = ("deal_id", "account_id", "closed_at", "amount", "currency")
    wins = won.select(*columns).order_by("closed_at", "deal_id").execute()
    pairs = none
    if warehouse.has("deal_leads"):
        links = warehouse.table("deal_leads").select("deal_id", "lead_id")
        pairs = links.semi_join(won, "deal_id").execute()
        pairs = _in_spell(pairs.merge(wins[["deal_id", "closed_at"]], on="deal_id"), runs)
    first_lead = pairs.sort_values("lead_id").groupby("deal_id").lead_id.first()
    behind = wins.deal_id.map(first_lead)
    account = wins.account_id.fillna(behind.map(about.set_index("lead_id").account_id))
    # one purchase of several people is one customer: the account, else the lead, else the deal
    wins["buyer"] = account.fillna(behind).fillna(wins.deal_id)
    same = wins.currency.isna() | (wins.currency == agreement.currency)
    wins["counted"] = same & wins.amount.notna()
    wins["cents"] = (wins.amount.fillna(0) * 100).round().astype("int64")
    wins["month"] = month_of(wins.closed_at, agreement.timezone)
    wins["from_leads"] = wins.deal_id.isin(pairs.deal_id)
    return wins.drop(columns=["account_id", "amount"]), pairs


def _in_spell(pairs: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Put each won deal of a lead to its latest spell started by then, else to its first."""
    joined = pairs.merge(runs[["lead_id", "spell", "started_at"]], on="lead_id")
    late = joined.started_at > joined.closed_at
    joined = joined.assign(late=late, near=joined.spell.where(late, -joined.spell))
    chosen = joined.sort_values(["deal_id", "lead_id", "late", "near"])
    return chosen.drop_duplicates(["deal_id", "lead_id"])[["deal_id", "lead_id", "spell"]]


def _reasons(warehouse: Warehouse, runs: pd.DataFrame) -> pd.DataFrame:
    """Return why leads were given back or written off, and why deals with them were lost."""
    parts = [pd.DataFrame({name: runs[:0].get(name, []) for name in REASONS})]
    if warehouse.has("stages"):
        stages = warehouse.table("stages")
        off = stages.filter(stages.stage.isin(("rejected", "recycled", "disqualified")))
        off = off.select("lead_id", "spell", "reason", kind="stage", at="entered_at")
        parts.append(off.execute().assign(deal_id=None))
    if warehouse.has("deals") and warehouse.has("deal_leads"):
        deals = warehouse.table("deals")
        lost = deals.filter(~deals.won.fill_null(True) & deals.closed_at.notnull())
        lost = lost.select("deal_id", "closed_at", reason="loss_reason")
        links = warehouse.table("deal_leads").select("deal_id", "lead_id").execute()
        linked = lost.execute().merge(links, on="deal_id")
        chosen = _in_spell(linked, runs).merge(lost.execute(), on="deal_id")
        parts.append(chosen.rename(columns={"closed_at": "at"}).assign(kind="lost"))
    table = pd.concat([part[list(REASONS)] for part in parts if len(part)] or parts)
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
        # an e-mail sent is no touch yet; what the lead did with it is
        acted = events.filter((events.actor == "lead") & ~events.automatic).join(names, "subject")
        touches = touches.union(acted.select("lead_id", "campaign_id", "occurred_at"))
    return _ordered(touches)


def _ordered(table: ibis.Table) -> pd.DataFrame:
    columns: list[Any] = [name for name in table.columns if name != "occurred_at"]
    return table.order_by("occurred_at", *columns).execute()


def _frame(warehouse: Warehouse, name: str) -> pd.DataFrame | None:
    return warehouse.table(name).execute() if warehouse.has(name) else None
