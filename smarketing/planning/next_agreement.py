"""The next agreement, told to both sides: lines, promises, sales' half, goals, checks, review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from smarketing.agreement.effects import GOALS
from smarketing.agreement.model import Agreement
from smarketing.agreement.reviews import review_reminder
from smarketing.agreement.version_history import agreement_history
from smarketing.language.numbers import count, listed, money, percent
from smarketing.language.plurals import trn
from smarketing.planning.goals.smart import SmartCheck
from smarketing.planning.people.sales_half import SalesHalf, sales_half
from smarketing.planning.recommended import Recommendation
from smarketing.planning.volumes.rules_of_thumb import CrossChecks
from smarketing.planning.volumes.sla_volumes import SLAVolumes
from smarketing.results import Result, plain
from smarketing.warehouse.warehouse import Warehouse

IN_PROPOSAL = ("Review", "Both can sign", "Lines", "Promises")
"""Parts that a proposal tells by itself, or that will have passed when it is read."""


@dataclass(frozen=True)
class NextAgreement(Result):
    """A recommendation with all that both sides want to know before they sign.

    Attributes
    ----------
    recommendation : Recommendation
    half : SalesHalf
    reminder : str
        That the review is overdue; empty while it is not.
    """

    recommendation: Recommendation
    half: SalesHalf
    reminder: str = ""

    @property
    def cannot(self) -> dict[str, str]:
        """Part -> the sentence that says why it cannot be answered."""
        return {**self.recommendation.cannot, **self.half.cannot}

    def frame(self) -> pd.DataFrame:
        """Return every number recommended beside today's."""
        return self.recommendation.frame()

    def to_dict(self) -> dict[str, Any]:
        """Return the recommendation's keys, with ``staffing``, ``contact_speed``, ``review``."""
        return self.recommendation.to_dict() | {
            "staffing": plain(self.half.staffing),
            "contact_speed": plain(self.half.speed),
            "review": self.reminder,
            "cannot": self.cannot,
        }

    @property
    def effects(self) -> tuple[str, ...]:
        """What a proposal says beside its own effects, each sentence under its title."""
        volumes = self.recommendation.volumes
        known = () if volumes is None else volumes.words
        return tuple(
            f"{title}: {text}"
            for title, sentences in self.parts
            for text in sentences
            if title not in IN_PROPOSAL and text not in known
        )

    @property
    def parts(self) -> list[tuple[str, list[str]]]:
        """Title and sentences of each part, in the order a reader asks; only parts that say much.

        What cannot be answered stands where its answer would.
        """
        advice, cannot = self.recommendation, self.cannot
        parts = [("Review", [self.reminder]), ("Both can sign", [advice.sentence])]
        why = cannot.get("thresholds", "")
        parts.append(("Lines", [advice.thresholds.why if advice.thresholds else why]))
        if (checked := advice.forecast_backtest) is not None:
            parts.append(("Against the past", [checked.caution or checked.sentence]))
        if advice.volumes is not None:
            promised, takes = needs_apart(advice.volumes)
            parts += [("Promises", promised), ("What it takes", takes)]
        if advice.bottleneck is not None:
            parts.append(("Bottleneck", [advice.bottleneck.sentence]))
        parts.append(("Sales' half", self.half.words))
        parts += [(GOALS + side, words) for side, words in goals_by_side(advice.smart).items()]
        parts.append(("Rules of thumb", cross_check_words(advice.cross_checks)))
        shown = {text for _, sentences in parts for text in sentences}
        parts.append(("Cannot be told", [text for text in cannot.values() if text not in shown]))
        return [(title, kept) for title, texts in parts if (kept := [t for t in texts if t])]


def next_agreement(
    warehouse: Warehouse,
    agreement: Agreement,
    recommendation: Recommendation,
    folder: Path,
    today: date,
) -> NextAgreement:
    """Add to a recommendation what both sides want to know before they sign.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    recommendation : Recommendation
        Sales' half is looked at as of the same moment.
    folder : Path
        The workspace, for the reviews noted.
    today : date
        The day the review is held against.
    """
    half = sales_half(warehouse, agreement, recommendation.as_of)
    return NextAgreement(recommendation, half, overdue_review(agreement, folder, today))


def overdue_review(agreement: Agreement, folder: Path, today: date) -> str:
    """Return the reminder of an overdue review as of a day; empty while none is."""
    return review_reminder(agreement, today, agreement_history(folder).last_review(today))


def needs_apart(volumes: SLAVolumes) -> tuple[list[str], list[str]]:
    """Return the sentences on promises, and those on what the goal takes with all confidences."""
    goal, rows = volumes.goal_customers, volumes.needs
    if goal is None or rows.empty:
        return list(volumes.words), []
    promised, takes = list(volumes.of_promises), list(volumes.of_goal)
    if rows["sales_ready"].notna().all():
        takes.append(_takes(goal, rows))
    return promised, takes


def _takes(goal: int, rows: pd.DataFrame) -> str:
    taken = {
        "many": listed([count(n) for n in rows["sales_ready"]]),
        "sure": listed([percent(level) for level in rows["confidence"]]),
    }
    over = int((~rows["enough_capacity"].astype(bool)).sum())
    if not over:
        return trn(
            "{n} customer a month takes {many} sales-ready leads for {sure} of months.",
            "{n} customers a month take {many} sales-ready leads for {sure} of months.",
            goal,
            **taken,
        )
    if over == 1:
        return trn(
            "{n} customer a month takes {many} sales-ready leads for {sure} of months, the last "
            "more than closing can work.",
            "{n} customers a month take {many} sales-ready leads for {sure} of months, the last "
            "more than closing can work.",
            goal,
            **taken,
        )
    return trn(
        "{n} customer a month takes {many} sales-ready leads for {sure} of months, the last "
        "{over} of them more than closing can work.",
        "{n} customers a month take {many} sales-ready leads for {sure} of months, the last "
        "{over} of them more than closing can work.",
        goal,
        over=count(over),
        **taken,
    )


def goals_by_side(smart: SmartCheck | None) -> dict[str, list[str]]:
    """Return what is taken of each goal, marketing's and sales' apart."""
    if smart is None:
        return {}
    sides = list(dict.fromkeys(smart.goals["side"]))
    return {side: list(smart.of(side)["words"]) for side in sides}


def cross_check_words(checks: CrossChecks | None) -> list[str]:
    """Return what the simpler forms of planning say, a sentence each."""
    out = []
    for row in [] if checks is None else plain(checks.checks):
        if row["says"] is None:
            continue
        says = f"{count(row['says'])} {row['unit']}"
        if row["chance"] is None:  # no volume, but money
            says = money(row["says"], row["unit"])
        text = f"{row['form'][0].upper()}{row['form'][1:]} says {says}"
        if row["chance"] is not None:
            text += f", enough in {percent(row['chance'])} of months"
        out.append(f"{text}; it leaves out {row['leaves_out']}.")
    return out
