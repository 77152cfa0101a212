"""Words of a plan: what is counted, and promises in sentences that both teams can sign."""

from __future__ import annotations

import math
from fractions import Fraction

from smarketing.agreement.sla import FirstContact
from smarketing.funnel.wording import hours_of
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import SPACE, chance, count, currency_sign, half_up, number
from smarketing.language.plurals import trn

MEASURES = {
    "visitors": mark("visitors"),
    "leads": mark("leads"),
    "mqls": mark("MQLs"),
    "sales_ready": mark("sales-ready leads"),
    "acceptance_rate": mark("acceptance rate"),
    "accepted": mark("accepted leads"),
    "sqls": mark("SQLs"),
    "opportunities": mark("opportunities"),
    "customers": mark("customers"),
    "revenue": mark("revenue"),
}
"""What the measures of promises and goals are called within a sentence."""


def months_of_ten(confidence: float) -> str:
    """Return a confidence as a count of months, of ten where it can be.

    Examples
    --------
    >>> months_of_ten(0.8), months_of_ten(0.95), months_of_ten(0.75)
    ('8 months of 10', '19 months of 20', '3 months of 4')
    """
    part = Fraction(confidence).limit_denominator(20)
    whole = 10 if 10 % part.denominator == 0 else part.denominator
    kept = part.numerator * whole // part.denominator
    return trn("{n} month of {whole}", "{n} months of {whole}", kept, whole=count(whole))


def money(amount: float, currency: str) -> str:
    """Return an amount with its currency, to three figures: finer than a page's table has it.

    Examples
    --------
    >>> [money(*each).replace(SPACE, " ") for each in ((40123.7, "DKK"), (812.4, "EUR"))]
    ['40,100 kr.', '812 EUR']
    """
    digits = max(0, math.floor(math.log10(abs(amount))) - 2) if amount else 0
    return f"{count(half_up(amount, -digits))}{SPACE}{currency_sign(currency)}".rstrip()


def figures(value: float, most: int) -> str:
    """Return a number to so many figures, its whole part never rounded away.

    Examples
    --------
    >>> figures(0.0514, 2), figures(12.34, 3), figures(123.4, 2)
    ('0.051', '12.3', '123')
    """
    if not value:
        return number(value)
    return number(value, max(0, most - 1 - math.floor(math.log10(abs(value)))))


def rate(share: float) -> str:
    """Return a rate in per cent to three figures, as small ones would else be lost.

    Examples
    --------
    >>> rate(0.05).replace(SPACE, " "), rate(0.001234).replace(SPACE, " ")
    ('5 %', '0.123 %')
    """
    return f"{figures(100 * share, 3)}{SPACE}%"


def promised(measure: str, value: float, currency: str) -> str:
    """Return a promised value with what is counted.

    Examples
    --------
    >>> promised("customers", 1, "DKK"), promised("sales_ready", 26, "DKK")
    ('1 customer', '26 sales-ready leads')
    """
    if measure == "acceptance_rate":
        return tr("an acceptance of {share}", share=chance(value))
    if measure == "revenue":
        return money(value, currency)
    whole = int(half_up(value))
    return {
        "mqls": trn("{n} MQL", "{n} MQLs", whole),
        "sales_ready": trn("{n} sales-ready lead", "{n} sales-ready leads", whole),
        "customers": trn("{n} customer", "{n} customers", whole),
    }[measure]


def hours(first_contact: FirstContact) -> str:
    """Return within how many hours a first contact is promised.

    Examples
    --------
    >>> from types import SimpleNamespace as Bag
    >>> hours(Bag(within_hours=48, clock="business"))
    '48 business hours'
    """
    return hours_of(first_contact.within_hours, first_contact.clock)


def overflows(risks: dict[str, float]) -> str:
    """Return in which part of the months each desk gets more leads than it can work.

    Examples
    --------
    >>> overflows({"qualification": 0.2, "closing": 0.25}).replace(SPACE, " ")
    'qualification in 20 % and closing in 25 % of months'
    """
    shares = {desk: chance(risk) for desk, risk in risks.items()}
    if len(shares) > 1:
        return tr("qualification in {qualification} and closing in {closing} of months", **shares)
    if "closing" in shares:
        return tr("closing in {closing} of months", **shares)
    return tr("qualification in {qualification} of months", **shares)


def marketing_sentence(sales_ready: float | None) -> str:
    """Return marketing's promise; None: no number can be told.

    Examples
    --------
    >>> marketing_sentence(26)
    'every month marketing hands over at least 26 sales-ready leads'
    """
    if sales_ready is None:
        return tr("marketing promises no number of sales-ready leads yet")
    if sales_ready < 1:
        return tr("marketing cannot promise any sales-ready lead")
    return tr(
        "every month marketing hands over at least {leads}",
        leads=promised("sales_ready", sales_ready, ""),
    )


def contact_sentence(first_contact: FirstContact | None, alone: bool = False) -> str:
    """Return sales' promise of a first contact, empty where none is agreed.

    Parameters
    ----------
    first_contact : smarketing.agreement.sla.FirstContact or None
    alone : bool
        Whether no sentence before has named the hand-overs.

    Examples
    --------
    >>> from types import SimpleNamespace as Bag
    >>> contact_sentence(Bag(share=0.95, within_hours=48, clock="business")).replace(SPACE, " ")
    'sales contacts 95 % of them within 48 business hours'
    """
    if first_contact is None:
        return ""
    values = {"share": chance(first_contact.share), "hours": hours(first_contact)}
    if alone:
        return tr("sales contacts {share} of the hand-overs within {hours}", **values)
    return tr("sales contacts {share} of them within {hours}", **values)


def customers_sentence(
    customers: float | None, worth: float | None, currency: str, confidence: float
) -> str:
    """Return sales' promise of customers; None: no number can be told.

    Examples
    --------
    >>> customers_sentence(5, 40000, "DKK", 0.8).replace(SPACE, " ")
    'sales wins 5 customers worth 40,000 kr. on average, in 8 months of 10'
    """
    often = months_of_ten(confidence)
    if customers is None:
        return tr("sales promises no number of customers yet")
    if customers < 1:
        return tr("sales cannot promise any customer in {often}", often=often)
    counted = promised("customers", customers, currency)
    if not worth:
        return tr("sales wins {customers}, in {often}", customers=counted, often=often)
    return tr(
        "sales wins {customers} worth {worth} on average, in {often}",
        customers=counted,
        worth=money(worth, currency),
        often=often,
    )


def whole_sentence(marketing: str, contact: str, customers: str) -> str:
    """Return the agreement in one sentence.

    Examples
    --------
    >>> whole_sentence("a", "b", "c")
    'A, and b; c.'
    """
    first = tr("{marketing}, and {sales}", marketing=marketing, sales=contact)
    return sentence(f"{first if contact else marketing}; {customers}")


def sentence(text: str) -> str:
    """Return a clause as a sentence.

    Examples
    --------
    >>> sentence("sales wins")
    'Sales wins.'
    """
    return text[:1].upper() + text[1:] + "."
