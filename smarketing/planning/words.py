"""Numbers of a plan in sentences that both teams can sign."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

_SIGNS = {"DKK": "kr.", "SEK": "kr.", "NOK": "kr."}


def months_of_ten(confidence: float) -> str:
    """Return a confidence as a count of months, of ten where it can be.

    Examples
    --------
    >>> months_of_ten(0.8), months_of_ten(0.95), months_of_ten(0.75)
    ('8 months of 10', '19 months of 20', '3 months of 4')
    """
    part = Fraction(confidence).limit_denominator(20)
    if 10 % part.denominator == 0:
        return f"{part.numerator * 10 // part.denominator} months of 10"
    return f"{part.numerator} months of {part.denominator}"


def percent(share: float) -> str:
    """Return a share in per cent, rounded so that neither 0 nor 100 is claimed falsely.

    Examples
    --------
    >>> percent(0.5849), percent(0.9996), percent(0.002), percent(0.0)
    ('58 %', 'over 99 %', 'under 1 %', '0 %')
    """
    if 0.99 < share < 1:
        return "over 99 %"
    if 0 < share < 0.01:
        return "under 1 %"
    return f"{round(share * 100)} %"


def money(amount: float, currency: str) -> str:
    """Return an amount with its currency, to three figures or whole units.

    Examples
    --------
    >>> money(40123.7, "DKK"), money(812.4, "EUR")
    ('40,100 kr.', '812 EUR')
    """
    digits = max(0, math.floor(math.log10(abs(amount))) - 2) if amount else 0
    return f"{round(amount, -digits):,.0f} {_SIGNS.get(currency, currency)}".rstrip()


def count(n: float, noun: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> count(1, "customer"), count(26, "sales-ready lead")
    ('1 customer', '26 sales-ready leads')
    """
    return f"{n:,.0f} {noun}" + ("" if round(n) == 1 else "s")


def marketing_sentence(sales_ready: float) -> str:
    """Return marketing's promise.

    Examples
    --------
    >>> marketing_sentence(26)
    'every month marketing hands over at least 26 sales-ready leads'
    """
    if sales_ready < 1:
        return "marketing cannot promise any sales-ready lead"
    return f"every month marketing hands over at least {count(sales_ready, 'sales-ready lead')}"


def contact_sentence(first_contact: Any) -> str:
    """Return sales' promise of a first contact, empty where none is agreed.

    Examples
    --------
    >>> from types import SimpleNamespace as Bag
    >>> contact_sentence(Bag(share=0.95, within_hours=48, clock="business"))
    'sales contacts 95 % of them within 48 business hours'
    """
    if first_contact is None:
        return ""
    hours = "business hours" if first_contact.clock == "business" else "hours"
    return (
        f"sales contacts {percent(first_contact.share)} of them within "
        f"{first_contact.within_hours:g} {hours}"
    )


def customers_sentence(
    customers: float, worth: float | None, currency: str, confidence: float
) -> str:
    """Return sales' promise of customers.

    Examples
    --------
    >>> customers_sentence(5, 40000, "DKK", 0.8)
    'sales wins 5 customers worth 40,000 kr. on average, in 8 months of 10'
    """
    often = months_of_ten(confidence)
    if customers < 1:
        return f"sales cannot promise any customer in {often}"
    value = f" worth {money(worth, currency)} on average" if worth else ""
    return f"sales wins {count(customers, 'customer')}{value}, in {often}"


def whole_sentence(marketing: str, contact: str, customers: str) -> str:
    """Return the agreement in one sentence.

    Examples
    --------
    >>> whole_sentence("a", "b", "c")
    'A, and b; c.'
    """
    first = f"{marketing}, and {contact}" if contact else marketing
    text = f"{first}; {customers}."
    return text[0].upper() + text[1:]


def sentence(text: str) -> str:
    """Return a clause as a sentence.

    Examples
    --------
    >>> sentence("sales wins")
    'Sales wins.'
    """
    return text[:1].upper() + text[1:] + "."
