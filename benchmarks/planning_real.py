"""Roll the forecasts over the public data sets, month by month, against naive ones.

    python -m benchmarks.planning_real --data ../shared/data --out planning_real.json

Olist's sellers and the bank of BPI 2012: each month's leads, hand-overs and customers are forecast
from the months before it only. A dozen months tell little: the number stands beside each figure.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from smarketing.folder import Folder
from smarketing.planning.volumes.demand_forecast import Luck, forecast_demand
from smarketing.planning.volumes.volume_history import counts_by_month, whole_months
from smarketing.scoring.targets import reached_at
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.spells import spells
from tests.worlds.planning_judged import interval_score

ROOT = Path(__file__).parents[1]
SETS = ("olist", "bpi12")
FEWEST_MONTHS = 2
MEASURES = {"leads": "started_at", "sales_ready": "sales_ready", "customers": "customer"}


def monthly_counts(name: str, data: Path) -> dict[str, pd.Series]:
    """Return each measure's counts per whole local month of a public set."""
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where) / name
        (folder / "raw").mkdir(parents=True)
        for file in ("sources.yml", "agreement.yml"):
            shutil.copy(ROOT / "data" / name / file, folder)
        for file in (data / name).resolve().iterdir():
            (folder / "raw" / file.name).symlink_to(file)
        ingest(folder)
        workspace = Folder.open(folder)
        with workspace.warehouse() as warehouse:
            rows, at = spells(warehouse).execute(), warehouse.data_until
        zone = workspace.agreement.timezone
    months = whole_months(rows["started_at"], at, zone)
    last = rows["started_at"].max()
    months = [m for m in months if pd.Period(m, "M").start_time <= last]
    found = {}
    for measure, column in MEASURES.items():
        times = rows[column] if column in rows else reached_at(rows, column)
        if times.notna().any():
            counts = counts_by_month(times, months, zone)
            found[measure] = counts[counts.to_numpy().cumsum() > 0]  # from its first month on
    return found


def roll(counts: pd.Series, seed: int = 0) -> pd.DataFrame:
    """Forecast every month from those before it; one row per month forecast."""
    rng, rows = np.random.default_rng(seed), []
    for n in range(FEWEST_MONTHS, len(counts)):
        past, value = counts.iloc[:n], counts.iloc[n]
        draws = forecast_demand(past, 1).draw(Luck.draw(8000, 1, rng), rng)[:, 0]
        below, upto = (draws < value).mean(), (draws <= value).mean()
        low, high = np.quantile(draws, [0.1, 0.9], method="inverted_cdf")
        chance = stats.poisson.ppf([0.1, 0.9], past.iloc[-1])
        rows.append(
            {
                "month": counts.index[n],
                "value": float(value),
                "low": float(low),
                "high": float(high),
                "pit": float(below + rng.uniform() * (upto - below)),
                "score": interval_score(low, high, value),
                "naive_last": interval_score(*chance, value),
                "naive_range": interval_score(*np.quantile(past.tail(12), [0.1, 0.9]), value),
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    """Write each set's and measure's histogram and interval scores as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=Path("planning_real.json"))
    asked = parser.parse_args()
    found: dict[str, Any] = {}
    for name in SETS:
        for measure, counts in monthly_counts(name, asked.data).items():
            rolled = roll(counts)
            if rolled.empty:
                continue
            found[f"{name} {measure}"] = {
                "n": len(rolled),
                "transform_histogram": np.histogram(rolled["pit"], 5, (0, 1))[0].tolist(),
                "inside_80": int(
                    ((rolled.low <= rolled.value) & (rolled.value <= rolled.high)).sum()
                ),
                **{
                    key: round(float(rolled[key].mean()), 1)
                    for key in ("score", "naive_last", "naive_range")
                },
                "months": rolled.round(3).to_dict("records"),
            }
    asked.out.write_text(json.dumps(found, indent=1) + "\n")
    for name, row in found.items():
        print(name, {key: value for key, value in row.items() if key != "months"})


if __name__ == "__main__":
    main()
