"""Twelve leads of one month and the agreement they are planned under: lines worked by hand."""

from __future__ import annotations

from types import SimpleNamespace as Bag

import pandas as pd


def company(
    qualification: float | None = 9,
    closing: float = 6,
    mql: int = 20,
    sql: int = 60,
    confidence: float = 0.8,
    revenue: float = 10_000,
) -> Bag:
    def desk(leads: float | None) -> Bag | None:
        return None if leads is None else Bag(leads_per_month=leads)

    return Bag(
        currency="DKK",
        lines=Bag(mql=Bag(score=mql, fit_at_least=0), sql=Bag(score=sql, fit_at_least=0)),
        capacity=Bag(qualification=desk(qualification), closing=desk(closing)),
        economics=Bag(
            revenue_per_customer=revenue,
            margin_share=0.5,
            cost_per_qualified_lead=150,
            cost_per_worked_lead=500,
        ),
        sla=Bag(confidence=confidence),
    )


def twelve_leads() -> pd.DataFrame:
    """Return twelve leads of one month, one snapshot each.

    Qualification passes on those that become SQLs, and half of them buy.
    """
    groups = [  # score, leads, P(SQL | score), P(customer | score)
        (20, 4, 0.05, 0.01),
        (40, 4, 0.25, 0.05),
        (60, 2, 0.50, 0.20),
        (80, 2, 0.80, 0.40),
    ]
    rows = [
        {
            "score": score,
            "p_sql": p_sql,
            "p_customer": p_customer,
            "p_pass": p_sql,
            "p_passed_won": p_sql / 2,
        }
        for score, leads, p_sql, p_customer in groups
        for _ in range(leads)
    ]
    frame = pd.DataFrame(rows).assign(spell=1, as_of=pd.Timestamp("2026-10-05"), month="2026-10")
    return frame.assign(lead_id=[f"L{i:02d}" for i in range(12)], fit=0)
