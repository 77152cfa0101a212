"""How sure the month's page is: what may still move, and how forecasts held so far."""

from __future__ import annotations

from collections.abc import Sequence

from smarketing.funnel.sla.promises import Promise
from smarketing.language.catalogue import tr
from smarketing.language.numbers import about, count
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.planning.recommended import Recommendation
from smarketing.reporting.pages.year_to_date import YearToDate

TOO_HIGH = 1.25
"""Expected over won, from which the page warns that the forecast may flatter."""
MONTHS_TO_WARN = 6


def how_sure(
    promises: Sequence[Promise], recommended: Recommendation | None, year: YearToDate | None
) -> str:
    """Return what the numbers of a month rest on, in a few sentences; empty where nothing tells.

    Parameters
    ----------
    promises : sequence of Promise
        The month's: hand-overs too young to be judged are named.
    recommended : Recommendation or None
        Its back check says what forecasts like these would have said of past months.
    year : YearToDate or None
        What was won this year, for a caution where there is no such check.
    """
    sentences = [_young(promises)]
    if recommended is not None:
        sentences.append(caution_of(recommended, year))
        check = recommended.forecast_backtest
        if check is not None and not check.caution:
            sentences.append(sentence(check.sentence))
    return " ".join(text for text in sentences if text)


def caution_of(recommended: Recommendation, year: YearToDate | None) -> str:
    """Return a warning where today's lines would have said of the past what did not come, or "".

    The back-check of the recommendation decides; where it has too few months to, what is expected
    is held against what sales won this year.
    """
    check, lines = recommended.forecast_backtest, recommended.thresholds
    if check is not None and check.enough:
        return check.caution
    if lines is None or year is None or not year.customers or year.months < MONTHS_TO_WARN:
        return ""
    try:
        expected = lines.row("today")["customers"]
    except KeyError:
        return ""
    won = year.customers / year.months
    if expected is None or expected < TOO_HIGH * won:
        return ""
    return tr(
        "Caution: today's lines are expected to bring {expected} customers a month, and sales won "
        "{won} a month this year: this forecast may promise too much.",
        expected=about(expected),
        won=about(won),
    )


def _young(promises: Sequence[Promise]) -> str:
    """Return how many of the month's hand-overs have no verdict yet."""
    shares = [p for p in promises if p.n is not None and p.promised is not None and p.pending]
    if not shares:
        return ""
    most = max(promise.pending for promise in shares)
    # acceptance counts only what sales answered; the other shares count every hand-over
    handed_over = max((promise.n or 0) + promise.pending for promise in shares)
    return trn(
        "{k} of the month's {n} hand-over is too young to be judged: its shares may still move.",
        "{k} of the month's {n} hand-overs are too young to be judged: shares may still move.",
        handed_over,
        k=count(most),
    )
