"""Parts of the agreement about money and people: capacities, economics, SLA, goals."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from smarketing.agreement.parts import (
    Days,
    NotNegative,
    Number,
    Part,
    Positive,
    Share,
    Text,
    Whole,
)


class Capacity(Part):
    """Leads per month that a team can work properly."""

    people: Positive
    """People, in full-time equivalents."""
    leads_per_person_per_month: Positive
    """Leads that one of them works properly in a month."""

    @property
    def leads_per_month(self) -> float:
        """Leads that all of them work properly in a month."""
        return self.people * self.leads_per_person_per_month


class Capacities(Part):
    """What qualification and closing can work."""

    qualification: Capacity | None = None
    """The qualification desk; left out where there is none, and the two lines are one."""
    closing: Capacity
    """The reps."""


class Economics(Part):
    """What a customer is worth, and what working a lead costs, in the agreement's currency."""

    revenue_per_customer: Positive
    """Revenue per customer."""
    margin_share: Annotated[Number, Field(gt=0, le=1)]
    """The share of revenue that is margin, before the costs of working leads."""
    cost_per_qualified_lead: NotNegative = 0.0
    """Cost of one lead at the qualification desk."""
    cost_per_worked_lead: NotNegative
    """Cost of one lead worked by a rep."""


class MarketingPromise(Part):
    """What marketing promises a month."""

    mqls_per_month: Annotated[Whole, Field(ge=0)] | None = None
    """First crossings of the MQL line handed to qualification."""
    sales_ready_per_month: Annotated[Whole, Field(ge=0)] | None = None
    """Leads handed over to reps."""
    acceptance_rate: Share | None = None
    """The share of hand-overs that sales accepts."""


class FirstContact(Part):
    """How soon sales makes a first attempt."""

    share: Share
    """The share of hand-overs this is promised for."""
    within_hours: Positive
    """Hours from hand-over to the first attempt."""
    clock: Literal["business", "elapsed"] = "elapsed"
    """Business hours of the calendar, or all hours."""


class FollowUp(Part):
    """How persistently sales follows up."""

    share: Share
    """The share of hand-overs this is promised for."""
    attempts: Annotated[Whole, Field(ge=1)]
    """Attempts promised, unless the lead was reached or disposed of before."""
    within_days: Days
    """Days in which they are made."""


class SalesPromise(Part):
    """What sales promises."""

    first_contact: FirstContact | None = None
    """How soon."""
    follow_up: FollowUp | None = None
    """How persistently."""
    disposition_within_days: Days | None = None
    """Days within which a hand-over has a verdict."""
    customers_per_month: NotNegative | None = None
    """Customers a month."""
    revenue_per_month: NotNegative | None = None
    """Revenue a month, in the agreement's currency."""


class Sla(Part):
    """What each side promises; a side may promise nothing yet."""

    confidence: Annotated[Number, Field(gt=0, lt=1)] = 0.8
    """How sure a promise is to be, each by itself."""
    marketing: MarketingPromise | None = None
    """Marketing's side."""
    sales: SalesPromise | None = None
    """Sales' side."""


class Targets(Part):
    """What the key figures are to be; one left out follows from the promises, or has none."""

    visitor_to_lead: Share | None = None
    """The share of visitors who leave contact data."""
    lead_to_mql: Share | None = None
    """The share of leads that become MQLs."""
    mql_to_sales_ready: Share | None = None
    """The share of MQLs handed over to a rep."""
    mql_to_sql: Share | None = None
    """The share of MQLs that become SQLs."""
    close_rate: Share | None = None
    """The share of hand-overs that become customers."""
    share_from_marketing: Share | None = None
    """The share of revenue with a lead of marketing's behind it."""
    revenue_per_customer: Positive | None = None
    """Revenue per customer, in the agreement's currency."""
    days_to_first_order: Days | None = None
    """Days from first touch to first order, at most."""


class Goal(Part):
    """What the company wants to reach by a day."""

    name: Text
    """What the goal is called."""
    owner: Text
    """The team that answers for it."""
    measure: Literal[
        "visitors", "leads", "mqls", "sales_ready", "accepted", "sqls", "opportunities",
        "customers", "revenue",
    ]  # fmt: skip
    """What is counted."""
    target: Positive
    """How much is wanted."""
    since: date | None = None
    """The first day that counts; left out, the day the goal first stood in any version."""
    by: date
    """The last day that counts."""
