"""The metrics against scikit-learn, by hand, and over resamples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from smarketing.evaluation.backtest import metrics


@st.composite
def judged(draw):
    n = draw(st.integers(4, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    y = rng.integers(0, 2, n)
    y[:2] = 0, 1
    p = rng.choice([0.05, 0.2, 0.4, 0.7, 0.9], n)  # ties on purpose
    return y, p, rng.integers(1, 4, n).astype(float)


@settings(max_examples=30, deadline=None)
@given(case=judged())
def test_the_auc_of_many_weightings_at_once_is_scikit_learns_one_by_one(case):
    y, p, w = case
    weights = np.vstack([w, np.ones_like(w), w[::-1]])
    theirs = [roc_auc_score(y, p, sample_weight=row) for row in weights]
    assert metrics.auc(y, p, weights) == pytest.approx(theirs, abs=1e-10)
    assert float(metrics.auc(y, p, w)) == pytest.approx(theirs[0], abs=1e-10)


@settings(max_examples=20, deadline=None)
@given(case=judged())
def test_no_metric_depends_on_the_order_of_rows(case):
    y, p, w = case
    turned = np.random.default_rng(1).permutation(len(y))
    for metric in (metrics.auc, metrics.ece):
        assert metric(y[turned], p[turned], w[turned]) == pytest.approx(float(metric(y, p, w)))


@pytest.mark.parametrize("outcome", [[0, 0, 0], [1, 1, 1]])
def test_one_class_has_no_auc_and_no_calibration_line(outcome):
    assert np.isnan(metrics.auc(outcome, [1, 2, 3]))
    assert np.isnan(metrics.calibration_line(outcome, [0.1, 0.2, 0.3])).all()


@pytest.mark.parametrize("metric", [metrics.auc, metrics.ece])
def test_no_rows_give_no_number(metric):
    assert np.isnan(metric([], [], []))


def test_calibration_line_is_the_logistic_regression_on_log_odds():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.95, 2000)
    y = rng.uniform(size=2000) < 1 / (1 + np.exp(-(0.3 + 0.6 * np.log(p / (1 - p)))))
    x = np.log(p / (1 - p))[:, None]
    fitted = LogisticRegression(C=np.inf, tol=1e-10).fit(x, y)
    expected = [fitted.intercept_[0], fitted.coef_[0, 0]]
    assert metrics.calibration_line(y, p) == pytest.approx(expected, abs=1e-4)


def test_calibration_line_is_found_far_from_one():
    rng = np.random.default_rng(0)
    x = np.r_[rng.normal(-8, 2, 280), rng.normal(-1, 1, 32)]
    y = rng.uniform(size=312) < 1 / (1 + np.exp(-(0.2 + 0.15 * x)))
    p = 1 / (1 + np.exp(-x))
    fitted = LogisticRegression(C=np.inf, tol=1e-10).fit(
        np.log(np.clip(p, 1e-6, 1) / (1 - p))[:, None], y
    )
    expected = [fitted.intercept_[0], fitted.coef_[0, 0]]
    assert metrics.calibration_line(y, p) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    "probability",
    [[0.1, 0.2, 0.8, 0.9], [0.9, 0.8, 0.2, 0.1], [0.1, 0.2, 0.2, 0.9], [0.3, 0.3, 0.3, 0.3]],
    ids=["parted", "parted the other way", "parted but for one value", "all alike"],
)
def test_outcomes_that_probabilities_part_have_no_calibration_line(probability):
    assert np.isnan(metrics.calibration_line([0, 0, 1, 1], probability)).all()


def test_calibration_error_by_hand():
    p = np.repeat([0.1, 0.9], 10)
    y = np.r_[np.repeat([1, 0], [3, 7]), np.repeat([1, 0], [9, 1])]
    assert metrics.ece(y, p, bins=2) == pytest.approx(0.1)  # 0.3 against 0.1 in half of the rows


def test_resampling_keeps_leads_whole_and_months_their_size():
    rng = np.random.default_rng(0)
    lead = np.sort(rng.integers(0, 60, 200))
    month = np.where(lead < 20, "1", np.where(lead < 45, "2", "3"))
    drawn = metrics.resample_leads(lead, month, resamples=50)
    _, first = np.unique(lead, return_index=True)
    for one in np.unique(lead):
        assert (np.ptp(drawn[:, lead == one], axis=1) == 0).all()
    for block in "123":
        picked = first[month[first] == block]
        assert (drawn[:, picked].sum(axis=1) == len(picked)).all()
    assert (
        metrics.resample_leads(lead, month, 5, 1) == metrics.resample_leads(lead, month, 5, 1)
    ).all()


def test_the_interval_of_auc_holds_the_truth_about_as_often_as_it_says():
    held, n = 0, 150
    for seed in range(n):
        rng = np.random.default_rng(seed)
        y = rng.uniform(size=150) < 0.4
        score = rng.normal(size=150) + y  # the true AUC is Phi(1/sqrt(2)) = 0.7602
        draws = metrics.auc(y, score, metrics.resample_leads(np.arange(150), None, 200, seed))
        low, high = metrics.interval(draws)
        held += low <= 0.7602 <= high
    assert 0.89 <= held / n <= 0.99
