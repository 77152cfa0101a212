"""A card's rules in order, each with its axis and its columns while it is counted; its YAML."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

from ruamel.yaml import YAML

from smarketing.agreement.conditions import Condition
from smarketing.agreement.model import Grades, Persona
from smarketing.agreement.scorecard import Axis, Rule, Scorecard


@dataclass(frozen=True)
class CardLine:
    """A rule with its place: `points` and `count` are its columns in the wide table."""

    axis: str
    rule: Rule
    half_life_days: float | None
    points: str
    count: str

    @property
    def details(self) -> tuple[str, str]:
        """Columns of the newest counted event's age, and of the events over ``at_most``."""
        return f"age: {self.points}", f"over: {self.points}"


def lines_of(card: Scorecard) -> list[CardLine]:
    """Return all rules of a card with their axis, in the file's order."""
    lines: list[CardLine] = []
    for name, axis in axes_of(card).items():
        for rule in axis.rules:
            i = len(lines)
            lines.append(CardLine(name, rule, axis.half_life_days, f"points_{i}", f"n_{i}"))
    return lines


def fields_of(card: Scorecard, personas: Mapping[str, Persona]) -> set[str]:
    """Return the fields that a card's rules and the personas ask for.

    Examples
    --------
    >>> fields_of(agreement.scorecard, agreement.personas)  # doctest: +SKIP
    {'employees', 'job_role'}
    """
    return set().union(*(condition.fields() for condition in conditions_of(card, personas)))


def conditions_of(card: Scorecard, personas: Mapping[str, Persona]) -> list[Condition]:
    """Return the conditions of a card's rules and of the personas."""
    conditions = [line.rule.when for line in lines_of(card) if line.rule.when is not None]
    return conditions + [persona.when for persona in personas.values()]


def axes_of(card: Scorecard) -> dict[str, Axis]:
    """Return both axes by their names."""
    return {"fit": card.fit, "engagement": card.engagement}


def card_yaml(card: Scorecard, grades: Grades | None = None) -> str:
    """Return a card as ``scorecard:`` stands in ``agreement.yml``, with ``grades:`` if given.

    Examples
    --------
    >>> print(card_yaml(model.card_, model.grades_))  # doctest: +SKIP
    """
    out, writer = io.StringIO(), YAML()
    writer.width = 100
    writer.indent(mapping=2, sequence=4, offset=2)
    blocks = {"scorecard": card.to_dict()}
    if grades is not None:
        blocks["grades"] = grades.model_dump()
    writer.dump(_plain(blocks), out)
    return out.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
