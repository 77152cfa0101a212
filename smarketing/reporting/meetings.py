"""What earlier meetings decided and nobody has done yet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, ConfigDict, StringConstraints

from smarketing.yamlfile import check_yaml, read_yaml

FOLDER = "meetings"
COLUMNS = ["what", "owner", "due", "since", "overdue_days"]

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


def read_meetings(folder: Path) -> list[Meeting]:
    """Read a workspace's ``meetings/*.yml``, the earliest first; none if there is no such folder.

    Raises
    ------
    SmarketingError
        If a file is malformed; with its line.
    """
    found = []
    for path in sorted((folder / FOLDER).glob("*.yml")):
        shown_as = f"{FOLDER}/{path.name}"
        found.append(check_yaml(read_yaml(path, shown_as), Meeting, shown_as))
    return sorted(found, key=lambda meeting: meeting.date)


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
