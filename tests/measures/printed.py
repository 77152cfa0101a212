"""The figures that commands and pages print, each with its key: measure, basis, period, group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from smarketing.measures.catalogue import OF_STAGE

Key = tuple[str, str, str, str]
"""Measure, basis, period, group; all leads are the group "" and all time the period "all"."""

PROMISED = {"mqls", "sales_ready", "customers", "revenue"}


class Printed:
    """What was printed under each key, and where."""

    def __init__(self) -> None:
        self.values: dict[Key, dict[float, list[str]]] = defaultdict(lambda: defaultdict(list))

    def add(self, place: str, figures: Iterator[tuple[Key, Any]]) -> None:
        """Take up the figures that a place prints."""
        for key, value in figures:
            if value is not None:
                self.values[key][round(float(value), 2)].append(place)

    @property
    def contradictions(self) -> list[str]:
        """Return each key that has more than one value, with who prints which."""
        return [
            f"{key}: " + "; ".join(f"{value:g} in {places}" for value, places in known.items())
            for key, known in sorted(self.values.items())
            if len(known) > 1
        ]

    @property
    def seen_twice(self) -> int:
        """Return how many keys more than one place prints."""
        return sum(
            len({p for ps in known.values() for p in ps}) > 1 for known in self.values.values()
        )

    def of(self, measure: str, basis: str, period: str, group: str = "") -> float:
        """Return the one value of a key."""
        (value,) = self.values[measure, basis, period, group]
        return value


def of_stages(month: str, rows: list[Mapping[str, Any]]) -> Iterator[tuple[Key, Any]]:
    """Yield the figures of a month's table of stages."""
    for row in rows:
        measure = OF_STAGE[row["stage"]]
        for basis in ("cohort", "calendar"):
            yield (measure, basis, month, ""), row[basis]
        yield (measure, "calendar", "undated", ""), row["undated"]


def of_promises(month: str, rows: list[Mapping[str, Any]]) -> Iterator[tuple[Key, Any]]:
    """Yield what was delivered of each promise that is a measure."""
    for row in rows:
        if row["name"] in PROMISED:
            basis = "calendar" if row["basis"] == "calendar" else "handed_over"
            yield (row["name"], basis, month, ""), row["delivered"]


def of_whole(rows: list[Mapping[str, Any]], month: str) -> Iterator[tuple[Key, Any]]:
    """Yield the figures of the whole history, whose latest month ends with the data."""
    ends = {"won": "won_leads", "lost": "lost_leads", "open": "open"}
    for row in rows:
        if row["stage"] != "undated":
            name = ends.get(row["stage"]) or OF_STAGE[row["stage"]]
            yield (name, "calendar", "all", ""), row["n"]
        if row["stage"] == "open":
            yield ("open", "at the end of", month, ""), row["n"]


def of_funnel(answer: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """Yield the figures of `smarketing funnel --json`."""
    month = answer["month"]
    yield from of_stages(month, answer["stages"])
    yield from of_promises(month, answer["sla"]["promises"])
    yield from of_whole(answer.get("whole", []), month)
    for row in answer["trend"]:
        for basis in ("cohort", "calendar"):
            yield (OF_STAGE[row["stage"]], basis, row["month"], ""), row[basis]
    yield ("open", "at the end of", month, ""), sum(row["n"] for row in answer["holding"])


def of_manifest(answer: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """Yield the figures that a monthly page hands to its manifest."""
    yield from of_stages(answer["month"], answer["stages"])
    yield from of_promises(answer["month"], answer["promises"])


def of_year(month: str, year: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """Yield the year so far and its goals."""
    for name in ("customers", "revenue"):
        yield (name, "calendar", f"{month[:4]} to {month}", ""), year[name]
    for goal in year["goals"]:
        yield (goal["measure"], "goal", f"{goal['since']} to {month}", ""), goal["so_far"]


def of_recommendation(answer: Mapping[str, Any], month: str) -> Iterator[tuple[Key, Any]]:
    """Yield what goals have done, and what the back-check says came."""
    for goal in answer["goals"]:
        yield (goal["measure"], "goal", f"{goal['since']} to {month}", ""), goal["done"]
    for row in answer["back_check"]["months"]:
        yield (row["measure"], "calendar", row["month"], ""), row["actual"]
