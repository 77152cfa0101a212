"""What is recommended, with its effect and its risk, in words."""

from __future__ import annotations

from smarketing.language.numbers import about, count, money, noun, percent
from smarketing.planning import Recommendation, Thresholds
from smarketing.reporting.page import sentence
from smarketing.reporting.since import Since

TOO_HIGH = 1.25
"""Expected over won, from which the page warns that the forecast may flatter."""
MONTHS_TO_WARN = 6


def advice_of(found: Recommendation, currency: str) -> str:
    """Return the lines to draw and the SLA that both sides can sign, in a few sentences."""
    parts = []
    if found.thresholds is not None:
        parts.append(of_lines(found.thresholds, currency))
    elif "thresholds" in found.cannot:
        parts.append(found.cannot["thresholds"])
    if found.volumes is None:
        parts.append(found.sentence)
    else:
        parts.append(f"Both sides can sign: {found.sentence}")
    return " ".join(parts)


def caution_of(found: Recommendation, since: Since | None) -> str:
    """Return a warning where today's lines would have said of the past what did not come, or "".

    The back-check of the recommendation decides; where it has too few months to, what is expected
    is held against what sales won this year.
    """
    checked = getattr(found, "back_check", None)
    if checked is not None and checked.enough:
        return checked.caution
    lines = found.thresholds
    if lines is None or since is None or not since.customers or since.months < MONTHS_TO_WARN:
        return ""
    try:
        expected = lines.row("today")["customers"]
    except KeyError:
        return ""
    won = since.customers / since.months
    if expected is None or expected < TOO_HIGH * won:
        return ""
    return (
        f"Caution: today's lines are expected to bring {about(expected)} customers a month, and "
        f"sales won {about(won)} a month this year: this forecast may promise too much."
    )


def of_lines(lines: Thresholds, currency: str) -> str:
    """Return which lines to draw, what they change, and how sure that is."""
    best = lines.row()
    try:
        today = lines.row("today")
    except KeyError:
        today = None
    drawn = _drawn(lines, today)
    if not lines.change or today is None:
        return " ".join(part for part in (drawn, sentence(lines.why)) if part)
    often = " a month" if dated(lines) else ""
    text = (
        f"{drawn}: {about(best['sales_ready'])} sales-ready leads{often} instead of "
        f"{about(today['sales_ready'])}, {about(best['customers'])} customers instead of "
        f"{about(today['customers'])}"
    )
    over = [r.get("overflow_closing") for r in (today, best)]
    if None not in over:
        text += f", closing overflows in {percent(over[1])} of months instead of {percent(over[0])}"
    text += "."
    if lines.gain is not None:
        text += f" Margin {_gain(lines, currency)}{often}."
    if lines.resamples:
        text += f" {count(lines.agree)} of {noun(lines.resamples, 'resample')} agree."
    return text


def dated(lines: Thresholds) -> bool:
    """Return whether the lines were found month by month, and not on leads without dates."""
    return lines.table.months != ("all",)


def _gain(lines: Thresholds, currency: str) -> str:
    text = ("+" if (lines.gain or 0) >= 0 else "") + money(lines.gain, currency)
    if lines.gain_low is not None:
        text += f" ({money(lines.gain_low)} to {money(lines.gain_high)})"
    return text


def _drawn(lines: Thresholds, today: dict | None) -> str:
    if not lines.change:
        return "Keep the lines" if today is None else f"Keep the lines at {_both(today)}."
    if today is None:
        return f"Draw the lines at {_both(lines.row())}."
    moved = []
    for name, new in (("MQL", lines.mql), ("SQL", lines.sql)):
        old = today[name.lower()]
        if old is None or old == new:
            continue
        moved.append(f"{'raise' if new > old else 'lower'} the {name} line from {old:g} to {new:g}")
    text = " and ".join(moved) or "Keep the lines"
    return text[0].upper() + text[1:]


def _both(row: dict) -> str:
    if row["mql"] is None:
        return f"{row['sql']:g}"
    return f"{row['mql']:g} (MQL) and {row['sql']:g} (SQL)"
