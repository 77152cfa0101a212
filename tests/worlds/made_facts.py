"""Facts made by hand: the spells and deals of a company without its warehouse."""

from __future__ import annotations

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.clock import month_of
from smarketing.measures.facts import Facts, with_customers
from smarketing.measures.path import PATH, WAYS_OFF, moment
from smarketing.planning.volumes.volume_history import VolumeHistory, as_known, whole_months

NOTHING = {
    "attempts": ["lead_id", "occurred_at", "connected"],
    "assigned": ["lead_id", "occurred_at"],
    "touches": ["lead_id", "occurred_at", "campaign_id"],
}


def made_facts(
    agreement: Agreement,
    spells: pd.DataFrame,
    until: pd.Timestamp,
    wins: pd.DataFrame | None = None,
) -> Facts:
    """Return the facts of a company.

    Parameters
    ----------
    agreement : Agreement
    spells : pandas.DataFrame
        ``lead_id``, ``started_at``, and the moments of stages; the rest is filled up.
    until : pandas.Timestamp
        The data's end, naive UTC.
    wins : pandas.DataFrame, optional
        Won deals in the agreement's currency: ``lead_id``, ``closed_at``, ``amount``.
    """
    runs = pd.DataFrame({"spell": 1, "account_id": None}, index=spells.index).assign(**spells)
    for stage in (*PATH[1:], *WAYS_OFF, "lost"):
        if f"{stage}_at" not in runs:
            runs[f"{stage}_at"] = pd.Series(pd.NaT, runs.index, dtype="datetime64[us]")
    times = [moment(stage) for stage in PATH]
    runs[times] = runs[times].astype("datetime64[us]")
    runs = runs.assign(
        is_customer=runs["customer_at"].notna(),
        is_lost=False,
        ended_at=runs["customer_at"],
        has_deals=False if wins is None else runs["lead_id"].isin(wins["lead_id"]),
        month=month_of(runs["started_at"], agreement.timezone),
        next_started_at=pd.Series(pd.NaT, runs.index, dtype="datetime64[us]"),
        persona="(unmatched)",
        **dict.fromkeys(("source", "campaign_id", "owner_id"), None),
    )
    deals = None if wins is None else _deals(wins, runs, agreement)
    behind = pd.DataFrame(columns=["deal_id", "lead_id", "spell"])
    facts = Facts(
        agreement=agreement,
        data_until=until,
        history_from=None,
        spells=runs.reset_index(drop=True),
        recorded=tuple(stage for stage in PATH if runs[moment(stage)].notna().any()),
        wins=deals,
        win_spells=behind if deals is None else deals[["deal_id", "lead_id", "spell"]],
        customers=pd.DataFrame(),
        **{name: _empty(columns) for name, columns in NOTHING.items()},
        campaigns=None,
        spend=None,
        visits=None,
        fields=(),
        why={},
    )
    return with_customers(facts)


def made_history(
    agreement: Agreement,
    spells: pd.DataFrame,
    until: pd.Timestamp,
    wins: pd.DataFrame | None = None,
) -> VolumeHistory:
    """Return the history of a company on all its whole months."""
    facts = made_facts(agreement, spells, until, wins)
    return as_known(facts, until, whole_months(spells["started_at"], until, agreement.timezone))


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns).astype({"occurred_at": "datetime64[us]"})


def _deals(wins: pd.DataFrame, runs: pd.DataFrame, agreement: Agreement) -> pd.DataFrame:
    led = runs.set_index("lead_id").loc[wins["lead_id"]]
    closed = wins["closed_at"].astype("datetime64[us]").reset_index(drop=True)
    return pd.DataFrame(
        {
            "deal_id": [f"D{i}" for i in range(len(wins))],
            "opened_at": led["started_at"].to_numpy(),
            "closed_at": closed,
            "cents": (wins["amount"].to_numpy() * 100).round().astype("int64"),
            "currency": agreement.currency,
            "counted": True,
            "month": month_of(closed, agreement.timezone),
            "party": [f"lead {lead}" for lead in wins["lead_id"]],
            "lead_id": wins["lead_id"].to_numpy(),
            "spell": led["spell"].to_numpy(),
            "started_at": led["started_at"].to_numpy(),
            "handed_at": led["sales_ready_at"].to_numpy(),
        }
    )
