"""MQL growth: demand, mix and rules add up, and a lowered bar is told from more leads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.funnel.claims.growth import bar_moves, mql_growth
from smarketing.language.numbers import signed
from smarketing.measures.reading import read_facts
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import made_up_company, write_warehouse


def history_of(folder: Path, leads: pd.DataFrame, stages: pd.DataFrame, until: str):
    tables = {"leads": leads, "stages": stages.assign(spell=1)}
    file = write_warehouse(folder / "w.duckdb", tables, data_until=until)
    with Warehouse.open(file) as warehouse:
        return read_facts(warehouse, example_agreement(timezone="UTC"))


def two_months(folder: Path, **now: dict[str, tuple[int, int]]):
    """Return September (A: 40 leads, 20 MQLs; B: 40, 8) and an October as told."""
    told = {"2026-09": {"A": (40, 20), "B": (40, 8)}, "2026-10": now}
    leads, stages = [], []
    for month, campaigns in told.items():
        for campaign, (n, k) in campaigns.items():
            for i in range(n):
                lead = f"{month}{campaign}{i}"
                at = pd.Timestamp(f"{month}-05")
                leads.append((lead, at, campaign))
                stages.append((lead, "mql" if i < k else "disqualified", at))
    return history_of(
        folder,
        pd.DataFrame(leads, columns=["lead_id", "created_at", "campaign_id"]),
        pd.DataFrame(stages, columns=["lead_id", "stage", "entered_at"]),
        "2026-10-31T23:00:00",
    )


@pytest.mark.parametrize(
    ("now", "parts"),
    [
        ({"A": (80, 40), "B": (80, 16)}, (28, 0, 0)),  # twice the leads
        ({"A": (20, 10), "B": (60, 12)}, (0, -6, 0)),  # 20 leads from A to B: 20 · (0.2 − 0.5)
        ({"A": (40, 32), "B": (40, 16)}, (0, 0, 20)),  # rates up by 0.3 and 0.2 of 40 each
        ({"A": (80, 64), "B": (20, 4)}, (7, 9, 24)),  # +20 · 0.35; 100 · 0.3 · 0.3; 80 · 0.3
    ],
)
def test_demand_mix_and_rules_worked_by_hand(tmp_path, now, parts):
    found = mql_growth(two_months(tmp_path, **now), "2026-10")
    assert (found.demand, found.mix, found.rules) == pytest.approx(parts)
    assert found.mqls_before == 28
    assert found.frame().mqls.iloc[-1] == pytest.approx(sum(parts))
    demand, mix, rules = map(signed, parts)
    assert f"demand {demand}, mix {mix}, rules {rules}" in found.sentence


def test_rules_carry_an_interval(tmp_path):
    lowered = mql_growth(two_months(tmp_path, A=(40, 38), B=(40, 30)), "2026-10")
    assert 0 < lowered.rules_low < lowered.rules < lowered.rules_high
    assert "more often" in lowered.sentence


def test_a_change_within_noise_is_called_so(tmp_path):
    same = mql_growth(two_months(tmp_path, A=(40, 21), B=(40, 8)), "2026-10")
    assert same.rules_low < 0 < same.rules_high
    assert "within noise" in same.sentence


def test_the_parts_add_up_for_every_month(tmp_path):
    file = write_warehouse(tmp_path / "w.duckdb", made_up_company())
    with Warehouse.open(file) as warehouse:
        facts = read_facts(warehouse, example_agreement())
    for month in facts.months[1:]:
        found = mql_growth(facts, month)
        change = found.mqls - found.mqls_before
        assert found.demand + found.mix + found.rules == pytest.approx(change)
        assert found.mqls == facts.within(facts.spells.mql_at, month).sum()
    with pytest.raises(CannotAnswer, match="no month before"):
        mql_growth(facts, facts.months[0])


def company(folder: Path, lowered: str | None, seed: int):
    """Return 18 months in which new leads become MQLs in their month, older ones seldom."""
    rng = np.random.default_rng(seed)
    months = [str(m) for m in pd.period_range("2025-01", periods=18, freq="M")]
    leads, stages = [], []
    for month in months:
        for i in range(rng.poisson(150 * rng.uniform(0.7, 1.3))):
            lead = f"{month}-{i}"
            at = pd.Timestamp(f"{month}-01") + pd.Timedelta(days=float(rng.uniform(0, 20)))
            leads.append((lead, at, rng.choice(["A", "B"])))
            rate = 0.3 * (1.7 if month == lowered else 1.0)
            chosen = "mql" if rng.uniform() < rate else "disqualified"
            stages.append((lead, chosen, at + pd.Timedelta(days=3)))
    return history_of(
        folder,
        pd.DataFrame(leads, columns=["lead_id", "created_at", "campaign_id"]),
        pd.DataFrame(stages, columns=["lead_id", "stage", "entered_at"]),
        "2026-06-30T23:00:00",
    )


@pytest.mark.parametrize(
    ("lowered", "seed"), [("2025-09", 0), ("2026-02", 1), (None, 2), (None, 3)]
)
def test_only_the_month_of_the_lowered_bar_stands_out(tmp_path, lowered, seed):
    table = bar_moves(company(tmp_path, lowered, seed)).frame().set_index("month")
    assert table.index[table.moved != ""].tolist() == ([lowered] if lowered else [])
    if lowered:
        assert table.moved[lowered] == "lowered"
        assert table.low[lowered] < 1.7 < table.high[lowered]


def test_without_mqls_or_months_no_split_is_made_up(tmp_path):
    leads = pd.DataFrame({"lead_id": ["a"], "created_at": pd.Timestamp("2026-09-01")})
    stages = leads.rename(columns={"created_at": "entered_at"}).assign(stage="sql")
    facts = history_of(tmp_path, leads, stages, "2026-09-30T23:00:00")
    for ask in (mql_growth, bar_moves):
        with pytest.raises(CannotAnswer, match="MQL"):
            ask(facts)
