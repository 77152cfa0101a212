"""How long it takes from stage to stage, without pretending that the young are lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from smarketing.measures.facts import Facts
from smarketing.measures.path import moment, steps
from smarketing.results import Result


@dataclass(frozen=True)
class Velocity(Result):
    """Days between stages.

    Attributes
    ----------
    steps : pandas.DataFrame
        ``from``, ``to``; ``n`` spells that entered the first, ``arrived`` of them in the
        second; ``median_days`` and ``p90_days`` among those who arrived (too short while young
        spells are still on their way); ``censored_median_days`` and ``censored_p90_days`` by
        Kaplan–Meier among all – missing where fewer than that share ever arrive; ``plateau``,
        the share that arrives in the end; ``arrivals_median_days`` and ``arrivals_p90_days``,
        the same curve cut at its plateau: of those who will arrive, half and nine tenths have
        by then; ``backward``, spells left out because the second is recorded before the first.
    data_until : pandas.Timestamp
    """

    steps: pd.DataFrame
    data_until: pd.Timestamp

    def frame(self) -> pd.DataFrame:
        """Return one row per step."""
        return self.steps


def velocity(facts: Facts, trusted: bool = True) -> Velocity:
    """Measure the days between stages over the trusted history, or over all of it.

    Spells not there yet are censored at the data's end. A spell that ended otherwise stays in
    the count to the data's end without arriving, so the curve levels off at the share that
    arrives at all (a cumulative incidence under administrative censoring, Fine and Gray 1999,
    section 2), and a rejection does not make the rest look faster.

    Examples
    --------
    >>> velocity(facts).frame()[["from", "to", "median_days", "n"]]  # doctest: +SKIP
    """
    runs = facts.trusted if trusted else facts.spells
    rows = [_step(runs, start, target, facts.data_until) for start, target in steps(facts.recorded)]
    columns = list(_step(runs.iloc[:0], "lead", "lead", facts.data_until))
    return Velocity(pd.DataFrame(rows, columns=columns), facts.data_until)


def days_to(start: pd.Series, target: pd.Series, until: pd.Timestamp) -> pd.DataFrame:
    """Return ``days`` and whether the spell ``arrived``; not arrived: days to the data's end."""
    arrived = target.notna()
    days = (target.fillna(until) - start) / pd.Timedelta(days=1)
    return pd.DataFrame({"days": days, "arrived": arrived})[start.notna()]


def _step(runs: pd.DataFrame, start: str, target: str, until: pd.Timestamp) -> dict:
    waits = days_to(runs[moment(start)], runs[moment(target)], until)
    backward = waits.days < 0
    waits = waits[~backward]
    arrivals = waits.days[waits.arrived]
    row = {
        "from": start,
        "to": target,
        "n": len(waits),
        "arrived": len(arrivals),
        "median_days": arrivals.median(),
        "p90_days": arrivals.quantile(0.9),
        "censored_median_days": np.nan,
        "censored_p90_days": np.nan,
        "plateau": np.nan,
        "arrivals_median_days": np.nan,
        "arrivals_p90_days": np.nan,
        "backward": int(backward.sum()),
    }
    if len(arrivals):
        curve = SurvfuncRight(waits.days.to_numpy(float), waits.arrived.to_numpy(int))
        arrived_share = 1 - curve.surv_prob
        plateau = float(arrived_share[-1])

        def first_day(share: float) -> float:
            # shares are sums of floats: a half may come out as 0.49999…
            at = np.searchsorted(arrived_share, share - 1e-12)
            return float(curve.surv_times[at]) if at < len(arrived_share) else np.nan

        row |= {
            "censored_median_days": first_day(0.5),
            "censored_p90_days": first_day(0.9),
            "plateau": plateau,
            "arrivals_median_days": first_day(0.5 * plateau),
            "arrivals_p90_days": first_day(0.9 * plateau),
        }
    return row
