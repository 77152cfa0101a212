"""Why lines are placed where they are, and whether to change them, in sentences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.language.numbers import chance
from smarketing.planning import wording as words
from smarketing.planning.lines.margin import Money, Terms
from smarketing.planning.lines.search import Pair

WORTH_IT = 0.01
"""A gain below this part of today's margin is not worth the change."""


def check_terms(terms: Terms, agreement: Any, dated: bool) -> list[str]:
    """Return notes on what the agreement leaves open; raise if nothing can be weighed."""
    limited = math.isfinite(terms.closing) or math.isfinite(terms.qualification)
    if terms.customer_value is None and not limited:
        if dated:
            raise CannotAnswer(
                tr(
                    "lines need a reason: agreement.yml gives neither "
                    "economics.revenue_per_customer nor a capacity"
                )
            )
        raise CannotAnswer(
            tr(
                "lines need a reason: agreement.yml gives no economics.revenue_per_customer, and "
                "without dates no capacity a month applies"
            )
        )
    notes = []
    if terms.customer_value is None:
        notes.append(
            tr(
                "agreement.yml gives no economics.revenue_per_customer, so the lines fill the "
                "capacity at the agreed confidence and no margin is counted."
            )
        )
    if not dated:
        notes.append(
            tr(
                "The table has no dates, so capacity per month cannot be placed: the lines follow "
                "from the expected margin per lead alone."
            )
        )
    elif not limited:
        notes.append(tr("agreement.yml gives no capacity, so only the margin limits the lines."))
    if getattr(agreement.economics, "cost_per_worked_lead", None) is None and notes == []:
        notes.append(
            tr("agreement.yml gives no economics.cost_per_worked_lead; work counts as free.")
        )
    return notes


def verdict(
    chosen: Pair,
    today: Pair | None,
    fits_today: bool,
    spans: list[tuple[float | None, float | None]],
    grid: np.ndarray,
    gain: float | None,
    gain_low: float | None,
    money: Money,
    terms: Terms,
    currency: str,
    dated: bool,
) -> tuple[bool, str]:
    """Return whether to change today's lines, and why, in a sentence.

    Parameters
    ----------
    chosen, today : pair of int
        Places of the best lines and of today's; None where those stand on another score.
    fits_today : bool
        Whether today's lines keep the capacities as often as agreed.
    spans : list of pairs
        Intervals of the best MQL and SQL line.
    grid : numpy.ndarray
        The possible lines.
    gain, gain_low : float or None
        Margin gained, and the low end of its interval.
    money : Money
    terms : Terms
    currency : str
    dated : bool
        Whether margins are those of a month.
    """
    if today is None:
        return True, tr("Today's lines stand on another score and cannot be compared.")
    if chosen == today:
        return False, tr("No reason to change: today's lines are the best ones.")
    if not fits_today:
        risks = {}
        if not terms.one_line and money.fits_qualification[today] < terms.confidence:
            risks["qualification"] = 1 - money.fits_qualification[today]
        if money.fits_closing[today] < terms.confidence:
            risks["closing"] = 1 - money.fits_closing[today]
        text = tr(
            "Today's lines send more leads than can be worked: they overflow {desks}; at most "
            "{most} is agreed.",
            desks=words.overflows(risks),
            most=chance(1 - terms.confidence),
        )
        if gain is not None and gain < 0:
            # Overflowing leads are simply not worked here, so a full desk can earn more.
            amount = words.money(-gain, currency)
            cost = (
                tr("Keeping the capacity costs {amount} of expected margin a month.", amount=amount)
                if dated
                else tr("Keeping the capacity costs {amount} of expected margin.", amount=amount)
            )
            text = f"{text} {cost}"
        return True, text
    inside = all(
        low is not None and low <= grid[place] <= high
        for (low, high), place in zip(spans, today, strict=True)
    )
    if inside:
        return False, tr(
            "No reason to change: today's lines lie inside the interval of the best lines."
        )
    if gain_low is not None and gain_low <= 0:
        return False, tr("No reason to change: the margin gained is not distinguishable from zero.")
    if gain is not None and gain < WORTH_IT * abs(money.margin[today]):
        return False, tr("No reason to change: other lines would earn less than 1 % more.")
    if gain is None:
        return True, tr("Other lines make better use of the capacity.")
    amount = words.money(gain, currency)
    if dated:
        return True, tr(
            "The recommended lines earn {amount} more a month than today's.", amount=amount
        )
    return True, tr("The recommended lines earn {amount} more than today's.", amount=amount)


def why_nobody(terms: Terms, chosen: Pair, last: int) -> str:
    """Return why no lead is handed straight to a rep."""
    if terms.closing < 1:
        return tr("Closing has no capacity, so nobody can be handed straight to a rep.")
    if chosen[0] == last:
        return tr(
            "At these costs, chances and capacities no lead earns its work: the lines stand above "
            "every score."
        )
    return tr("No lead is handed straight to a rep: qualifying first earns more at every score.")
