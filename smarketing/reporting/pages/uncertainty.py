"""How sure the month's page is: what may still move, and how forecasts held so far."""

from __future__ import annotations

from collections.abc import Sequence

from smarketing.funnel.sla.promises import Promise
from smarketing.language.numbers import count
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.planning.recommendation import Recommendation
from smarketing.reporting.pages.advice import caution_of
from smarketing.reporting.pages.year_to_date import Since


def how_sure(
    promises: Sequence[Promise], advice: Recommendation | None, since: Since | None
) -> str:
    """Return what the numbers of a month rest on, in a few sentences; empty where nothing tells.

    Parameters
    ----------
    promises : sequence of Promise
        The month's: hand-overs too young to be judged are named.
    advice : Recommendation or None
        Its back check says what forecasts like these would have said of past months.
    since : Since or None
        What was won this year, for a caution where there is no such check.
    """
    said = [_young(promises)]
    if advice is not None:
        said.append(caution_of(advice, since))
        checked = advice.forecast_backtest
        if checked is not None and not checked.caution:
            said.append(sentence(checked.sentence))
    return " ".join(text for text in said if text)


def _young(promises: Sequence[Promise]) -> str:
    """Return how many of the month's hand-overs have no verdict yet."""
    shares = [p for p in promises if p.n is not None and p.promised is not None and p.pending]
    if not shares:
        return ""
    most = max(shares, key=lambda promise: promise.pending)
    return trn(
        "{k} of the month's {n} hand-over is too young to be judged: its shares may still move.",
        "{k} of the month's {n} hand-overs are too young to be judged: shares may still move.",
        most.n + most.pending,
        k=count(most.pending),
    )
