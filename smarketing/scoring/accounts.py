"""The score of an account: the company's fit once, its people's engagement together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer, UsageError
from smarketing.results import Result
from smarketing.scoring.agreed_card import score_card
from smarketing.scoring.events import SPELL
from smarketing.scoring.features import features
from smarketing.scoring.points.axes import grades_of_points
from smarketing.scoring.snapshots import open_spells
from smarketing.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class AccountScores(Result):
    """Accounts with open leads, the best first.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``account_id``, ``fit`` (of its best-fitting lead: the company counts once),
        ``engagement`` (its leads' engagement added up, at most the cap), ``score``, ``grade``,
        ``people`` (open leads), ``engaged`` (those with any engagement), ``roles`` (how many
        different roles the engaged have), ``role_names``.
    without_account : int
        Open leads that belong to no account.
    """

    rows: pd.DataFrame
    without_account: int

    def frame(self) -> pd.DataFrame:
        """Return a row per account."""
        return self.rows.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return ``accounts``, ``several_people``, ``several_roles``, ``without_account``."""
        several = (self.rows[["people", "roles"]] > 1).sum()
        return {
            "accounts": len(self.rows),
            "several_people": int(several["people"]),
            "several_roles": int(several["roles"]),
            "without_account": self.without_account,
        }


def score_accounts(
    warehouse: Warehouse,
    agreement: Agreement,
    as_of: pd.Timestamp | None = None,
    role: str | None = None,
) -> AccountScores:
    """Score every account that has an open lead.

    A lead handed over to sales still takes part in its company's purchase, so it counts until
    its spell ends.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    as_of : pandas.Timestamp, optional
        Naive UTC; by default the end of the data.
    role : str, optional
        The attribute that says a lead's role; by default its persona.

    Raises
    ------
    UsageError
        If there is no such attribute known of leads.
    CannotAnswer
        If leads belong to no accounts.

    Examples
    --------
    >>> score_accounts(warehouse, agreement, role="job_role").frame().head()  # doctest: +SKIP
    """
    card = agreement.scorecard
    to_the_end = agreement.snapshots.model_copy(update={"until": "end"})
    whole = agreement.model_copy(update={"snapshots": to_the_end})
    asked = ["account_id"] if role is None else ["account_id", role]
    with open_spells(warehouse, whole, as_of).cache() as moments:
        people = score_card(card, warehouse, moments, agreement).execute()
        known = features(warehouse, moments, agreement, only=asked).execute()
    if role is not None and role not in known.columns:
        allowed = "an attribute that sources.yml declares as known by then"
        raise UsageError("no such attribute is known of leads", found=role, allowed=allowed)
    people = people.merge(known[[*SPELL, *asked]], on=SPELL)
    if people["account_id"].isna().all():
        raise CannotAnswer("no open lead belongs to an account: map account_id in sources.yml")
    people["role"] = people["persona" if role is None else role]
    of_accounts = people[people["account_id"].notna()]
    groups = of_accounts.groupby("account_id")
    rows = groups.agg(fit=("fit", "max"), engagement=("engagement", "sum"))
    if card.engagement.cap is not None:
        rows["engagement"] = rows["engagement"].clip(upper=card.engagement.cap)
    rows["score"] = rows["fit"] + rows["engagement"]
    bounds = agreement.grades.fit, agreement.grades.engagement
    rows["grade"] = grades_of_points(rows["fit"], rows["engagement"], *bounds)
    rows["people"] = groups.size()
    engaged = of_accounts[of_accounts["engagement"] > 0].groupby("account_id")["role"]
    rows["engaged"] = engaged.size().reindex(rows.index, fill_value=0)
    rows["roles"] = engaged.nunique().reindex(rows.index, fill_value=0)
    names = engaged.agg(lambda roles: ", ".join(sorted(set(map(str, roles.dropna())))))
    rows["role_names"] = names.reindex(rows.index).fillna("")
    rows = rows.reset_index().sort_values(
        ["score", "roles", "account_id"], ascending=[False, False, True], ignore_index=True
    )
    return AccountScores(rows, int(people["account_id"].isna().sum()))
