"""The score of an account: the company's fit once, its people's engagement together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.agreement.scorecard import Scorecard
from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.results import Result, plain
from smarketing.scoring.agreed_card import score_card
from smarketing.scoring.features import features
from smarketing.scoring.snapshots import kept_open
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
        return plain(
            {
                "accounts": len(self.rows),
                "several_people": int((self.rows["people"] > 1).sum()),
                "several_roles": int((self.rows["roles"] > 1).sum()),
                "without_account": self.without_account,
            }
        )


def score_accounts(
    warehouse: Warehouse,
    agreement: Agreement,
    as_of: pd.Timestamp | None = None,
    card: Scorecard | None = None,
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
    card : Scorecard, optional
        By default the agreement's first.
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
    card = agreement.scorecard if card is None else card
    to_the_end = agreement.snapshots.model_copy(update={"until": "end"})
    whole = agreement.model_copy(update={"snapshots": to_the_end})
    asked = ["account_id"] if role is None else ["account_id", role]
    with kept_open(warehouse, whole, as_of) as moments:
        people = score_card(card, warehouse, moments, agreement).execute()
        known = features(warehouse, moments, agreement, only=asked).execute()
    if role is not None and role not in known.columns:
        allowed = "an attribute that sources.yml declares as known by then"
        raise UsageError(
            Problem("no such attribute is known of leads", found=role, allowed=allowed)
        )
    people = people.merge(known[["lead_id", "spell", *asked]], on=["lead_id", "spell"])
    if people["account_id"].isna().all():
        raise CannotAnswer("no open lead belongs to an account: map account_id in sources.yml")
    people["role"] = people["persona" if role is None else role]
    there = people[people["account_id"].notna()]
    engaged = there["engagement"] > 0
    groups = there.groupby("account_id")
    rows = groups.agg(fit=("fit", "max"), engagement=("engagement", "sum"))
    if card.engagement.cap is not None:
        rows["engagement"] = rows["engagement"].clip(upper=card.engagement.cap)
    rows["score"] = rows["fit"] + rows["engagement"]
    rows["grade"] = _letters(rows["fit"], agreement.grades.fit, "C") + _letters(
        rows["engagement"], agreement.grades.engagement, "3"
    )
    rows["people"] = groups.size()
    rows["engaged"] = engaged.groupby(there["account_id"]).sum().astype("int64")
    named = there[engaged & there["role"].notna()].groupby("account_id")["role"]
    rows["roles"] = named.nunique().reindex(rows.index, fill_value=0).astype("int64")
    names = named.agg(lambda x: ", ".join(sorted(set(map(str, x)))))
    rows["role_names"] = names.reindex(rows.index).fillna("")
    rows = rows.reset_index().sort_values(
        ["score", "roles", "account_id"], ascending=[False, False, True], ignore_index=True
    )
    return AccountScores(rows, int(people["account_id"].isna().sum()))


def _letters(value: pd.Series, bounds: dict, last: str) -> pd.Series:
    named = pd.Series(last, value.index)
    for key in sorted(bounds, key=str, reverse=True):  # the best is written last
        named = named.mask(value >= bounds[key], str(key))
    return named
