"""What is recommended, with its effect and its risk, in words."""

from __future__ import annotations

from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import about, count, listed, money, number, percent
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.planning.recommendation import Recommendation
from smarketing.reporting.pages.year_to_date import Since

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
        parts.append(tr("Both sides can sign: {sentence}", sentence=found.sentence))
    return " ".join(parts)


def caution_of(found: Recommendation, since: Since | None) -> str:
    """Return a warning where today's lines would have said of the past what did not come, or "".

    The back-check of the recommendation decides; where it has too few months to, what is expected
    is held against what sales won this year.
    """
    checked = getattr(found, "forecast_backtest", None)
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
    return tr(
        "Caution: today's lines are expected to bring {expected} customers a month, and sales won "
        "{won} a month this year: this forecast may promise too much.",
        expected=about(expected),
        won=about(won),
    )


def of_lines(lines: Thresholds, currency: str) -> str:
    """Return which lines to draw, what they change, and how sure that is."""
    best = lines.row()
    try:
        today = lines.row("today")
    except KeyError:
        today = None
    if not lines.change or today is None:
        return " ".join(part for part in (_drawn(lines, today), sentence(lines.why)) if part)
    said = [_effect(lines, today, best)]
    if lines.gain is not None:
        said.append(_gain(lines, currency))
    if lines.resamples:
        agree = count(lines.agree)
        said.append(
            trn("{k} of {n} resample agree.", "{k} of {n} resamples agree.", lines.resamples,
                k=agree)
        )  # fmt: skip
    return " ".join(said)


def dated(lines: Thresholds) -> bool:
    """Return whether the lines were found month by month, and not on leads without dates."""
    return lines.table.months != ("all",)


_MOVES = {
    ("mql", True): mark("raise the MQL line from {old} to {new}"),
    ("mql", False): mark("lower the MQL line from {old} to {new}"),
    ("sql", True): mark("raise the SQL line from {old} to {new}"),
    ("sql", False): mark("lower the SQL line from {old} to {new}"),
}


def _effect(lines: Thresholds, today: dict, best: dict) -> str:
    """Return the lines moved, with what that changes of leads, customers and overflow."""
    moves = [
        tr(_MOVES[name, new > today[name]], old=number(today[name]), new=number(new))
        for name, new in (("mql", lines.mql), ("sql", lines.sql))
        if today[name] is not None and today[name] != new
    ]
    moved = listed(moves) or tr("keep the lines")
    ready, customers = best["sales_ready"], best["customers"]
    if dated(lines):
        leads = trn("{n} sales-ready lead a month", "{n} sales-ready leads a month", ready,
                    n=about(ready))  # fmt: skip
    else:
        leads = trn("{n} sales-ready lead", "{n} sales-ready leads", ready, n=about(ready))
    said = {
        "moved": moved[0].upper() + moved[1:],
        "leads": leads,
        "leads_today": about(today["sales_ready"]),
        "customers": trn("{n} customer", "{n} customers", customers, n=about(customers)),
        "customers_today": about(today["customers"]),
    }
    before, after = (row.get("overflow_closing") for row in (today, best))
    if before is None or after is None:
        return tr(
            "{moved}: {leads} instead of {leads_today}, {customers} instead of {customers_today}.",
            **said,
        )
    return tr(
        "{moved}: {leads} instead of {leads_today}, {customers} instead of {customers_today}, "
        "closing overflows in {over} of months instead of {over_today}.",
        **said,
        over=percent(after),
        over_today=percent(before),
    )


def _gain(lines: Thresholds, currency: str) -> str:
    gain = ("+" if lines.gain >= 0 else "") + money(lines.gain, currency)
    if lines.gain_low is not None:
        gain = tr("{value} ({low} to {high})", value=gain, low=money(lines.gain_low),
                  high=money(lines.gain_high))  # fmt: skip
    if dated(lines):
        return tr("Margin {gain} a month.", gain=gain)
    return sentence(tr("Margin {gain}", gain=gain))


def _drawn(lines: Thresholds, today: dict | None) -> str:
    """Return where to draw the lines, where nothing can be said against today's."""
    if lines.change:
        return tr("Draw the lines at {lines}.", lines=_both(lines.row()))
    if today is None:
        return tr("Keep the lines.")
    return tr("Keep the lines at {lines}.", lines=_both(today))


def _both(row: dict) -> str:
    if row["mql"] is None:
        return number(row["sql"])
    return tr("{mql} (MQL) and {sql} (SQL)", mql=number(row["mql"]), sql=number(row["sql"]))
