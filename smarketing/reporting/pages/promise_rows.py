"""Both sides' promises in words: what was promised, what was delivered, kept or broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smarketing.agreement.model import Agreement
from smarketing.funnel.sla.promises import BROKEN, KEPT, NO_DATA, NOT_AGREED, PENDING, Promise
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, listed, money, percent, quantity
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.planning.wording import hours

SIGNS = {KEPT: "▲", BROKEN: "▼", PENDING: "◌"}
"""A sign beside the word beside the colour: colour is never the only one."""

_RESULTS = {"customers", "revenue"}
"""What a sentence of their own tells."""

VERDICTS = {KEPT: mark("kept"), BROKEN: mark("broken"), PENDING: mark("open")}
"""What a verdict is called on a page."""

PACE = {KEPT: mark("on pace"), BROKEN: mark("behind")}
"""Verdicts on what is not over yet."""


@dataclass(frozen=True)
class PromiseRow:
    """One promise as a row of the first screen.

    Parameters
    ----------
    promised, delivered : str
    verdict : str
        kept, broken, pending, or empty where nothing was agreed or nothing can be said.
    note : str
    word : str
        What the verdict is called where "kept" and "broken" say too much.
    """

    promised: str
    delivered: str
    verdict: str
    note: str
    word: str = ""

    @property
    def verdict_name(self) -> str:
        """The verdict as the page calls it, with its sign; empty for none."""
        if not self.verdict:
            return ""
        return f"{self.word or tr(VERDICTS[self.verdict])} {SIGNS[self.verdict]}"


def rows_by_side(promises: Sequence[Promise], agreement: Agreement) -> dict[str, list[PromiseRow]]:
    """Return both sides' promises of the month as rows, under each side's head.

    Those not agreed are left out. Customers and revenue are shown by calendar (closed in the
    month), as the agreement's own "per month" is meant; the cohort stands in the details.
    """
    agreed = headline(promises)
    heads = {"marketing": tr("Marketing promised"), "sales": tr("Sales promised")}
    return {
        head: [_row(promise, agreement) for promise in agreed if promise.side == side]
        for side, head in heads.items()
    }


def _row(promise: Promise, agreement: Agreement) -> PromiseRow:
    return PromiseRow(
        promised=_promised(promise, agreement),
        delivered=delivered(promise, agreement.currency),
        verdict=promise.verdict if promise.verdict in SIGNS else "",
        note=promise.note if promise.verdict == NO_DATA or promise.name == "acceptance" else "",
    )


def headline(promises: Sequence[Promise]) -> list[Promise]:
    """Return the agreed promises, each once: by calendar where both ways are there."""
    chosen: dict[str, Promise] = {}
    for promise in promises:
        if promise.verdict == NOT_AGREED or promise.promised is None:
            continue
        if promise.name not in chosen or promise.basis == "calendar":
            chosen[promise.name] = promise
    return list(chosen.values())


def paced(promised: str, delivered: str, reached: bool, note: str = "") -> PromiseRow:
    """Return a row of what is not over yet: on pace, or behind."""
    verdict = KEPT if reached else BROKEN
    return PromiseRow(promised, delivered, verdict, note, tr(PACE[verdict]))


def _counted(name: str, n: float | None) -> str:
    """Return a promised or delivered count with its noun; empty for shares and money."""
    if name == "mqls":
        return trn("{n} MQL", "{n} MQLs", n)
    if name == "sales_ready":
        return trn("{n} sales-ready lead", "{n} sales-ready leads", n)
    return trn("{n} customer", "{n} customers", n) if name == "customers" else ""


def _promised(promise: Promise, agreement: Agreement) -> str:
    sales = agreement.sla.sales
    if counted := _counted(promise.name, promise.promised):
        return counted
    if promise.name == "revenue":
        return money(promise.promised, agreement.currency)
    share = percent(promise.promised)
    if promise.name == "acceptance":
        return tr("{share} accepted", share=share)
    if promise.name == "first_contact" and sales and sales.first_contact:
        return tr("{share} contacted within {hours}", share=share, hours=hours(sales.first_contact))
    if promise.name == "follow_up" and sales and sales.follow_up:
        days = trn("{n} day", "{n} days", sales.follow_up.within_days)
        return tr("{share} followed up within {days}", share=share, days=days)
    if promise.name == "disposition" and sales and sales.disposition_within_days:
        days = trn("{n} day", "{n} days", sales.disposition_within_days)
        if promise.promised == 1:
            return tr("final verdict on all within {days}", days=days)
        return tr("final verdict on {share} within {days}", share=share, days=days)
    return share


def delivered(promise: Promise, currency: str) -> str:
    """Return what was delivered, with n beside a rate and what is still open."""
    if promise.verdict == NO_DATA:
        return tr("cannot be told")
    if promise.k is not None and promise.n is not None:
        text = tr("{k} of {n}", k=count(promise.k), n=count(promise.n))
        if promise.n:
            text += f" ({percent(promise.delivered)})"
        if promise.pending:
            text = tr("{delivered}, {n} open", delivered=text, n=count(promise.pending))
        return text
    return quantity(promise.delivered, currency if promise.name == "revenue" else "number")


def message(promises: Sequence[Promise], agreement: Agreement, otherwise: str) -> str:
    """Return the month in one or two sentences: what each side kept, and what it did not.

    Parameters
    ----------
    promises : sequence of Promise
    agreement : Agreement
    otherwise : str
        What is said where no promise can be judged.
    """
    judged = [p for p in headline(promises) if p.verdict in {KEPT, BROKEN}]
    if not judged:
        return otherwise
    marketing = _of_side(tr("marketing"), [p for p in judged if p.side == "marketing"])
    sales = _of_side(tr("sales"), [p for p in judged if p.side == "sales"])
    first = "; ".join(part for part in (marketing, sales) if part)
    results = _results(judged, agreement)
    return " ".join(sentence(part) for part in (first, results) if part)


def _of_side(who: str, promises: list[Promise]) -> str:
    if all(p.name in _RESULTS for p in promises):
        return ""
    broken = [p for p in promises if p.verdict == BROKEN]
    n = len(promises)
    if not broken:
        return trn("{who} kept its promise", "{who} kept its promises", n, who=who)
    counts = {"who": who, "k": count(n - len(broken)), "n": count(n)}
    missed = listed([_missed(p) for p in broken if p.name not in _RESULTS])
    if not missed:
        return tr("{who} kept {k} of {n} promises", **counts)
    if len(broken) == n:
        return trn(
            "{who} broke its promise: {missed}",
            "{who} broke all {n} promises: {missed}",
            n,
            who=who,
            missed=missed,
        )
    return tr("{who} kept {k} of {n} promises: {missed}", **counts, missed=missed)


def _missed(promise: Promise) -> str:
    if counted := _counted(promise.name, promise.delivered):
        return tr("{counted} instead of {promised}", counted=counted,
                  promised=count(promise.promised))  # fmt: skip
    late = {"k": count((promise.n or 0) - (promise.k or 0)), "n": count(promise.n)}
    return {
        "acceptance": tr("{k} of {n} answered hand-overs were not accepted", **late),
        "first_contact": tr("{k} of {n} sales-ready leads were contacted late or never", **late),
        "follow_up": tr("{k} of {n} were not followed up", **late),
        "disposition": tr("{k} of {n} got no final verdict in time", **late),
    }.get(promise.name, tr("{k} of {n} missed", **late))


def _results(promises: list[Promise], agreement: Agreement) -> str:
    by = {p.name: p for p in promises}
    got, against, luck = [], [], ""
    if customers := by.get("customers"):
        got.append(_counted("customers", customers.delivered))
        against.append(count(customers.promised))
        if customers.luck == "within" and customers.verdict == BROKEN:
            luck = tr(
                "{low} to {high} customers is normal variation ({share})",
                share=percent(agreement.sla.confidence),
                low=count(customers.luck_low),
                high=count(customers.luck_high),
            )
        elif customers.luck == "below":
            luck = tr("below normal variation ({share})", share=percent(agreement.sla.confidence))
    if revenue := by.get("revenue"):
        got.append(money(revenue.delivered, agreement.currency))
        against.append(money(revenue.promised, agreement.currency))
    if not got:
        return ""
    text = tr("{got} against {promised} promised", got=listed(got), promised=listed(against))
    return f"{text}: {luck}" if luck else text
