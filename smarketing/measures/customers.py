"""What one customer is: a won deal, a purchase, or an account; each counted once."""

from __future__ import annotations

import pandas as pd

from smarketing.warehouse.buying_groups import buying_groups

COLUMNS = ["customer_id", "at", "lead_id", "spell", "started_at", "handed_at", "deals"]


def purchases_of(
    spells: pd.DataFrame,
    wins: pd.DataFrame | None,
    counted_by: str,
    within_days: float | None,
) -> pd.DataFrame:
    """Return what was bought, and which customer each purchase is of.

    A won deal is a customer, and so is a spell recorded as one whose lead has no deal at all.
    Counted by purchase, those of one account that close within the agreed days of the first of
    them are one; counted by account, all of an account, when it first bought. Where no account
    is known the lead stands for it, without a lead the deal.

    Parameters
    ----------
    spells : pandas.DataFrame
        As in :class:`smarketing.measures.facts.Facts`.
    wins : pandas.DataFrame or None
        Its won deals.
    counted_by : {"deal", "purchase", "account"}
    within_days : float or None
        Of a buying group; purchases need it.

    Returns
    -------
    pandas.DataFrame
        ``deal_id`` (missing without a deal), ``customer_id``, and what
        :func:`customers_of` needs; the earliest first, those without a date last.
    """
    parts = [_recorded(spells)]
    if wins is not None:
        parts.append(
            wins.assign(
                item="deal " + wins.deal_id.astype(str),
                at=wins.closed_at,
                deals=1,
                anchor=wins.closed_at.fillna(wins.opened_at),
            )
        )
    columns = ["deal_id", "item", "party", "anchor", *COLUMNS[1:]]
    items = pd.concat([part[columns] for part in parts if len(part)] or [parts[0][columns]])
    items = items.sort_values(["at", "item"], na_position="last", ignore_index=True)
    if counted_by == "deal":
        group = items["item"]
    elif counted_by == "account":
        group = items.party
    else:
        closings = pd.DataFrame(
            {"lead_id": items.item, "account_id": items.party, "started_at": items.anchor}
        )
        group = items.item.map(buying_groups(closings, within_days))
    return items.assign(customer_id=group)


def customers_of(items: pd.DataFrame) -> pd.DataFrame:
    """Return one row per customer of what :func:`purchases_of` returns.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``; ``at``, the closing of its first deal (NaT where none has a date);
        ``lead_id`` and ``spell`` of the lead that came first of those behind its first deal
        (missing without any), with ``started_at``; ``handed_at``, the first hand-over of any
        behind it; ``deals`` won.
    """
    if items.empty:
        return items.reindex(columns=COLUMNS)
    first = items.drop_duplicates("customer_id")[["customer_id", "at"]]
    # the first deal with a lead behind it says where the customer came from
    led = items.assign(alone=items.lead_id.isna()).sort_values("alone", kind="stable")
    led = led.drop_duplicates("customer_id")[["customer_id", "lead_id", "spell", "started_at"]]
    sums = items.groupby("customer_id").agg(deals=("deals", "sum"), handed_at=("handed_at", "min"))
    table = first.merge(led, on="customer_id").merge(sums.reset_index(), on="customer_id")
    return table[COLUMNS]


def _recorded(spells: pd.DataFrame) -> pd.DataFrame:
    """Return the spells that their stage alone calls customers: their leads have no deal."""
    rows = spells[spells.is_customer & ~spells.has_deals]
    return pd.DataFrame(
        {
            "deal_id": None,
            "item": "lead " + rows.lead_id.astype(str) + " " + rows.spell.astype(str),
            "party": party_of(rows.account_id, rows.lead_id),
            "at": rows.customer_at,
            "anchor": rows.customer_at,
            "lead_id": rows.lead_id,
            "spell": rows.spell,
            "started_at": rows.started_at,
            "handed_at": rows.sales_ready_at,
            "deals": 0,
        }
    )


def party_of(*names: pd.Series) -> pd.Series:
    """Return who buys: the account, else the lead, else the deal, told apart from one another."""
    kinds = ("account ", "lead ", "deal ")
    party = pd.Series(None, index=names[0].index, dtype="str")
    for kind, name in zip(kinds, names, strict=False):
        party = party.fillna(kind + name.astype("str"))
    return party
