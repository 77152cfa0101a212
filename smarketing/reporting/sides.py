"""Both sides' promises in words: what was promised, what was delivered, kept or broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smarketing.agreement import Agreement
from smarketing.funnel.sla.promises import BROKEN, KEPT, NO_DATA, NOT_AGREED, PENDING, Promise
from smarketing.reporting.numbers import count, money, noun, number, percent

SIGNS = {KEPT: "▲", BROKEN: "▼", PENDING: "◌"}
"""A sign beside the word beside the colour: colour is never the only one."""

_NOUNS = {
    "mqls": ("MQL", "MQLs"),
    "sales_ready": ("sales-ready lead", "sales-ready leads"),
    "customers": ("customer", "customers"),
}


@dataclass(frozen=True)
class Line:
    """One promise as a row of the first screen.

    Parameters
    ----------
    promised, delivered : str
    verdict : str
        kept, broken, pending, or empty where nothing was agreed or nothing can be said.
    sign : str
    note : str
    """

    promised: str
    delivered: str
    verdict: str
    sign: str
    note: str


def lines_of(promises: Sequence[Promise], side: str, agreement: Agreement) -> list[Line]:
    """Return one side's promises of the month as rows; those not agreed are left out.

    Customers and revenue are shown by calendar (closed in the month), as the agreement's own
    "per month" is meant; the cohort stands in the details.
    """
    return [
        Line(
            promised=_promised(promise, agreement),
            delivered=delivered(promise, agreement.currency),
            verdict=promise.verdict if promise.verdict in SIGNS else "",
            sign=SIGNS.get(promise.verdict, ""),
            note=promise.note if promise.verdict == NO_DATA or promise.name == "acceptance" else "",
        )
        for promise in headline(promises)
        if promise.side == side
    ]


def headline(promises: Sequence[Promise]) -> list[Promise]:
    """Return the agreed promises, each once: by calendar where both ways are there."""
    chosen: dict[str, Promise] = {}
    for promise in promises:
        if promise.verdict == NOT_AGREED or promise.promised is None:
            continue
        if promise.name not in chosen or promise.basis == "calendar":
            chosen[promise.name] = promise
    return list(chosen.values())


def _promised(promise: Promise, agreement: Agreement) -> str:
    sales = agreement.sla.sales
    if promise.name in _NOUNS:
        one, many = _NOUNS[promise.name]
        return noun(promise.promised, one, many)
    if promise.name == "revenue":
        return money(promise.promised, agreement.currency)
    share = percent(promise.promised)
    if promise.name == "acceptance":
        return f"{share} accepted"
    if promise.name == "first_contact" and sales and sales.first_contact:
        clock = " business hours" if sales.first_contact.clock == "business" else " hours"
        return f"{share} contacted within {number(sales.first_contact.within_hours)}{clock}"
    if promise.name == "follow_up" and sales and sales.follow_up:
        return f"{share} followed up within {noun(sales.follow_up.within_days, 'day')}"
    if promise.name == "disposition" and sales and sales.disposition_within_days:
        every = "all" if promise.promised == 1 else share
        return f"{every} answered within {noun(sales.disposition_within_days, 'day')}"
    return share


def delivered(promise: Promise, currency: str) -> str:
    """Return what was delivered, with n beside a rate and what is still open."""
    if promise.verdict == NO_DATA:
        return "cannot be told"
    if promise.k is not None and promise.n is not None:
        text = f"{count(promise.k)} of {count(promise.n)}"
        if promise.n:
            text += f" ({percent(promise.delivered)})"
        return f"{text}, {count(promise.pending)} open" if promise.pending else text
    if promise.name == "revenue":
        return money(promise.delivered, currency)
    return count(promise.delivered)


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
    marketing = _of_side("Marketing", [p for p in judged if p.side == "marketing"])
    did = [p for p in judged if p.side == "sales" and p.name not in {"customers", "revenue"}]
    sales = _of_side("sales" if marketing else "Sales", did)
    first = "; ".join(part for part in (marketing, sales) if part)
    results = _results(judged, agreement.currency)
    return " ".join(f"{part}." for part in (first, results) if part)


def _of_side(who: str, promises: list[Promise]) -> str:
    broken = [p for p in promises if p.verdict == BROKEN]
    if not promises:
        return ""
    if not broken:
        return f"{who} kept {'its promise' if len(promises) == 1 else 'its promises'}"
    if len(broken) == len(promises):
        kept = "broke its promise" if len(promises) == 1 else f"broke all {len(promises)} promises"
    else:
        kept = f"kept {len(promises) - len(broken)} of {len(promises)} promises"
    return f"{who} {kept}: {listed([_missed(p) for p in broken])}"


def _missed(promise: Promise) -> str:
    if promise.name in _NOUNS:
        what = _NOUNS[promise.name][1]
        return f"{count(promise.delivered)} {what} instead of {count(promise.promised)}"
    late = (promise.n or 0) - (promise.k or 0)
    of = f"{count(late)} of {count(promise.n)}"
    return {
        "acceptance": f"{of} hand-overs were not accepted",
        "first_contact": f"{of} sales-ready leads were contacted late or never",
        "follow_up": f"{of} were not followed up",
        "disposition": f"{of} got no answer in time",
    }.get(promise.name, f"{of} missed")


def _results(promises: list[Promise], currency: str) -> str:
    by = {p.name: p for p in promises}
    got, against, luck = [], [], ""
    if customers := by.get("customers"):
        got.append(noun(customers.delivered, "customer"))
        against.append(count(customers.promised))
        if customers.luck == "within" and customers.verdict == BROKEN:
            luck = (
                f": luck alone would explain {count(customers.luck_low)} to "
                f"{count(customers.luck_high)} customers"
            )
        elif customers.luck == "below":
            luck = ": more than bad luck explains"
    if revenue := by.get("revenue"):
        got.append(money(revenue.delivered, currency))
        against.append(money(revenue.promised, currency))
    if not got:
        return ""
    text = f"{listed(got)} against {listed(against)} promised"
    return text[0].upper() + text[1:] + luck


def listed(parts: list[str]) -> str:
    """Return parts as a list in a sentence.

    Examples
    --------
    >>> listed(["2 rejected", "1 recycled", "1 lost"])
    '2 rejected, 1 recycled and 1 lost'
    """
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
