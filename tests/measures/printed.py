"""The figures that commands and pages print, each with its key: measure, basis, period, group."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from smarketing.errors import CannotAnswer
from smarketing.measures.catalogue import OF_STAGE
from smarketing.reporting.pages.index import Entry
from smarketing.scoring.scores import Scores
from smarketing.workspace import Workspace

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


def printed_by(ws: Workspace, months: Sequence[str], languages: Sequence[str] = ("en",)) -> Printed:
    """Return what commands and pages print of a company; what cannot be answered prints nothing."""
    known = Printed()
    known.add("funnel", of_funnel(ws.funnel().to_dict()))
    for month in months:
        known.add(f"funnel {month}", of_funnel(ws.funnel(month).to_dict()))
        for language in languages:
            page = ws.monthly_report(month, language=language).to_dict()
            known.add(f"page {month} {language}", of_manifest(page))
    with suppress(CannotAnswer):
        known.add("recommend", of_recommendation(ws.recommend().to_dict(), months[-1]))
    with suppress(CannotAnswer):
        known.add("audit", iter([(("open", "calendar", "all", ""), ws.audit().open)]))
    with suppress(CannotAnswer):
        known.add("score", of_scores(ws.score()))
    return known


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


def of_whole(rows: list[Mapping[str, Any]]) -> Iterator[tuple[Key, Any]]:
    """Yield the figures of the whole history."""
    ends = {"won": "won_leads", "lost": "lost_leads", "open": "open"}
    for row in rows:
        if row["stage"] != "undated":
            name = ends.get(row["stage"]) or OF_STAGE[row["stage"]]
            yield (name, "calendar", "all", ""), row["n"]


def of_funnel(answer: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """Yield the figures of `smarketing funnel --json`."""
    month = answer["month"]
    yield from of_stages(month, answer["stages"])
    yield from of_promises(month, answer["sla"]["promises"] if answer["sla"] else [])
    yield from of_whole(answer["whole"])
    for row in answer["trend"]:
        for basis in ("cohort", "calendar"):
            yield (OF_STAGE[row["stage"]], basis, row["month"], ""), row[basis]
    yield ("open", "at the end of", month, ""), sum(row["n"] for row in answer["holding"])
    yield ("held too long", "at the end of", month, ""), sum(r["stuck"] for r in answer["holding"])
    for row in answer["campaigns"]:
        for name in ("leads", "mqls", "sales_ready", "sqls", "customers"):
            yield (name, "cohort", f"a year to {month}", f"campaign {row['name']}"), row[name]


def of_manifest(answer: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """Yield the figures that a monthly page hands to its manifest."""
    month, year = answer["month"], answer["since_january"]
    yield from of_stages(month, answer["stages"])
    yield from of_promises(month, answer["promises"])
    for name in ("customers", "revenue") if year else ():
        yield (name, "calendar", f"{month[:4]} to {month}", ""), year[name]
    for goal in year["goals"] if year else ():
        yield (goal["measure"], "goal", f"{goal['since']} to {month}", ""), goal["so_far"]


def of_week(answer: Mapping[str, Any], month: str) -> Iterator[tuple[Key, Any]]:
    """Yield the figures of a week that ends with its month."""
    for row in answer["promises"]:
        if row["name"] in PROMISED and row["month_so_far"] is not None:
            yield (row["name"], "calendar", month, ""), row["month_so_far"]
    yield ("held too long", "at the end of", month, ""), answer["counts"]["stuck"]


def of_index(entries: Iterable[Entry]) -> Iterator[tuple[Key, Any]]:
    """Yield the figures of the index's rows."""
    for entry in entries:
        for name, value in entry.figures.items():
            if entry.kind == "monthly":
                yield (name, "calendar", entry.period, ""), value


def of_scores(scores: Scores) -> Iterator[tuple[Key, Any]]:
    """Yield the open leads: those that are scored, and those said not to be.

    The note: "Not scored: 61 open leads that were already handed over to sales."
    """
    left_out = [note for note in scores.notes if note.startswith("Not scored")]
    with_sales = sum(int(re.search(r"\d+", note)[0]) for note in left_out)
    yield ("open", "calendar", "all", ""), len(scores.frame()) + with_sales


def of_recommendation(answer: Mapping[str, Any], month: str) -> Iterator[tuple[Key, Any]]:
    """Yield what goals have done, and what the back-check says came."""
    for goal in answer["goals"]:
        yield (goal["measure"], "goal", f"{goal['since']} to {month}", ""), goal["done"]
    for row in answer["back_check"]["months"] if answer["back_check"] else ():
        yield (row["measure"], "calendar", row["month"], ""), row["actual"]
