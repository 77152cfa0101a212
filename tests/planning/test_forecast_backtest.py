"""Forecasts of past months held against what came: the same measure, forecast and counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarketing.clock import month_bounds
from smarketing.measures.count import count
from smarketing.planning.volumes.forecast_backtest import (
    BEFORE,
    MONTHS_NEEDED,
    backtest_forecasts,
    ratio_with_interval,
)
from tests.agreements import example_agreement
from tests.worlds.made_facts import made_history

AGREEMENT = example_agreement(timezone="UTC", buying_group=None)
MONTHS = [str(m) for m in pd.period_range("2024-01", periods=24, freq="M")]
AT = pd.Timestamp("2025-12-31 23:00")


def company(won: dict[str, int], handed: int = 30, months: list[str] = MONTHS) -> tuple:
    """Return spells and won deals: 60 leads a month, so many handed over, so many won."""
    spells, deals = [], []
    for month in months:
        start = pd.Timestamp(f"{month}-01")
        for i in range(60):
            came = start + pd.Timedelta(days=i % 20, hours=1)
            ready = came + pd.Timedelta(days=1) if i < handed else pd.NaT
            bought = came + pd.Timedelta(days=3) if i < won[month] else pd.NaT
            lead = f"{month}-{i}"
            spells.append(
                {"lead_id": lead, "started_at": came, "mql_at": came, "sales_ready_at": ready,
                 "customer_at": bought}
            )  # fmt: skip
            if i < won[month]:
                deals.append({"lead_id": lead, "closed_at": bought, "amount": 1000.0 + 10 * i})
    return pd.DataFrame(spells), pd.DataFrame(deals, columns=["lead_id", "closed_at", "amount"])


def history(won: dict[str, int], months: list[str] = MONTHS):
    spells, deals = company(won, months=months)
    return made_history(AGREEMENT, spells, AT, deals)


def test_a_steady_company_is_forecast_right():
    found = backtest_forecasts(history(dict.fromkeys(MONTHS, 9)), "DKK")
    rows = found.frame().set_index("measure")
    assert found.months["month"].unique().tolist() == MONTHS[12:]
    assert rows["actual"].round(6).to_dict() == {
        "mqls": 60, "sales_ready": 30, "customers": 9, "revenue": 9360,
    }  # fmt: skip
    assert rows["ratio"].between(0.95, 1.05).all()
    assert (rows["inside"] == 12).all()
    assert not rows["off"].any()
    assert found.caution == ""
    assert found.sentence.endswith("The differences are within normal variation (95 %).")


def test_what_came_is_the_measures_own_count():
    told = history({month: 3 + i % 5 for i, month in enumerate(MONTHS)})
    months = backtest_forecasts(told).months
    for row in months.itertuples():
        own = count(told.facts, row.measure, months=[row.month]).total
        assert row.actual == own, (row.measure, row.month)


def test_a_company_that_lost_its_touch_is_a_caution():
    found = backtest_forecasts(
        history({m: 20 if MONTHS.index(m) % 2 else 4 for m in MONTHS[:12]}
                | dict.fromkeys(MONTHS[12:], 1))
    )  # fmt: skip
    rows = found.frame().set_index("measure")
    assert rows.loc["customers", "ratio"] < 0.8
    assert rows.loc["customers", "off"]
    assert not rows.loc["mqls", "off"]
    assert found.caution.startswith("Caution: ")
    assert "customers a month" in found.caution
    assert "MQLs" not in found.caution


@pytest.mark.parametrize("kept", [1, BEFORE, BEFORE + 1, BEFORE + MONTHS_NEEDED - 1])
def test_too_few_months_are_said_to_be_too_few(kept):
    months = MONTHS[-kept:]
    found = backtest_forecasts(history(dict.fromkeys(MONTHS, 9), months))
    n = found.months["month"].nunique()
    assert n == max(kept - BEFORE, 0)
    assert not found.enough
    assert found.caution == ""
    assert ("No past month has" in found.sentence) == (n == 0)
    assert "nan" not in str(found.to_dict()).lower()


def test_nobody_ever_bought():
    found = backtest_forecasts(history(dict.fromkeys(MONTHS, 0)))
    assert set(found.measures["measure"]) == {"mqls", "sales_ready"}


def test_a_forecast_does_not_depend_on_what_came_after():
    later = {m: (9 if m < "2025-06" else 25) for m in MONTHS}
    one, two = (
        backtest_forecasts(history(won)).months for won in (dict.fromkeys(MONTHS, 9), later)
    )
    early = one["month"] < "2025-07"
    columns = ["month", "measure", "forecast", "low", "high"]
    pd.testing.assert_frame_equal(one.loc[early, columns], two.loc[early, columns])
    assert not np.allclose(one["actual"], two["actual"])


def test_a_win_known_only_later_is_no_part_of_a_forecast():
    spells, deals = company(dict.fromkeys(MONTHS, 9))
    start = month_bounds(MONTHS[-1], "UTC")[0]
    early = spells["started_at"] < start - pd.Timedelta(days=40)
    late = spells.index[early & spells["customer_at"].notna()]
    spells.loc[late, "customer_at"] = start + pd.Timedelta(days=2)
    deals["closed_at"] = deals["lead_id"].map(spells.set_index("lead_id")["customer_at"])
    found = backtest_forecasts(made_history(AGREEMENT, spells, AT, deals))
    rows = found.months.set_index(["month", "measure"])
    assert rows.loc[(MONTHS[-1], "customers"), "forecast"] < 30
    assert rows.loc[(MONTHS[-1], "customers"), "actual"] == 9 * 23  # but for November's


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
