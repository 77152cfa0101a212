"""A full valid agreement for tests, as text and as model."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML

from smarketing.agreement.load import check_agreement
from smarketing.agreement.model import Agreement
from smarketing.yamlfile import plain_types

EXAMPLE = """\
# What sales and marketing agreed
version: 3
valid_from: 2026-10-01
owners: {marketing: Marketing operations lead, sales: Head of sales}      # roles, not names
currency: DKK
timezone: Europe/Copenhagen
calendar: {country: DK, hours: "09:00-17:00", days: [mon, tue, wed, thu, fri]}
language: en
review: {meeting: weekly, agreement_every_months: 3}

stages:
  lead:
    enters_when: "leaves contact data in a form or chat"
    owner: marketing
    expected: "nurture until the MQL line"
  mql:         {owner: qualification, expected: "qualify or give back", max_days: 5}
  sales_ready: {owner: sales, expected: "first contact, then accept or reject", max_days: 2}
  accepted:    {owner: sales, expected: "dialogue until a verdict", max_days: 20}
  sql:         {owner: sales, expected: "open a deal", max_days: 30}
handover:
  channel: crm_task
  required_fields: [phone_known, company, need]
  escalate_to: Head of sales
  reject_reasons: [no_budget, wrong_fit, not_reached, not_now, competitor, duplicate]
recycle: {cool_down_days: 60}
buying_group: {within_days: 90}

personas:
  it_decision_maker:
    when: {all: [{field: job_role, in: [it_manager, cto]}, {field: employees, at_least: 50}]}

scorecard:
  fit:
    cap: 50
    rules:
      - {name: IT decision maker, when: {field: job_role, in: [it_manager, cto]}, points: 20}
      - {name: Mid-sized company, when: {field: employees, between: [50, 500]}, points: 15}
      - {name: Free e-mail address, when: {field: email_domain, in: $free_mail}, points: -10}
  engagement:
    cap: 50
    half_life_days: 14
    rules:
      - {name: Pricing page, event: page_view, subject: "/pricing*", points: 8, at_most: 3}
      - {name: Demo request, event: demo_request, points: 30}
      - {name: Silent for 30 days, when: {field: days_since_last_event, at_least: 30}, points: -15}

lines:
  mql: {score: 40, fit_at_least: 15, target: sql, window_days: 45}
  sql: {score: 65, fit_at_least: 20, target: customer, window_days: 90}   # straight to a rep
grades: {fit: {A: 35, B: 20}, engagement: {1: 35, 2: 15}}

capacity:
  qualification: {people: 2, leads_per_person_per_month: 80}
  closing:       {people: 4, leads_per_person_per_month: 12}
economics:
  revenue_per_customer: 40000
  margin_share: 0.6
  cost_per_qualified_lead: 250
  cost_per_worked_lead: 1500

sla:
  confidence: 0.8
  marketing: {mqls_per_month: 120, sales_ready_per_month: 20, acceptance_rate: 0.6}
  sales:
    first_contact: {share: 0.95, within_hours: 48, clock: business}
    follow_up: {share: 0.9, attempts: 5, within_days: 14}
    disposition_within_days: 20
    customers_per_month: 5
    revenue_per_month: 200000
goals:
  - {name: Revenue, owner: sales, measure: revenue, target: 2400000, by: 2027-09-30}
  - {name: New opportunities, owner: marketing, measure: opportunities, target: 180, by: 2027-09-30}
"""


SALES_SLA = {
    "first_contact": {"share": 0.75, "within_hours": 8, "clock": "business"},
    "follow_up": {"share": 0.5, "attempts": 2, "within_days": 14},
    "disposition_within_days": 10,
    "customers_per_month": 2,
    "revenue_per_month": 1000,
}
"""What sales promises in small companies whose every figure is worked out by hand."""


def example_agreement(**overrides: Any) -> Agreement:
    """Return the example; an override replaces a top block, `a__b=1` sets a key within one.

    A value of None takes the block or the key out.
    """
    data = plain_types(YAML().load(EXAMPLE))
    for path, value in overrides.items():
        *parents, last = path.split("__")
        block = data
        for part in parents:
            block = block.setdefault(part, {})
        if value is None:
            block.pop(last, None)
        else:
            block[last] = value
    return check_agreement(data)
