"""Working time as a number line: hours worked by any moment, and back to the moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUR = np.timedelta64(3_600_000_000, "us")


@dataclass(frozen=True)
class DeskClock:
    """The working days of a team over a stretch of time.

    Attributes
    ----------
    opens, closes : numpy.ndarray of datetime64
        Of each working day, naive UTC, ascending.
    worked : numpy.ndarray
        Hours worked before each opening.
    """

    opens: np.ndarray
    closes: np.ndarray
    worked: np.ndarray

    @classmethod
    def of(cls, agreement: Agreement, first: pd.Timestamp, last: pd.Timestamp) -> DeskClock:
        """Return the clock of the agreement's calendar; without one every hour is worked."""
        days = pd.date_range(first.normalize() - pd.Timedelta(days=8), last + pd.Timedelta(days=60))
        calendar = agreement.calendar
        if calendar is None:
            opens = days.to_numpy("datetime64[us]")
            return cls._from(opens, opens + np.timedelta64(24, "h"))
        free = pd.DatetimeIndex(calendar.free_days(days.year))
        wanted = [DAYS.index(day) for day in calendar.days]
        days = days[np.isin(days.day_of_week, wanted) & ~days.isin(free)]
        ends = (
            (days + end)
            .tz_localize(agreement.timezone, ambiguous=True, nonexistent="shift_forward")
            .tz_convert("UTC")
            .tz_localize(None)
            .to_numpy("datetime64[us]")
            for end in (calendar.opens, calendar.closes)
        )
        return cls._from(*ends)

    @classmethod
    def _from(cls, opens: np.ndarray, closes: np.ndarray) -> DeskClock:
        hours = (closes - opens) / HOUR
        return cls(opens, closes, np.r_[0.0, hours.cumsum()[:-1]])

    def hours(self, times: pd.Series) -> np.ndarray:
        """Return the hours worked by each moment (naive UTC)."""
        moments = pd.to_datetime(times).to_numpy("datetime64[us]")
        day = np.maximum(np.searchsorted(self.opens, moments, "right") - 1, 0)
        within = np.minimum(moments, self.closes[day]) - self.opens[day]
        return self.worked[day] + np.maximum(within / HOUR, 0.0)

    def moment(self, hours: np.ndarray) -> np.ndarray:
        """Return the moment at which so many hours are worked."""
        day = np.maximum(np.searchsorted(self.worked, hours, "right") - 1, 0)
        return self.opens[day] + ((hours - self.worked[day]) * HOUR.astype(int)).astype(
            "timedelta64[us]"
        )

    def per_month(self) -> float:
        """Return the hours worked in an average month."""
        span = (self.opens[-1] - self.opens[0]) / np.timedelta64(1, "D")
        return float(self.worked[-1] / span * 365.25 / 12) if span > 0 else 0.0
