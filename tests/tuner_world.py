"""A made-up company of 100,000 leads for the tuner: the same in the test and in the notebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from smarketing.agreement.load import load_agreement
from smarketing.planning.lines.thresholds import Thresholds, recommend_thresholds

DEMO = Path(__file__).parents[1] / "data" / "demo"
N = 100_000


def write_agreement(folder: Path) -> Path:
    """Write the demo's agreement with desks for a company of this size; return the folder."""
    text = (DEMO / "agreement.yml").read_text()
    for small, large in (
        ("qualification: {people: 2,", "qualification: {people: 25,"),
        ("closing:       {people: 4,", "closing:       {people: 50,"),
    ):
        assert text.count(small) == 1, small
        text = text.replace(small, large)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "agreement.yml").write_text(text)
    return folder


def many_rows(n: int = N) -> pd.DataFrame:
    """Return one snapshot a lead over twelve months; chances rise with the score."""
    rng = np.random.default_rng(5)
    fit = rng.binomial(50, 0.4, n)
    score = fit + np.minimum(rng.gamma(1.2, 12, n).round(), 50).astype(int)
    months = [f"{m}" for m in pd.period_range("2025-11", "2026-10", freq="M")]
    chance = 1 / (1 + np.exp(-(score - 62) / 9))
    return pd.DataFrame(
        {
            "lead_id": np.arange(n),
            "spell": 1,
            "as_of": 1,
            "month": rng.choice(months, n),
            "score": score,
            "fit": fit,
            "p_sql": 0.6 * chance,
            "p_customer": 0.4 * chance,
            "p_pass": 0.6 * chance,
            "p_passed_won": 0.3 * chance,
        }
    )


def many_leads(folder: Path, rows: pd.DataFrame) -> Thresholds:
    """Return the lines of a company of this size."""
    agreement = load_agreement(folder / "agreement.yml")
    return recommend_thresholds(rows, agreement, resamples=0)


def tuner_of(folder: Path | str):
    """Return the tuner of the notebook."""
    from smarketing.interactive.panel import line_tuner

    rows = many_rows()
    return line_tuner(
        many_leads(Path(folder), rows), Path(folder), rows, pd.Timestamp("2026-10-31 12:00")
    )
