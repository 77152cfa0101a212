"""Whether each goal is SMART: specific, measurable, reachable, owned and dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.agreement.sla import Goal
from smarketing.language.catalogue import tr
from smarketing.language.numbers import chance as in_percent
from smarketing.planning.goals.reach import FARTHEST
from smarketing.planning.wording import MEASURES
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


def check_goals(agreement: Agreement, judged: pd.DataFrame, today: date) -> SmartCheck:
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
        row = known.get(goal.name)
        chance = None if row is None or pd.isna(row["chance"]) else float(row["chance"])
        far = row is not None and row.get("months_left", 0) > FARTHEST
        recorded = None if row is None else chance is not None or far
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
                "words": _words(goal, letters, chance, far, confidence, today),
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
    goal: Goal,
    letters: dict[str, bool | None],
    chance: float | None,
    far: bool,
    confidence: float,
    today: date,
) -> str:
    wrong = []
    values = {
        "goal": goal.name,
        "chance": "" if chance is None else in_percent(chance),
        "sure": in_percent(confidence),
        "measure": tr(MEASURES[goal.measure]),
        "owner": goal.owner,
        "day": goal.by.isoformat(),
    }
    if not letters["specific"]:
        wrong.append(tr("another goal has its name, or its owner, measure and day"))
    if letters["measurable"] is False:
        wrong.append(tr("the tables do not record {measure}", **values))
    if letters["reachable"] is False:
        wrong.append(tr("it is reached with a chance of {chance}, {sure} is agreed", **values))
    if letters["reachable"] is None and letters["measurable"] is not False:
        wrong.append(
            tr("its chance is not known: it is too far off")
            if far
            else tr("its chance is not known")
        )
    if not letters["owned"]:
        wrong.append(tr("no role signs for {owner}", **values))
    if not letters["dated"]:
        wrong.append(
            tr("its day, {day}, is over", **values)
            if goal.by <= today
            else tr("its day, {day}, is before the agreement", **values)
        )
    if not wrong:
        return tr("{goal} is SMART: it is reached with a chance of {chance}.", **values)
    return tr("{goal} is not SMART: {wrong}.", wrong="; ".join(wrong), **values)
