"""What was planted in the demo company: the answers that the workbench should find again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

TIMEZONE = ZoneInfo("Europe/Copenhagen")
OWN_DOMAIN = "nordlys.example"
FREE_MAIL = ("gmail.com", "hotmail.com", "outlook.com", "yahoo.dk")


@dataclass(frozen=True)
class Campaign:
    """One campaign: when it runs, what it costs a month (DKK), and its share of the leads."""

    campaign_id: str
    name: str
    channel: str
    first: str
    last: str
    cost: int
    weight: float


CAMPAIGNS = (
    Campaign("C-1001", "Brand search", "Paid Search", "2024-11", "2026-10", 11000, 0.10),
    Campaign("C-1002", "Competitor search", "Paid Search", "2024-11", "2026-10", 14000, 0.08),
    Campaign("C-1003", "LinkedIn IT-chefer", "Paid Social", "2024-11", "2026-10", 16000, 0.10),
    Campaign("C-1004", "Partnerprogram", "Referrals", "2024-11", "2026-10", 7000, 0.09),
    Campaign("C-1005", "NIS2 webinar series", "Email Marketing", "2025-02", "2026-10", 8000, 0.07),
    Campaign(
        "C-1006", "Digital Tech Summit 2025", "Offline Sources", "2025-10", "2025-11", 60000, 0.10
    ),
    Campaign("C-1007", "Nyhedsbrev", "Email Marketing", "2024-11", "2026-10", 5000, 0.05),
    Campaign("C-1008", "Instagram giveaway", "Paid Social", "2026-03", "2026-10", 24000, 0.26),
    Campaign(
        "C-1009", "<script>alert(1)</script> & Søn", "Paid Search", "2025-06", "2026-06", 5000, 0.04
    ),
    Campaign("C-1010", "Retargeting Norden", "Paid Social", "2025-01", "2026-10", 6000, 0.04),
)

ORGANIC = (("Organic Search", 0.24), ("Direct Traffic", 0.13), ("Organic Social", 0.07))
"""First touches without a campaign, by share of the leads."""


def _table(**values: float) -> Mapping[str, float]:
    table: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(values))
    return table


@dataclass(frozen=True)
class Truth:
    """The planted truth of the demo company, in log-odds unless a unit is said.

    A hand-over is won with log-odds `base` + the sum of the effects of what was known at the
    hand-over + `delay_per_day` × days until the first attempt (at most `delay_cap_days`). A lead
    that nobody tries to reach is never won. Colleagues who join an open deal share its outcome.

    Parameters
    ----------
    job_role, employees : mapping of level to log-odds
        Who the lead is; levels not named weigh nothing.
    events : mapping of kind to log-odds
        What the lead did before the hand-over; pricing page views count each, at most
        `pricing_at_most`; the others count once.
    campaigns : mapping of campaign id to log-odds
    free_mail : float
    delay_per_day : float
        Log-odds per day of delay until the first attempt.
    season : mapping of month number to factor
        Arrivals of the month against an average one.
    trend_per_month : float
        Growth of arrivals, as a share.
    slow_months : mapping of month to factor
        How many times slower than usual sales followed up hand-overs of that month.
    lowered_bar : str
        The month in which MQLs and hand-overs took fewer points than before.
    mix_shift_from : str
        The month from which a campaign brought many weak leads.
    noise, leaking, proxies : tuple of str
        Attributes without any effect; columns written after the outcome; attributes that
        only stand in for a driver.
    planted : mapping of name to count
        Warts planted in a fixed number.

    Examples
    --------
    >>> TRUTH.best_campaign, TRUTH.job_role["cto"]
    ('C-1004', 1.5)
    """

    first_month: str = "2024-11"
    last_month: str = "2026-10"
    end: datetime = datetime(2026, 10, 31, 22, 55)  # noqa: DTZ001 - naive UTC, as stored everywhere
    leads_per_month: float = 247.0
    season: Mapping[int, float] = field(
        default_factory=lambda: MappingProxyType(
            {1: 1.12, 2: 1.05, 3: 1.08, 4: 0.98, 5: 1.02, 6: 0.95,
             7: 0.55, 8: 0.98, 9: 1.18, 10: 1.2, 11: 1.17, 12: 0.62}
        )
    )  # fmt: skip
    trend_per_month: float = 0.008
    base: float = -4.05
    job_role: Mapping[str, float] = _table(
        it_manager=1.3, cto=1.5, cfo=0.5, developer=-0.7, consultant=-0.9, student=-2.0
    )
    employees: Mapping[str, float] = _table(under_10=-1.0, from_50_to_500=1.0, over_500=0.4)
    events: Mapping[str, float] = _table(
        pricing_view=0.45, demo_request=1.6, webinar=0.5, case_study=0.4, careers_page=-1.0
    )
    pricing_at_most: int = 4
    campaigns: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"C-1004": 0.7, "C-1008": -0.8})
    )
    free_mail: float = -0.7
    delay_per_day: float = -0.1
    delay_cap_days: int = 20
    slow_months: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {"2024-12": 2.0, "2025-07": 2.5, "2025-12": 2.5, "2026-04": 1.8,
             "2026-07": 3.0, "2026-09": 2.2, "2026-10": 2.0}
        )
    )  # fmt: skip
    slow_rep: int = 3
    lowered_bar: str = "2026-05"
    mix_shift_from: str = "2026-03"
    best_campaign: str = "C-1004"
    worst_campaign: str = "C-1008"
    noise: tuple[str, ...] = (
        "industry",
        "seniority", "language", "newsletter_topic", "first_page", "email_open", "blog views",
    )  # fmt: skip
    proxies: tuple[str, ...] = ("annual_revenue", "job_title", "source")
    leaking: tuple[str, ...] = ("Recent Deal Amount", "Implementation package")
    planted: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                "persons entered twice": 90,
                "contact rows exported twice": 25,
                "test leads": 40,
                "contacts with an impossible date": 9,
                "web events with an unreadable time": 40,
                "history rows with an unknown status": 5,
                "web events exported late, at the end of the file": 300,
                "leads accepted before they were handed over, by a wrong clock": 12,
                "deals with several leads": 30,
            }
        )
    )

    def size_class(self, employees: int | None) -> str:
        """Return the class of company size the effects of `employees` are named by."""
        if employees is None:
            return "missing"
        if employees < 10:
            return "under_10"
        if employees < 50:
            return "from_10_to_49"
        return "from_50_to_500" if employees <= 500 else "over_500"

    def effects(self, features: Mapping[str, Any]) -> float:
        """Return the log-odds of all a lead is and did, without base and delay.

        Parameters
        ----------
        features : mapping
            job_role, size_class, free_mail, campaign_id, and the count per key of `events`.
        """
        total = self.job_role.get(features["job_role"], 0.0)
        total += self.employees.get(features["size_class"], 0.0)
        total += self.campaigns.get(features["campaign_id"], 0.0)
        total += self.free_mail * bool(features["free_mail"])
        for kind, effect in self.events.items():
            most = self.pricing_at_most if kind == "pricing_view" else 1
            total += effect * min(features[kind], most)
        return total


TRUTH = Truth()
