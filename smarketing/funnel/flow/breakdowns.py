"""The funnel by source, campaign, persona or grade; the groups sum to the whole."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.clock import months_between
from smarketing.funnel.flow.stages import counted_stages
from smarketing.funnel.rates import wilson
from smarketing.measures.catalogue import OF_STAGE
from smarketing.measures.conversion import conversion
from smarketing.measures.count import GROUPS, check_group, count
from smarketing.measures.facts import Facts, groups_of
from smarketing.measures.path import steps
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
        ``group``, a column per recorded stage (how many entered it), and
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


def breakdown(facts: Facts, first: str, last: str | None = None, by: str = "source") -> Breakdown:
    """Count the stages of cohorts by group.

    Rates are of spells whose window is over, within the window, so that groups of different age
    can be compared.

    Parameters
    ----------
    facts : Facts
    first, last : str
        Local months, both included; one month if the last is left out.
    by : {"source", "campaign_id", "persona", "grade"}
        The grade of the first day takes facts :func:`smarketing.measures.facts.with_grades`.

    Examples
    --------
    >>> breakdown(facts, "2025-11", "2026-10", by="persona").frame()  # doctest: +SKIP
    """
    check_group(by, facts)
    last = last or first
    runs = facts.spells
    cohort = runs[runs.month.between(first, last)]
    group = cohort[by].fillna(GROUPS[by]).rename("group")
    months = months_between(first, last)
    counted = {
        stage: count(facts, OF_STAGE[stage], by, basis="cohort", months=months).by_group()
        for stage in counted_stages(facts)
    }
    counts = pd.DataFrame(counted).fillna(0).astype(int).rename_axis("group")
    leaders = groups_of(facts)
    leads = cohort.assign(group=group, purchase=cohort.lead_id.map(leaders))
    leads = leads.sort_values(["started_at", "lead_id"]).drop_duplicates("purchase")
    counts["buying_groups"] = leads.groupby("group").size().reindex(counts.index, fill_value=0)
    counts = counts.reset_index().sort_values(
        ["lead", "group"], ascending=[False, True], ignore_index=True
    )
    parts = []
    for start, target in steps(facts.recorded):
        rates = conversion(facts, start, target, cohort, by)
        rates = rates.reindex(counts.group).reset_index()
        parts.append(rates.assign(**{"from": start, "to": target}))
    names = ["group", "from", "to", "k", "n", "n_immature", "window_days"]
    rates = pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
    rates["rate"], rates["low"], rates["high"] = wilson(rates.k, rates.n)
    return Breakdown(first, last, by, counts, rates)
