"""Both sides' promises in detail, and what the teams say about each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from smarketing.language.numbers import (
    DASH,
    count,
    listed,
    money,
    month_name,
    noun,
    number,
    percent,
)
from smarketing.reporting import sides
from smarketing.reporting.page import (
    Html,
    bullets,
    heading,
    joined,
    paragraph,
    sentence,
    unanswered,
)
from smarketing.reporting.sections.names import PROMISE_NAMES, figure_of
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.funnel import Claim, Promise
    from smarketing.reporting.monthly import MonthlyReport


def promises(report: MonthlyReport) -> Html:
    """Return every promise with what luck would explain, and how hand-overs were answered."""
    sla = report.loop.sla
    if sla is None:
        return heading("No promise can be judged on these tables") + unanswered(
            report.cannot.get("sla", "")
        )
    kept = [p for p in sides.headline(sla.promises) if p.verdict == "kept"]
    judged = [p for p in sides.headline(sla.promises) if p.verdict in {"kept", "broken"}]
    title = "No promise can be judged on these tables"
    if judged:
        title = f"{count(len(kept))} of {noun(len(judged), 'promise')} kept"
    rows = pd.DataFrame([_promise_row(p, report) for p in sla.promises if _told(p)])
    pieces = [heading(title), table(rows, caption="Promised and delivered, both sides")]
    if sla.handovers is not None and len(sla.handovers):
        handed = noun(sla.counts.get("handed_over", 0), "hand-over")
        pieces.append(heading(f"{handed} in {month_name(report.month)}", 3))
        pieces.append(figure_of(sla.plot))
        pieces.append(_delays(report))
        if len(sla.missing):
            lacking = {"field": "Required field", "missing": "Hand-overs without it", "n": "of"}
            pieces.append(table(sla.missing, lacking, caption="What came without being complete"))
    return joined(pieces)


def _told(promise: Promise) -> bool:
    """Return whether there is anything to say: a promise, or something delivered."""
    return promise.promised is not None or promise.delivered is not None


def _promise_row(promise: Promise, report: MonthlyReport) -> dict[str, str]:
    currency = report.agreement.currency
    share = promise.unit == "share"

    def said(value: float | None) -> str:
        if promise.name == "revenue":
            return money(value, currency)
        return percent(value) if share else count(value)

    luck = DASH
    if promise.luck_low is not None and promise.luck_high is not None:
        luck = f"{said(promise.luck_low)} to {said(promise.luck_high)}"
    return {
        "Side": promise.side,
        "Promise": PROMISE_NAMES.get(promise.name, promise.name),
        "Counted": "in the month" if promise.basis == "calendar" else "of the month's hand-overs",
        "Promised": said(promise.promised),
        "Delivered": sides.delivered(promise, currency),
        "Verdict": f"{promise.verdict} {sides.SIGNS.get(promise.verdict, '')}".strip(),
        "Luck alone explains": luck,
        "Note": promise.note,
    }


def _delays(report: MonthlyReport) -> Html:
    sla = report.loop.sla
    contact = sla.delays.get("contact")
    if contact is None:
        return Html("")
    clock = "business hours" if sla.clock == "business" else "hours"
    text = f"Half of those contacted waited at most {number(contact)} {clock}"
    system, rep = sla.delays.get("system"), sla.delays.get("rep")
    if system is not None and rep is not None:
        text += f": {number(system)} until somebody was assigned, {number(rep)} after that"
    never = sla.counts.get("never_contacted", 0)
    return paragraph(f"{text}. {sentence(noun(never, 'hand-over') + ' never contacted')}")


def claims(report: MonthlyReport) -> Html:
    """Return what the teams say about each other, tested."""
    tested = report.loop.claims
    if tested is None:
        return heading("What the teams say about each other cannot be tested") + unanswered(
            report.cannot.get("claims", "")
        )
    pieces = [heading(claims_title(tested.claims))]
    if tested.claims:
        pieces.append(claims_table(tested.claims))
    return joined([*pieces, bullets(sentence(said) for said in tested.cannot.values())])


def claims_title(tested: Sequence[Claim]) -> str:
    """Return which claims the data settles, in words."""
    settled = [f"“{c.claim}” is {c.verdict}" for c in tested if c.verdict != "cannot tell"]
    if not settled:
        return "Nothing the teams say about each other can be told from luck"
    return f"Of what the teams say about each other, {listed(settled)}"


def claims_table(tested: Sequence[Claim], raised: Mapping[str, str] | None = None) -> Html:
    """Return claims with their verdicts and evidence; with when they were raised, if told."""
    rows = pd.DataFrame(
        [
            {
                "Claim": c.claim,
                "Made by": c.made_by + (f", {raised[c.name]}" if c.name in (raised or {}) else ""),
                "Verdict": c.verdict,
                "Evidence": c.sentence,
                "Leads needed to tell": c.n_needed if c.verdict == "cannot tell" else None,
            }
            for c in tested
        ]
    )
    formats = {"Leads needed to tell": "count"}
    return table(rows, formats=formats, caption="Tested together, on the last three months")


def claims_raised(tested: Sequence[Claim], raised: Mapping[str, str]) -> Html:
    """Return the claims for a meeting: what was raised in one stands first."""
    first = sorted(tested, key=lambda one: one.name not in raised)
    note = (
        "Tested together, on the hand-overs and leads of three months. Write what is said in this"
        " meeting under claims: in its file, and it stands first here."
    )
    return joined(
        [heading(claims_title(first)), claims_table(first, raised), paragraph(note, "note")]
    )
