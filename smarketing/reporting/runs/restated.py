"""What a page said before and says otherwise now, because late data came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smarketing.language.numbers import count, number
from smarketing.reporting.page import Html, paragraph

_STAGES = {
    "lead": "leads",
    "mql": "MQLs",
    "sales_ready": "sales-ready leads",
    "accepted": "accepted leads",
    "sql": "SQLs",
    "opportunity": "opportunities",
    "customer": "leads that bought",
}


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


def restated_note(changes: list[dict[str, Any]]) -> Html | None:
    """Return what was restated as one sentence for the page; None if nothing was."""
    if not changes:
        return None
    told = ", ".join(
        f"{change['name']} {count(change['before'])} → {count(change['now'])}"
        if float(change["now"]).is_integer()
        else f"{change['name']} {number(change['before'])} → {number(change['now'])}"
        for change in changes
    )
    until = str(changes[0]["data_until"] or "")[:10]
    since = f"Since this page was first published with data to {until}" if until else "Since then"
    return paragraph(f"Restated. {since}, late data changed: {told}.", "note")


def _counts(figures: Mapping[str, Any]) -> dict[str, float]:
    stages = {
        _STAGES[row["stage"]]: row["calendar"]
        for row in figures.get("stages", [])
        if row.get("stage") in _STAGES and row.get("calendar") is not None
    }
    results = {
        row["name"]: row["delivered"]
        for row in figures.get("promises", [])
        if row.get("basis") == "calendar"
        and row.get("name") in {"customers", "revenue"}
        and row.get("delivered") is not None
    }
    return {**stages, **results}
