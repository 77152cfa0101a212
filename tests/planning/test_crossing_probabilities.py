"""Chances are learned from crossings, and purchases count once."""

from __future__ import annotations

from types import SimpleNamespace as Bag

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.planning.lines.crossing_probabilities import actual_outcomes, add_chances, crossings
from smarketing.planning.lines.line_grid import build_lines
from smarketing.planning.lines.purchases import counts_for, purchases
from smarketing.planning.lines.unqualified_leads import unworked_note

DAY, LONG = pd.Timestamp("2026-01-01"), pd.Timedelta(days=1000)
LINES = Bag(
    mql=Bag(score=30, fit_at_least=0, target="sql", window_days=30),
    sql=Bag(score=60, fit_at_least=0, target="customer", window_days=60),
)
AGREEMENT = Bag(
    timezone="UTC",
    snapshots=Bag(until="handover"),
    lines=LINES,
    capacity=Bag(qualification=Bag(leads_per_month=100), closing=Bag(leads_per_month=100)),
    economics=None,
    sla=Bag(confidence=0.8),
)
TIMES = ("mql", "sales_ready", "accepted", "sql", "opportunity", "customer")


def snapshots(leads: list[dict]) -> pd.DataFrame:
    """Return a row per week of each lead: its scores, and days from the start to each stage."""
    rows = []
    for i, lead in enumerate(leads):
        times = {
            f"{stage}_at": DAY + pd.Timedelta(days=lead[stage]) if stage in lead else pd.NaT
            for stage in TIMES
        }
        for week, score in enumerate(lead["scores"]):
            as_of = DAY + pd.Timedelta(days=7 * week)
            rows.append({"lead_id": i, "spell": 1, "as_of": as_of, "score": score} | times)
    frame = pd.DataFrame(rows).assign(fit=50)
    frame["month"] = frame["as_of"].dt.strftime("%Y-%m")
    return frame


def two_kinds(stay: int = 40, climb: int = 20) -> pd.DataFrame:
    """Return leads that cross the MQL line at 40: some stay there, some go on to 80.

    Of those that stay one in four is handed over and one in eight becomes an SQL and buys; of
    those that climb all are handed over, every second one is an SQL and buys.
    """
    leads = []
    for i in range(stay):
        lead = {"scores": [40, 40, 40, 40]}
        lead |= {"sales_ready": 25} if i % 4 == 0 else {}
        lead |= {"sql": 26, "customer": 50} if i % 8 == 0 else {}
        leads.append(lead)
    for i in range(climb):
        lead = {"scores": [40, 80], "sales_ready": 14}
        leads.append(lead | ({"sql": 20, "customer": 50} if i % 2 == 0 else {}))
    return snapshots(leads)


def test_leads_that_never_reach_the_sql_line_have_their_own_chances():
    rows = add_chances(two_kinds(), AGREEMENT, DAY + pd.Timedelta(days=200))
    flow = build_lines(rows).flow(40, 80)
    # Of 60 that cross the MQL line: (5 + 10) / 60 become SQLs. Of the 40 that stay, 10 are
    # handed over and 5 buy; 10 of the 20 that climb buy.
    assert flow["mqls"].sum() == 60
    assert flow["sqls"].sum() == pytest.approx(15, rel=0.1)
    assert flow["passed"].sum() == pytest.approx(10, rel=0.1)
    assert flow["passed_won"].sum() == pytest.approx(5, rel=0.1)
    assert flow["direct_won"].sum() == pytest.approx(10, rel=0.1)


def test_a_slow_lead_weighs_no_more_than_one_handed_over_at_once():
    # Forty leads score 60 at once: twenty are handed over that day and all buy, twenty wait ten
    # weeks and nobody buys. Ten more stay at 20, two of them buy.
    quick = [{"scores": [60], "sales_ready": 0, "sql": 1, "customer": 9}] * 20
    weak = [{"scores": [20], "sql": 1, "customer": 9}] * 2 + [{"scores": [20]}] * 8
    rows = snapshots(quick + [{"scores": [60] * 10}] * 20 + weak)
    chance = add_chances(rows, AGREEMENT, DAY + pd.Timedelta(days=300))
    assert chance.loc[chance["score"] == 60, "p_customer"].iloc[0] == pytest.approx(0.5, abs=0.02)


def test_what_came_is_counted_like_what_is_expected():
    rows, at = two_kinds(), DAY + pd.Timedelta(days=200)
    flow = build_lines(actual_outcomes(rows, AGREEMENT, at)).flow(40, 80)
    counted = flow[["mqls", "direct", "passed", "direct_won", "passed_won"]].sum()
    assert counted.tolist() == [60, 20, 10, 10, 5]


def test_leads_never_handed_over_leave_the_sql_line_where_it_is():
    at = DAY + pd.Timedelta(days=100)
    held = snapshots([{"scores": [70], "sales_ready": 3}] * 10 + [{"scores": [70]}] * 20)
    assert "Of 30 leads that reached the SQL line in a year, 33\u00a0%" in unworked_note(
        held, AGREEMENT, at
    )
    worked = snapshots([{"scores": [70], "sales_ready": 3}] * 29 + [{"scores": [70]}])
    assert unworked_note(worked, AGREEMENT, at) is None
    no_desk = Bag(**vars(AGREEMENT) | {"capacity": Bag(qualification=None)})
    assert unworked_note(held, no_desk, at) is None
    few = snapshots([{"scores": [70], "sales_ready": 3}] + [{"scores": [70]}] * 5)
    assert unworked_note(few, AGREEMENT, at) is None


def bought(*wins: tuple[str, int, float]) -> pd.DataFrame:
    """Return one row per lead: account, day of the win, best score."""
    frame = pd.DataFrame(wins, columns=["account_id", "won", "best"])
    days = pd.to_timedelta(frame["won"], unit="D")
    return frame.assign(
        lead_id=[f"L{i}" for i in frame.index], spell=1, started_at=DAY, customer_at=DAY + days
    )


@pytest.mark.parametrize(
    ("within", "counted"),
    [
        (90, [False, True, True, True]),  # a and b bought together: the better one counts
        (None, [True, True, True, True]),  # no buying group agreed
    ],
)
def test_a_purchase_counts_with_its_best_lead(within, counted):
    wins = bought(("A", 10, 40.0), ("A", 20, 70.0), ("A", 200, 30.0), ("B", 10, 20.0))
    wins["purchase"] = purchases(wins, within)
    # The third bought 190 days after the first: another purchase of the same account.
    spell = pd.Series(range(4))
    found = counts_for(wins, spell, wins["best"].to_numpy(), DAY + pd.Timedelta(days=300))
    assert found.tolist() == counted
    # On day 15 only the first had bought: it counted then.
    early = counts_for(wins, spell, wins["best"].to_numpy(), DAY + pd.Timedelta(days=15))
    assert early[0]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(0, 60), st.integers(0, 9)),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 9),
)
def test_at_any_line_as_many_leads_count_as_there_are_purchases(wins, line):
    rows = bought(*wins)
    rows["purchase"] = purchases(rows, 90)
    counted = counts_for(rows, pd.Series(rows.index), rows["best"].to_numpy(), DAY + LONG)
    reached = rows["best"] >= line
    assert (reached & counted).sum() == rows.loc[reached, "purchase"].nunique()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), min_size=1, max_size=8))
def test_crossings_lose_nothing_that_lines_count(paths):
    rows = snapshots([{"scores": scores} for scores in paths])
    rows = rows.assign(p_sql=0.5, p_customer=0.25, fit=np.arange(len(rows)) % 3)
    agreement = Bag(lines=Bag(mql=Bag(fit_at_least=1), sql=Bag(fit_at_least=2)))
    few = crossings(rows, agreement)
    few = few.merge(rows[["lead_id", "spell", "as_of", "p_sql", "p_customer"]])
    for mql, sql in ((0, 5), (3, 3), (2, 8)):
        whole = build_lines(rows, 1, 2).flow(mql, sql).set_index("month")
        part = build_lines(few, 1, 2).flow(mql, sql).set_index("month")
        part = part.reindex(whole.index, fill_value=0)
        np.testing.assert_allclose(whole.to_numpy(float), part.to_numpy(float))
