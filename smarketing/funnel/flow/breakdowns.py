"""The funnel by source, campaign, persona or grade; the groups sum to the whole."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.funnel.flow.loss_reasons import GROUPS, check_group
from smarketing.funnel.groups import groups_of
from smarketing.funnel.history import History, moment, reached, steps, window_days
from smarketing.funnel.rates import wilson
from smarketing.results import Result


@dataclass(frozen=True)
class Breakdown(Result):
    """Cohorts of some months by group.

    Attributes
    ----------
    first_month, last_month : str
        Local months in which the spells started; they are followed to the data's end.
    by : str
        source, campaign_id, persona or grade.
    counts : pandas.DataFrame
        ``group``, a column per recorded stage (spells that reached it, or a later one), and
        ``buying_groups``: purchases the leads stand for, each counted with its first lead.
    rates : pandas.DataFrame
        ``group``, ``from``, ``to``, ``k`` of ``n`` old enough, ``rate``, its 95 % Wilson
        interval ``low`` to ``high``, ``window_days``, ``n_immature`` not in ``n``.
    """

    first_month: str
    last_month: str
    by: str
    counts: pd.DataFrame
    rates: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return one row per group, most leads first."""
        return self.counts


def breakdown(
    history: History, first: str, last: str | None = None, by: str = "source"
) -> Breakdown:
    """Count the stages of cohorts by group.

    Rates are of spells whose window is over, within the window, so that groups of different age
    can be compared.

    Parameters
    ----------
    history : History
    first, last : str
        Local months, both included; one month if the last is left out.
    by : {"source", "campaign_id", "persona", "grade"}
        The grade of the first day, of a history :func:`smarketing.funnel.with_grades`.

    Examples
    --------
    >>> breakdown(history, "2025-11", "2026-10", by="persona").frame()  # doctest: +SKIP
    """
    check_group(by, history)
    last = last or first
    runs = history.spells
    cohort = runs[runs.month.between(first, last)]
    group = cohort[by].fillna(GROUPS[by]).rename("group")
    got_there = reached(cohort, history.recorded)
    counts = got_there.groupby(group).sum().astype(int)
    leaders = groups_of(history)
    leads = cohort.assign(group=group, purchase=cohort.lead_id.map(leaders))
    leads = leads.sort_values(["started_at", "lead_id"]).drop_duplicates("purchase")
    counts["buying_groups"] = leads.groupby("group").size().reindex(counts.index, fill_value=0)
    counts = counts.reset_index().sort_values(
        ["lead", "group"], ascending=[False, True], ignore_index=True
    )
    parts = []
    for start, target in steps(history.recorded):
        days = window_days(history.agreement, target)
        entered = cohort[moment(start)]
        due = entered + pd.Timedelta(days=days)
        old = entered.notna() & (due <= history.data_until)
        later = history.recorded[history.recorded.index(target) :]
        hit = cohort[[moment(stage) for stage in later]].min(axis=1) <= due
        by_group = pd.DataFrame(
            {
                "n": old.groupby(group).sum(),
                "k": (hit & old).groupby(group).sum(),
                "n_immature": (entered.notna() & ~old).groupby(group).sum(),
            }
        )
        parts.append(
            by_group.reindex(counts.group)
            .reset_index()
            .assign(**{"from": start, "to": target, "window_days": days})
        )
    names = ["group", "from", "to", "k", "n", "n_immature", "window_days"]
    rates = pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
    rates["rate"], rates["low"], rates["high"] = wilson(rates.k, rates.n)
    return Breakdown(first, last, by, counts, rates)
