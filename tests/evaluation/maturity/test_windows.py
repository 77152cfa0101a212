"""How long to wait for a lead; young leads judged early."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.evaluation.maturity.windows import early_weights, shortest_window

LINE = SimpleNamespace(target="customer", window_days=60)
AGREEMENT = SimpleNamespace(snapshots=SimpleNamespace(until="handover"))
END = pd.Timestamp("2026-06-01")


def spells(n=4000, seed=0, oldest=400):
    """Leads begun over `oldest` days; half win, after 40 days on average, fairs twice as often."""
    rng = np.random.default_rng(seed)
    start = END - pd.to_timedelta(rng.uniform(0, oldest, n), unit="D")
    source = np.where(np.arange(n) % 2, "fair", "web")
    wait = rng.exponential(40, n)
    will = rng.uniform(size=n) < np.where(source == "fair", 0.6, 0.3)
    won_at = pd.Series(start + pd.to_timedelta(wait, unit="D")).where(pd.Series(will))
    won_at = won_at.where(won_at <= END)
    frame = pd.DataFrame(
        {"lead_id": np.arange(n), "spell": 1, "started_at": start, "as_of": start, "source": source}
    )
    return frame.assign(sales_ready_at=pd.NaT, customer_at=won_at, ended_at=won_at)


def test_the_shortest_window_sees_nine_of_ten():
    got = shortest_window(spells(), LINE, AGREEMENT, END)
    assert got.days == pytest.approx(40 * np.log(10), abs=10)
    assert got.seen_share == pytest.approx(1 - np.exp(-60 / 40), abs=0.04)
    assert "the agreed window of 60 days sees" in got.sentence


def test_the_window_counts_from_the_hand_over():
    rows = spells()
    late = rows.assign(sales_ready_at=rows.started_at + pd.Timedelta(days=30))
    late["customer_at"] = late.customer_at + pd.Timedelta(days=30)
    late["customer_at"] = late.customer_at.where(late.customer_at <= END)
    assert shortest_window(late, LINE, AGREEMENT, END).days == pytest.approx(92, abs=10)


def test_no_conversion_gives_no_window():
    got = shortest_window(spells().assign(customer_at=pd.NaT), LINE, AGREEMENT, END)
    assert got.days is None
    assert "Too few" in got.sentence


def test_without_dates_there_is_no_window():
    with pytest.raises(CannotAnswer, match="no dates"):
        shortest_window(spells(), LINE, AGREEMENT, None)


def test_young_rows_judged_early_give_the_rate_of_the_whole_window():
    rates = []
    for seed in range(20):
        rows = spells(1000, seed, oldest=90)  # two in three windows are not over
        early = early_weights(rows, LINE, AGREEMENT, END)
        rates.append(np.average(early.outcome, weights=early.weight))
        assert early.weight.mean() == pytest.approx(1, abs=0.15)
        assert early.early.any()
        assert not early.weight[(~early.outcome) & (rows.as_of > END - pd.Timedelta(days=60))].any()
    assert np.mean(rates) == pytest.approx(0.45 * (1 - np.exp(-1.5)), abs=0.01)
