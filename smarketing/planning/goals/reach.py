"""Whether the agreement's goals can be reached, and what can be reached instead."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from smarketing.agreement.goal_starts import goal_start
from smarketing.agreement.model import Agreement
from smarketing.agreement.sla import Goal
from smarketing.clock import first_instant, month_bounds, months_between
from smarketing.language.catalogue import tr
from smarketing.language.numbers import chance as in_percent
from smarketing.language.numbers import count
from smarketing.measures.goals import done as done_of
from smarketing.planning import wording as words
from smarketing.planning.volumes.simulate import Outlook, promised, revenue_of, simulate
from smarketing.planning.volumes.volume_history import VolumeHistory

FARTHEST = 36
"""Months ahead that a forecast is asked for; goals further off are not judged."""
COLUMNS = [
    "name", "owner", "measure", "target", "since", "by", "done", "months_left", "chance",
    "reachable", "words",
]  # fmt: skip


def months_left(agreement: Agreement, last_month: str) -> int:
    """Return how many months the farthest goal that can be judged still has, begun ones too."""
    left = [len(_coming(goal, last_month)) for goal in agreement.goals]
    return max((n for n in left if n <= FARTHEST), default=0)


def judge_goals(
    outlook: Outlook,
    agreement: Agreement,
    history: VolumeHistory,
    draws: int = 4000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return each goal's chance: what is done since its first day, and what is to come.

    Both are the measure's own count, by day: done is what was counted up to the moment of
    planning, and of a month that the goal's day or that moment cuts only the rest is to come. A
    goal that is reached has a chance of 1.

    Parameters
    ----------
    outlook : Outlook
        With as many months as :func:`months_left` says.
    agreement : smarketing.agreement.Agreement
        Goals start on their day ``since``, else when the agreement came into force.
    history : VolumeHistory
    draws, seed : int

    Returns
    -------
    pandas.DataFrame
        ``name``, ``owner``, ``measure``, ``target``, ``since``, ``by``, ``done``,
        ``months_left`` (begun ones too), ``chance``, ``reachable`` (met at the agreed
        confidence), ``words``. What cannot be judged has no chance, and says why.
    """
    drawn = simulate(outlook, draws, seed) if agreement.goals else {}
    rows = [_judged(goal, drawn, outlook, agreement, history, seed) for goal in agreement.goals]
    return pd.DataFrame(rows, columns=COLUMNS)


def _judged(
    goal: Goal,
    drawn: dict[str, np.ndarray],
    outlook: Outlook,
    agreement: Agreement,
    history: VolumeHistory,
    seed: int,
) -> dict[str, Any]:
    """Return a goal's row."""
    start = goal_start(goal, agreement)
    parts = _parts_to_come(goal, start, history)
    recorded = goal.measure in drawn and history.recorded(goal.measure)
    done = done_of(history.facts, goal) if recorded else None
    row = {
        "name": goal.name,
        "owner": goal.owner,
        "measure": goal.measure,
        "target": goal.target,
        "since": start.isoformat(),
        "by": goal.by.isoformat(),
        "done": done,
        "months_left": int((parts > 0).sum()) if len(parts) <= FARTHEST else len(parts),
        "chance": None,
        "reachable": None,
    }
    if done is None:
        why = tr("{goal} cannot be judged: the tables do not record it.", goal=goal.name)
        return row | {"words": why}
    if len(parts) > FARTHEST:
        return row | {"words": tr("{goal} cannot be judged: it is too far off.", goal=goal.name)}
    total = done + _to_come(goal.measure, drawn, parts, outlook, seed)
    chance = 1.0 if done >= goal.target else float((total >= goal.target).mean())
    reachable = promised(total, agreement.sla.confidence)
    step = 10 ** max(0, math.floor(math.log10(max(reachable, 1))) - 2)
    reachable = float(math.floor(reachable / step) * step)
    reached = done >= goal.target
    over = bool(parts.sum() == 0)
    return row | {
        "chance": chance,
        "reachable": reachable,
        "words": _words(goal, reached, over, chance, reachable, float(np.median(total)), agreement),
    }


def _coming(goal: Goal, last_month: str) -> list[str]:
    first, last = str(pd.Period(last_month, "M") + 1), f"{goal.by:%Y-%m}"
    return months_between(first, last) if first <= last else []


def _parts_to_come(goal: Goal, start: date, history: VolumeHistory) -> np.ndarray:
    """Return which part of each coming month still counts, in [0, 1]."""
    zone = history.facts.timezone
    begin = max(history.at, first_instant(start, zone))
    end = first_instant(goal.by + timedelta(days=1), zone)
    parts = []
    for month in _coming(goal, history.months[-1]):
        first, after = month_bounds(month, zone)
        parts.append((min(end, after) - max(begin, first)) / (after - first))
    return np.clip(np.array(parts, dtype=float), 0.0, 1.0)


def _to_come(
    measure: str, drawn: dict[str, np.ndarray], parts: np.ndarray, outlook: Outlook, seed: int
) -> np.ndarray:
    """Return what is still to come in every draw: of a part of a month a part of its count."""
    rng = np.random.default_rng(seed)
    counted = "deals" if measure == "revenue" else measure
    counts = rng.binomial(drawn[counted][:, : len(parts)].astype(int), parts)
    if measure == "revenue":
        return revenue_of(counts, outlook.amounts, rng).sum(axis=1)
    return counts.sum(axis=1)


def _words(
    goal: Goal,
    reached: bool,
    over: bool,
    chance: float,
    reachable: float,
    middle: float,
    agreement: Agreement,
) -> str:
    def counted(value: float) -> str:
        if goal.measure == "revenue":
            return words.money(value, agreement.currency)
        return count(value)

    asked = {"goal": goal.name, "target": counted(goal.target), "day": goal.by.isoformat()}
    confidence = agreement.sla.confidence
    if reached:
        return tr("{goal}: {target} by {day} was reached.", **asked)
    if over:
        return tr(
            "{goal}: {target} by {day} was missed at {middle} in all.",
            middle=counted(middle),
            **asked,
        )
    asked["chance"] = in_percent(chance)
    if chance >= confidence:
        return tr("{goal}: {target} by {day} is reached with a chance of {chance}.", **asked)
    asked |= {"reachable": counted(reachable), "sure": in_percent(confidence)}
    more = goal.target / middle - 1 if middle > 0 else math.inf
    if not 0 < more < 10:
        return tr(
            "{goal}: {target} by {day} is reached with a chance of {chance}; {reachable} at "
            "{sure}.",
            **asked,
        )
    return tr(
        "{goal}: {target} by {day} is reached with a chance of {chance}; {reachable} at {sure}; "
        "to reach it takes {more} more than expected.",
        more=in_percent(more),
        **asked,
    )
