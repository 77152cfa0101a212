"""Cards at work on open leads: side by side, one lead's points, and what a change would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd
from pydantic import ValidationError

from smarketing.agreement.model import Agreement, Lines
from smarketing.agreement.scorecard import Axis, Rule, Scorecard
from smarketing.errors import Problem, UsageError
from smarketing.faults import faults_of
from smarketing.results import Result, plain
from smarketing.scoring.agreed_card import breakdown, score_card
from smarketing.scoring.card_lines import lines_of
from smarketing.scoring.events import SPELL
from smarketing.scoring.snapshots import open_spells
from smarketing.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class PointsBreakdown(Result):
    """Where open leads' scores come from.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``lead_id``, ``spell``, ``as_of``, ``axis``, ``rule``, ``points`` (after decay), ``n``
        (events counted, 1 for a condition), ``age_days`` (whole days since the newest event
        counted; null for conditions), ``over`` (events not counted because of ``at_most``).
        The rows ``(rounding)`` and ``(cap)`` say what rounding and the clamp to 0 … cap gave or
        took: all rows of a lead sum to its score.
    """

    rows: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return a row per lead and rule that gave or took something."""
        return self.rows.copy()


@dataclass(frozen=True)
class SideBySide(Result):
    """Open leads by every scorecard of the agreement.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``lead_id``, ``spell``, ``card``, ``fit``, ``engagement``, ``score``, ``grade``,
        ``best`` (whether no other card gives the lead more; the first of the file on a tie).
    """

    rows: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return a row per lead and card."""
        return self.rows.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return ``leads`` and, per card, ``best_for`` (how many leads it fits best)."""
        best = self.rows[self.rows["best"]].groupby("card", sort=False).size()
        names = self.rows["card"].unique()
        best_for = {name: int(best.get(name, 0)) for name in names}
        return plain({"leads": int(self.rows["best"].sum()), "best_for": best_for})


@dataclass(frozen=True)
class CardWhatIf(Result):
    """What another card would change for open leads.

    Parameters
    ----------
    rows : pandas.DataFrame
        Leads whose score, grade or line would change: ``lead_id``, ``spell``, ``score``,
        ``score_new``, ``grade``, ``grade_new``, ``line`` ("sql", "mql" or ""), ``line_new``.
    leads : int
        Open leads in all.
    """

    rows: pd.DataFrame
    leads: int

    @property
    def regraded(self) -> pd.DataFrame:
        """The leads that change grade."""
        return self.rows[self.rows["grade"] != self.rows["grade_new"]]

    def frame(self) -> pd.DataFrame:
        """Return a row per lead that changes."""
        return self.rows.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return ``leads``, ``rescored``, ``regraded``, and leads per move of grade and line."""

        def moves(name: str) -> dict[str, int]:
            moved = self.rows[self.rows[name] != self.rows[f"{name}_new"]]
            before, after = (moved[n].replace("", "below") for n in (name, f"{name}_new"))
            return (before + " to " + after).value_counts().sort_index().to_dict()

        return plain(
            {
                "leads": self.leads,
                "rescored": int((self.rows["score"] != self.rows["score_new"]).sum()),
                "regraded": len(self.regraded),
                "grades": moves("grade"),
                "lines": moves("line"),
            }
        )


def explain_scores(
    warehouse: Warehouse,
    agreement: Agreement,
    as_of: pd.Timestamp | None = None,
    card: Scorecard | None = None,
    lead: str | None = None,
) -> PointsBreakdown:
    """Break every open lead's score down to its rules.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    as_of : pandas.Timestamp, optional
        Naive UTC; by default the end of the data.
    card : Scorecard, optional
        By default the agreement's first.
    lead : str, optional
        Only this one.

    Examples
    --------
    >>> explain_scores(warehouse, agreement).frame().query("lead_id == 'L1'")  # doctest: +SKIP
    """
    card = agreement.scorecard if card is None else card
    with open_spells(warehouse, agreement, as_of, lead).cache() as moments:
        rows = breakdown(card, warehouse, moments, agreement).execute()
    rows["points"] = rows.pop("points_thousandths") / 1000
    rows["age_days"] = rows["age_days"].astype("Int64")
    places = {line.rule.name: i for i, line in enumerate(lines_of(card))}
    rows["place"] = rows["rule"].map(places).fillna(len(places))
    # Fit comes first, and of an axis the rounding before the cap.
    order, ascending = [*SPELL, "axis", "place", "rule"], [True, True, False, True, False]
    rows = rows.sort_values(order, ascending=ascending, ignore_index=True)
    columns = [*SPELL, "as_of", "axis", "rule", "points", "n", "age_days", "over"]
    return PointsBreakdown(rows[columns])


def score_cards(
    warehouse: Warehouse, agreement: Agreement, as_of: pd.Timestamp | None = None
) -> SideBySide:
    """Score open leads by every scorecard of the agreement, per product or persona say.

    Examples
    --------
    >>> score_cards(warehouse, agreement).to_dict()["best_for"]  # doctest: +SKIP
    {'crm': 310, 'payroll': 102}
    """
    with open_spells(warehouse, agreement, as_of).cache() as moments:
        scored = [
            _scored(card, warehouse, moments, agreement).assign(card=name, place=i)
            for i, (name, card) in enumerate(agreement.scorecards.items())
        ]
    rows = pd.concat(scored, ignore_index=True)
    rows = rows.sort_values([*SPELL, "place"], ignore_index=True)
    ranked = rows.sort_values(["score", "place"], ascending=[False, True], kind="stable")
    rows["best"] = ~ranked.duplicated(SPELL).reindex(rows.index)
    return SideBySide(rows[[*SPELL, "card", "fit", "engagement", "score", "grade", "best"]])


def change_rule(card: Scorecard, rule: str, **changes: Any) -> Scorecard:
    """Return the card with one rule changed, or left out: ``points=0``.

    Parameters
    ----------
    card : Scorecard
    rule : str
        Its name.
    **changes
        Keys of a rule with their new values, as the file writes them.

    Raises
    ------
    UsageError
        If no rule has the name, or a rule takes no such key or value.

    Examples
    --------
    >>> axis = {"cap": 10, "rules": [{"name": "Demo", "event": "demo", "points": 5}]}
    >>> card = Scorecard.model_validate({"fit": {"cap": 10}, "engagement": axis})
    >>> change_rule(card, "Demo", points=8).engagement.rules[0].points
    8
    """
    names = [each.name for each in (*card.fit.rules, *card.engagement.rules)]
    if rule not in names:
        raise UsageError("no rule has this name", found=repr(rule), allowed=", ".join(names))

    def changed(axis: Axis) -> Axis:
        # Conditions stay as they are: the lists they name are not at hand here.
        try:
            rules = tuple(
                Rule.model_validate({**dict(each), **changes}) if each.name == rule else each
                for each in axis.rules
            )
        except ValidationError as error:
            faults = faults_of(error, Rule)
            raise UsageError(
                Problem(fault.sentence, found=fault.found, allowed=fault.allowed)
                for fault in faults
            ) from None
        return axis.model_copy(update={"rules": rules})

    return card.model_copy(
        update={"fit": changed(card.fit), "engagement": changed(card.engagement)}
    )


def what_if(
    warehouse: Warehouse, agreement: Agreement, other: Scorecard, as_of: pd.Timestamp | None = None
) -> CardWhatIf:
    """Tell which open leads change score, grade or line under another card.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    other : Scorecard
        Of :func:`change_rule`, of another version, or learned.
    as_of : pandas.Timestamp, optional
        Naive UTC; by default the end of the data.

    Examples
    --------
    >>> other = change_rule(agreement.scorecard, "Demo request", points=15)  # doctest: +SKIP
    >>> what_if(warehouse, agreement, other).to_dict()["grades"]  # doctest: +SKIP
    {'A1 to A2': 14}
    """
    cards = (agreement.scorecard, other)
    with open_spells(warehouse, agreement, as_of).cache() as moments:
        before, after = (_scored(card, warehouse, moments, agreement) for card in cards)
    rows = before.merge(after, on=SPELL, suffixes=("", "_new"), validate="1:1")
    for end in ("", "_new"):
        rows[f"line{end}"] = _line(rows[f"score{end}"], rows[f"fit{end}"], agreement.lines)
    names = ("score", "grade", "line")
    changed = pd.concat([rows[name] != rows[f"{name}_new"] for name in names], axis=1).any(axis=1)
    columns = [*SPELL, *(f"{name}{end}" for name in names for end in ("", "_new"))]
    rows = rows.loc[changed, columns].sort_values(SPELL, ignore_index=True)
    return CardWhatIf(rows, len(before))


def _scored(
    card: Scorecard, warehouse: Warehouse, moments: ibis.Table, agreement: Agreement
) -> pd.DataFrame:
    rows = score_card(card, warehouse, moments, agreement).execute()
    return rows[[*SPELL, "fit", "engagement", "score", "grade"]]


def _line(score: pd.Series, fit: pd.Series, lines: Lines) -> pd.Series:
    reached = pd.Series("", score.index)
    for name in ("mql", "sql"):
        line = getattr(lines, name)
        reached = reached.mask((score >= line.score) & (fit >= line.fit_at_least), name)
    return reached
