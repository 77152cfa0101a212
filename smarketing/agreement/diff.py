"""What changed between two versions of the agreement, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from smarketing.agreement.model import Agreement


@dataclass(frozen=True)
class Change:
    """One change.

    Parameters
    ----------
    path : str
        Where, with dots: ``lines.sql.score``; rules and goals go by their names.
    old, new : object
        What stood and what stands there, as plain types; None if it did or does not.
    words : str
        The change as a person says it, without a full stop.
    """

    path: str
    old: Any
    new: Any
    words: str


def diff(old: Agreement, new: Agreement) -> list[Change]:
    """Return the changes from one agreement to another, in the order of the file.

    Something written out that was the default before is no change. The version and the day it
    is valid from always differ and are left out.

    Examples
    --------
    >>> [change.words for change in diff(before, after)]  # doctest: +SKIP
    ['SQL line: score from 65 to 68']
    """
    before, after = _content(old), _content(new)
    changes = list(_changes(before, after, ()))
    order = [list(content) for content in (before.get("personas", {}), after.get("personas", {}))]
    common = [[name for name in names if name in order[1 - n]] for n, names in enumerate(order)]
    if common[0] != common[1]:
        words = f"Personas: order from {', '.join(common[0])} to {', '.join(common[1])}"
        changes.append(Change("personas", common[0], common[1], words))
    return changes


def _content(agreement: Agreement) -> dict[str, Any]:
    """Return the agreement with defaults filled in; named lists become mappings by name."""
    content = agreement.model_dump(by_alias=True, exclude={"version", "valid_from"})
    for key in ("scorecard", "scorecards"):
        if content[key] is None:
            del content[key]
    cards = [content["scorecard"]] if "scorecard" in content else content["scorecards"].values()
    for card in cards:
        for axis in ("fit", "engagement"):
            card[axis]["rules"] = _by_name(card[axis]["rules"])
    content["goals"] = _by_name(content["goals"])
    return content


def _by_name(items: Any) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for item in items:
        name, n = item["name"], 2
        while name in named:
            name, n = f"{item['name']} ({n})", n + 1
        named[name] = {key: value for key, value in item.items() if key != "name"}
    return named


def _changes(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not _is_condition(path):
        for key in dict.fromkeys((*old, *new)):
            yield from _changes(old.get(key), new.get(key), (*path, str(key)))
    elif old != new:
        yield Change(".".join(path), old, new, _words(path, old, new))


def _is_condition(path: tuple[str, ...]) -> bool:
    return path[-1:] == ("when",)


_SUBJECTS = {
    ("lines", "mql"): "MQL line",
    ("lines", "sql"): "SQL line",
    ("capacity", "qualification"): "Qualification capacity",
    ("capacity", "closing"): "Closing capacity",
    ("sla", "marketing"): "Marketing promises",
    ("sla", "sales", "first_contact"): "Sales promises first contact",
    ("sla", "sales", "follow_up"): "Sales promises follow-up",
    ("sla", "sales"): "Sales promises",
    ("sla",): "SLA",
    ("scorecard",): "Scorecard",
    ("handover",): "Hand-over",
    ("buying_group",): "Buying group",
}


def _words(path: tuple[str, ...], old: Any, new: Any) -> str:
    subject, rest = _subject(path)
    at = f"{subject}: {rest}" if rest else subject
    if old is None:
        return f"{at} {_shown(new)} added"
    if new is None:
        return f"{at} taken out (was {_shown(old)})"
    return f"{at} from {_shown(old)} to {_shown(new)}"


def _subject(path: tuple[str, ...]) -> tuple[str, str]:
    """Split a path into whom or what it speaks of, and the rest as words."""
    if "rules" in path:
        n = path.index("rules")
        card = f" of {path[1]}" if path[0] == "scorecards" else ""
        return f"{path[n - 1].capitalize()} rule{card} “{path[n + 1]}”", _plainly(path[n + 2 :])
    if path[0] == "grades":
        return f"Grade {path[2]}", f"least {path[1]}"
    if path[0] in ("stages", "personas", "goals", "scorecards", "owners", "lists") and path[1:]:
        kind = path[0].removesuffix("s").capitalize()
        return f"{kind} {path[1]}", _plainly(path[2:])
    for length in (3, 2, 1):
        if path[:length] in _SUBJECTS and len(path) >= length:
            return _SUBJECTS[path[:length]], _plainly(path[length:])
    return path[0].replace("_", " ").capitalize(), _plainly(path[1:])


def _plainly(path: tuple[str, ...]) -> str:
    return " ".join(part.replace("_", " ") for part in path)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, (int, str, date)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(item) for item in value) or "nothing"
    if isinstance(value, Mapping) and "points" in value:
        return f"{value['points']} points"
    if isinstance(value, Mapping):
        return ", ".join(
            f"{str(key).replace('_', ' ')} {_shown(item)}"
            for key, item in value.items()
            if item is not None
        )
    return str(value)
