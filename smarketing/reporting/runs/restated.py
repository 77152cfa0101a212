"""What a page said before and says otherwise now, because late data came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, day, number
from smarketing.language.speaker import speaking
from smarketing.reporting.html.page import Html, paragraph

_NAMES = {
    "lead": mark("leads"),
    "mql": mark("MQLs"),
    "sales_ready": mark("sales-ready leads"),
    "accepted": mark("accepted leads"),
    "sql": mark("SQLs"),
    "opportunity": mark("opportunities"),
    "customer": mark("leads that bought"),
    "customers": mark("customers"),
    "revenue": mark("revenue"),
}
"""What is compared: stages by their leads, then what was won; a manifest keeps these names."""


def restated(
    before: Mapping[str, Any] | None, figures: Mapping[str, Any], inputs: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the counts of a month that a published page told otherwise.

    Only what happened in the month is compared, by calendar: what became of its leads later is
    news, no correction.

    Parameters
    ----------
    before : mapping or None
        The published page's manifest.
    figures : mapping
        Key figures of the page to be published.
    inputs : mapping
        What it is made from. With the same data as before nothing is restated anew, and what
        stood there stays.

    Returns
    -------
    list of dict
        ``name``, ``before``, ``now``, ``data_until`` (of the page before).
    """
    if before is None:
        return []
    if before.get("inputs", {}).get("data_fingerprint") == inputs["data_fingerprint"]:
        return list(before.get("restated", []))
    then, now = _counts(before.get("key_figures", {})), _counts(figures)
    return [
        {
            "name": name,
            "before": then[name],
            "now": now[name],
            "data_until": before["key_figures"].get("data_until"),
        }
        for name in now
        if name in then and then[name] != now[name]
    ]


def restated_note(changes: list[dict[str, Any]], language: str = "en") -> Html | None:
    """Return what was restated as one sentence for the page; None if nothing was."""
    if not changes:
        return None
    until = str(changes[0]["data_until"] or "")[:10]
    with speaking(language):
        changed = ", ".join(_change(change) for change in changes)
        if until:
            text = tr(
                "Restated. Since this page was first published with data to {day}, late data "
                "changed: {changes}.",
                day=day(until),
                changes=changed,
            )
        else:
            text = tr("Restated. Since then, late data changed: {changes}.", changes=changed)
    return paragraph(text, "note")


def _change(change: Mapping[str, Any]) -> str:
    write = count if float(change["now"]).is_integer() else number
    name, before, now = change["name"], write(change["before"]), write(change["now"])
    return f"{tr(name)} {before} → {now}"


def _counts(figures: Mapping[str, Any]) -> dict[str, float]:
    stages = {
        _NAMES[row["stage"]]: row["calendar"]
        for row in figures.get("stages", [])
        if row.get("stage") in _NAMES and row.get("calendar") is not None
    }
    results = {
        row["name"]: row["delivered"]
        for row in figures.get("promises", [])
        if row.get("basis") == "calendar"
        and row.get("name") in {"customers", "revenue"}
        and row.get("delivered") is not None
    }
    return {**stages, **results}
