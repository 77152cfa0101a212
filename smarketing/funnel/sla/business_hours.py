"""Hours that count: the time between two moments on the clock the two teams agreed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smarketing.agreement.working_days import free_days
from smarketing.clock import to_local
from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.language.catalogue import tr

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MICROSECONDS_PER_HOUR = 3_600_000_000


@dataclass(frozen=True)
class BusinessHours:
    """The opening hours of a sales team: days of the week, hours of the day, no holidays.

    Parameters
    ----------
    hours : str
        Local opening and closing time, "HH:MM-HH:MM"; "00:00-24:00" is all day.
    days : tuple of str
        Working days, of mon … sun.
    timezone : str
        The zone in which the hours are meant.
    country : str, optional
        ISO code whose public holidays do not count, with a subdivision if wanted ("DE-BY").
    closed : tuple of str
        Days on which the company is closed, as the agreement writes them.

    Examples
    --------
    >>> clock = BusinessHours("09:00-17:00", ("mon", "tue", "wed", "thu", "fri"), "UTC", "DK")
    >>> friday, monday = pd.Timestamp("2026-10-02 16:00"), pd.Timestamp("2026-10-05 10:00")
    >>> clock.between(pd.Series([friday]), pd.Series([monday])).tolist()
    [2.0]
    """

    hours: str
    days: tuple[str, ...]
    timezone: str
    country: str | None = None
    closed: tuple[str, ...] = ()

    @classmethod
    def of(cls, agreement: Agreement) -> BusinessHours:
        """Return the business hours of an agreement.

        Raises
        ------
        CannotAnswer
            If the agreement has no calendar.
        """
        if agreement.calendar is None:
            raise CannotAnswer(
                Problem(
                    tr("the agreement has no calendar, so business hours cannot be counted"),
                    "agreement.yml",
                    todo=tr("Add calendar: {{country, hours, days}}, or agree on clock: elapsed"),
                )
            )
        calendar = agreement.calendar
        country = "-".join(filter(None, calendar.place))
        days = tuple(calendar.days)
        return cls(calendar.hours, days, agreement.timezone, country, calendar.closed)

    def between(self, start: pd.Series, end: pd.Series) -> pd.Series:
        """Return the business hours from each start to each end.

        Parameters
        ----------
        start, end : pandas.Series of datetime64
            Naive UTC, of equal length; missing where unknown.

        Returns
        -------
        pandas.Series of float
            Hours, on the index of `start`. Negative where the end is before the start, so that
            hours add up: a→b + b→c = a→c. Missing where either moment is.
        """
        begin, finish = _microseconds(start), _microseconds(end)
        known = (start.notna() & end.notna().to_numpy()).to_numpy()
        hours = np.full(len(start), np.nan)
        if known.any():
            both = np.concatenate([begin[known], finish[known]])
            opens, closes = self._openings(int(both.min()), int(both.max()))
            worked = np.concatenate([[0], np.cumsum(closes - opens)])

            def until(moments: np.ndarray) -> np.ndarray:
                day = np.searchsorted(opens, moments, side="right") - 1
                open_now = np.minimum(moments, closes[day]) - opens[day]
                return np.where(day < 0, 0, worked[day] + open_now)

            hours[known] = (until(finish[known]) - until(begin[known])) / _MICROSECONDS_PER_HOUR
        return pd.Series(hours, index=start.index)

    def open_at(self, times: pd.Series) -> pd.Series:
        """Return whether each moment (naive UTC) lies within the hours; missing is False."""
        soon = times + pd.Timedelta(microseconds=1)
        return self.between(times, soon) > 0

    def closed_for(self, times: pd.Series) -> pd.Series:
        """Return why nobody works at each moment (naive UTC): "weekend", "holiday" or "night".

        A day that is no working day of the week is a weekend, holiday or not; a night is every
        hour of a working day outside the hours. Empty where somebody works, or the time is missing.

        Examples
        --------
        >>> clock = BusinessHours("09:00-17:00", ("mon", "fri"), "UTC", "DK")
        >>> days = ["2026-04-04 12:00", "2026-04-03 12:00", "2026-10-02 22:00", "2026-10-02 12:00"]
        >>> clock.closed_for(pd.Series(pd.to_datetime(days))).tolist()
        ['weekend', 'holiday', 'night', '']
        """
        local = to_local(times, self.timezone)
        days = local.dt.normalize()
        years = tuple(sorted({int(year) for year in local.dt.year.dropna()}))
        free = pd.DatetimeIndex(self._free_days(years))
        working = local.dt.day_of_week.isin([DAYS.index(day) for day in self.days])
        reasons = np.select(
            [times.isna(), ~working, days.isin(free), ~self.open_at(times)],
            ["", "weekend", "holiday", "night"],
            "",
        )
        return pd.Series(reasons, index=times.index, dtype="str")

    def _openings(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Return when each working day around two moments opens and closes, in UTC µs."""
        # two days of margin: no zone is further than a day from UTC, and one opening must exist
        margin = pd.Timedelta(days=2)
        days = pd.date_range(
            (pd.Timestamp(first, unit="us") - margin).normalize(),
            (pd.Timestamp(last, unit="us") + margin).normalize(),
            freq="D",
        )
        wanted = [DAYS.index(day) for day in self.days]
        free = self._free_days(tuple(sorted(set(days.year))))
        working = np.isin(days.day_of_week, wanted) & ~np.isin(days.to_numpy(), free)
        if not working.any():  # the moments lie within one long weekend
            return np.array([0]), np.array([0])
        opening, closing = _clock_times(self.hours)
        days = days[working]
        return (
            _to_utc(days + opening, self.timezone, ambiguous=True),
            _to_utc(days + closing, self.timezone, ambiguous=False),
        )

    def _free_days(self, years: tuple[int, ...]) -> np.ndarray:
        country, _, region = (self.country or "").partition("-")
        try:
            free = free_days(country or None, region or None, self.closed, years)
        except NotImplementedError as error:
            raise UsageError(
                Problem(
                    "the calendar's country is not known",
                    "agreement.yml",
                    found=repr(self.country),
                    allowed='an ISO code such as DK or "DE-BY"',
                )
            ) from error
        return np.array(free, dtype="datetime64[D]")


def elapsed_hours(start: pd.Series, end: pd.Series) -> pd.Series:
    """Return the hours on the wall between each start and end, nights and weekends counted.

    Examples
    --------
    >>> day = pd.Series(pd.to_datetime(["2026-10-02"]))
    >>> elapsed_hours(day, day + pd.Timedelta(days=3)).tolist()
    [72.0]
    """
    return (end.set_axis(start.index) - start) / pd.Timedelta(hours=1)


def hours_on_clock(start: pd.Series, end: pd.Series, clock: str, agreement: Agreement) -> pd.Series:
    """Return the hours between moments on the clock named: "business" or "elapsed".

    Raises
    ------
    UsageError
        If the clock is neither.
    CannotAnswer
        If business hours are asked for and the agreement has no calendar.
    """
    if clock == "elapsed":
        return elapsed_hours(start, end)
    if clock == "business":
        return BusinessHours.of(agreement).between(start, end)
    raise UsageError(Problem("no such clock", found=repr(clock), allowed="business, elapsed"))


def _microseconds(times: pd.Series) -> np.ndarray:
    return pd.to_datetime(times).astype("datetime64[us]").to_numpy().astype("int64")


def _clock_times(hours: str) -> tuple[pd.Timedelta, pd.Timedelta]:
    opening, closing = (pd.Timedelta(f"{part.strip()}:00") for part in hours.split("-"))
    return opening, closing


def _to_utc(local: pd.DatetimeIndex, timezone: str, ambiguous: bool) -> np.ndarray:
    # an hour that happens twice is worked twice: open at its first, close at its second
    marked = local.tz_localize(
        timezone, ambiguous=np.full(len(local), ambiguous), nonexistent="shift_forward"
    )
    return marked.tz_convert("UTC").tz_localize(None).as_unit("us").asi8
