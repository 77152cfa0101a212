"""The promises of both sides in words: what can be signed, what today's terms come to."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.language import numbers
from smarketing.language.catalogue import tr
from smarketing.language.plurals import trn
from smarketing.planning import wording as words
from smarketing.planning.volumes.simulate import Outlook, chance_of_volume


def to_sign(
    recommended: dict[str, float], worth: float | None, agreement: Agreement, confidence: float
) -> dict[str, str]:
    """Return the sentences that can be signed: of ``both``, and of each side.

    Parameters
    ----------
    recommended : dict of str to float
        The promises, by measure; those that can be made.
    worth : float or None
        Of a customer.
    agreement : smarketing.agreement.Agreement
    confidence : float
    """
    often = words.months_of_ten(confidence)
    ready = recommended.get("sales_ready")
    marketing = words.marketing_sentence(ready)
    sales_side = agreement.sla.sales
    promised_contact = None if sales_side is None else sales_side.first_contact
    contact = words.contact_sentence(promised_contact)
    customers = words.customers_sentence(
        recommended.get("customers"), worth, agreement.currency, confidence
    )
    own = marketing
    if ready is not None and ready >= 1:
        own = tr("{promise}, in {often}", promise=marketing, often=often)
    sales = words.contact_sentence(promised_contact, alone=True)
    return {
        "both": words.whole_sentence(marketing, contact, customers),
        "marketing": words.sentence(own),
        "sales": words.sentence(f"{sales}; {customers}" if sales else customers),
    }


def of_today(
    table: pd.DataFrame,
    goal: int | None,
    needs: pd.DataFrame,
    outlook: Outlook,
    confidence: float,
    currency: str,
) -> list[str]:
    """Return which promises of today can be kept, and what is reachable instead."""
    sure = numbers.chance(confidence)
    out = [
        _on_promise(row, sure, confidence, currency)
        for row in table.to_dict("records")
        if not pd.isna(row["agreed"])
    ]
    if goal is not None and not needs.empty:
        need = needs.loc[needs["confidence"] == confidence].iloc[0]
        expected = float(table.set_index("measure").loc["sales_ready", "expected"])
        out.append(_takes(goal, need, expected, outlook, sure))
    return out


def _on_promise(row: dict[str, Any], sure: str, confidence: float, currency: str) -> str:
    """Return whether a promise of today can be kept, and how often it was so far."""
    what = words.promised(row["measure"], row["agreed"], currency)
    kept = {"promise": what[0].upper() + what[1:], "sure": sure}
    record = ""
    if not pd.isna(row["of_months"]):
        record = trn(
            "It was kept in {k} of the last {n} month.",
            "It was kept in {k} of the last {n} months.",
            int(row["of_months"]),
            k=numbers.count(row["kept_months"]),
        )
    if pd.isna(row["chance_agreed"]):
        text = tr(
            "{promise} a month: the forecast contradicts the months so far, so neither a chance "
            "nor a promise is given.",
            **kept,
        )
        return f"{text} {record}".strip()
    kept["chance"] = numbers.chance(row["chance_agreed"])
    if row["chance_agreed"] >= confidence:
        text = tr(
            "{promise} a month: kept with a chance of {chance}, so the promise can stand at "
            "{sure}.",
            **kept,
        )
    elif row["recommended"] > 0:
        text = tr(
            "{promise} a month: kept with a chance of {chance}; at {sure} {instead} can be "
            "promised.",
            instead=words.promised(row["measure"], row["recommended"], currency),
            **kept,
        )
    else:
        text = tr(
            "{promise} a month: kept with a chance of {chance}; at {sure} nothing can be promised.",
            **kept,
        )
    return f"{text} {record}".strip()


def _takes(goal: int, need: pd.Series, expected: float, outlook: Outlook, sure: str) -> str:
    """Return what the goal takes, or why no volume is enough for it."""
    customers = words.promised("customers", goal, "")
    if need["sales_ready"] is None or pd.isna(need["sales_ready"]):
        return tr(
            "{customers} a month at {sure} cannot be reached with any volume: almost no hand-over "
            "is won.",
            customers=customers,
            sure=sure,
        )
    taken = {
        "customers": customers,
        "sure": sure,
        "leads": words.promised("sales_ready", need["sales_ready"], ""),
        "rate": numbers.chance(outlook.close_rate.mean),
        "expected": numbers.count(expected),
    }
    if need["enough_capacity"]:
        return tr(
            "{customers} a month at {sure} take {leads} at a close rate of {rate}; {expected} are "
            "expected.",
            **taken,
        )
    most = math.floor(outlook.closing)
    chance = chance_of_volume(goal, [outlook.close_rate])(most)
    return tr(
        "{customers} a month at {sure} take {leads} at a close rate of {rate}; {expected} are "
        "expected, and closing can work {most}, which gives a chance of {chance}: it takes more "
        "people in closing or a higher close rate.",
        most=numbers.count(most),
        chance=numbers.chance(chance),
        **taken,
    )
