"""What must go together in an agreement: checked on its raw content, wrong parts skipped."""

from __future__ import annotations

import difflib
import zoneinfo
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import holidays

from smarketing.agreement.conditions import is_number, pattern_fault
from smarketing.agreement.faults import Fault
from smarketing.agreement.model import HOURS

AFTER_MQL = ("sales_ready", "accepted", "sql", "opportunity", "customer")
AFTER_SQL = ("accepted", "sql", "opportunity", "customer")
DESKS = ("qualification", "closing")


def consistency_faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what does not go together; a part that is missing or of a wrong type is skipped."""
    yield from _place_faults(content)
    yield from _owner_faults(content)
    cards = _cards(content)
    given = [key for key in ("scorecard", "scorecards") if content.get(key) is not None]
    if not given:
        yield Fault((), "the scorecard is missing", allowed="scorecard: or scorecards:")
    if len(given) > 1:
        yield Fault(("scorecards",), "one scorecard or several, not both", " and ".join(given))
    for loc, card in cards:
        yield from _card_faults(loc, card, content)
        yield from _line_faults(loc, card, content)
    yield from _order_faults(content)
    if get(content, "sla", "sales", "first_contact", "clock") == "business" and not content.get(
        "calendar"
    ):
        yield Fault(
            ("sla", "sales", "first_contact", "clock"),
            "the business clock needs a calendar",
            "'business'",
            "elapsed, or a calendar: block",
        )


@cache
def currencies() -> frozenset[str]:
    """Return the codes of ISO 4217 in use."""
    return frozenset(files("smarketing.agreement").joinpath("currencies.txt").read_text().split())


def get(content: Any, *path: str | int) -> Any:
    """Return what stands at a path, or None where the path breaks off."""
    for part in path:
        if not isinstance(content, Mapping) or part not in content:
            return None
        content = content[part]
    return content


def _number(content: Any, *path: str | int) -> float | None:
    value = get(content, *path)
    return value if is_number(value) else None


def _near(name: Any, known: Any) -> str:
    near = difflib.get_close_matches(str(name), [str(item) for item in known], 1)
    return f"; did you mean {near[0]}?" if near else ""


def _place_faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    currency, timezone = content.get("currency"), content.get("timezone")
    if isinstance(currency, str) and currency and currency not in currencies():
        hint = _near(currency.upper(), currencies())
        yield Fault(
            ("currency",), f"the currency is not known{hint}", repr(currency), "an ISO code: EUR"
        )
    if isinstance(timezone, str) and timezone:
        try:
            zoneinfo.ZoneInfo(timezone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            hint = _near(timezone, zoneinfo.available_timezones())
            yield Fault(
                ("timezone",),
                f"the time zone is not known{hint}",
                repr(timezone),
                "an IANA name: Europe/Copenhagen",
            )
    country, hours = get(content, "calendar", "country"), get(content, "calendar", "hours")
    if isinstance(country, str) and country and country not in holidays.list_supported_countries():
        yield Fault(
            ("calendar", "country"),
            "the country's holidays are not known",
            repr(country),
            "an ISO code: DK",
        )
    if isinstance(hours, str) and hours:
        whole = HOURS.fullmatch(hours)
        if not whole or hours[:5] >= hours[6:]:
            yield Fault(
                ("calendar", "hours"),
                "the hours cannot be read" if not whole else "the day ends before it starts",
                repr(hours),
                '"HH:MM-HH:MM"',
            )
    days = get(content, "calendar", "days")
    if isinstance(days, list) and len(set(map(str, days))) < len(days):
        yield Fault(("calendar", "days"), "a day stands there twice", repr(days))


def _owner_faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    owners = content.get("owners")
    if not isinstance(owners, Mapping):
        return
    desks = [desk for desk in DESKS if get(content, "capacity", desk)]
    known = [*map(str, owners), *desks]
    stages = content.get("stages")
    for name, stage in stages.items() if isinstance(stages, Mapping) else ():
        owner = get(stage, "owner")
        if isinstance(owner, str) and owner and owner not in known:
            yield Fault(
                ("stages", name, "owner"),
                f"no team or desk has this name{_near(owner, known)}",
                repr(owner),
                ", ".join(known),
            )
    goals = content.get("goals")
    for n, goal in enumerate(goals if isinstance(goals, list) else ()):
        owner = get(goal, "owner")
        if isinstance(owner, str) and owner and owner not in known:
            yield Fault(
                ("goals", n, "owner"),
                f"no team or desk has this name{_near(owner, known)}",
                repr(owner),
                ", ".join(known),
            )


def _cards(content: Mapping[str, Any]) -> list[tuple[tuple[str, ...], Any]]:
    cards = [(("scorecard",), content["scorecard"])] if "scorecard" in content else []
    several = content.get("scorecards")
    if isinstance(several, Mapping):
        cards += [(("scorecards", name), card) for name, card in several.items()]
    return [(loc, card) for loc, card in cards if isinstance(card, Mapping)]


def _card_faults(
    loc: tuple[str, ...], card: Mapping[str, Any], content: Mapping[str, Any]
) -> Iterator[Fault]:
    seen: set[str] = set()
    if get(card, "fit", "half_life_days") is not None:
        yield Fault(
            (*loc, "fit", "half_life_days"),
            "who a lead is does not fade; only engagement has a half-life",
        )
    for axis in ("fit", "engagement"):
        rules = get(card, axis, "rules")
        for n, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, Mapping):
                yield from _rule_faults((*loc, axis, "rules", n), axis, rule, content, seen)


def _rule_faults(
    loc: tuple[int | str, ...],
    axis: str,
    rule: Mapping[str, Any],
    content: Mapping[str, Any],
    seen: set[str],
) -> Iterator[Fault]:
    name, persona, personas = rule.get("name"), rule.get("persona"), content.get("personas")
    if isinstance(name, str) and name:
        if name in seen:
            yield Fault((*loc, "name"), "another rule has this name", repr(name))
        seen.add(name)
    by_event, by_condition = rule.get("event") is not None, rule.get("when") is not None
    if by_event == by_condition:
        yield Fault(
            loc,
            "a rule asks for an event or makes a condition, "
            + ("not both" if by_event else "and this one does neither"),
            repr(name) if name else None,
            "event: KIND, or when: {field: NAME, TEST: VALUE}",
        )
    elif by_event and axis == "fit":
        yield Fault((*loc, "event"), "what a lead did is engagement, not fit", repr(rule["event"]))
    for key in ("subject", "at_most"):
        if not by_event and rule.get(key) is not None:
            yield Fault((*loc, key), f"{key} needs an event: {key} of what?", repr(rule[key]))
    subject = rule.get("subject")
    if by_event and isinstance(subject, str) and subject and pattern_fault(subject):
        what, allowed = pattern_fault(subject) or ("", "")
        yield Fault((*loc, "subject"), what, repr(subject), allowed)
    known = list(personas) if isinstance(personas, Mapping) else []
    if isinstance(persona, str) and persona and persona not in known:
        yield Fault(
            (*loc, "persona"),
            f"no persona has this name{_near(persona, known)}",
            repr(persona),
            ", ".join(map(str, known)) or "none is described under personas",
        )


def _line_faults(
    loc: tuple[str, ...], card: Mapping[str, Any], content: Mapping[str, Any]
) -> Iterator[Fault]:
    caps = {axis: _number(card, axis, "cap") for axis in ("fit", "engagement")}
    of_card = f" of scorecard {loc[-1]}" if len(loc) > 1 else ""
    for line in ("mql", "sql"):
        score, fit = (_number(content, "lines", line, key) for key in ("score", "fit_at_least"))
        if None not in caps.values() and score is not None and score > sum(caps.values()):
            yield Fault(
                ("lines", line, "score"),
                f"no lead can reach the line: the caps{of_card} add up to {sum(caps.values())}",
                str(score),
                f"at most {sum(caps.values())}",
            )
        if caps["fit"] is not None and fit is not None and fit > caps["fit"]:
            yield Fault(
                ("lines", line, "fit_at_least"),
                f"no lead can reach it: fit{of_card} is capped",
                str(fit),
                f"at most {caps['fit']}",
            )
    for axis, first in (("fit", "A"), ("engagement", 1)):
        bound = _number(content, "grades", axis, first)
        if caps[axis] is not None and bound is not None and bound > caps[axis]:
            yield Fault(
                ("grades", axis, first),
                f"no lead can reach the grade: {axis}{of_card} is capped",
                str(bound),
                f"at most {caps[axis]}",
            )


def _order_faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    for key in ("score", "fit_at_least"):
        mql, sql = (_number(content, "lines", line, key) for line in ("mql", "sql"))
        if mql is not None and sql is not None and mql > sql:
            yield Fault(
                ("lines", "sql", key),
                "the SQL line lies below the MQL line",
                str(sql),
                f"at least {mql}, as the MQL line has",
            )
    for line, allowed in (("mql", AFTER_MQL), ("sql", AFTER_SQL)):
        target = get(content, "lines", line, "target")
        if isinstance(target, str) and target not in allowed:
            yield Fault(
                ("lines", line, "target"),
                f"the target is a stage that comes after the {line.upper()} line",
                repr(target),
                ", ".join(allowed),
            )
    for axis, (high, low) in (("fit", ("A", "B")), ("engagement", (1, 2))):
        bounds = get(content, "grades", axis)
        if not isinstance(bounds, Mapping):
            continue
        for name in (high, low):
            if name not in bounds and len(bounds) < 2:  # otherwise a misspelt key was named
                yield Fault(("grades", axis), f"the bound of {name} is missing")
        first, second = _number(bounds, high), _number(bounds, low)
        if first is not None and second is not None and first <= second:
            yield Fault(
                ("grades", axis, low),
                f"the bounds do not fall: {low} begins at or above {high}",
                str(second),
                f"less than {first}",
            )
