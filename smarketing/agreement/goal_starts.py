"""Since when goals are counted: the day they were first agreed, whatever changed after it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from smarketing.agreement.model import Agreement
from smarketing.agreement.sla import Goal


def goal_start(goal: Goal, agreement: Agreement) -> date:
    """Return the first day that counts for a goal of the agreement."""
    return goal.since or agreement.valid_from


def with_goal_starts(agreement: Agreement, versions: Iterable[Agreement]) -> Agreement:
    """Return the agreement whose goals go on from the version in which they first stood.

    A goal is the same one in another version if it has the name and the measure there. What the
    file says of its first day stays.

    Examples
    --------
    >>> with_goal_starts(now, [before, now]).goals[0].since  # doctest: +SKIP
    datetime.date(2025, 10, 1)
    """
    began: dict[tuple[str, str], date] = {}
    for version in versions:
        for goal in version.goals:
            key, day = (goal.name, goal.measure), goal_start(goal, version)
            began[key] = min(began.get(key, day), day)
    goals = tuple(
        goal
        if goal.since is not None
        else goal.model_copy(
            update={
                "since": min(
                    began.get((goal.name, goal.measure), agreement.valid_from),
                    agreement.valid_from,
                )
            }
        )
        for goal in agreement.goals
    )
    return agreement.model_copy(update={"goals": goals}) if goals else agreement
