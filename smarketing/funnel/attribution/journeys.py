"""The journeys of a company: the touches of each buying group on the way to its purchase."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.funnel.attribution.models import Journeys
from smarketing.measures.facts import NO_CAMPAIGN, NO_LEAD, Facts, groups_of
from smarketing.measures.path import window_days


def journeys(facts: Facts, first: str, last: str) -> tuple[Journeys, dict[str, int]]:
    """Return the journeys of some months, and the revenue no touch leads to.

    A purchase is one won deal closed in the months, in the agreement's currency; its journey is
    the touches, up to the closing, of all leads behind it and of their buying groups. A group
    that started in the months and won nothing counts as a journey without a purchase once it
    has ended, or its window is over.

    Returns
    -------
    journeys : Journeys
    untraced : dict of str to int
        "(no lead)" or "(no campaign)" → hundredths of revenue of deals without any touch.

    Raises
    ------
    CannotAnswer
        If there is no table of deals.
    """
    if facts.wins is None:
        raise CannotAnswer(facts.why["deals"])
    wins = facts.wins
    group = groups_of(facts)
    touches = facts.touches[["lead_id", "occurred_at", "campaign_id"]]
    touches = touches.assign(
        group=touches.lead_id.map(group), campaign=touches.campaign_id.fillna(NO_CAMPAIGN)
    )
    wins = wins[wins.month.between(first, last) & wins.counted]
    behind = facts.win_spells.assign(group=facts.win_spells.lead_id.map(group))
    behind = behind[["deal_id", "group"]].drop_duplicates()
    won = behind.merge(wins[["deal_id", "closed_at"]], on="deal_id").merge(touches, on="group")
    won = _in_time(won.rename(columns={"deal_id": "journey", "closed_at": "end"}))
    lost = touches[touches.group.isin(_without_purchase(facts, group, first, last, behind))]
    end = facts.bounds(last)[1]
    lost = _in_time(lost.rename(columns={"group": "journey"}).assign(end=end))
    order = ["journey", "occurred_at", "lead_id", "campaign"]
    both = pd.concat([won.sort_values(order), lost.sort_values(order)], ignore_index=True)
    is_won = np.arange(len(both)) < len(won)
    number = pd.factorize(pd.MultiIndex.from_arrays([is_won, both.journey]))[0]
    campaign, names = pd.factorize(both.campaign, sort=True)
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    cents = wins.set_index("deal_id").cents
    deal_cents = cents.reindex(both.journey.iloc[starts].where(is_won[starts])).fillna(0)
    untraced: dict[str, int] = {}
    for deal in wins[~wins.deal_id.isin(won.journey)].itertuples():
        name = NO_LEAD if pd.isna(deal.lead_id) else NO_CAMPAIGN
        untraced[name] = untraced.get(name, 0) + int(deal.cents)
    walked = Journeys(
        campaigns=tuple(str(name) for name in names),
        journey=number.astype("int64"),
        campaign=campaign.astype("int64"),
        days_before=((both.end - both.occurred_at) / pd.Timedelta(days=1)).to_numpy(float),
        won=is_won[starts],
        cents=deal_cents.to_numpy("int64"),
    )
    return walked, untraced


def _in_time(touches: pd.DataFrame) -> pd.DataFrame:
    """Drop touches after the end; of a journey with none before it, keep the first."""
    kept = touches[touches.occurred_at <= touches.end]
    late = touches[~touches.journey.isin(kept.journey)]
    late = late.sort_values(["occurred_at", "lead_id", "campaign"]).drop_duplicates("journey")
    return pd.concat([kept, late], ignore_index=True)


def _without_purchase(
    facts: Facts, group: pd.Series, first: str, last: str, behind: pd.DataFrame
) -> pd.Index:
    runs = facts.trusted
    runs = runs.assign(group=runs.lead_id.map(group))
    due = runs.started_at + pd.Timedelta(days=window_days(facts.agreement, "customer"))
    waiting = runs.ended_at.isna() & (due > facts.data_until)
    bought = runs.is_customer | runs.group.isin(behind.group)
    by_group = (
        pd.DataFrame({"group": runs.group, "month": runs.month, "out": waiting | bought})
        .groupby("group")
        .agg(month=("month", "min"), out=("out", "any"))
    )
    return by_group.index[by_group.month.between(first, last) & ~by_group.out]
