"""Both sides' promises in detail, and what the teams say about each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from smarketing.funnel.sla.promises import NO_DATA, NOT_AGREED
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import DASH, count, listed, money, month_name, number, percent
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.language.speaker import in_its_language
from smarketing.reporting.html.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.html.table import table
from smarketing.reporting.pages import promise_rows as sides
from smarketing.reporting.pages.sections.names import PROMISE_NAMES, SIDES, figure_of, name_of, span

if TYPE_CHECKING:
    from smarketing.funnel.claims.check import Claim
    from smarketing.funnel.sla.promises import Promise
    from smarketing.reporting.pages.monthly_numbers import MonthlyReport


VERDICTS = {**sides.VERDICTS, NOT_AGREED: mark("not agreed"), NO_DATA: mark("no data")}
BASES = {"calendar": mark("in the month"), "cohort": mark("of the month's hand-overs")}
SETTLED = {
    "supported": mark("“{claim}” is supported"),
    "contradicted": mark("“{claim}” is contradicted"),
}
CLAIM_VERDICTS = {
    "supported": mark("supported"),
    "contradicted": mark("contradicted"),
    "cannot tell": mark("cannot tell"),
}


@in_its_language
def promises(report: MonthlyReport) -> Html:
    """Return every promise with what luck would explain, and how hand-overs were answered."""
    sla = report.loop.sla
    nothing = tr("No promise can be judged on these tables")
    if sla is None:
        return heading(nothing) + unanswered(report.cannot.get("sla", ""))
    kept = [p for p in sides.headline(sla.promises) if p.verdict == "kept"]
    judged = [p for p in sides.headline(sla.promises) if p.verdict in {"kept", "broken"}]
    title = trn(
        "{k} of {n} promise kept", "{k} of {n} promises kept", len(judged), k=count(len(kept))
    )
    pieces = [heading(title if judged else nothing), _promise_table(report)]
    if sla.handovers is not None and len(sla.handovers):
        handed = trn(
            "{n} hand-over in {month}",
            "{n} hand-overs in {month}",
            sla.counts.get("handed_over", 0),
            month=month_name(report.month),
        )
        pieces += [heading(handed, 3), figure_of(sla.plot), _delays(report)]
        if len(sla.missing):
            lacking = {
                "field": tr("Required field"), "missing": tr("Hand-overs without it"),
                "n": tr("of"),
            }  # fmt: skip
            caption = tr("What came without being complete")
            pieces.append(table(sla.missing, lacking, caption=caption))
    return joined(pieces)


def _promise_table(report: MonthlyReport) -> Html:
    labels = {
        "side": tr("Side"), "promise": tr("Promise"), "counted": tr("Counted"),
        "promised": tr("Promised"), "delivered": tr("Delivered"), "verdict": tr("Verdict"),
        "luck": tr("Luck alone explains"), "note": tr("Note"),
    }  # fmt: skip
    rows = pd.DataFrame([_promise_row(p, report) for p in report.loop.sla.promises if _told(p)])
    return table(rows, labels, caption=tr("Promised and delivered, both sides"))


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
        luck = span(said(promise.luck_low), said(promise.luck_high))
    verdict = f"{name_of(VERDICTS, promise.verdict)} {sides.SIGNS.get(promise.verdict, '')}"
    return {
        "side": name_of(SIDES, promise.side),
        "promise": name_of(PROMISE_NAMES, promise.name),
        "counted": name_of(BASES, promise.basis),
        "promised": said(promise.promised),
        "delivered": sides.delivered(promise, currency),
        "verdict": verdict.strip(),
        "luck": luck,
        "note": promise.note,
    }


def _delays(report: MonthlyReport) -> Html:
    sla = report.loop.sla
    contact = sla.delays.get("contact")
    if contact is None:
        return Html("")
    if sla.clock == "business":
        wait = trn("{n} business hour", "{n} business hours", contact, n=number(contact))
    else:
        wait = trn("{n} hour", "{n} hours", contact, n=number(contact))
    system, rep = sla.delays.get("system"), sla.delays.get("rep")
    if system is None or rep is None:
        waited = tr("Half of those contacted waited at most {wait}.", wait=wait)
    else:
        waited = tr(
            "Half of those contacted waited at most {wait}: {system} until somebody was assigned, "
            "{rep} after that.",
            wait=wait,
            system=number(system),
            rep=number(rep),
        )
    never = trn(
        "{n} hand-over never contacted.",
        "{n} hand-overs never contacted.",
        sla.counts.get("never_contacted", 0),
    )
    return paragraph(f"{waited} {never}")


@in_its_language
def claims(report: MonthlyReport) -> Html:
    """Return what the teams say about each other, tested."""
    tested = report.loop.claims
    if tested is None:
        return heading(tr("What the teams say about each other cannot be tested")) + unanswered(
            report.cannot.get("claims", "")
        )
    pieces = [heading(claims_title(tested.claims))]
    if tested.claims:
        pieces.append(claims_table(tested.claims))
    return joined([*pieces, bullets(sentence(said) for said in tested.cannot.values())])


def claims_title(tested: Sequence[Claim]) -> str:
    """Return which claims the data settles, in words."""
    settled = [tr(SETTLED[c.verdict], claim=c.claim) for c in tested if c.verdict in SETTLED]
    if not settled:
        return tr("Nothing the teams say about each other can be told from luck")
    return tr("Of what the teams say about each other, {settled}", settled=listed(settled))


def claims_table(tested: Sequence[Claim], raised: Mapping[str, str] | None = None) -> Html:
    """Return claims with their verdicts and evidence; with when they were raised, if told."""
    rows = pd.DataFrame(
        [
            {
                "claim": c.claim,
                "made_by": ", ".join(filter(None, (tr(c.made_by), (raised or {}).get(c.name)))),
                "verdict": name_of(CLAIM_VERDICTS, c.verdict),
                "evidence": c.sentence,
                "n_needed": c.n_needed if c.verdict == "cannot tell" else None,
            }
            for c in tested
        ]
    )
    labels = {
        "claim": tr("Claim"), "made_by": tr("Made by"), "verdict": tr("Verdict"),
        "evidence": tr("Evidence"), "n_needed": tr("Leads needed to tell"),
    }  # fmt: skip
    caption = tr("Tested together, on the last three months")
    return table(rows, labels, {"n_needed": "count"}, caption)


def claims_raised(tested: Sequence[Claim], raised: Mapping[str, str]) -> Html:
    """Return the claims for a meeting: what was raised in one stands first."""
    first = sorted(tested, key=lambda one: one.name not in raised)
    note = tr(
        "Tested together, on the hand-overs and leads of three months. Write what is said in this "
        "meeting under claims: in its file, and it stands first here."
    )
    return joined(
        [heading(claims_title(first)), claims_table(first, raised), paragraph(note, "note")]
    )
