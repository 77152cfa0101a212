"""Public sets of leads, without the columns that leak how a lead ended."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

LEAKS = (
    "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity",
    "Asymmetrique Activity Index", "Asymmetrique Profile Index",
    "Asymmetrique Activity Score", "Asymmetrique Profile Score",
)  # fmt: skip


def x_education(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the leads without identifiers and leaks, and whether each converted."""
    file = folder / "xeducation" / "Leads.csv"
    leads = pd.read_csv(file, keep_default_na=False, na_values=["", "Select"])
    outcome = leads["Converted"].to_numpy()
    return leads.drop(columns=["Prospect ID", "Lead Number", "Converted", *LEAKS]), outcome


def olist(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the leads of 2018 in time, and whether each was won within 90 days."""
    name = "olist_{}_dataset.csv"
    leads = pd.read_csv(folder / "olist" / name.format("marketing_qualified_leads"))
    deals = pd.read_csv(folder / "olist" / name.format("closed_deals"))
    leads = leads.merge(deals[["mql_id", "won_date"]], on="mql_id", how="left")
    leads = leads[leads.first_contact_date >= "2018-01-01"]
    leads = leads.sort_values("first_contact_date", kind="stable", ignore_index=True)
    first, won = pd.to_datetime(leads.first_contact_date), pd.to_datetime(leads.won_date)
    frame = pd.DataFrame(
        {
            "origin": leads.origin,
            "landing_page": leads.landing_page_id,
            "weekday": first.dt.day_name(),
        }
    )
    return frame, (won - first <= pd.Timedelta(days=90)).to_numpy()
