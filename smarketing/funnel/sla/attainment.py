"""Promised and delivered: both sides' SLA for the hand-overs of a month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.funnel import plots as figures
from smarketing.funnel.sla.delivered import of_follow_up, of_marketing, of_results
from smarketing.funnel.sla.handover import NEVER, handovers, missing_fields
from smarketing.funnel.sla.promises import Promise
from smarketing.language.catalogue import tr
from smarketing.measures.count import count
from smarketing.measures.facts import Facts
from smarketing.results import Picture, Result


@dataclass(frozen=True)
class Attainment(Result):
    """What marketing and sales promised for a month, and what they delivered.

    Attributes
    ----------
    month : str
        Local month of the hand-over.
    promises : tuple of Promise
    handovers : pandas.DataFrame
        One row per hand-over, see :func:`smarketing.funnel.sla.handover.handovers`.
    missing : pandas.DataFrame
        ``field``, ``missing`` of ``n`` hand-overs.
    counts : dict of str to int
        handed_over; recycled_not_requalified (not in marketing's number); never_contacted (and
        the promise is over); contacted_before_only; unassigned, where it is recorded; unanswered;
        rejected (in the month); and of the deals won in the month: deals_without_lead,
        deals_not_counted (other currency, no amount).
    delays : dict of str to float or None
        Median hours on the agreed clock, hand-over → assigned (system) → first attempt (rep).
    clock : str or None
    within_hours : float or None
    cannot : dict of str to str
        Promise -> why the tables cannot say.
    confidence : float
        Of the ranges that luck alone explains, as agreed.
    """

    month: str
    promises: tuple[Promise, ...]
    handovers: pd.DataFrame
    missing: pd.DataFrame
    counts: dict[str, int]
    delays: dict[str, float | None]
    clock: str | None
    within_hours: float | None
    cannot: dict[str, str]
    confidence: float = 0.8

    def frame(self) -> pd.DataFrame:
        """Return one row per promise."""
        return pd.DataFrame([vars(promise) for promise in self.promises])

    def promise(self, name: str, basis: str | None = None) -> Promise:
        """Return the promise of that name; raise KeyError if there is none."""
        for promise in self.promises:
            if promise.name == name and basis in (None, promise.basis):
                return promise
        raise KeyError(name)

    def plot(self) -> Picture:
        """Draw when the month's hand-overs were first contacted.

        Raises
        ------
        CannotAnswer
            If no hand-over of the month, or no attempt at all, is recorded.
        """
        if "first_contact" in self.cannot:
            raise CannotAnswer(self.cannot["first_contact"])
        if self.handovers.empty:
            raise CannotAnswer(tr("nothing was handed over in {month}", month=self.month))
        return figures.contact_distribution(
            self.handovers, self.month, self.within_hours, self.clock
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the single hand-overs."""
        parts = super().to_dict()
        del parts["handovers"]
        return parts


def attainment(facts: Facts, month: str | None = None) -> Attainment:
    """Hold both sides' promises against the month, as the vocabulary and the agreement say.

    Marketing: MQLs entered in the month; hand-overs of the month (recycled leads only if they
    qualified anew); accepted of those old enough to have been answered. Sales: of the month's
    hand-overs, first contact, follow-up and verdict in time; customers and revenue of these
    hand-overs so far, and closed in the month by whatever lead.

    Examples
    --------
    >>> attainment(facts, "2026-10").frame()[["name", "promised", "verdict"]]  # doctest: +SKIP
    """
    month = facts.checked(month)
    running = facts.bounds(month)[1] > facts.data_until + pd.Timedelta(days=1)
    cannot: dict[str, str] = {}
    try:
        rows = handovers(facts, month)
    except CannotAnswer as reason:
        cannot["handover"] = str(reason)
        rows = None
    first_contact = facts.agreement.sla.sales and facts.agreement.sla.sales.first_contact
    promises = [
        *of_marketing(facts, month, rows, running, cannot),
        *of_follow_up(facts, rows, cannot),
        *of_results(facts, month, rows, running, cannot),
    ]
    if rows is None:
        rows = pd.DataFrame()
    return Attainment(
        month=month,
        promises=tuple(promises),
        handovers=rows,
        missing=missing_fields(facts, rows),
        counts=_counts(facts, month, rows),
        delays={
            name: float(rows[column].median()) if len(rows) and rows[column].notna().any() else None
            for name, column in (
                ("contact", "contact_hours"),
                ("system", "system_hours"),
                ("rep", "rep_hours"),
            )
        },
        clock=first_contact.clock if first_contact else None,
        within_hours=float(first_contact.within_hours) if first_contact else None,
        confidence=float(facts.agreement.sla.confidence),
        cannot=cannot,
    )


def _counts(facts: Facts, month: str, rows: pd.DataFrame) -> dict[str, int]:
    counts = {"handed_over": len(rows)}
    if len(rows):
        silent = rows.attempts == 0
        counts |= {
            "recycled_not_requalified": int((~rows.counts).sum()),
            "never_contacted": int((rows.contact == NEVER).sum()),
            "contacted_before_only": int((silent & (rows.attempts_before > 0)).sum()),
            "unanswered": int((~rows.answered).sum()),
        }
        if len(facts.assigned):
            counts["unassigned"] = int(rows.assigned_at.isna().sum())
    counts["rejected"] = int(count(facts, "rejected", months=[month]).total)
    if facts.wins is not None:
        wins = facts.wins[facts.wins.month == month]
        counts["deals_without_lead"] = int(wins.lead_id.isna().sum())
        counts["deals_not_counted"] = int((~wins.counted).sum())
    return counts
