"""What is done of each goal: its measure, counted by day since the goal began."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from smarketing.agreement.goal_starts import goal_start
from smarketing.agreement.sla import Goal
from smarketing.clock import first_instant
from smarketing.measures.catalogue import measure_of
from smarketing.measures.count import count
from smarketing.measures.facts import Facts

MONEY_GOAL = "revenue"


@dataclass(frozen=True)
class GoalProgress:
    """How far a goal is.

    Attributes
    ----------
    goal : Goal
    since : datetime.date
        The first day that counts.
    so_far : float or None
        Counted from that day to the end of what was looked at; None where the tables do not say,
        or begin later.
    due : float
        Of the target by then, spread evenly over the days; of what is counted, whole ones.
    """

    goal: Goal
    since: date
    so_far: float | None
    due: float


def goal_measure(goal: Goal) -> str:
    """Return the measure that a goal is counted by; a goal for leads is for new ones."""
    return "new_leads" if goal.measure == "leads" else goal.measure


def done(facts: Facts, goal: Goal, until: pd.Timestamp | None = None) -> float | None:
    """Return what is done of a goal of the agreement; None where no table records it.

    Parameters
    ----------
    facts : Facts
    goal : Goal
    until : pandas.Timestamp, optional
        Naive UTC, not counted itself; by default the data's end, and at the latest the end of
        the goal's last day.

    Examples
    --------
    >>> done(facts, facts.agreement.goals[0])  # doctest: +SKIP
    960000.0
    """
    if not _recorded(facts, goal):
        return None
    zone = facts.timezone
    last = first_instant(goal.by + timedelta(days=1), zone)
    first = first_instant(goal_start(goal, facts.agreement), zone)
    end = last if until is None else min(until, last)
    return float(count(facts, goal_measure(goal), since=first, until=end).total)


def progress(facts: Facts, goal: Goal, month: str) -> GoalProgress:
    """Return how far a goal is at a month's end.

    Examples
    --------
    >>> progress(facts, facts.agreement.goals[0], "2026-04").so_far  # doctest: +SKIP
    2100000.0
    """
    since = goal_start(goal, facts.agreement)
    due = goal.target * elapsed_share(since, goal.by, month)
    reaches_back = facts.first_month <= f"{since:%Y-%m}" <= month
    return GoalProgress(
        goal,
        since,
        done(facts, goal, facts.bounds(month)[1]) if reaches_back else None,
        due if goal.measure == MONEY_GOAL else math.floor(due + 1e-9),
    )


def elapsed_share(since: date, by: date, month: str) -> float:
    """Return which share of a goal's days, both ends included, is over at a month's end.

    Examples
    --------
    >>> round(365 * elapsed_share(date(2026, 10, 1), date(2027, 9, 30), "2026-10"))
    31
    """
    end: date = (pd.Period(month, freq="M") + 1).start_time.date()
    elapsed = (min(end, by + timedelta(days=1)) - since).days
    return max(elapsed, 0) / max((by - since).days + 1, 1)


def _recorded(facts: Facts, goal: Goal) -> bool:
    if goal.measure == MONEY_GOAL:
        return facts.wins is not None and bool(facts.wins.counted.any())
    if goal.measure == "visitors":
        return facts.visits is not None
    stage = measure_of(goal_measure(goal)).stage
    return not stage or stage in facts.recorded or (stage == "customer" and facts.wins is not None)
