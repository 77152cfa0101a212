"""Judge planning where the truth is known: lines and overflow over made-up companies.

    python -m benchmarks.planning --companies 1000 --out planning.json

One core, some minutes. Made-up companies differ in size (60 to 900 leads a month), length of
history (12 to 42 months), season, drift, luck, close rate, capacities and costs. Planning sees
their history only; the truth judges it (docs/method/thresholds.md, "Expected margin";
docs/method/volumes.md, "The volume that keeps a promise").
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from tests.worlds.planning_company import ACCOUNTS
from tests.worlds.planning_judged import RIVALS, judge_company


def summarise(rows: pd.DataFrame) -> dict[str, Any]:
    """Return margins and overflow with their sampling errors."""
    answered = rows[rows["best_lost"].notna()]
    out: dict[str, Any] = {"companies": len(rows), "answered": len(answered)}
    for over in ACCOUNTS:
        out[f"lines_{over}"] = _margins(answered, over)
    for desk in ("qualification", "closing"):
        part = answered[answered[f"risk_{desk}"].notna()]
        risk, seen = part[f"risk_{desk}"].astype(float), part[f"over_{desk}"].astype(float)
        error = float(np.sqrt((risk * (1 - risk)).sum()) / len(part))
        out[f"overflow_{desk}"] = {
            "n": len(part),
            "promised_at_most": 0.2,
            "predicted": float(risk.mean()),
            "seen": float(seen.mean()),
            "sampling_error": error,
            "z": float((seen.mean() - risk.mean()) / error),
        }
    return out


def _margins(answered: pd.DataFrame, over: str) -> dict[str, Any]:
    """Return margins against the best lines', in units of what a company's leads are worth."""
    best, ours = answered[f"best_{over}"], answered[f"recommended_{over}"]
    each = (ours / best)[best > 0.01]
    out = {
        "n": len(answered),
        "share_of_best": float(ours.sum() / best.sum()),
        "share_of_best_95": list(_ratio(ours, best)),
        "share_of_foreseeable": float(ours.sum() / answered[f"foreseeable_{over}"].sum()),
        "share_of_foreseeable_95": list(_ratio(ours, answered[f"foreseeable_{over}"])),
        "median_company": float(each.median()),
        "tenth_of_companies_below": float(each.quantile(0.1)),
    }
    for rival in RIVALS:
        theirs = answered[f"{rival}_{over}"]
        known = theirs.notna()
        low, high = _ratio((ours - theirs)[known], best[known])
        out[rival] = {
            "n": int(known.sum()),
            "more_than_it": float((ours - theirs)[known].sum() / best[known].sum()),
            "interval_95": [low, high],
            "keeps_the_capacity": float(answered.loc[known, f"{rival}_fits"].astype(float).mean()),
        }
    out["keeps_the_capacity"] = float(answered["recommended_fits"].astype(float).mean())
    return out


def _ratio(part: pd.Series, whole: pd.Series) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a ratio of sums, paired by company."""
    a, b = part.to_numpy(float), whole.to_numpy(float)
    drawn = np.random.default_rng(0).integers(0, len(a), (1000, len(a)))
    low, high = np.quantile(a[drawn].sum(axis=1) / b[drawn].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _paired(difference: pd.Series) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a mean difference over companies."""
    return _ratio(difference, difference * 0 + 1)


def main() -> None:
    """Run the companies one after the other and write the summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--out", type=Path, default=Path("planning.json"))
    asked = parser.parse_args()
    began = time.monotonic()
    with threadpool_limits(1):
        rows = pd.DataFrame(
            [judge_company(seed) for seed in range(asked.first, asked.first + asked.companies)]
        )
    found = summarise(rows) | {"seconds": round(time.monotonic() - began)}
    rows.to_csv(asked.out.with_suffix(".csv"), index=False)
    asked.out.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
