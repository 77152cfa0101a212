"""What came back in a week: leads rejected, recycled or disqualified, and deals lost, and why."""

from __future__ import annotations

import pandas as pd

from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, listed
from smarketing.language.plurals import trn
from smarketing.reporting.html.page import Html, heading, joined, paragraph
from smarketing.reporting.pages.weekly_sections.short_lists import short_list
from smarketing.reporting.pages.wording import plain_code

_BACK = {
    "rejected": mark("Rejected"),
    "recycled": mark("Recycled"),
    "disqualified": mark("Disqualified"),
    "lost": mark("Lost"),
}
_ONE_BY_ONE = {"rejected": mark("Rejected this week"), "recycled": mark("Recycled this week")}
"""Kinds that are looked at lead by lead."""


def given_back(rows: pd.DataFrame) -> Html:
    """Return the leads that came back this week, kind by kind, with their reasons."""
    if rows.empty:
        return heading(tr("No lead was given back and no deal lost this week"))
    kinds = rows.kind.value_counts()
    back = listed([_came_back(kind, kinds[kind]) for kind in _BACK if kind in kinds])
    pieces = [heading(tr("{back} this week", back=back))]
    labels = {
        "lead_id": tr("Lead"),
        "reason": tr("Reason"),
        "source": tr("Source"),
        "persona": tr("Persona"),
    }
    for kind, label in _BACK.items():
        own = rows[rows.kind == kind]
        if own.empty:
            continue
        text = tr(
            "{kind} {n}: {reasons}.", kind=tr(label), n=count(len(own)), reasons=_reasons(own)
        )
        pieces.append(paragraph(text))
        if kind in _ONE_BY_ONE:
            named = {
                name: own[name].map(plain_code, na_action="ignore")
                for name in ("reason", "source", "persona")
            }
            pieces.append(short_list(own.assign(**named), labels, tr(_ONE_BY_ONE[kind])))
    return joined(*pieces)


def _came_back(kind: str, n: int) -> str:
    """Return how many came back in one of the ways."""
    if kind == "rejected":
        return trn("{n} lead rejected", "{n} leads rejected", n)
    if kind == "recycled":
        return trn("{n} lead recycled", "{n} leads recycled", n)
    if kind == "disqualified":
        return trn("{n} lead disqualified", "{n} leads disqualified", n)
    return trn("{n} deal lost", "{n} deals lost", n)


def _reasons(rows: pd.DataFrame) -> str:
    """Return the reasons with how often each was given, the most frequent first."""
    given = rows.reason.map(plain_code, na_action="ignore").fillna(tr("no reason")).value_counts()
    ordered = sorted(given.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{reason} {count(n)}" for reason, n in ordered)
