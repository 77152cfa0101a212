"""The closed loop of a month with what takes scores: grades, and the CRM against the line."""

from __future__ import annotations

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.evaluation.monitoring.crm_against_line import AgainstLine, against_line
from smarketing.funnel.closed_loop import ClosedLoop, closed_loop
from smarketing.language.sentences import sentence
from smarketing.scoring.handover_grades import grades_of
from smarketing.scoring.population import Population
from smarketing.warehouse.warehouse import Warehouse


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
