"""How often a promise was kept so far, and whether a forecast of it agrees with that."""

from __future__ import annotations

from typing import NamedTuple

from scipy.stats import binomtest

from smarketing.planning.volumes.volume_history import VolumeHistory

RECORD_MONTHS = 13
"""Months looked back on: the same month of last year is among them."""
FEWEST_MONTHS = 6
"""Fewer months contradict no forecast."""
LEVEL = 0.01
"""A record that a right chance gives less often than this contradicts it."""


class KeptSoFar(NamedTuple):
    """In how many of the last months a promised value was reached."""

    kept: int
    months: int

    def contradicts(self, chance: float) -> bool:
        """Return whether months kept with this chance would hardly give this record.

        Examples
        --------
        >>> record = KeptSoFar(8, 13)
        >>> record.contradicts(0.02), record.contradicts(0.4)
        (True, False)
        """
        if self.months < FEWEST_MONTHS:
            return False
        return bool(binomtest(self.kept, self.months, chance).pvalue < LEVEL)


def kept_so_far(history: VolumeHistory, agreed: dict[str, float]) -> dict[str, KeptSoFar]:
    """Return the record of every promise whose measure is counted by month.

    Parameters
    ----------
    history : VolumeHistory
    agreed : dict of str to float
        Measure -> the value promised a month today.
    """
    records = {}
    for measure, value in agreed.items():
        if history.recorded(measure):
            values = history.series(measure).iloc[-RECORD_MONTHS:]
            records[measure] = KeptSoFar(int((values >= value).sum()), len(values))
    return records
