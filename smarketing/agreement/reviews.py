"""When the agreement is due to be looked at again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from smarketing.agreement.accept import add_to_history
from smarketing.agreement.load import load_agreement
from smarketing.agreement.model import Agreement
from smarketing.agreement.versions import CURRENT, one_at_a_time
from smarketing.errors import SmarketingError, UsageError
from smarketing.language.plurals import trn


def next_review(agreement: Agreement, reviewed: date | None = None) -> date | None:
    """Return the day by which the agreement is to be looked at; None where none is agreed.

    Parameters
    ----------
    agreement : Agreement
    reviewed : date, optional
        When the teams last looked at it (``AgreementHistory.last_review``); the day it came
        into force by default, as a new version is the outcome of a review.

    Examples
    --------
    >>> next_review(load_agreement(path))  # doctest: +SKIP
    datetime.date(2027, 1, 1)
    """
    every = agreement.review.agreement_every_months
    if every is None:
        return None
    last = max(agreement.valid_from, reviewed or agreement.valid_from)
    due: date = (pd.Timestamp(last) + pd.DateOffset(months=every)).date()
    return due


def review_reminder(agreement: Agreement, today: date, reviewed: date | None = None) -> str:
    """Return a sentence that reminds both teams of an overdue review; empty while none is.

    Examples
    --------
    >>> review_reminder(agreement, date(2027, 1, 15))  # doctest: +SKIP
    'The agreement was to be reviewed by 2027-01-01: 14 days overdue.'
    """
    due = next_review(agreement, reviewed)
    if due is None or today <= due:
        return ""
    return trn(
        "The agreement was to be reviewed by {day}: {n} day overdue.",
        "The agreement was to be reviewed by {day}: {n} days overdue.",
        (today - due).days,
        day=due.isoformat(),
    )


def note_review(folder: Path, day: date, note: str) -> None:
    """Note that the teams looked at the agreement and left it as it is.

    Parameters
    ----------
    folder : Path
        The workspace.
    day : date
        When.
    note : str
        What they found, for those who read the history.

    Raises
    ------
    UsageError
        Without a note.
    SmarketingError
        If the day is before the version in force.
    """
    if not note.strip():
        raise UsageError("a review takes a note: what was found")
    with one_at_a_time(folder):
        agreement = load_agreement(folder / CURRENT)
        if day < agreement.valid_from:
            raise SmarketingError(
                "a review cannot be before the version it looks at",
                found=day.isoformat(),
                allowed=f"{agreement.valid_from.isoformat()} or later",
            )
        entry = {"version": agreement.version, "reviewed": day, "note": note.strip()}
        add_to_history(folder, entry)
