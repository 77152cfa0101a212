"""Made-up companies with every wart that real ones have, small enough to be counted by hand."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from ruamel.yaml import YAML

from smarketing.agreement.model import Agreement
from smarketing.warehouse.tables import TABLES
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import write_warehouse
from tests.oracle import OFF, USUAL, Company
from tests.scoring_cases import CARD

ZONES = (
    "UTC", "Europe/Copenhagen", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland",
    "America/Sao_Paulo",
)  # fmt: skip
ORDERS = (
    [],
    ["lead", "mql", "sales_ready", "accepted", "sql", "opportunity"],
    ["sales_ready", "mql"],
    ["opportunity", "sql"],
)


class Maker:
    """Draws the rows of one company."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311 - made-up data
        self.zone = ZoneInfo(self.draw.choice(ZONES))
        self.begin = datetime(2025, self.draw.randint(1, 12), 1)  # noqa: DTZ001 - naive is UTC here
        self.days = self.draw.randint(40, 330)
        self.quiet = sorted(self.draw.sample(range(self.days), 2))

    def chance(self, share: float) -> bool:
        return self.draw.random() < share

    def moment(self, after: datetime | None = None, within: float = 60) -> datetime:
        """Return a time, now and then a day without one; seldom in the quiet weeks."""
        if after is None:
            day = self.draw.uniform(0, self.days)
            if self.quiet[0] < day < self.quiet[1]:
                day = self.draw.uniform(0, self.days)
            at = self.begin + timedelta(days=day)
        else:
            gap = self.draw.choice([0.0, 0.2, self.draw.uniform(-3, within)])
            at = after + timedelta(days=gap)
        at = at.replace(microsecond=0)
        return self.day(at) if self.chance(0.3) else at

    def day(self, at: datetime) -> datetime:
        """Return the local midnight before a time: how a day without a time is stored."""
        local = at.replace(tzinfo=UTC).astimezone(self.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight.astimezone(UTC).replace(tzinfo=None)

    def leads(self) -> list[dict[str, Any]]:
        return [
            {
                "lead_id": f"L{number:02d}",
                "created_at": None if self.chance(0.1) else self.moment(),
                "source": self.draw.choice(["web", "fair", None]),
                "campaign_id": self.draw.choice(["C1", "C2", None]),
                "account_id": self.draw.choice(["A1", "A2", "A3", None, None]),
                "job_role": self.draw.choice(["cto", "student", None]),
                "employees": 40.0 * number,
            }
            for number in range(self.draw.randint(1, 14))
        ]

    def stages(self, leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows = []
        for lead in leads:
            if self.chance(0.25):
                continue
            at = lead["created_at"] or self.moment()
            for spell in range(1, self.draw.choice([1, 1, 1, 2, 3]) + 1):
                chosen = [stage for stage in USUAL if self.chance(0.5)]
                if self.chance(0.2):
                    self.draw.shuffle(chosen)
                if self.chance(0.4):
                    chosen.append(self.draw.choice(OFF))
                for stage in chosen:
                    at = self.moment(at, within=25)
                    rows.append(
                        {
                            "lead_id": lead["lead_id"],
                            "spell": spell,
                            "stage": stage,
                            "entered_at": at,
                        }
                    )
                at = at + timedelta(days=self.draw.choice([0, 5, 70]))
        return rows

    def deals(self, leads: list[dict[str, Any]]) -> tuple[list[dict], list[dict]]:
        deals, links = [], []
        for number in range(self.draw.randint(0, 14)):
            behind = self.draw.sample(leads, min(len(leads), self.draw.choice([0, 1, 1, 1, 2, 3])))
            start = next((lead["created_at"] for lead in behind if lead["created_at"]), None)
            opened = self.moment(start)
            won = self.draw.choice([True, True, False, None])
            closed = None
            if won is not None and not self.chance(0.25):
                closed = self.day(opened) if self.chance(0.3) else self.moment(opened, within=120)
            deals.append(
                {
                    "deal_id": f"D{number:02d}",
                    "account_id": self.draw.choice(["A1", "A2", None, None]),
                    "opened_at": opened,
                    "closed_at": closed,
                    "won": won,
                    "amount": self.draw.choice([None, 0.0, 1000.0, 250.55, 39999.99, -120.0]),
                    "currency": self.draw.choice(["DKK", "DKK", None, "JPY"]),
                }
            )
            links += [{"deal_id": f"D{number:02d}", "lead_id": lead["lead_id"]} for lead in behind]
        return deals, links


def random_company(seed: int) -> Company:
    """Return one company; the same seed gives the same."""
    make = Maker(seed)
    leads = make.leads()
    if all(lead["created_at"] is None for lead in leads):
        leads[0]["created_at"] = make.moment()
    stages = make.stages(leads)
    deals, links = make.deals(leads)
    if make.chance(0.15):
        deals, links = [], []
    times = [row[column] for rows, column in (
        (leads, "created_at"), (stages, "entered_at"), (deals, "closed_at"), (deals, "opened_at"),
    ) for row in rows if row[column]]  # fmt: skip
    counted_by = make.draw.choice([None, "deal", "purchase", "account"])
    group = make.draw.choice([None, 10, 90]) if counted_by != "purchase" else 30
    return Company(
        leads=leads,
        stages=stages,
        deals=deals,
        deal_leads=links,
        visits=[{"day": make.begin.date(), "channel": "web", "visitors": 7}],
        until=max(times),
        timezone=str(make.zone),
        counted_by=counted_by or ("purchase" if group else "deal"),
        within_days=group,
        order=make.draw.choice(ORDERS),
        persona=lambda lead: "technician" if lead["job_role"] == "cto" else None,
    )


def agreement_of(company: Company) -> Agreement:
    """Return an agreement that counts as the company is to be counted."""
    group = company.within_days
    return example_agreement(
        timezone=company.timezone,
        currency=company.currency,
        calendar=None,
        stages={stage: {"owner": "sales"} for stage in company.order} or None,
        buying_group={"within_days": group} if group else None,
        customers={"counted_by": company.counted_by},
        personas={"technician": {"when": {"field": "job_role", "is": "cto"}}},
        scorecard=CARD,
        sla={
            "confidence": 0.8,
            "marketing": {"mqls_per_month": 2, "sales_ready_per_month": 1},
            "sales": {"customers_per_month": 1, "revenue_per_month": 1000},
        },
        goals=None,
    )


def warehouse_of(company: Company, file: Path) -> Warehouse:
    """Write the company's rows as canonical tables, and open them."""
    tables = {}
    for name in ("leads", "stages", "deals", "deal_leads", "visits"):
        rows = getattr(company, name)
        if not rows and name != "leads":
            continue
        frame = pd.DataFrame(rows)
        for column in TABLES[name].columns:
            if column.type == "TIMESTAMP" and column.name in frame:
                frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[us]")
        tables[name] = frame
    known = {"job_role": "at_creation", "employees": "at_creation"}
    write_warehouse(
        file, tables, known, timezone=company.timezone, data_until=company.until.isoformat(),
        has_time="true",
    )  # fmt: skip
    return Warehouse.open(file)


def workspace_of(company: Company, folder: Path) -> Path:
    """Write a company as a workspace with its warehouse and agreement, and return its folder."""
    (folder / "sources.yml").write_text("company: Acme\n")
    with (folder / "agreement.yml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(agreement_of(company).to_dict(), file)
    warehouse_of(company, folder / "warehouse.duckdb").close()
    return folder
