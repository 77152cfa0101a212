"""The demo's campaigns, what they cost, and who visited the website."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from smarketing.clock import months_between
from smarketing.demo.company import Lead
from smarketing.demo.draw import Draw, local_month
from smarketing.demo.truth import CAMPAIGNS
from smarketing.demo.writing import write_csv, write_excel

VISITORS_PER_LEAD = {
    "Organic Search": 62, "Direct Traffic": 48, "Organic Social": 95, "Paid Search": 30,
    "Paid Social": 74, "Referrals": 14, "Email Marketing": 11,
}  # fmt: skip
"""People on the website for one that leaves contact data, by channel."""


def write_campaigns(path: Path) -> None:
    """Write the list of campaigns."""
    rows = [(c.campaign_id, c.name, c.channel) for c in CAMPAIGNS]
    write_csv(path, ("Campaign ID", "Campaign name", "Channel"), rows, quote_all=False)


def write_spend(path: Path, seed: int) -> None:
    """Write what each campaign cost each month, as bookkeeping keeps it: in Excel."""
    draw = Draw(f"{seed}/spend")
    rows = [
        (campaign.campaign_id, month, round(campaign.cost * draw.normal(1, 0.06)), "DKK")
        for campaign in CAMPAIGNS
        for month in months_between(campaign.first, campaign.last)
    ]
    write_excel(path, "Spend", ("Campaign ID", "Month", "Cost", "Currency"), rows)


def write_visits(path: Path, leads: list[Lead], seed: int) -> None:
    """Write visitors per day and channel, as web analytics gives them: in Parquet."""
    draw = Draw(f"{seed}/visits")
    n = Counter((local_month(lead.contact.created), lead.contact.source) for lead in leads)
    day, last = date(2024, 11, 1), date(2026, 10, 31)
    days, channels, visitors = [], [], []
    while day <= last:
        workday = 1.18 if day.weekday() < 5 else 0.55
        for channel, per_lead in VISITORS_PER_LEAD.items():
            mean = n[f"{day:%Y-%m}", channel] * per_lead * workday / 30.4
            days.append(day)
            channels.append(channel)
            visitors.append(max(0, round(mean * draw.normal(1, 0.15))))
        day += timedelta(days=1)
    table = pa.table(
        {
            "date": pa.array(days, pa.date32()),
            "channel_group": pa.array(channels, pa.string()),
            "users": pa.array(visitors, pa.int64()),
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")
