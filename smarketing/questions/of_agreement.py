"""Questions about the agreement: the next one, its changes, its past, what was agreed when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from smarketing.opened import Opened

if TYPE_CHECKING:
    from smarketing.agreement.accept import NextVersion
    from smarketing.agreement.version_history import AgreementHistory
    from smarketing.planning.next_agreement import NextAgreement
    from smarketing.planning.people.sales_half import SalesHalf
    from smarketing.planning.recommended import Recommendation
    from smarketing.scoring.population import Population


def recommend(
    ws: Opened,
    by: str = "",
    *,
    grades: bool = False,
    population: Population | None = None,
    as_of: str = "",
) -> Recommendation:
    """Recommend the thresholds and the SLA volumes.

    Parameters
    ----------
    by : str
        Also thresholds for each value of this column, such as ``persona``.
    grades : bool
        Also thresholds as grades of fit and engagement.
    population : Population, optional
        A part of the leads, from :meth:`population`.
    as_of : str
        As known at the end of this local day, or at this time; the data's end if empty.

    Returns
    -------
    Recommendation
        What the tables cannot answer stands in ``cannot``; the rest is there.

    Raises
    ------
    UsageError
        If it is no day, or there is no such column.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.recommend().thresholds is not None
    True
    """
    from smarketing.planning.recommendation import recommend as ask

    people = ws.population() if population is None else population
    return ask(
        ws.warehouse,
        ws.agreement,
        people,
        as_of=ws.moment(as_of),
        by=by or None,
        grades=grades,
        cache=ws.cache,
    )


def next_agreement(ws: Opened, recommendation: Recommendation) -> NextAgreement:
    """Add to a recommendation what both sides want to know before they sign.

    Parameters
    ----------
    recommendation : Recommendation
        From :meth:`recommend`.

    Returns
    -------
    NextAgreement

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.next_agreement(ws.recommend()).parts[0][0]
    'Both can sign'
    """
    from smarketing.planning.next_agreement import next_agreement as ask

    return ask(ws.warehouse, ws.agreement, recommendation, ws.path, ws.today)


def propose(ws: Opened, answer: NextAgreement) -> bool:
    """Write proposal.yml, where something is to change.

    Parameters
    ----------
    answer : NextAgreement
        From :meth:`next_agreement`.

    Returns
    -------
    bool
        Whether a proposal was written.

    Raises
    ------
    SmarketingError
        If the result would be no valid agreement.

    Examples
    --------
    >>> import smarketing
    >>> ws = smarketing.open("my-company")  # doctest: +SKIP
    >>> ws.propose(ws.next_agreement(ws.recommend()))  # doctest: +SKIP
    True
    """
    from smarketing.agreement.proposal import write_proposal
    from smarketing.planning.proposed_changes import propose as draw_up

    proposal = draw_up(ws.path, answer.recommendation, ws.agreement)
    if proposal is None:
        return False
    write_proposal(ws.path, replace(proposal, effects=(*proposal.effects, *answer.effects)))
    return True


def pending_changes(ws: Opened) -> NextVersion:
    """Show the proposal as a diff in words.

    Returns
    -------
    NextVersion

    Raises
    ------
    SmarketingError
        If there is no proposal, or it does not fit the agreement.

    Examples
    --------
    >>> import smarketing
    >>> smarketing.open("my-company").pending_changes().version  # doctest: +SKIP
    4
    """
    from smarketing.agreement.accept import pending_changes as ask

    return ask(ws.path)


def accept(ws: Opened, reason: str) -> NextVersion:
    """Make the proposal the agreement.

    Parameters
    ----------
    reason : str
        Why both sides agree; kept with it.

    Returns
    -------
    NextVersion

    Raises
    ------
    SmarketingError
        If there is no proposal, or it does not fit the agreement.

    Examples
    --------
    >>> import smarketing
    >>> ws = smarketing.open("my-company")  # doctest: +SKIP
    >>> ws.accept("reps are idle since August").version  # doctest: +SKIP
    4
    """
    from smarketing.agreement.accept import accept as sign

    signed = sign(ws.path, reason)
    ws.close()
    return signed


def roll_back(ws: Opened, version: int, reason: str, valid_from: date | None = None) -> NextVersion:
    """Put an earlier version of the agreement in force again.

    Parameters
    ----------
    version : int
    reason : str
        Why both sides agree; kept with it.
    valid_from : datetime.date, optional
        Its first day; today if left out, and not before the present version's.

    Returns
    -------
    NextVersion

    Raises
    ------
    SmarketingError
        If there is no such version.

    Examples
    --------
    >>> import smarketing
    >>> ws = smarketing.open("my-company")  # doctest: +SKIP
    >>> ws.roll_back(2, "the new threshold starved closing").version  # doctest: +SKIP
    5
    """
    from smarketing.agreement.accept import roll_back as go_back

    first = valid_from or max(ws.today, ws.agreement.valid_from)
    signed = go_back(ws.path, version, reason, first)
    ws.close()
    return signed


def note_review(ws: Opened, note: str) -> date | None:
    """Note that both sides looked at the agreement and left it as it is.

    Parameters
    ----------
    note : str

    Returns
    -------
    datetime.date or None
        When the next review is due; None where the agreement sets none.

    Raises
    ------
    SmarketingError
        If the note is empty, or the file cannot be written.

    Examples
    --------
    >>> import smarketing
    >>> smarketing.open("my-company").note_review("no change wanted")  # doctest: +SKIP
    datetime.date(2027, 2, 28)
    """
    from smarketing.agreement.reviews import next_review
    from smarketing.agreement.reviews import note_review as write

    write(ws.path, ws.today, note)
    return next_review(ws.agreement, ws.today)


def agreement_history(ws: Opened) -> AgreementHistory:
    """Return every version of the agreement with its reason, and the reviews noted.

    Returns
    -------
    AgreementHistory

    Examples
    --------
    >>> import smarketing
    >>> "version" in smarketing.open("data/demo").agreement_history().versions
    True
    """
    from smarketing.agreement.version_history import agreement_history as ask

    return ask(ws.path)


def overdue_review(ws: Opened, on: date | None = None) -> str:
    """Say that the agreement's review is overdue; empty while it is not.

    Parameters
    ----------
    on : datetime.date, optional
        Today if left out.

    Returns
    -------
    str

    Examples
    --------
    >>> import datetime as dt
    >>> import smarketing
    >>> smarketing.open("data/demo").overdue_review(dt.date(2026, 10, 2))
    ''
    """
    from smarketing.planning.next_agreement import overdue_review as ask

    return ask(ws.agreement, ws.path, on or ws.today)


def sales_half(ws: Opened, as_of: str = "") -> SalesHalf:
    """Return the people that sales' promises take, and what faster contact was worth.

    Parameters
    ----------
    as_of : str
        As in :meth:`recommend`.

    Returns
    -------
    SalesHalf

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.sales_half().staffing is not None
    True
    """
    from smarketing.planning.people.sales_half import sales_half as ask

    return ask(ws.warehouse, ws.agreement, ws.moment(as_of))
