"""Random scorecards, and a plain reading of them in Python that every engine is held to."""

from __future__ import annotations

import math

import pandas as pd
from hypothesis import strategies as st

from smarketing.agreement.conditions import parse_condition
from smarketing.agreement.matching import matches, matches_pattern
from smarketing.agreement.model import Grades, Persona
from smarketing.agreement.scorecard import Scorecard

AS_OF = pd.Timestamp("2026-03-01 09:30")
PERSONAS = {
    "boss": Persona(when=parse_condition({"field": "role", "in": ["cto", "cfo"]})),
    "grown": Persona(when=parse_condition({"field": "size", "at_least": 50})),
}
GRADES = Grades(fit={"A": 35, "B": 20}, engagement={1: 35, 2: 15})


def whole(total: int, cap: int | None) -> int:
    points = max((total + 500) // 1000, 0)
    return points if cap is None else min(points, cap)


def reference(card: Scorecard, lead: dict, events: list[tuple]) -> dict:
    """Score one lead the plain way: (occurred_at, actor, kind, subject) per event."""
    persona = next((name for name, p in PERSONAS.items() if matches(p.when, lead)), None)
    axes = {}
    for name in ("fit", "engagement"):
        axis, total = getattr(card, name), 0
        for rule in axis.rules:
            if rule.persona is not None and rule.persona != persona:
                continue
            if rule.when is not None:
                total += 1000 * rule.points * matches(rule.when, lead)
                continue
            hits = sorted(
                (
                    time
                    for time, actor, kind, subject in events
                    if actor == "lead" and time <= AS_OF and kind == rule.event
                    if rule.subject is None
                    or (subject is not None and matches_pattern(rule.subject, subject))
                ),
                reverse=True,
            )
            for time in hits[: rule.at_most]:
                left = 1000 * rule.points
                if axis.half_life_days is not None:
                    left *= 2.0 ** (-((AS_OF - time).days) / axis.half_life_days)
                total += math.floor(left + 0.5)
        axes[name] = whole(total, axis.cap)
    letter = "A" if axes["fit"] >= 35 else "B" if axes["fit"] >= 20 else "C"
    digit = "1" if axes["engagement"] >= 35 else "2" if axes["engagement"] >= 15 else "3"
    return {**axes, "score": sum(axes.values()), "persona": persona, "grade": letter + digit}


ages = st.integers(-3 * 86_400_000_000, 90 * 86_400_000_000)
event = st.tuples(
    ages.map(lambda age: AS_OF - pd.Timedelta(age, unit="us")),
    st.sampled_from(["lead", "lead", "lead", "marketing", "sales"]),
    st.sampled_from(["view", "demo"]),
    st.sampled_from([None, "/pricing", "/Pricing/team", "/blog", "about/pricing"]),
)
lead = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["cto", "cfo", "student", None]),
        "size": st.sampled_from([float("nan"), 0.0, 10.0, 50.0, 51.5, 2000.0]),
    }
)
condition = st.sampled_from(
    [
        {"field": "role", "is": "cto"},
        {"field": "role", "not_in": ["cto", "student"]},
        {"not": {"field": "role", "in": ["cto"]}},
        {"field": "role", "like": "c*"},
        {"field": "role", "missing": True},
        {"field": "size", "between": [10, 50]},
        {"field": "size", "at_most": 50},
        {"field": "size", "missing": False},
        {"any": [{"field": "size", "at_least": 51}, {"field": "role", "is": "cfo"}]},
        {"all": [{"field": "role", "like": "*t*"}, {"not": {"field": "size", "at_least": 50}}]},
    ]
)
points = st.integers(-60, 60)
persona = st.one_of(st.none(), st.sampled_from(sorted(PERSONAS)))
on_lead = st.fixed_dictionaries({"points": points, "when": condition, "persona": persona})
on_event = st.fixed_dictionaries(
    {
        "points": points,
        "event": st.sampled_from(["view", "demo", "never"]),
        "subject": st.sampled_from([None, "/pricing", "/pricing*", "*pricing", "*pricing*"]),
        "at_most": st.one_of(st.none(), st.integers(1, 4)),
        "persona": persona,
    }
)


def named(rules: list[dict]) -> list[dict]:
    return [{"name": f"rule {i}", **rule} for i, rule in enumerate(rules)]


either = st.one_of(on_lead, on_event)


def axis(half_lives: st.SearchStrategy, rules: st.SearchStrategy = either) -> st.SearchStrategy:
    return st.fixed_dictionaries(
        {
            "cap": st.one_of(st.none(), st.integers(1, 80)),
            "half_life_days": half_lives,
            "rules": st.lists(rules, max_size=5).map(named),
        }
    )


card = st.fixed_dictionaries(
    {
        "fit": axis(st.none()),
        "engagement": axis(st.one_of(st.none(), st.sampled_from([0.5, 7.0, 14.0, 33.3]))),
    }
).map(Scorecard.model_validate)
people = st.lists(st.tuples(lead, st.lists(event, max_size=8)), min_size=1, max_size=12)
