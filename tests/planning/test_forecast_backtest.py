"""Forecasts of past months held against what came."""

from __future__ import annotations

from types import SimpleNamespace as Bag

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarketing.planning.volumes.forecast_backtest import (
    MONTHS_NEEDED,
    backtest_forecasts,
    ratio_with_interval,
)
from smarketing.planning.volumes.volume_history import VolumeHistory

MONTHS = [str(m) for m in pd.period_range("2024-01", periods=24, freq="M")]
AT = pd.Timestamp("2025-12-31 23:00")
MONEY = Bag(
    revenue_per_customer=1000, margin_share=1, cost_per_qualified_lead=0, cost_per_worked_lead=0
)


def agreement() -> Bag:
    return Bag(
        timezone="UTC",
        snapshots=Bag(until="handover"),
        lines=Bag(
            mql=Bag(score=30, fit_at_least=0, target="sql", window_days=30),
            sql=Bag(score=60, fit_at_least=0, target="customer", window_days=60),
        ),
        capacity=Bag(qualification=Bag(leads_per_month=99), closing=Bag(leads_per_month=99)),
        economics=MONEY,
        sla=Bag(confidence=0.8),
    )


def leads(rates: dict[str, float], a_month: int = 60) -> pd.DataFrame:
    """Return leads of every month, a third each of score 20, 40 and 70; of those handed over a
    part buys that depends on the month."""
    rows = []
    for month in MONTHS:
        start = pd.Timestamp(f"{month}-01")
        for i in range(a_month):
            score = (20, 40, 70)[i % 3]
            worked = score == 70 or (score == 40 and i % 2 == 0)
            as_of = start + pd.Timedelta(days=i % 28)
            # Evenly spread over the leads, so that no luck hides what is checked.
            won = worked and (i * 0.618 + MONTHS.index(month) * 0.3) % 1 < rates[month]
            rows.append(
                {
                    "lead_id": f"{month}-{i}",
                    "spell": 1,
                    "as_of": as_of,
                    "month": month,
                    "score": score,
                    "fit": 50,
                    "sales_ready_at": as_of if worked else pd.NaT,
                    "sql_at": as_of + pd.Timedelta(days=5) if won else pd.NaT,
                    "customer_at": as_of + pd.Timedelta(days=30) if won else pd.NaT,
                }
            )
    frame = pd.DataFrame(rows)
    for stage in ("mql", "accepted", "opportunity"):
        frame[f"{stage}_at"] = pd.Series(pd.NaT, frame.index, dtype="datetime64[ns]")
    return frame


def history(months: list[str] = MONTHS) -> VolumeHistory:
    return VolumeHistory(AT, tuple(months), pd.Series(60.0, index=months))


def test_a_steady_company_is_foretold_right():
    found = backtest_forecasts(leads(dict.fromkeys(MONTHS, 0.3)), agreement(), history())
    rows = found.frame().set_index("measure")
    # Windows of 30 + 60 days are over for 2025-09 and before; twelve months at most are held.
    assert found.months["month"].unique().tolist() == MONTHS[9:21]
    # 20 cross the MQL line alone and 20 the SQL line; of the 20 ten are handed over.
    assert rows.loc["mqls", "actual"] == 20
    assert rows.loc["sales_ready", "actual"] == 30
    assert rows.loc["customers", "actual"] == pytest.approx(9, abs=1)
    assert rows["ratio"].between(0.9, 1.1).all()
    assert not rows["off"].any()
    assert found.caution == ""
    assert found.sentence.endswith("None is off by more than chance.")


def test_a_company_that_lost_its_touch_is_a_caution():
    rates = {m: 0.6 if m < "2024-11" else 0.1 for m in MONTHS}
    found = backtest_forecasts(leads(rates), agreement(), history())
    rows = found.frame().set_index("measure")
    assert rows.loc["customers", "ratio"] < 0.8
    assert rows.loc["customers", "off"]
    assert not rows.loc["mqls", "off"]
    assert found.caution.startswith("Caution: ")
    assert "customers a month where" in found.caution
    assert "MQLs" not in found.caution


@pytest.mark.parametrize("kept", [1, 8, 9, 10])
def test_too_few_months_are_said_to_be_too_few(kept):
    # Months from 2025-04 on: those of 2025-10 and later are not over, and three must go before.
    months = MONTHS[-kept:]
    rows = leads(dict.fromkeys(MONTHS, 0.3))
    found = backtest_forecasts(rows[rows["month"].isin(months)], agreement(), history(months))
    n = found.months["month"].nunique()
    assert n < MONTHS_NEEDED
    assert not found.enough
    assert found.caution == ""
    assert ("No past month is" in found.sentence) == (n == 0)
    assert "nan" not in str(found.to_dict()).lower()


def test_nobody_ever_bought():
    found = backtest_forecasts(leads(dict.fromkeys(MONTHS, 0.0)), agreement(), history())
    assert found.months.empty
    assert "6 are needed" in found.sentence


def test_what_a_month_is_foretold_does_not_depend_on_what_came_after():
    rates = dict.fromkeys(MONTHS, 0.3)
    later = {m: (0.3 if m < "2025-06" else 0.9) for m in MONTHS}
    one, two = (backtest_forecasts(leads(r), agreement(), history()).months for r in (rates, later))
    early = one["month"] < "2025-07"
    pd.testing.assert_frame_equal(
        one.loc[early, ["month", "measure", "forecast", "low", "high"]],
        two.loc[early, ["month", "measure", "forecast", "low", "high"]],
    )
    assert not np.allclose(one["actual"], two["actual"])


@given(
    st.lists(st.tuples(st.floats(0.5, 200), st.integers(0, 300)), min_size=1, max_size=12),
)
def test_the_interval_holds_the_ratio(months):
    forecast, actual = (np.array(x, dtype=float) for x in zip(*months, strict=True))
    ratio, low, high = ratio_with_interval(forecast, actual)
    assert ratio == pytest.approx(actual.sum() / forecast.sum())
    assert 0 <= low <= ratio <= high


def test_the_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(3)
    forecast = np.full(12, 6.0)
    drawn = (ratio_with_interval(forecast, rng.poisson(6.0, 12)) for _ in range(600))
    inside = [low <= 1 <= high for _, low, high in drawn]
    assert np.mean(inside) > 0.94
