"""A recommendation as a proposal for the next agreement: what changes, and what it would do."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.agreement.proposal import Proposal, make_proposal
from smarketing.planning import wording as words
from smarketing.planning.recommendation import Recommendation


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
    found = recommendation.thresholds
    if found is not None and recommendation.model == "agreed" and found.change:
        lines = agreement.lines
        # Nobody crosses the highest line; it is no line to sign.
        top = found.table.grid[-1]
        wanted = {"sql": found.sql}
        if not found.terms.one_line:
            wanted["mql"] = found.mql
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
    out = []
    found = recommendation.thresholds
    if found is not None:
        out.append(found.why)
        if found.resamples:
            out.append(
                f"{found.agree} of {found.resamples} resamples agree on the lines: MQL line "
                f"{found.mql_low:g} to {found.mql_high:g}, SQL line {found.sql_low:g} to "
                f"{found.sql_high:g}."
            )
        row, dated = found.row(), recommendation.as_of is not None
        per = " a month" if dated else " of these"

        def span(name: str) -> str:
            return f" ({row[f'{name}_low']} to {row[f'{name}_high']})" if dated else ""

        text = f"Sales receives {row['sales_ready']:,.0f} sales-ready leads{per}"
        text += span("sales_ready")
        if row["mqls"] is not None:
            text += f", qualification {row['mqls']:,.0f} leads{span('mqls')}"
        out.append(text + ".")
        if found.gain is not None and found.gain_low is not None:
            low, high = (
                words.money(amount, agreement.currency)
                for amount in (found.gain_low, found.gain_high)
            )
            gain = words.money(found.gain, agreement.currency)
            out.append(
                f"Margin{' a month' if dated else ''} of the best lines against today's: "
                f"{gain} ({low} to {high})."
            )
    if recommendation.volumes is not None:
        out += [recommendation.volumes.sentences[side] for side in ("marketing", "sales")]
        out += recommendation.volumes.words
    return tuple(out)


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
