"""Questions about the agreement: the next one, its changes, its past, what was agreed when."""

from __future__ import annotations

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
    self: Opened,
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

    people = self.population() if population is None else population
    return ask(
        self.warehouse,
        self.agreement,
        people,
        as_of=self.moment(as_of),
        by=by or None,
        grades=grades,
        cache=self.cache,
    )


def next_agreement(self: Opened, recommendation: Recommendation) -> NextAgreement:
    """Add to a recommendation what both sides want to know before they sign.

    Parameters
    ----------
    recommendation : Recommendation
        From :meth:`recommend`.

    Returns
    -------
    NextAgreement
        The recommendation, sales' half and the review, part by part.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.next_agreement(ws.recommend()).parts[0][0]
    'Both can sign'
    """
    from smarketing.planning.next_agreement import next_agreement as ask

    return ask(self.warehouse, self.agreement, recommendation, self.path, self.today)


def propose(self: Opened, answer: NextAgreement) -> bool:
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
    >>> with smarketing.open(my_company) as ws:  # doctest: +SKIP
    ...     ws.propose(ws.next_agreement(ws.recommend()))
    True
    """
    from smarketing.agreement.proposal import write_proposal
    from smarketing.planning.proposed_changes import propose as draw_up

    proposal = draw_up(self.path, answer.recommendation, self.agreement)
    if proposal is None:
        return False
    effects = (*proposal.effects, *answer.effects)
    write_proposal(self.path, proposal.model_copy(update={"effects": effects}))
    return True


def pending_changes(self: Opened) -> NextVersion:
    """Show the proposal as a diff in words.

    Returns
    -------
    NextVersion
        The version, its changes and their expected effects in words.

    Raises
    ------
    SmarketingError
        If there is no proposal, or it does not fit the agreement.

    Examples
    --------
    >>> import smarketing
    >>> smarketing.open(my_company).pending_changes()  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    smarketing.errors.SmarketingError: proposal.yml: there is no proposal.
    """
    from smarketing.agreement.accept import pending_changes as ask

    return ask(self.path)


def accept(self: Opened, reason: str) -> NextVersion:
    """Make the proposal the agreement.

    Parameters
    ----------
    reason : str
        Why both sides agree; kept with it.

    Returns
    -------
    NextVersion
        The version, its changes and their expected effects in words.

    Raises
    ------
    SmarketingError
        If there is no proposal, or it does not fit the agreement.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open(my_company) as ws:  # doctest: +SKIP
    ...     ws.accept("reps are idle since August").version
    4
    """
    from smarketing.agreement.accept import accept as sign

    signed = sign(self.path, reason)
    self.close()
    return signed


def roll_back(
    self: Opened, version: int, reason: str, valid_from: date | None = None
) -> NextVersion:
    """Put an earlier version of the agreement in force again.

    Parameters
    ----------
    version : int
        Which one.
    reason : str
        Why both sides agree; kept with it.
    valid_from : datetime.date, optional
        Its first day; today if left out, and not before the present version's.

    Returns
    -------
    NextVersion
        The version, its changes and their expected effects in words.

    Raises
    ------
    SmarketingError
        If there is no such version.

    Examples
    --------
    >>> import smarketing
    >>> ws = smarketing.open(my_company)
    >>> ws.roll_back(2, "the new threshold starved closing")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    smarketing.errors.UsageError: there is no version 2 to go back to; none is kept.
    """
    from smarketing.agreement.accept import roll_back as go_back

    first = valid_from or max(self.today, self.agreement.valid_from)
    signed = go_back(self.path, version, reason, first)
    self.close()
    return signed


def note_review(self: Opened, note: str) -> date | None:
    """Note that both sides looked at the agreement and left it as it is.

    Parameters
    ----------
    note : str
        What was said; kept with the day.

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
    >>> ws = smarketing.open(my_company)
    >>> ws.note_review("no change wanted") > ws.today
    True
    """
    from smarketing.agreement.reviews import next_review
    from smarketing.agreement.reviews import note_review as write

    write(self.path, self.today, note)
    return next_review(self.agreement, self.today)


def agreement_history(self: Opened) -> AgreementHistory:
    """Return every version of the agreement with its reason, and the reviews noted.

    Returns
    -------
    AgreementHistory
        Versions and reviews, oldest first.

    Examples
    --------
    >>> import smarketing
    >>> "version" in smarketing.open("data/demo").agreement_history().versions
    True
    """
    from smarketing.agreement.version_history import agreement_history as ask

    return ask(self.path)


def overdue_review(self: Opened, on: date | None = None) -> str:
    """Say that the agreement's review is overdue; empty while it is not.

    Parameters
    ----------
    on : datetime.date, optional
        Today if left out.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> import datetime as dt
    >>> import smarketing
    >>> smarketing.open("data/demo").overdue_review(dt.date(2026, 10, 2))
    ''
    """
    from smarketing.planning.next_agreement import overdue_review as ask

    return ask(self.agreement, self.path, on or self.today)


def sales_half(self: Opened, as_of: str = "") -> SalesHalf:
    """Return the people that sales' promises take, and what faster contact was worth.

    Parameters
    ----------
    as_of : str
        As in :meth:`recommend`.

    Returns
    -------
    SalesHalf
        Staffing and the worth of speed; why not, where history cannot tell.

    Raises
    ------
    UsageError
        If it is no day.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.sales_half().staffing is not None
    True
    """
    from smarketing.planning.people.sales_half import sales_half as ask

    return ask(self.warehouse, self.agreement, self.moment(as_of))
