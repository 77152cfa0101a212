"""What the CRM handed over against what the SQL line says: two by two, for a month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest.splits import above_line
from smarketing.funnel.closed_loop import ClosedLoop, closed_loop
from smarketing.language.catalogue import mark, tr
from smarketing.language.sentences import sentence
from smarketing.measures.reading import read_facts
from smarketing.results import Result, plain
from smarketing.scoring.population import Population, build_population, grades_of
from smarketing.warehouse.warehouse import Warehouse

ABOVE, BELOW = mark("above the line"), mark("below the line")
_KEY = ["lead_id", "spell"]


@dataclass(frozen=True)
class AgainstLine(Result):
    """The leads looked at in a month, by the line and by whether they were handed over.

    Parameters
    ----------
    month : str
    leads : pandas.DataFrame
        One row per spell: ``lead_id``, ``spell``, ``score``, ``fit`` (at the hand-over, else the
        best score of the month), ``above`` the SQL line, ``handed_over`` in the month.
    """

    month: str
    leads: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return the two by two: a row per side of the line, columns of counts, and sums."""
        rows = []
        for name, above in ((ABOVE, True), (BELOW, False)):
            handed = self.leads.handed_over[self.leads.above == above]
            n = int(handed.sum())
            rows.append((name, n, len(handed) - n, len(handed)))
        return pd.DataFrame(rows, columns=["line", "handed_over", "not_handed_over", "leads"])

    @property
    def handed_below(self) -> list[str]:
        """The leads handed over though below the line."""
        return sorted(self.leads.lead_id[self.leads.handed_over & ~self.leads.above])

    @property
    def missed_above(self) -> list[str]:
        """The leads above the line that nobody handed over."""
        return sorted(self.leads.lead_id[~self.leads.handed_over & self.leads.above])

    def to_dict(self) -> dict[str, Any]:
        """Return ``month``, ``table``, and the leads on which line and CRM disagree."""
        return plain(
            {
                "month": self.month,
                "table": self.frame(),
                "handed_below": self.handed_below,
                "missed_above": self.missed_above,
            }
        )


def against_line(
    warehouse: Warehouse,
    agreement: Agreement,
    month: str | None = None,
    population: Population | None = None,
) -> AgainstLine:
    """Compare the hand-overs of a month with the SQL line.

    A lead handed over in the month is judged by its score at the hand-over. One that was not is
    judged by its best score among the month's snapshots, while it was open and not with sales; a
    lead handed over in another month counts there. Spells without a snapshot in the month, handed
    over or not, are left out.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    month : str, optional
        Local month "YYYY-MM"; by default the last complete one.
    population : Population, optional
        Of the same warehouse and agreement, if there is one already.

    Raises
    ------
    UsageError
        If it is no month.
    CannotAnswer
        If the tables have no dates, no lead came in the month, or no hand-over is recorded.

    Examples
    --------
    >>> against_line(warehouse, agreement, "2026-10").frame()  # doctest: +SKIP
    """
    facts = read_facts(warehouse, agreement)
    month = facts.checked(month)
    if "sales_ready" not in facts.recorded:
        raise CannotAnswer(tr("no record shows when a lead was handed over to sales (sales_ready)"))
    if population is None or agreement.snapshots.until != "handover":
        snapshots = agreement.snapshots.model_copy(update={"until": "handover"})
        until_handed = agreement.model_copy(update={"snapshots": snapshots})
        population = build_population(warehouse, until_handed)
    rows = population.rows
    rows = rows[facts.within(rows["as_of"], month)]
    handed_at = facts.spells.set_index(_KEY).sales_ready_at
    rows = rows.assign(handed=handed_at.reindex(pd.MultiIndex.from_frame(rows[_KEY])).to_numpy())
    rows["handed_over"] = facts.within(rows.handed, month)
    rows["above"] = above_line(rows, agreement, "sql")
    at_handover = rows.handed_over & (rows["as_of"] == rows.handed)
    elsewhere = rows.handed.notna() & ~rows.handed_over
    rows = rows[at_handover | ~(rows.handed_over | elsewhere)]
    rows = rows.sort_values([*_KEY, "above", "score"], ascending=[True, True, False, False])
    leads = rows.drop_duplicates(_KEY)[[*_KEY, "score", "fit", "above", "handed_over"]]
    return AgainstLine(month, leads.reset_index(drop=True))


def month_loop(
    warehouse: Warehouse,
    agreement: Agreement,
    month: str | None,
    people: Population | None,
    cannot: dict[str, str],
) -> tuple[ClosedLoop, AgainstLine | None]:
    """Return the closed loop of a month, by grade where leads have scores, and the two by two.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    month : str or None
        Local month "YYYY-MM"; None for tables without dates.
    people : Population or None
        Of the same warehouse and agreement.
    cannot : dict of str to str
        Takes why CRM and line cannot be compared.

    Raises
    ------
    CannotAnswer
        If no lead came in the month.

    Examples
    --------
    >>> loop, table = month_loop(warehouse, agreement, "2026-10", people, {})  # doctest: +SKIP
    """
    if month is None or people is None:
        return closed_loop(warehouse, agreement, month), None
    loop = closed_loop(warehouse, agreement, month, grades_of(people))
    try:
        return loop, against_line(warehouse, agreement, month, people)
    except CannotAnswer as reason:
        cannot["line and CRM"] = sentence(str(reason))
        return loop, None
