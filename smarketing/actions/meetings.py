"""What earlier meetings decided and nobody has done yet, and what was claimed in them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, StringConstraints

from smarketing.yamlfile import check_yaml, read_yaml

FOLDER = "meetings"
COLUMNS = ["what", "owner", "due", "since", "overdue_days"]

ClaimName = Literal[
    "leads_got_worse",
    "sales_is_slow",
    "gives_up_after_one_call",
    "campaign_is_junk",
    "a1_ignored",
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Action(BaseModel):
    """What somebody is to do by when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Text
    owner: Text
    due: dt.date | None = None
    done: bool = False


class Meeting(BaseModel):
    """One meeting's decisions, as a file in ``meetings/`` tells them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: dt.date
    actions: tuple[Action, ...] = ()
    claims: tuple[ClaimName, ...] = ()
    """What one team said of the other, by the names of :func:`smarketing.funnel.check_claims`."""


def read_meetings(folder: Path) -> list[Meeting]:
    """Read a workspace's ``meetings/*.yml``, the earliest first; none if there is no such folder.

    Raises
    ------
    SmarketingError
        If a file is malformed; with its line.
    """
    meetings = []
    for path in sorted((folder / FOLDER).glob("*.yml")):
        shown_as = f"{FOLDER}/{path.name}"
        meetings.append(check_yaml(read_yaml(path, shown_as), Meeting, shown_as))
    return sorted(meetings, key=lambda meeting: meeting.date)


def carried_over(meetings: list[Meeting], on: dt.date) -> pd.DataFrame:
    """Return the actions decided up to a day and not done.

    An action that a later meeting names again, with the same owner, is one action: the later
    word on it counts, and it is open since the first.

    Returns
    -------
    pandas.DataFrame
        ``what``, ``owner``, ``due``, ``since`` (the first meeting), ``overdue_days`` (0 if it is
        not due yet, or no day was named); the longest overdue first.

    Examples
    --------
    >>> late = Action(what="Call 17", owner="Ida", due=dt.date(2026, 10, 20))
    >>> met = Meeting(date=dt.date(2026, 10, 12), actions=[late])
    >>> carried_over([met], dt.date(2026, 10, 26)).overdue_days.tolist()
    [6]
    """
    latest: dict[tuple[str, str], tuple[dt.date, Action]] = {}
    for meeting in (one for one in meetings if one.date <= on):
        for action in meeting.actions:
            key = (action.what.casefold(), action.owner.casefold())
            since = latest[key][0] if key in latest else meeting.date
            latest[key] = (since, action)
    rows = [
        (action.what, action.owner, action.due, since, max((on - (action.due or on)).days, 0))
        for since, action in latest.values()
        if not action.done
    ]
    rows.sort(key=lambda row: (-row[4], row[3], row[0]))
    return pd.DataFrame(rows, columns=COLUMNS)


def raised_claims(meetings: list[Meeting], on: dt.date) -> dict[str, dt.date]:
    """Return the claims raised in the four weeks up to a day, each with its last meeting.

    Examples
    --------
    >>> met = Meeting(date=dt.date(2026, 10, 12), claims=["sales_is_slow"])
    >>> raised_claims([met], dt.date(2026, 10, 26))
    {'sales_is_slow': datetime.date(2026, 10, 12)}
    """
    recent = [one for one in meetings if on - dt.timedelta(days=28) <= one.date <= on]
    return {name: meeting.date for meeting in recent for name in meeting.claims}
