"""Buying groups: leads of one account within the agreed days are one purchase."""

from __future__ import annotations

import numpy as np
import pandas as pd


def buying_groups(leads: pd.DataFrame, within_days: float | None) -> pd.Series:
    """Return the group of each lead: the id of its first lead.

    A group takes the leads of an account that came within the agreed days of its first one, so
    that an account which sends a lead every month is not one endless purchase.

    Parameters
    ----------
    leads : pandas.DataFrame
        ``lead_id`` (unique), ``account_id``, ``started_at``.
    within_days : float or None
        None: every lead is its own group.

    Returns
    -------
    pandas.Series of str
        Indexed by ``lead_id``.

    Examples
    --------
    >>> days = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-06-01"])
    >>> leads = pd.DataFrame({"lead_id": list("abc"), "account_id": "A", "started_at": days})
    >>> buying_groups(leads, 90).tolist()
    ['a', 'a', 'c']
    """
    own = pd.Series(leads.lead_id.to_numpy(), index=leads.lead_id.to_numpy(), name="group")
    if within_days is None:
        return own
    shared = leads[leads.account_id.notna() & leads.account_id.duplicated(keep=False)]
    shared = shared.sort_values(["account_id", "started_at", "lead_id"])
    limit = np.timedelta64(round(within_days * 86_400_000_000), "us")
    account = first = since = None
    groups = []
    times = shared.started_at.to_numpy("datetime64[us]")
    for lead, of, at in zip(shared.lead_id, shared.account_id, times, strict=True):
        if of != account or at - since > limit:
            account, first, since = of, lead, at
        groups.append(first)
    own.loc[shared.lead_id] = groups
    return own
