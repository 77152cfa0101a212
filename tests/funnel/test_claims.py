"""Claims: what was planted is found, chance is not, and the mix is told from the rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.funnel.claims.check import check_claims
from smarketing.funnel.claims.differences import against_promise, standardised, two_shares
from tests.agreements import example_agreement
from tests.claims_world import START, hand_overs


def verdicts(facts) -> dict[str, str]:
    return {claim.name: claim.verdict for claim in check_claims(facts).claims}


def test_where_nothing_is_planted_nothing_is_told(tmp_path):
    assert set(verdicts(hand_overs(tmp_path)).values()) == {"cannot tell"}


@pytest.mark.parametrize(
    ("plant", "claim", "verdict"),
    [
        ({"late_factor": 0.5}, "leads_got_worse", "supported"),
        ({"late_factor": 1.6}, "leads_got_worse", "contradicted"),
        ({"in_time": 0.8}, "sales_is_slow", "supported"),
        ({"in_time": 1.0}, "sales_is_slow", "contradicted"),
        ({"one_call": 0.3}, "gives_up_after_one_call", "supported"),
        ({"one_call": 0.02}, "gives_up_after_one_call", "contradicted"),
        ({"c4_factor": 0.3}, "campaign_is_junk", "supported"),
    ],
)
def test_what_is_planted_is_found(tmp_path, plant, claim, verdict):
    # calls after a month and leads that turn SQL within the two weeks share one clock
    facts = hand_overs(tmp_path, n=4000, **plant)
    assert verdicts(facts)[claim] == verdict


def test_a_shift_of_the_mix_is_not_worse_leads(tmp_path):
    facts = hand_overs(tmp_path, n=4000, paid_late=0.95)
    claim = check_claims(facts, names=["leads_got_worse"]).claims[0]
    assert claim.verdict == "cannot tell"
    assert claim.details["mix_effect"] < -0.05
    assert claim.details["crude_effect"] < -0.04
    assert claim.low < 0 < claim.high


def test_a_campaign_may_be_named_and_a_good_one_is_defended(tmp_path):
    facts = hand_overs(tmp_path, c4_factor=2.0)
    claim = check_claims(facts, names=["campaign_is_junk"], campaign="C4").claims[0]
    assert (claim.verdict, claim.details["campaign_id"]) == ("contradicted", "C4")
    unknown = check_claims(facts, names=["campaign_is_junk"], campaign="C9")
    assert "C9" in unknown.cannot["campaign_is_junk"]


def test_claims_tested_together_are_corrected(tmp_path):
    found = check_claims(hand_overs(tmp_path, in_time=0.8)).frame()
    assert (found.p_adjusted >= found.p_value - 1e-12).all()
    assert (found.p_adjusted > found.p_value + 1e-12).any()


def test_rate_and_mix_add_up_to_the_crude_difference():
    rng = np.random.default_rng(1)
    group, group_before = rng.choice(list("abcde"), 200), rng.choice(list("abcd"), 300)
    hit, hit_before = rng.uniform(size=200) < 0.3, rng.uniform(size=300) < 0.4
    found, parts = standardised(*map(pd.Series, (hit, group, hit_before, group_before)))
    assert parts["rate_effect"] + parts["mix_effect"] == pytest.approx(
        hit.mean() - hit_before.mean()
    )
    assert found.low < found.effect < found.high


@pytest.mark.parametrize("n", [4, 60])
def test_groups_of_a_few_are_taken_together(n):
    groups = pd.Series([f"g{i % 7}" for i in range(n)])
    hits = pd.Series([i % 3 == 0 for i in range(n)])
    found, parts = standardised(hits, groups, hits, groups)
    assert found.effect == 0
    assert found.p_value == 1
    assert parts["mix_effect"] == 0


def test_chance_is_taken_for_an_effect_one_time_in_twenty():
    rng = np.random.default_rng(0)
    runs, seen = 200, 0
    for _ in range(runs):
        group = pd.Series(rng.choice(["a", "b", "c"], 250))
        rate = group.map({"a": 0.1, "b": 0.3, "c": 0.5})
        hit = pd.Series(rng.uniform(size=250) < rate)
        now = pd.Series(np.arange(250) < 80)
        seen += standardised(hit[now], group[now], hit[~now], group[~now])[0].p_value < 0.05
    assert 0.01 < seen / runs < 0.09


@pytest.mark.parametrize(
    ("found", "n_needed"),
    [
        # 2.80² · (0.25 · 0.75 + 0.2 · 0.8) / 0.05², and (1.96 · 0.458 + 0.84 · 0.5)² / 0.2²
        (two_shares(20, 100, 25, 100), 1091),
        (against_promise(50, 100, 0.7), 44),
        (against_promise(50, 100, 0.8), 20),  # 17, and no group is judged on fewer than 20
    ],
)
def test_n_needed_is_for_four_in_five(found, n_needed):
    assert found.n_needed == n_needed


def test_two_hits_of_none_and_all_have_an_interval():
    assert two_shares(0, 10, 0, 10).p_value == 1
    assert two_shares(0, 10, 0, 10).low < 0 < two_shares(0, 10, 0, 10).high


def test_without_a_promise_there_is_no_claim_to_test(tmp_path):
    facts = hand_overs(tmp_path, n=200)
    facts = type(facts)(**{**vars(facts), "agreement": example_agreement(sla={})})
    assert "promises no" in check_claims(facts).cannot["sales_is_slow"]


def test_too_young_leads_are_not_judged(tmp_path):
    facts = hand_overs(tmp_path, n=200)
    early = type(facts)(**{**vars(facts), "data_until": START + pd.Timedelta(days=20)})
    found = check_claims(early, "2025-01")
    assert "old enough" in found.cannot["leads_got_worse"]
    with pytest.raises(CannotAnswer):
        check_claims(early, "2024-01")
