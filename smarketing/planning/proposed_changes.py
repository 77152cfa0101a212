"""A recommendation as a proposal for the next agreement: what changes, and what it would do."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.agreement.proposal import Proposal, make_proposal
from smarketing.planning import wording as words
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.planning.recommended import Recommendation


def changes_of(recommendation: Recommendation, agreement: Agreement) -> dict[str, int | float]:
    """Return the scalars of the agreement that the recommendation would change.

    Lines change only where there is reason to, and only on the agreed card's own points; a line
    above every score says that nobody should be handed over and is not written down as a
    number. Promises change where the agreement makes them already: a new kind of promise is for
    the two teams to add.

    Returns
    -------
    dict of str to int or float
        Dotted path -> new value; empty when nothing changes.
    """
    changes: dict[str, int | float] = {}
    thresholds = recommendation.thresholds
    if thresholds is not None and recommendation.model == "agreed" and thresholds.change:
        lines = agreement.lines
        # Nobody crosses the highest line; it is no line to sign.
        top = thresholds.table.grid[-1]
        wanted = {"sql": thresholds.sql}
        if not thresholds.terms.one_line:
            wanted["mql"] = thresholds.mql
        for name, score in wanted.items():
            agreed = getattr(lines, name)
            if score < top and float(score).is_integer() and agreed.score != score:
                changes[f"lines.{name}.score"] = int(score)
    for side, promises in recommendation.sla.items():
        if not isinstance(promises, dict):
            continue
        block = getattr(agreement.sla, side)
        for name, value in promises.items():
            if block is not None and getattr(block, name) not in (None, value):
                changes[f"sla.{side}.{name}"] = value
    return changes


def effects_of(recommendation: Recommendation, agreement: Agreement) -> tuple[str, ...]:
    """Return what the changes are expected to do to each side, a sentence each, with intervals."""
    thresholds, out = recommendation.thresholds, []
    if thresholds is not None:
        out += _effects_of_lines(thresholds, agreement.currency)
    if recommendation.volumes is not None:
        out += [recommendation.volumes.sentences[side] for side in ("marketing", "sales")]
        out += recommendation.volumes.words
    return tuple(out)


def _effects_of_lines(thresholds: Thresholds, currency: str) -> list[str]:
    """Return why the lines are placed so, how sure that is, and what they give."""
    out = [thresholds.why]
    if thresholds.resamples and thresholds.mql_low is not None:
        out.append(
            f"{thresholds.agree} of {thresholds.resamples} resamples agree on the lines: MQL line "
            f"{thresholds.mql_low:g} to {thresholds.mql_high:g}, SQL line "
            f"{thresholds.sql_low:g} to {thresholds.sql_high:g}."
        )
    row, dated = thresholds.row(), thresholds.terms.dated

    def span(name: str) -> str:
        return f" ({row[f'{name}_low']} to {row[f'{name}_high']})" if dated else ""

    text = f"Sales receives {row['sales_ready']:,.0f} sales-ready leads"
    text += (" a month" if dated else " of these") + span("sales_ready")
    if row["mqls"] is not None:
        text += f", qualification {row['mqls']:,.0f} leads{span('mqls')}"
    out.append(text + ".")
    gains = (thresholds.gain, thresholds.gain_low, thresholds.gain_high)
    if None not in gains:
        gain, low, high = (words.money(amount or 0.0, currency) for amount in gains)
        out.append(
            f"Margin{' a month' if dated else ''} of the best lines against today's: "
            f"{gain} ({low} to {high})."
        )
    return out


def propose(
    folder: Path,
    recommendation: Recommendation,
    agreement: Agreement,
    valid_from: date | None = None,
    changes: dict[str, Any] | None = None,
) -> Proposal | None:
    """Return the recommendation as a proposal for the next agreement; None if nothing changes.

    Parameters
    ----------
    folder : Path
        The workspace; its agreement.yml is the base.
    recommendation : Recommendation
    agreement : Agreement
    valid_from : date, optional
        The first of the month after the data's end by default, not before the agreement's own.
    changes : dict, optional
        Instead of the recommendation's own, such as lines chosen by hand.

    Examples
    --------
    >>> write_proposal(folder, propose(folder, found, agreement))  # doctest: +SKIP
    """
    changes = changes_of(recommendation, agreement) if changes is None else changes
    if not changes:
        return None
    if valid_from is None:
        at = recommendation.as_of
        after = None if at is None else (pd.Period(at, "M") + 1).start_time.date()
        valid_from = max(d for d in (agreement.valid_from, after) if d is not None)
    return make_proposal(folder, changes, valid_from, effects_of(recommendation, agreement))
