"""One lead's score: where it comes from, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement, Grades
from smarketing.agreement.scorecard import Scorecard
from smarketing.errors import CannotAnswer, UsageError
from smarketing.results import Result, plain
from smarketing.scoring.agreed_card import score_card
from smarketing.scoring.card_trials import explain_scores
from smarketing.scoring.score_history import score_history
from smarketing.scoring.snapshots import open_spells
from smarketing.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class LeadScore(Result):
    """An open lead's score with all that made it.

    Parameters
    ----------
    lead_id : str
    as_of : pandas.Timestamp or None
        Naive UTC; None for tables without dates.
    score : dict
        ``spell``, ``persona``, ``fit``, ``engagement``, ``score``, ``grade``.
    breakdown : pandas.DataFrame
        ``axis``, ``rule``, ``points``, ``n``, ``age_days``, ``over``
        (:class:`smarketing.scoring.card_trials.PointsBreakdown`); the points sum to the score.
    history : pandas.DataFrame
        ``month``, ``fit``, ``engagement``, ``score``, ``grade``, as of month ends.
    trend : dict or None
        ``trend`` and ``points_per_month``; None without a history.
    notes : tuple of str
    """

    lead_id: str
    as_of: pd.Timestamp | None
    score: dict[str, Any]
    breakdown: pd.DataFrame
    history: pd.DataFrame
    trend: dict[str, Any] | None
    notes: tuple[str, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return a row per rule that gave or took something."""
        return self.breakdown.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return all of it in plain types, the score's parts at the top."""
        parts = super().to_dict()
        score = parts.pop("score")
        return {"lead_id": parts["lead_id"], "as_of": parts["as_of"], **score, **parts}


def explain_lead(
    warehouse: Warehouse,
    agreement: Agreement,
    lead: str,
    as_of: pd.Timestamp | None = None,
    card: Scorecard | None = None,
    grades: Grades | None = None,
) -> LeadScore:
    """Tell where one open lead's score comes from, and how it went from month to month.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    lead : str
        Its ``lead_id``.
    as_of : pandas.Timestamp, optional
        Naive UTC; by default the end of the data. The history ends with the last month before.
    card, grades : optional
        By default the agreement's first card and its grades; a learned one brings its own.

    Raises
    ------
    UsageError
        If no lead has this id.
    CannotAnswer
        If the lead is not open at that moment.

    Examples
    --------
    >>> explain_lead(warehouse, agreement, "L1").frame().points.sum()  # doctest: +SKIP
    """
    card = agreement.scorecard if card is None else card
    if grades is not None:
        agreement = agreement.model_copy(update={"grades": grades})
    leads = warehouse.table("leads")
    if not leads.filter(leads.lead_id == lead).count().execute():
        raise UsageError("no lead has this id", found=repr(lead), todo="See: score -o FILE")
    with open_spells(warehouse, agreement, as_of, lead).cache() as moments:
        scored = score_card(card, warehouse, moments, agreement).execute()
    if scored.empty:
        raise CannotAnswer(f"the lead {lead} is not open then, so it has no score")
    shown = ["spell", "persona", "fit", "engagement", "score", "grade"]
    scored = scored.sort_values("spell").iloc[-1]
    parts = explain_scores(warehouse, agreement, as_of, card, lead).frame()
    parts = parts[parts["spell"] == scored["spell"]].reset_index(drop=True)
    notes: list[str] = []
    history, trend = pd.DataFrame(columns=["month", "fit", "engagement", "score", "grade"]), None
    try:
        went = score_history(warehouse, agreement, [lead], card=card, as_of=as_of)
    except CannotAnswer as error:
        notes.append(f"No history: {error}")
    else:
        rows = went.rows[went.rows["spell"] == scored["spell"]]
        history = rows[history.columns].reset_index(drop=True)
        of_spell = went.trends[went.trends["spell"] == scored["spell"]]
        if len(of_spell):
            trend = of_spell.iloc[0][["trend", "points_per_month"]].to_dict()
    return LeadScore(
        lead,
        None if not warehouse.has_time else scored["as_of"],
        plain(scored[shown].to_dict()),
        parts[["axis", "rule", "points", "n", "age_days", "over"]],
        history,
        plain(trend),
        tuple(notes),
    )
