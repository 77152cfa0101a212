"""The scorecard as written: rules with points on two axes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from smarketing.agreement import conditions
from smarketing.agreement.conditions import AllOf, AnyOf, FieldTest, Not
from smarketing.agreement.parts import Number, Part, Points, Text, Whole


def _read_condition(raw: Any, info: ValidationInfo) -> conditions.Condition:
    if isinstance(raw, conditions.Condition):
        return raw
    return conditions.read_condition(raw, (info.context or {}).get("lists"))


Condition = Annotated[
    FieldTest | AllOf | AnyOf | Not,
    PlainValidator(_read_condition),
    PlainSerializer(lambda condition: condition.to_dict()),
    WithJsonSchema({"$comment": "Condition"}),
]


class Rule(Part):
    """Points for who a lead is, or for what it did."""

    name: Text
    """What the two teams call the rule; unique in its scorecard."""
    points: Points
    """Points the rule gives, per event for event rules; negative ones take away."""
    when: Condition | None = None
    """The condition under which the points are given, once."""
    event: Text | None = None
    """The kind of event of the lead's own that gives points; instead of `when`."""
    subject: Text | None = None
    """Only events with this subject; `*` at the start, the end or both stands for any text."""
    at_most: Annotated[Whole, Field(ge=1)] | None = None
    """How many events count at most, the newest first."""
    persona: Text | None = None
    """Only leads of this persona get the points."""


class Axis(Part):
    """Rules that are added up, and clamped to 0 … cap."""

    cap: Annotated[Whole, Field(ge=1)] | None
    """The most points the axis gives; null for no cap."""
    rules: tuple[Rule, ...] = ()
    """The rules, in the order the teams read them."""
    half_life_days: Annotated[Number, Field(gt=0)] | None = None
    """Days after which an event's points count half; null for no decay. Engagement only."""


class Calibration(Part):
    """From score to log-odds of the target: intercept + slope · score."""

    intercept: Number
    """Log-odds at score 0."""
    slope: Number
    """Log-odds per point."""


class Scorecard(Part):
    """Fit, who the lead is, and engagement, what it did; the score is their sum."""

    fit: Axis
    """Who the lead is: role, company size, interests."""
    engagement: Axis
    """What the lead did: views, downloads, requests."""
    calibration: Calibration | None = None
    """From score to probability, once it was calibrated."""

    def to_dict(self) -> dict[str, Any]:
        """Return the card as it is written in the file, defaults left out."""
        card: dict[str, Any] = {}
        for name in ("fit", "engagement"):
            axis: Axis = getattr(self, name)
            card[name] = {"cap": axis.cap}
            if axis.half_life_days is not None:
                card[name]["half_life_days"] = axis.half_life_days
            card[name]["rules"] = [rule.model_dump(exclude_none=True) for rule in axis.rules]
        if self.calibration is not None:
            card["calibration"] = self.calibration.model_dump()
        return card
