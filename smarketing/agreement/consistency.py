"""What must go together in an agreement: checked on its raw content, wrong parts skipped."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from smarketing.agreement.conditions import is_number, pattern_fault
from smarketing.agreement.model import HOURS
from smarketing.agreement.working_days import is_closing_day, regions_of
from smarketing.faults import Fault, Loc, hint

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
    if get(content, "customers", "counted_by") == "purchase" and not content.get("buying_group"):
        yield Fault(
            ("customers", "counted_by"),
            "purchases need the days of a buying group",
            "'purchase'",
            "deal, account, or a buying_group: block",
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


def _text(content: Any, *path: str | int) -> str:
    value = get(content, *path)
    return value if isinstance(value, str) else ""


def _mapping(content: Any, *path: str | int) -> Mapping[Any, Any]:
    value = get(content, *path)
    return value if isinstance(value, Mapping) else {}


def _list(content: Any, *path: str | int) -> list[Any]:
    value = get(content, *path)
    return value if isinstance(value, list) else []


def _place_faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    currency, zone = _text(content, "currency"), _text(content, "timezone")
    if currency and currency not in currencies():
        what = f"the currency is not known{hint(currency, currencies())}"
        yield Fault(("currency",), what, repr(currency), "an ISO code: EUR")
    try:
        zoneinfo.ZoneInfo(zone or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        what = f"the time zone is not known{hint(zone, zoneinfo.available_timezones())}"
        yield Fault(("timezone",), what, repr(zone), "an IANA name: Europe/Copenhagen")
    yield from _calendar_faults(_mapping(content, "calendar"))


def _calendar_faults(calendar: Mapping[str, Any]) -> Iterator[Fault]:
    country, _, part = _text(calendar, "country").partition("-")
    region, hours = _text(calendar, "region"), _text(calendar, "hours")
    regions = regions_of(country)
    if country and regions is None:
        what = "the country's holidays are not known"
        allowed = "an ISO code, DK, or that of a part of a country, DE-BY"
        yield Fault(("calendar", "country"), what, repr(calendar["country"]), allowed)
    if part and region:
        what = "the country names its part already"
        yield Fault(("calendar", "region"), what, repr(region), f"no region, or country: {country}")
    elif (part or region) and regions is not None and (part or region) not in regions:
        what = f"holidays of this part of {country} are not known{hint(part or region, regions)}"
        allowed = ", ".join(regions) or f"none: all of {country} has the same"
        key, value = ("country", f"{country}-{part}") if part else ("region", region)
        yield Fault(("calendar", key), what, repr(value), allowed)
    for n, day in enumerate(_list(calendar, "closed")):
        if isinstance(day, str) and not is_closing_day(day):
            allowed = "12-24, month and day, for every year, or 2026-05-15 for one"
            yield Fault(("calendar", "closed", n), "this is no day", repr(day), allowed)
    if hours:
        whole = HOURS.fullmatch(hours)
        if not whole or hours[:5] >= hours[6:]:
            what = "the day ends before it starts" if whole else "the hours cannot be read"
            yield Fault(("calendar", "hours"), what, repr(hours), '"HH:MM-HH:MM"')
    days = _list(calendar, "days")
    if len(set(map(str, days))) < len(days):
        yield Fault(("calendar", "days"), "a day stands there twice", repr(days))


def _owner_faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    owners = _mapping(content, "owners")
    if not owners:
        return
    known = [*map(str, owners), *(desk for desk in DESKS if get(content, "capacity", desk))]
    parts = [(("stages", name), part) for name, part in _mapping(content, "stages").items()]
    parts += [(("goals", n), part) for n, part in enumerate(_list(content, "goals"))]
    for loc, part in parts:
        if (owner := _text(part, "owner")) and owner not in known:
            what = f"no team or desk has this name{hint(owner, known)}"
            yield Fault((*loc, "owner"), what, repr(owner), ", ".join(known))


def _cards(content: Mapping[str, Any]) -> list[tuple[Loc, Mapping[Any, Any]]]:
    cards: list[tuple[Loc, Any]] = [(("scorecard",), content.get("scorecard"))]
    cards += [(("scorecards", name), _) for name, _ in _mapping(content, "scorecards").items()]
    return [(loc, card) for loc, card in cards if isinstance(card, Mapping)]


def _card_faults(loc: Loc, card: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    if get(card, "fit", "half_life_days") is not None:
        yield Fault(
            (*loc, "fit", "half_life_days"),
            "who a lead is does not fade; only engagement has a half-life",
        )
    for axis in ("fit", "engagement"):
        for n, rule in enumerate(_list(card, axis, "rules")):
            if isinstance(rule, Mapping):
                yield from _rule_faults((*loc, axis, "rules", n), axis, rule, content, seen)


def _rule_faults(
    loc: Loc,
    axis: str,
    rule: Mapping[str, Any],
    content: Mapping[str, Any],
    seen: set[str],
) -> Iterator[Fault]:
    name, persona = _text(rule, "name"), _text(rule, "persona")
    if name and name in seen:
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
    subject = _text(rule, "subject")
    if by_event and subject and (fault := pattern_fault(subject)):
        yield Fault((*loc, "subject"), fault[0], repr(subject), fault[1])
    known = [str(each) for each in _mapping(content, "personas")]
    if persona and persona not in known:
        what = f"no persona has this name{hint(persona, known)}"
        allowed = ", ".join(known) or "none is described under personas"
        yield Fault((*loc, "persona"), what, repr(persona), allowed)


def _line_faults(loc: Loc, card: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[Fault]:
    fit, engagement = _number(card, "fit", "cap"), _number(card, "engagement", "cap")
    of_card = f" of scorecard {loc[-1]}" if len(loc) > 1 else ""
    total = None if fit is None or engagement is None else fit + engagement
    unreached = f"no lead can reach the line: the caps{of_card} add up to {total}"
    low_fit = f"no lead can reach it: fit{of_card} is capped"
    bounds: list[tuple[Loc, float | None, str]] = []
    for line in ("mql", "sql"):
        bounds += [
            (("lines", line, "score"), total, unreached),
            (("lines", line, "fit_at_least"), fit, low_fit),
        ]
    for axis, first, cap in (("fit", "A", fit), ("engagement", 1, engagement)):
        what = f"no lead can reach the grade: {axis}{of_card} is capped"
        bounds.append((("grades", axis, first), cap, what))
    for at, cap, what in bounds:
        wanted = _number(content, *at)
        if cap is not None and wanted is not None and wanted > cap:
            yield Fault(at, what, str(wanted), f"at most {cap}")


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
        target = _text(content, "lines", line, "target")
        if target and target not in allowed:
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
