"""Why lines are placed where they are, and whether to change them, in sentences."""

from __future__ import annotations

import numpy as np

from smarketing.language.catalogue import tr
from smarketing.language.numbers import chance
from smarketing.planning import wording as words
from smarketing.planning.lines.choice import ChosenLines
from smarketing.planning.lines.line_grid import LinePair
from smarketing.planning.lines.margin import Money, Terms

WORTH_IT = 0.01
"""A gain below this part of today's margin is not worth the change."""


def verdict(
    choice: ChosenLines, grid: np.ndarray, money: Money, terms: Terms, currency: str
) -> tuple[bool, str]:
    """Return whether to change today's lines, and why, in a sentence."""
    today, gain = choice.today, choice.gain
    if terms.no_money:
        return False, terms.no_money
    if today is None or gain is None:
        return True, tr("Today's lines stand on another score and cannot be compared.")
    if choice.best == today:
        return False, tr("No reason to change: today's lines are the best ones.")
    if not money.fits(terms)[today]:
        overflow = money.overflow(today, terms)
        if choice.best == (len(grid) - 1,) * 2 and gain < 0:
            nowhere = tr(
                "No line can be recommended: every line that leads still cross sends more of them "
                "than can be worked. Today's lines stay."
            )
            return False, f"{nowhere} {_overflowing(overflow, 0.0, terms, currency)}"
        return True, _overflowing(overflow, gain, terms, currency)
    if choice.holds_today(grid):
        return False, tr(
            "No reason to change: today's lines lie inside the interval of the best lines."
        )
    if choice.gain_low is not None and choice.gain_low <= 0:
        return False, tr("No reason to change: the margin gained is not distinguishable from zero.")
    if gain < WORTH_IT * abs(money.margin[today]):
        return False, tr("No reason to change: other lines would earn less than 1 % more.")
    amount = words.money(gain, currency)
    if terms.dated:
        return True, tr(
            "The recommended lines earn {amount} more a month than today's.", amount=amount
        )
    return True, tr("The recommended lines earn {amount} more than today's.", amount=amount)


def _overflowing(risks: dict[str, float], gain: float, terms: Terms, currency: str) -> str:
    """Return that today's lines send more than can be worked, and what keeping to it costs."""
    text = tr(
        "Today's lines send more leads than can be worked: they overflow {desks}; at most "
        "{most} is agreed.",
        desks=words.overflows({d: r for d, r in risks.items() if r > 1 - terms.confidence}),
        most=chance(1 - terms.confidence),
    )
    if gain >= 0:
        return text
    # Overflowing leads are simply not worked here, so a full desk can earn more.
    amount = words.money(-gain, currency)
    if terms.dated:
        cost = tr("Keeping the capacity costs {amount} of expected margin a month.", amount=amount)
    else:
        cost = tr("Keeping the capacity costs {amount} of expected margin.", amount=amount)
    return f"{text} {cost}"


def notes_on(terms: Terms, taken: LinePair, nobody: int) -> tuple[str, ...]:
    """Return what a reader of the lines should know."""
    if terms.no_money:
        return ()
    notes = []
    if not terms.dated:
        notes.append(
            tr(
                "The table has no dates, so capacity per month cannot be placed: the lines follow "
                "from the expected margin per lead alone."
            )
        )
    if taken[1] == nobody:
        notes.append(_why_nobody(terms, taken[0] == nobody))
    return tuple(notes)


def _why_nobody(terms: Terms, nor_qualified: bool) -> str:
    """Return why no lead is handed straight to a rep."""
    if terms.closing < 1:
        return tr("Closing has no capacity, so nobody can be handed straight to a rep.")
    if nor_qualified:
        return tr(
            "At these costs, chances and capacities no lead earns its work: the lines stand above "
            "every score."
        )
    return tr("No lead is handed straight to a rep: qualifying first earns more at every score.")
