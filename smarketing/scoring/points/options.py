"""What a caller may ask of a learned card, checked in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import pandas as pd
from pydantic import ValidationError

from smarketing.agreement.conditions import AllOf, AnyOf, Condition, FieldTest, Not, parse_condition
from smarketing.agreement.scorecard import Rule
from smarketing.errors import Problem, UsageError
from smarketing.faults import faults_of
from smarketing.scoring.kinds import BOOLEAN, NUMBER, kind_of
from smarketing.scoring.points.bins import FixedLine
from smarketing.scoring.points.columns import ConditionCells
from smarketing.scoring.points.wording import in_words

MOST = 1000
"""Nobody reads a card of more lines, or tells more points apart."""


def check_limits(max_lines: object, max_points: object) -> None:
    """Raise UsageError unless both limits are whole numbers that a person can read."""
    for name, value in (("max_lines", max_lines), ("max_points", max_points)):
        is_count = isinstance(value, Integral) and not isinstance(value, bool)
        if not (is_count and value in range(1, MOST + 1)):
            raise UsageError(
                f"{name} is out of range", found=repr(value), allowed=f"1, 2, 3 … {MOST}"
            )


def directions(monotone: Mapping[str, int] | None, frame: pd.DataFrame) -> dict[str, int]:
    """Return 1 or −1 for each column with which the score may only rise, or only fall.

    Raises
    ------
    UsageError
        If a column is not there, has no order, or its direction is not 1 or −1.
    """
    asked = dict(monotone or {})
    problems = []
    for name, direction in asked.items():
        if name not in frame.columns:
            problems.append(_no_column("monotone", name, frame))
        elif kind_of(frame[name]) not in (NUMBER, BOOLEAN):
            problems.append(Problem(f"monotone asks for {name}, whose values have no order"))
        if direction not in (1, -1):
            what = f"monotone gives no direction for {name}"
            allowed = "1 (the score may only rise with it), -1 (only fall)"
            problems.append(Problem(what, found=repr(direction), allowed=allowed))
    if problems:
        raise UsageError(problems)
    return asked


def read_fixed_lines(
    fixed: Sequence[Rule | Condition | Mapping[str, Any]] | None,
    frame: pd.DataFrame,
    max_lines: int,
) -> list[FixedLine]:
    """Return the fixed lines as one form.

    Raises
    ------
    UsageError
        If one is no condition, asks for a column that is not there or in a way its values
        cannot answer, or there are more than `max_lines`.
    """
    lines = [_read(item) for item in fixed or ()]
    if len(lines) > max_lines:
        what, allowed = "there are more fixed lines than max_lines", f"at most {max_lines}"
        raise UsageError(what, found=str(len(lines)), allowed=allowed)
    unknown = sorted(set().union(*(line.when.fields() for line in lines)) - set(frame.columns))
    if unknown:
        raise UsageError([_no_column("a fixed line", name, frame) for name in unknown])
    few = ConditionCells(frame.iloc[:1])
    for line in lines:
        few.meet(line.when)  # raises where a text is compared by size
    return lines


def _read(item: Rule | Condition | Mapping[str, Any]) -> FixedLine:
    if isinstance(item, (FieldTest, AllOf, AnyOf, Not)):
        return FixedLine(in_words(item), item, None)
    given = True
    if isinstance(item, Mapping):
        if "when" not in item and "event" not in item:
            condition = parse_condition(item)
            return FixedLine(in_words(condition), condition, None)
        given = item.get("points") is not None
        try:
            item = Rule.model_validate({"name": "?", **item, "points": item.get("points") or 0})
        except ValidationError as error:
            wrong = "; ".join(fault.sentence for fault in faults_of(error, Rule))
            raise UsageError("a fixed line is no rule", found=wrong) from None
    if not isinstance(item, Rule):
        raise UsageError(
            "a fixed line is no rule", found=repr(item), allowed="Rule, condition, dict"
        )
    if item.when is None or item.event is not None or item.persona is not None:
        raise UsageError(
            f"the fixed line {item.name} asks for events or a persona, and rows have neither",
            allowed="a rule with a condition: when",
        )
    name = in_words(item.when) if item.name == "?" else item.name
    return FixedLine(name, item.when, item.points if given else None)


def _no_column(what: str, name: object, frame: pd.DataFrame) -> Problem:
    return Problem(
        f"{what} asks for {name}, which is no column",
        allowed=", ".join(map(str, frame.columns[:20])),
    )
