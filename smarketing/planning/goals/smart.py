"""Whether each goal is SMART: specific, measurable, reachable, owned and dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from smarketing.planning import words
from smarketing.results import Result

LETTERS = ("specific", "measurable", "reachable", "owned", "dated")
DESKS = {"qualification": "marketing", "closing": "sales"}
"""Whose goals a desk's goals are."""


@dataclass(frozen=True)
class SmartCheck(Result):
    """The goals held against the five letters, marketing's and sales' apart.

    Attributes
    ----------
    goals : pandas.DataFrame
        One row per goal: ``side`` (marketing, sales or the owner's own name), ``name``,
        ``specific``, ``measurable``, ``reachable``, ``owned``, ``dated`` (true, false, or
        missing where it cannot be told), ``chance``, ``smart`` (all five) and ``words``: what
        is wrong, or that nothing is.
    confidence : float
        From which chance a goal counts as reachable.
    """

    goals: pd.DataFrame
    confidence: float

    def frame(self) -> pd.DataFrame:
        """Return one row per goal."""
        return self.goals.copy()

    def of(self, side: str) -> pd.DataFrame:
        """Return the goals of one side."""
        return self.goals[self.goals["side"] == side].reset_index(drop=True)


def check_goals(agreement: Any, judged: pd.DataFrame, today: date) -> SmartCheck:
    """Hold each goal of the agreement against the five letters.

    Specific: its name is its own and one side's only goal of that measure and day. Measurable:
    the tables record the measure. Reachable: met with at least the agreed confidence. Owned: by
    a team with a role that signs. Dated: its day is still to come and after the agreement's
    first.

    Parameters
    ----------
    agreement : smarketing.agreement.Agreement
    judged : pandas.DataFrame
        The chances: ``goals`` of :func:`smarketing.planning.recommend`; may be empty.
    today : date
        The day the goals are looked at.

    Returns
    -------
    SmartCheck

    Examples
    --------
    >>> check_goals(agreement, found.goals, date(2026, 11, 1)).of("sales")  # doctest: +SKIP
    """
    confidence = agreement.sla.confidence
    known = {row["name"]: row for row in judged.to_dict("records")} if len(judged) else {}
    names = [goal.name.strip().casefold() for goal in agreement.goals]
    asked = [(goal.owner, goal.measure, goal.by) for goal in agreement.goals]
    rows = []
    for n, goal in enumerate(agreement.goals):
        found = known.get(goal.name)
        chance = None if found is None or pd.isna(found["chance"]) else float(found["chance"])
        left = None if found is None else found["words"]
        recorded = None if found is None else "do not record" not in left
        letters = {
            "specific": names.count(names[n]) == 1 and asked.count(asked[n]) == 1,
            "measurable": recorded,
            "reachable": None if chance is None else chance >= confidence,
            "owned": goal.owner in agreement.owners or goal.owner in DESKS,
            "dated": goal.by > max(today, agreement.valid_from),
        }
        rows.append(
            {
                "side": DESKS.get(goal.owner, goal.owner),
                "name": goal.name,
                **letters,
                "chance": chance,
                "smart": all(value is True for value in letters.values()),
                "words": _words(goal, letters, chance, left, confidence, today),
            }
        )
    columns = ["side", "name", *LETTERS, "chance", "smart", "words"]
    frame = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(LETTERS, object))
    order = {"marketing": 0, "sales": 1}
    place = frame["side"].map(lambda side: (order.get(side, 2), str(side)))
    return SmartCheck(
        frame.loc[place.sort_values(kind="stable").index].reset_index(drop=True), confidence
    )


def _words(
    goal: Any,
    letters: dict[str, bool | None],
    chance: float | None,
    left: str | None,
    confidence: float,
    today: date,
) -> str:
    wrong = []
    if not letters["specific"]:
        wrong.append("another goal has its name, or its owner, measure and day")
    if letters["measurable"] is False:
        wrong.append(f"the tables do not record {goal.measure.replace('_', '-')}")
    if letters["reachable"] is False:
        wrong.append(
            f"it is reached with a chance of {words.percent(chance)}, "
            f"{words.percent(confidence)} is agreed"
        )
    if letters["reachable"] is None and letters["measurable"] is not False:
        wrong.append("its chance is not known" + ("" if left is None else ": it is too far off"))
    if not letters["owned"]:
        wrong.append(f"no role signs for {goal.owner}")
    if not letters["dated"]:
        over = goal.by <= today
        wrong.append(
            f"its day, {goal.by.isoformat()}, is {'over' if over else 'before the agreement'}"
        )
    if not wrong:
        return f"{goal.name} is SMART: it is reached with a chance of {words.percent(chance)}."
    return f"{goal.name} is not SMART: {'; '.join(wrong)}."
