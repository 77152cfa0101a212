"""Hold forecasts of what is promised, as the CRM counts it, against made-up companies' next month.

    python -m benchmarks.forecasts --companies 1000 --out forecasts.json

Of MQLs, sales-ready leads, customers and revenue, with leads stamped beside the line among them:
whether the transforms are uniform, how often the 80 % interval holds what came, and how much
better than the range of the last twelve months it is (docs/method/volumes.md).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

from tests.worlds.crm_company import MEASURES, back_check


def summarise(rows: pd.DataFrame) -> dict[str, Any]:
    """Return how well each measure was covered."""
    out: dict[str, Any] = {"companies": len(rows)}
    for name in MEASURES:
        known = rows[rows[f"pit_{name}"].notna()]
        pit = known[f"pit_{name}"].to_numpy(float)
        bins = np.histogram(pit, 10, (0, 1))[0]
        out[name] = {
            "n": len(known),
            "transform_histogram": bins.tolist(),
            "p_uniform": float(stats.chisquare(bins).pvalue),
            "p_uniform_ks": float(stats.kstest(pit, "uniform").pvalue),
            "covered_80": float(known[f"inside_{name}"].astype(float).mean()),
            "forecast_over_actual": float(
                known[f"mean_{name}"].sum() / known[f"actual_{name}"].sum()
            ),
            "better_than_naive": float(
                1 - known[f"score_{name}"].sum() / known[f"naive_{name}"].sum()
            ),
        }
    return out


def main() -> None:
    """Run the companies one after the other and write the summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--out", type=Path, default=Path("forecasts.json"))
    asked = parser.parse_args()
    began = time.monotonic()
    with threadpool_limits(1):
        rows = pd.DataFrame(
            [back_check(seed) for seed in range(asked.first, asked.first + asked.companies)]
        )
    found = summarise(rows) | {"seconds": round(time.monotonic() - began)}
    asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
