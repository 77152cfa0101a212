"""Young leads are neither won nor lost, and the time to convert takes them rightly."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from smarketing.errors import CannotAnswer
from smarketing.evaluation.maturity.time_to_convert import kaplan_meier, maturity

LINE = SimpleNamespace(target="customer", window_days=30)
AGREEMENT = SimpleNamespace(snapshots=SimpleNamespace(until="handover"))
END = pd.Timestamp("2026-06-01")


def runs(*rows):
    """Spells as (days before the end it started, days to customer, days to another end)."""
    out = []
    for i, (ago, won, lost) in enumerate(rows):
        start = END - pd.Timedelta(days=ago)
        won_at = start + pd.Timedelta(days=won) if won is not None else pd.NaT
        lost_at = start + pd.Timedelta(days=lost) if lost is not None else pd.NaT
        ended = min(t for t in (won_at, lost_at, pd.Timestamp.max) if pd.notna(t))
        out.append((f"L{i}", 1, start, pd.NaT, won_at, lost_at, ended))
    names = ["lead_id", "spell", "started_at", "sales_ready_at", "customer_at"]
    frame = pd.DataFrame(out, columns=[*names, "rejected_at", "ended_at"])
    frame["ended_at"] = frame.ended_at.where(frame.ended_at < pd.Timestamp.max)
    frame["sales_ready_at"] = pd.to_datetime(frame.sales_ready_at)
    return frame


@pytest.mark.parametrize(
    ("rows", "open_", "immature"),
    [
        ([(10, None, None)], 1, 1),  # young and open
        ([(100, None, None)], 1, 0),  # open long after its window: it did not convert
        ([(10, None, 5)], 0, 1),  # rejected, yet its window is not over
        ([(10, 5, None)], 0, 1),  # won early: an early win without the early losses flatters
        ([(100, 5, None), (30, None, 3), (29, None, None)], 1, 1),
    ],
)
def test_open_and_immature_are_two_things(rows, open_, immature):
    got = maturity(runs(*rows), LINE, AGREEMENT, END)
    assert (got.open, got.immature) == (open_, immature)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=40))
def test_the_curve_is_the_product_limit(waits):
    days = np.array([d for d, _ in waits])
    won = np.array([w for _, w in waits])
    curve = kaplan_meier(days, won)
    for day in range(42):
        still = 1.0
        for t in range(day + 1):
            at_risk = (days >= t).sum()
            still *= 1 - ((days == t) & won).sum() / at_risk if at_risk else 1.0
        at = curve.converted[curve.days <= day]
        assert (at.iloc[-1] if len(at) else 0.0) == pytest.approx(1 - still, abs=1e-9)


def test_young_leads_do_not_lower_the_conversion():
    old = [(400, 10 if i % 2 else None, None) for i in range(100)]
    young = [(5, None, None)] * 100
    got = maturity(runs(*old, *young), LINE, AGREEMENT, END)
    assert got.naive_rate == pytest.approx(0.25)
    assert got.plateau == pytest.approx(0.5)
    assert got.within(30) == pytest.approx(0.5)
    assert got.median_days == got.p90_days == 10


def test_a_lost_lead_stays_one_that_did_not_convert():
    half_lost = [(400, None, 1)] * 50 + [(400, 20, None)] * 50
    assert maturity(runs(*half_lost), LINE, AGREEMENT, END).plateau == pytest.approx(0.5)


def test_a_win_dated_before_its_lead_counts_at_once():
    got = maturity(runs(*[(100, -2, None)] * 20), LINE, AGREEMENT, END)
    assert got.conversions == 20
    assert got.median_days == 0


def test_no_win_at_all_is_said_in_a_sentence():
    got = maturity(runs((100, None, None)), LINE, AGREEMENT, END)
    assert got.plateau is None
    assert "No spell has reached customer yet" in got.sentence
    assert "nan" not in str(got.to_dict()).lower()
    assert got.plot().alt_text


def test_without_dates_maturity_cannot_be_answered():
    rows = runs((1, None, None)).assign(started_at=pd.NaT)
    with pytest.raises(CannotAnswer, match="no dates"):
        maturity(rows, LINE, AGREEMENT, None)


def test_the_bank_has_399_open_cases(real_data):
    events = pd.read_csv(real_data / "bpi12" / "events.csv.gz")
    at = pd.to_datetime(events.timestamp, utc=True, format="ISO8601").dt.tz_localize(None)
    won = events.activity.isin(["A_REGISTERED", "A_APPROVED", "A_ACTIVATED"])
    lost = events.activity.isin(["A_DECLINED", "A_CANCELLED"])
    cases = pd.DataFrame(
        {
            "started_at": at.groupby(events.case_id).min(),
            "customer_at": at[won].groupby(events.case_id[won]).min(),
            "rejected_at": at[lost].groupby(events.case_id[lost]).min(),
        }
    ).rename_axis("lead_id")
    cases["ended_at"] = cases[["customer_at", "rejected_at"]].min(axis=1)
    cases = cases.assign(sales_ready_at=pd.NaT, spell=1).reset_index()
    cases["sales_ready_at"] = pd.to_datetime(cases.sales_ready_at)
    got = maturity(cases, LINE, AGREEMENT, at.max())
    assert got.open == 399
    assert got.conversions == 2246
    assert got.immature > 399  # the rows of the last 30 days, ended ones too
    assert got.naive_rate == pytest.approx(0.1716, abs=1e-4)
    assert got.within(30) == pytest.approx(0.16, abs=0.01)
    assert got.plateau > got.naive_rate
    days = (cases.customer_at.fillna(at.max()) - cases.started_at) / pd.Timedelta(days=1)
    survival = SurvfuncRight(days.to_numpy(), cases.customer_at.notna().to_numpy().astype(int))
    theirs = 1 - survival.surv_prob[survival.surv_times <= 30][-1]
    assert got.within(30) == pytest.approx(theirs, abs=1e-9)
    naive = (days[cases.customer_at.notna()] <= 30).mean() * got.conversions / len(cases)
    assert naive < got.within(30)  # the youngest cases have had no 30 days
    assert "naive_rate" in got.to_dict()
