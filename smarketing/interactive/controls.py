"""Which sliders the tuner has: name, range and step of each, from the agreement's terms."""

from __future__ import annotations

import math
from dataclasses import dataclass

from smarketing.agreement.model import Agreement
from smarketing.planning.lines.whatif import LineWhatIf


@dataclass(frozen=True)
class Control:
    """One slider.

    Parameters
    ----------
    name : str
        ``mql``, ``sql``, ``fit_mql``, ``fit_sql``, or a term of :meth:`WhatIf.ask`.
    label, group : str
        What it is called and under which heading it stands.
    value, low, high, step : float
        Where it starts and how far it goes.
    """

    name: str
    label: str
    group: str
    value: float
    low: float
    high: float
    step: float = 1.0

    @property
    def whole(self) -> bool:
        """Whether it takes whole numbers only."""
        return all(float(x).is_integer() for x in (self.value, self.low, self.high, self.step))


LINES, DESKS, MONEY = "Lines, points", "Leads a month a desk can work", "Money"


def controls_of(
    asked: LineWhatIf, today: tuple[float | None, float], agreement: Agreement, with_fit: bool
) -> list[Control]:
    """Return the sliders that make sense on these terms, in the order they stand.

    Parameters
    ----------
    asked : LineWhatIf
    today : (float or None, float)
        MQL line and SQL line to start at.
    agreement : Agreement
        For the least fits.
    with_fit : bool
        Whether another least fit can be asked about.

    Examples
    --------
    >>> [each.name for each in controls_of(asked, (35, 55), agreement, True)]  # doctest: +SKIP
    ['mql', 'sql', 'fit_mql', 'fit_sql', 'qualification', 'closing', 'confidence', ...]
    """
    terms, grid = asked.terms, asked.table.grid
    whole = all(float(x).is_integer() for x in grid)
    low, high = float(grid[0]), float(grid[-1])
    step = 1.0 if whole else round((high - low) / 200, 6)
    out = []
    for name, line in (("mql", today[0]), ("sql", today[1])):
        if line is not None:
            value = min(max(float(line), low), high)
            out.append(Control(name, f"{name.upper()} line", LINES, value, low, high, step))
    if with_fit:
        for name in ("mql", "sql"):
            line = getattr(agreement.lines, name)
            if line is None or (name == "mql" and terms.one_line):
                continue
            cards = agreement.scorecards.values()
            most = max([card.fit.cap or 100 for card in cards], default=100)
            label = f"Least fit, {name.upper()}"
            fit = float(line.fit_at_least)
            out.append(Control(f"fit_{name}", label, LINES, fit, 0, max(float(most), fit)))
    for desk in ("qualification", "closing"):
        room = getattr(terms, desk)
        if math.isfinite(room) and not (desk == "qualification" and terms.one_line):
            room = float(math.floor(room))
            high = max(3 * room, 10.0)
            out.append(Control(desk, desk.capitalize(), DESKS, room, 0, high, _step(high, 150)))
    if any(each.group == DESKS for each in out):
        sure = round(100 * terms.confidence)
        out.append(Control("confidence", "Confidence, %", DESKS, sure, 50, 99))
    if terms.customer_value is not None:
        for name, label in (
            ("customer_value", "Customer value"),
            ("cost_qualified", "Cost to qualify"),
            ("cost_worked", "Cost to work"),
        ):
            if name == "cost_qualified" and terms.one_line:
                continue
            value = float(getattr(terms, name))
            high = 3 * value if value else float(terms.customer_value) / 10 or 100.0
            out.append(Control(name, label, MONEY, value, 0, high, _step(high, 300)))
    return out


def _step(span: float, most: int) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that crosses a span in so many steps."""
    least = span / most
    if least <= 1:
        return 1.0
    power = 10 ** math.floor(math.log10(least))
    return float(next(power * n for n in (1, 2, 5, 10) if power * n >= least))
