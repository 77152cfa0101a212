"""Whether the agreement's goals can be reached, and what can be reached instead."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.agreement.sla import Goal
from smarketing.clock import Month, months_between
from smarketing.language.catalogue import tr
from smarketing.language.numbers import chance as in_percent
from smarketing.language.numbers import count
from smarketing.measures.facts import Facts
from smarketing.measures.goals import done as done_of
from smarketing.planning import wording as words
from smarketing.planning.volumes.simulate import Outlook, promised, simulate
from smarketing.planning.volumes.volume_history import VolumeHistory

FARTHEST = 36
"""Months ahead that a forecast is asked for; goals further off are not judged."""


def months_left(agreement: Agreement, last_month: str) -> int:
    """Return how many whole months the farthest goal that can be judged still has."""
    left = [len(_coming(goal, last_month)) for goal in agreement.goals]
    return max((n for n in left if n <= FARTHEST), default=0)


def judge_goals(
    outlook: Outlook,
    agreement: Agreement,
    history: VolumeHistory,
    facts: Facts | None = None,
    draws: int = 4000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return each goal's chance, with what is already done since the goal began.

    Parameters
    ----------
    outlook : Outlook
        With as many months as :func:`months_left` says.
    agreement : smarketing.agreement.Agreement
    history : VolumeHistory
    facts : Facts, optional
        What is done is counted from them, by day; left out, nothing is done yet.
    draws, seed : int

    Returns
    -------
    pandas.DataFrame
        ``name``, ``owner``, ``measure``, ``target``, ``by``, ``done``, ``months_left``,
        ``chance``, ``reachable`` (met at the agreed confidence), ``words``. What cannot be
        judged has no chance, and says why.
    """
    columns = [
        "name", "owner", "measure", "target", "by", "done", "months_left", "chance", "reachable",
        "words",
    ]  # fmt: skip
    if not agreement.goals or not history.months:
        return pd.DataFrame(columns=columns)
    drawn = simulate(outlook, draws, seed)
    confidence = agreement.sla.confidence
    rows = []
    for goal in agreement.goals:
        left = len(_coming(goal, history.months[-1]))
        done = _done(goal, facts)
        row = {
            "name": goal.name,
            "owner": goal.owner,
            "measure": goal.measure,
            "target": goal.target,
            "by": goal.by.isoformat(),
            "done": done,
            "months_left": left,
            "chance": None,
            "reachable": None,
        }
        if goal.measure not in drawn or left > FARTHEST:
            if left > FARTHEST:
                why = tr("{goal} cannot be judged: it is too far off.", goal=goal.name)
            else:
                why = tr("{goal} cannot be judged: the tables do not record it.", goal=goal.name)
            rows.append(row | {"words": why})
            continue
        # what the running month has brought by now is in its forecast
        settled = _done(goal, facts, Month(history.months[-1], agreement.timezone).end)
        total = np.maximum(settled + drawn[goal.measure][:, :left].sum(axis=1), done)
        chance = float((total >= goal.target).mean())
        reachable = promised(total, confidence)
        step = 10 ** max(0, math.floor(math.log10(max(reachable, 1))) - 2)
        reachable = float(math.floor(reachable / step) * step)
        rows.append(
            row
            | {
                "chance": chance,
                "reachable": reachable,
                "words": _words(goal, left, chance, reachable, np.median(total), agreement),
            }
        )
    return pd.DataFrame(rows, columns=columns)


def _coming(goal: Goal, last_month: str) -> list[str]:
    first, last = str(pd.Period(last_month, "M") + 1), f"{goal.by:%Y-%m}"
    return months_between(first, last) if first <= last else []


def _done(goal: Goal, facts: Facts | None, until: pd.Timestamp | None = None) -> float:
    return 0.0 if facts is None else done_of(facts, goal, until) or 0.0


def _words(
    goal: Goal, left: int, chance: float, reachable: float, middle: float, agreement: Agreement
) -> str:
    def counted(value: float) -> str:
        if goal.measure == "revenue":
            return words.money(value, agreement.currency)
        return count(value)

    asked = {"goal": goal.name, "target": counted(goal.target), "day": goal.by.isoformat()}
    confidence = agreement.sla.confidence
    if left == 0:
        if chance >= 0.5:
            return tr("{goal}: {target} by {day} was reached.", **asked)
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
