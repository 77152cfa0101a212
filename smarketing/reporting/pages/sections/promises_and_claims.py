"""Both sides' promises in detail, and what the teams say about each other."""

from __future__ import annotations

import pandas as pd

from smarketing.funnel.claims.check import Claims
from smarketing.funnel.sla.attainment import Attainment
from smarketing.funnel.sla.promises import NO_DATA, NOT_AGREED, Promise
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import DASH, count, month_name, number, percent, quantity
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.reporting.html.page import (
    Html,
    bullets,
    figure_of,
    heading,
    joined,
    paragraph,
    unanswered,
)
from smarketing.reporting.html.table import table
from smarketing.reporting.pages import promise_rows
from smarketing.reporting.pages.claim_tables import claims_table, claims_title
from smarketing.reporting.pages.wording import PROMISE_NAMES, SIDES, name_of, span

VERDICTS = {**promise_rows.VERDICTS, NOT_AGREED: mark("not agreed"), NO_DATA: mark("no data")}
BASES = {"calendar": mark("in the month"), "cohort": mark("of the month's hand-overs")}


def promises(sla: Attainment | None, month: str, currency: str, why: str) -> Html:
    """Return every promise with what luck would explain, and how hand-overs were answered."""
    nothing = tr("No promise can be judged on these tables")
    if sla is None:
        return heading(nothing) + unanswered(why)
    verdicts = [p.verdict for p in promise_rows.headline(sla.promises)]
    kept = verdicts.count("kept")
    n = kept + verdicts.count("broken")
    title = trn("{k} of {n} promise kept", "{k} of {n} promises kept", n, k=count(kept))
    pieces = [heading(title if n else nothing), _promise_table(sla, currency)]
    if sla.handovers is not None and len(sla.handovers):
        handed = trn(
            "{n} hand-over in {month}",
            "{n} hand-overs in {month}",
            sla.counts.get("handed_over", 0),
            month=month_name(month),
        )
        pieces += [heading(handed, 3), figure_of(sla.plot), _delays(sla)]
        if len(sla.missing):
            labels = {
                "field": tr("Required field"), "missing": tr("Hand-overs without it"),
                "n": tr("of"),
            }  # fmt: skip
            caption = tr("What came without being complete")
            pieces.append(table(sla.missing, labels, caption=caption))
    return joined(*pieces)


def _promise_table(sla: Attainment, currency: str) -> Html:
    labels = {
        "side": tr("Side"), "promise": tr("Promise"), "counted": tr("Counted"),
        "promised": tr("Promised"), "delivered": tr("Delivered"), "verdict": tr("Verdict"),
        "luck": tr("Normal variation ({share})", share=percent(sla.confidence)),
        "note": tr("Note"),
    }  # fmt: skip
    rows = [
        _promise_row(promise, currency)
        for promise in sla.promises
        if promise.promised is not None or promise.delivered is not None
    ]
    return table(pd.DataFrame(rows), labels, caption=tr("Promised and delivered, both sides"))


def _promise_row(promise: Promise, currency: str) -> dict[str, str]:
    unit = currency if promise.name == "revenue" else promise.unit
    luck = DASH
    if promise.luck_low is not None and promise.luck_high is not None:
        luck = span(quantity(promise.luck_low, unit), quantity(promise.luck_high, unit))
    verdict = f"{name_of(VERDICTS, promise.verdict)} {promise_rows.SIGNS.get(promise.verdict, '')}"
    return {
        "side": name_of(SIDES, promise.side),
        "promise": name_of(PROMISE_NAMES, promise.name),
        "counted": name_of(BASES, promise.basis),
        "promised": quantity(promise.promised, unit),
        "delivered": promise_rows.delivered(promise, currency),
        "verdict": verdict.strip(),
        "luck": luck,
        "note": promise.note,
    }


def _delays(sla: Attainment) -> Html:
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


def claims(tested: Claims | None, why: str) -> Html:
    """Return what the teams say about each other, tested."""
    if tested is None:
        return heading(tr("What the teams say about each other cannot be tested")) + unanswered(why)
    pieces = [heading(claims_title(tested.claims))]
    if tested.claims:
        pieces.append(claims_table(tested.claims))
    return joined(*pieces, bullets(sentence(reason) for reason in tested.cannot.values()))
