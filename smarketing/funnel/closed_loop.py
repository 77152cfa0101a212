"""The closed loop: from the first touch to revenue, for one month, in one answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.funnel.attribution.campaigns import Campaigns, campaigns
from smarketing.funnel.claims.check import Claims, check_claims
from smarketing.funnel.claims.growth import Growth, mql_growth
from smarketing.funnel.flow.breakdowns import Breakdown, breakdown
from smarketing.funnel.flow.content import Content, customer_content, nurture_content
from smarketing.funnel.flow.holding import Holding, holding
from smarketing.funnel.flow.loss_audit import LossAudit, loss_audit
from smarketing.funnel.flow.nurture import EVERYBODY, Nurture, nurture
from smarketing.funnel.flow.oddities import oddities
from smarketing.funnel.flow.stages import Stages, Trend, stage_counts, trend
from smarketing.funnel.flow.velocity import Velocity, velocity
from smarketing.funnel.flow.whole import Whole, of_numbers, whole
from smarketing.funnel.key_figures import KeyFigures, key_figures
from smarketing.funnel.rates import wilson
from smarketing.funnel.sla.attainment import Attainment, attainment
from smarketing.language.catalogue import tr
from smarketing.language.numbers import day
from smarketing.measures.count import GROUPS
from smarketing.measures.facts import Facts, known_at, with_grades
from smarketing.measures.reading import read_facts
from smarketing.results import Picture, Result, plain
from smarketing.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement

T = TypeVar("T")
YEAR = 12
"""Months of leads that breakdowns, content and key figures look at."""


@dataclass(frozen=True)
class ClosedLoop(Result):
    """All that the funnel's room says of one month; a part the tables cannot answer is None.

    Attributes
    ----------
    month : str or None
        None where the leads have no dates.
    whole : Whole or None
        The whole history; None where a month was asked for.
    stages : Stages or None
    rates : pandas.DataFrame
        As in :class:`smarketing.funnel.flow.stages.Stages`; for leads without dates lead → customer
        as recorded, in all and by ``source``.
    velocity : Velocity or None
    sla : Attainment or None
    claims : Claims or None
    campaigns : Campaigns or None
    trend : Trend or None
    cannot : dict of str to str
        Part, or part and figure ("sla: mqls"), → the sentence that says why not.
    growth : Growth or None
        Why there are more MQLs than in the months before, or fewer.
    key_figures : KeyFigures or None
        Both teams', over the year up to the month.
    breakdowns : dict of str to Breakdown
        By source, persona and, where grades are given, grade: the leads of that year.
    holding : Holding or None
        Who holds which open lead at the month's end.
    nurture : Nurture or None
    content, nurture_content : Content or None
        What customers looked at, and what those did who came over the MQL line later.
    losses : LossAudit or None
    oddities : pandas.DataFrame
        See :func:`smarketing.funnel.oddities`; empty where leads have no dates.
    """

    month: str | None
    stages: Stages | None
    rates: pd.DataFrame
    velocity: Velocity | None
    sla: Attainment | None
    claims: Claims | None
    campaigns: Campaigns | None
    trend: Trend | None
    cannot: dict[str, str]
    growth: Growth | None = None
    key_figures: KeyFigures | None = None
    breakdowns: dict[str, Breakdown] = field(default_factory=dict)
    holding: Holding | None = None
    nurture: Nurture | None = None
    content: Content | None = None
    nurture_content: Content | None = None
    losses: LossAudit | None = None
    oddities: pd.DataFrame = field(default_factory=pd.DataFrame)
    whole: Whole | None = None

    def frame(self) -> pd.DataFrame:
        """Return the stages' counts; for leads without dates the rates by source."""
        return self.rates if self.stages is None else self.stages.frame()

    @property
    def currency(self) -> str | None:
        """The agreement's currency; None where the leads have no dates."""
        return self.trend.currency if self.trend else None

    def plot(self) -> Picture:
        """Draw the month's funnel.

        Raises
        ------
        CannotAnswer
            If the leads have no dates.
        """
        if self.stages is None:
            raise CannotAnswer(self.cannot["stages"])
        return self.stages.plot()

    def to_dict(self) -> dict[str, Any]:
        """Return the parts as plain types; stages, rates, velocity and campaigns as rows."""
        return plain(
            {
                "whole": self.whole.stages if self.whole else [],
                "month": self.month,
                "stages": self.stages.counts if self.stages else [],
                "rates": self.rates,
                "velocity": self.velocity.steps if self.velocity else [],
                "sla": self.sla.to_dict() if self.sla else {},
                "claims": self.claims.claims if self.claims else [],
                "campaigns": self.campaigns.table if self.campaigns else [],
                "attribution": self.campaigns.attribution if self.campaigns else {},
                "attribution_models": (
                    self.campaigns.models.table if self.campaigns and self.campaigns.models else []
                ),
                "revenue": self.campaigns.revenue if self.campaigns else None,
                "revenue_months": (
                    [self.campaigns.first_month, self.campaigns.last_month]
                    if self.campaigns
                    else None
                ),
                "currency": self.campaigns.currency if self.campaigns else None,
                "trend": self.trend.counts if self.trend else [],
                "growth": self.growth,
                "key_figures": self.key_figures.table if self.key_figures else [],
                "breakdowns": {by: one.rates for by, one in self.breakdowns.items()},
                "holding": self.holding.by_stage() if self.holding else [],
                "nurture": self.nurture,
                "content": self.content.table if self.content else [],
                "nurture_content": self.nurture_content.table if self.nurture_content else [],
                "losses": self.losses.table if self.losses else [],
                "oddities": self.oddities,
                "cannot": self.cannot,
            }
        )


def closed_loop(
    warehouse: Warehouse,
    agreement: Agreement,
    month: str | None = None,
    grades: pd.DataFrame | None = None,
) -> ClosedLoop:
    """Follow the leads of a month, and what happened in it, from first touch to revenue.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    month : str, optional
        Local month "YYYY-MM"; by default the whole history, and the last complete month.
    grades : pandas.DataFrame, optional
        ``lead_id``, ``spell``, ``grade`` at the hand-over and ``first_grade``: what needs them is
        left out without.

    Raises
    ------
    CannotAnswer
        If the data says nothing of the month; or the leads have neither dates nor outcome.
    UsageError
        If it is no month.

    Examples
    --------
    >>> with Warehouse.open(Path("data/demo/warehouse.duckdb")) as warehouse:  # doctest: +SKIP
    ...     closed_loop(warehouse, agreement, "2026-10").to_dict()["revenue"]
    """
    if not warehouse.has_time and not warehouse.has("stages"):
        return _without_dates(warehouse)
    facts = read_facts(warehouse, agreement)
    if grades is not None:
        facts = with_grades(facts, grades)
    everything = whole(facts) if month is None else None
    month = facts.checked(month)
    first = facts.first_of(month, YEAR)
    cannot: dict[str, str] = {}

    def part(name: str, answer: Callable[[], T]) -> T | None:
        try:
            return answer()
        except CannotAnswer as reason:
            cannot[name] = str(reason)
            return None

    stages = stage_counts(facts, month)
    answer = ClosedLoop(
        month=month,
        stages=stages,
        rates=stages.rates,
        velocity=part("velocity", lambda: velocity(facts)),
        sla=part("sla", lambda: attainment(facts, month)),
        claims=part("claims", lambda: check_claims(facts, month, grades=grades)),
        campaigns=part("campaigns", lambda: _campaigns(facts, month)),
        trend=trend(facts, month),
        cannot=cannot,
        growth=part("growth", lambda: mql_growth(facts, month)),
        key_figures=key_figures(facts, month, YEAR),
        breakdowns={
            by: breakdown(facts, first, month, by)
            for by in ("source", "persona", *(["grade"] if grades is not None else []))
        },
        holding=holding(known_at(facts, facts.bounds(month)[1])),
        nurture=part("nurture", lambda: nurture(facts)),
        content=part("content", lambda: customer_content(warehouse, facts, month, YEAR)),
        nurture_content=part("nurture content", lambda: nurture_content(warehouse, facts)),
        losses=loss_audit(warehouse),
        oddities=oddities(facts),
        whole=everything,
    )
    cannot |= _within_parts(facts, answer)
    return answer


def _within_parts(facts: Facts, answer: ClosedLoop) -> dict[str, str]:
    """Return what single figures of the parts cannot say, each under its part's name."""
    cannot: dict[str, str] = {}
    stages = answer.stages
    if stages:
        cannot |= {f"stages: {stage}": why for stage, why in stages.left_out.items()}
    if stages and not stages.usable and facts.history_from is not None:
        cannot["stages: cohort"] = tr(
            "The cohort of {month} is unusable: the history can be trusted from {day} on only.",
            month=stages.month,
            day=day(facts.history_from),
        )
    if answer.sla:
        cannot |= {f"sla: {name}": why for name, why in answer.sla.cannot.items()}
    if answer.claims:
        cannot |= {f"claims: {name}": why for name, why in answer.claims.cannot.items()}
    if facts.wins is None:
        cannot["attribution"] = tr("Revenue cannot be traced back: {why}.", why=facts.why["deals"])
    return cannot


def _campaigns(facts: Facts, month: str) -> Campaigns:
    if not facts.spells.campaign_id.notna().any():
        raise CannotAnswer(tr("no lead names the campaign it came by"))
    return campaigns(facts, month)


def _without_dates(warehouse: Warehouse) -> ClosedLoop:
    """Return what leads without dates still tell: who converted, by source."""
    leads = warehouse.table("leads").select("source", "outcome").execute()
    unknown = int(leads.outcome.isna().sum())
    leads = leads[leads.outcome.notna()]
    if leads.empty:
        raise CannotAnswer(
            tr("the leads have neither dates nor an outcome, so no funnel can be told")
        )
    leads["outcome"] = leads.outcome.astype(bool)
    leads["source"] = leads.source.fillna(GROUPS["source"])
    sums = leads.groupby("source").outcome.agg(["sum", "size"])
    sums = sums.sort_values(["size", "sum"], ascending=False, kind="stable")
    rates = pd.DataFrame(
        {
            "from": "lead",
            "to": "customer",
            "basis": "all leads",
            "source": [EVERYBODY, *sums.index],
            "k": [int(leads.outcome.sum()), *sums["sum"].astype(int)],
            "n": [len(leads), *sums["size"]],
        }
    )
    rates["rate"], rates["low"], rates["high"] = wilson(rates.k, rates.n)
    cannot = {
        "stages": tr(
            "Stages cannot be counted by month: the leads have no dates; rates are of all leads."
        ),
        "velocity": tr("How long leads take cannot be said: the leads have no dates."),
        "sla": tr(
            "What was promised and delivered in a month cannot be said: the leads have no dates."
        ),
        "claims": tr("Claims compare periods and hand-overs, and the leads have no dates."),
        "campaigns": tr("Campaigns are compared by month and cost, and the leads have no dates."),
        "attribution": tr("Revenue cannot be traced back along touches: the leads have no dates."),
        "growth": tr("The growth of MQLs cannot be split: the leads have no dates."),
    }
    won, n = int(leads.outcome.sum()), len(leads)
    everything = of_numbers(
        {"lead": n + unknown, "customer": won, "won": won, "lost": n - won, "open": unknown,
         "undated": n + unknown}
    )  # fmt: skip
    return ClosedLoop(None, None, rates, None, None, None, None, None, cannot, whole=everything)
