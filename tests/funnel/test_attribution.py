"""Attribution: worked by hand, held to brute force, and summing to revenue whatever comes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.funnel.attribution.campaigns import campaigns
from smarketing.funnel.attribution.journeys import journeys
from smarketing.funnel.attribution.markov import removal_effects
from smarketing.funnel.attribution.models import MODELS, Journeys, attribute, whole_parts
from smarketing.measures.reading import read_facts
from smarketing.warehouse.buying_groups import buying_groups
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import made_up_company, write_warehouse


def made(*told: tuple[str, int, bool], days: tuple[float, ...] = ()) -> Journeys:
    """Return journeys told as their campaigns' letters, hundredths, and won or not."""
    names = tuple(sorted({letter for letters, _, _ in told for letter in letters}))
    touches = [(i, letter) for i, (letters, _, _) in enumerate(told) for letter in letters]
    before = days or tuple(
        float(len(letters) - 1 - place) for letters, _, _ in told for place in range(len(letters))
    )
    return Journeys(
        names,
        np.array([i for i, _ in touches], dtype="int64"),
        np.array([names.index(letter) for _, letter in touches], dtype="int64"),
        np.array(before),
        np.array([won for _, _, won in told], dtype=bool),
        np.array([cents for _, cents, _ in told], dtype="int64"),
    )


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first_touch", {"A": 10.0}),
        ("last_touch", {"B": 10.0}),
        ("linear", {"A": 4.0, "B": 4.0, "C": 2.0}),  # five touches: A C A B B
        ("position_based", {"A": 4.67, "B": 4.67, "C": 0.66}),  # 40, 20/3, 20/3, 20/3, 40 %
        # half for each week: 1, 1, 2, 8, 16 of 28
        ("time_decay", {"A": 1.07, "B": 8.57, "C": 0.36}),
    ],
)
def test_each_model_on_one_journey_worked_by_hand(model, expected):
    # A four weeks before, C four, A three, B one, B on the day
    one = made(("ACABB", 1000, True), days=(28.0, 28.0, 21.0, 7.0, 0.0))
    found = attribute(one).by_model()[model]
    assert found.keys() == expected.keys()
    if model == "time_decay":
        expected = {"A": 10 * 3 / 28, "B": 10 * 24 / 28, "C": 10 / 28}
    assert found == pytest.approx(expected, abs=0.011)


@pytest.mark.parametrize(("letters", "first"), [("A", 10.0), ("AB", 5.0), ("ACB", 4.0)])
def test_position_based_of_short_journeys(letters, first):
    assert attribute(made((letters, 1000, True))).by_model()["position_based"]["A"] == first


def test_markov_worked_by_hand():
    # Start → A 2/3, B 1/3; A → B or lost; B always wins: 2/3 of journeys are won.
    # Without A a third is left, so A's removal costs a half; without B nothing is left.
    told = made(("AB", 3000, True), ("A", 0, False), ("B", 3000, True))
    assert attribute(told).by_model()["markov"] == {"A": 20.0, "B": 40.0}


def test_markov_says_where_it_credits_a_campaign_that_won_nothing():
    told = made(("CA", 0, False), ("CA", 0, False), ("A", 3000, True), ("B", 3000, True))
    rows = attribute(told).table.set_index(["model", "campaign_id"])
    assert rows.revenue["markov", "C"] > 0
    assert "credited, though none of its 2 journeys won" in rows.remark["markov", "C"]
    elsewhere = rows.drop(("markov", "C")).remark
    assert not elsewhere.str.contains("credited").any()


def by_walking(told: Journeys) -> np.ndarray:
    """Return removal effects by walking the chain until (nearly) every journey has ended."""
    k = len(told.campaigns)
    start, won, lost = k, k + 1, k + 2
    moves = np.zeros((k + 3, k + 3))
    for i, is_won in enumerate(told.won):
        steps = [start, *told.campaign[told.journey == i], won if is_won else lost]
        for here, there in pairwise(steps):
            moves[here, there] += 1
    moves[won, won] = moves[lost, lost] = 1
    moves = moves / np.maximum(moves.sum(axis=1, keepdims=True), 1)

    def chance(without: int | None) -> float:
        walked = moves.copy()
        if without is not None:
            walked[:, lost] += walked[:, without]
            walked[:, without] = 0
        for _ in range(16):
            walked = walked @ walked
        return walked[start, won]

    whole = chance(None)
    return np.array([1 - chance(c) / whole if whole else 0.0 for c in range(k)])


MANY = st.lists(
    st.tuples(st.text("ABCDE", min_size=1, max_size=6), st.integers(1, 10**7), st.booleans()).map(
        lambda told: (told[0], told[1] if told[2] else 0, told[2])
    ),
    min_size=1,
    max_size=12,
)


def chain(told: Journeys) -> np.ndarray:
    k = len(told.campaigns)
    moves = np.zeros((k + 1, k + 2))
    for i, is_won in enumerate(told.won):
        steps = [*told.campaign[told.journey == i], k if is_won else k + 1]
        for here, there in zip([k, *steps], steps, strict=False):
            moves[here, there] += 1
    return moves


@settings(max_examples=60, deadline=None)
@given(MANY)
def test_markov_agrees_with_walking_every_step(many):
    told = made(*many)
    walked = by_walking(told)
    assert removal_effects(chain(told)) == pytest.approx(walked, abs=1e-9)
    total = told.cents.sum()
    found = attribute(told).by_model()["markov"]
    expected = walked / walked.sum() * total / 100 if walked.any() else walked
    for name, revenue in zip(told.campaigns, expected, strict=True):
        assert found.get(name, 0) == pytest.approx(revenue, abs=0.011)


@settings(max_examples=60, deadline=None)
@given(MANY, st.dictionaries(st.sampled_from(["(no lead)", "A", "Z"]), st.integers(1, 10**6)))
def test_every_model_sums_to_revenue_to_the_hundredth(many, untraced):
    told = made(*many)
    answer = attribute(told, untraced)
    total = int(told.cents.sum()) + sum(untraced.values())
    assert round(answer.revenue * 100) == total
    for model in MODELS:
        cents = (answer.table.revenue[answer.table.model == model] * 100).round().astype("int64")
        assert cents.sum() == total
        assert (cents >= 0).all()


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=30), st.integers(-3, 3))
def test_rounded_parts_sum_to_the_total(parts, off):
    total = round(sum(parts)) + off
    whole = whole_parts(np.array(parts), total)
    assert whole.sum() == total
    assert np.abs(whole - parts).max() <= 5  # the total may be three off, and rounding two


def test_resampled_intervals_hold_the_revenue_and_are_the_same_each_time():
    rng = np.random.default_rng(1)
    told = made(*((rng.choice(["A", "AB", "BA", "C"]), 1000, True) for _ in range(60)),
                *(("C", 0, False) for _ in range(60)))  # fmt: skip
    first, second = (attribute(told, resamples=100).table for _ in range(2))
    assert first.equals(second)
    assert ((first.low <= first.revenue) & (first.revenue <= first.high)).all()
    assert (first.low < first.high)[first.revenue > 0].all()


def test_a_campaign_on_few_journeys_is_too_small_to_judge():
    # A won five; C won none of fifty, where a tenth of all wins: that is telling; B is not
    told = made(*(("A", 100, True) for _ in range(5)), ("B", 100, True), ("BA", 0, False),
                *(("C", 0, False) for _ in range(53)))  # fmt: skip
    remarks = attribute(told).table.set_index(["model", "campaign_id"]).remark
    assert remarks["linear", "A"] == remarks["linear", "C"] == ""
    assert remarks["linear", "B"] == "too few journeys to judge (1 of 2 won)"


def test_nothing_won_is_nothing_credited():
    assert attribute(made(("AB", 0, False))).by_model() == {model: {} for model in MODELS}
    empty = Journeys((), *(np.zeros(0, dtype=int) for _ in range(3)), np.zeros(0, bool),
                     np.zeros(0, dtype=int))  # fmt: skip
    assert attribute(empty, {"(no lead)": 500}).revenue == 5.0


def at(day: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-{day}")


def group_tables() -> dict[str, pd.DataFrame]:
    return {
        "leads": pd.DataFrame(
            [
                ("boss", "10-10", "C2", "A"),
                ("user", "10-01", "C1", "A"),  # the same purchase, though no deal names it
                ("old", "02-01", "C3", "A"),  # another quarter, another purchase
                ("other", "09-05", "C1", "B"),
                ("young", "12-20", "C1", "C"),
            ],
            columns=["lead_id", "created_at", "campaign_id", "account_id"],
        ).assign(created_at=lambda t: t.created_at.map(at)),
        "deals": pd.DataFrame(
            {"deal_id": ["d"], "opened_at": at("10-12"), "closed_at": at("10-20"), "won": True,
             "amount": 90.0, "currency": "DKK"}
        ),
        "deal_leads": pd.DataFrame({"deal_id": ["d"], "lead_id": ["boss"]}),
    }  # fmt: skip


def history_of(folder: Path, tables: dict[str, pd.DataFrame], **changes):
    file = write_warehouse(folder / "w.duckdb", tables, data_until=at("12-31").isoformat())
    with Warehouse.open(file) as warehouse:
        return read_facts(warehouse, example_agreement(timezone="UTC", **changes))


def test_the_journeys_of_a_buying_group_are_joined(tmp_path):
    told, untraced = journeys(history_of(tmp_path, group_tables()), "2026-01", "2026-12")
    assert untraced == {}
    paths = [
        [told.campaigns[c] for c in told.campaign[told.journey == i]] for i in range(len(told.won))
    ]
    # the purchase; then the groups that bought nothing, the one whose window runs left out
    assert list(zip(paths, told.won, strict=True)) == [
        (["C1", "C2"], True), (["C3"], False), (["C1"], False)
    ]  # fmt: skip
    assert told.days_before[:2].tolist() == [19.0, 10.0]


def test_without_an_agreed_group_every_lead_is_its_own(tmp_path):
    told, _ = journeys(
        history_of(tmp_path, group_tables(), buying_group=None), "2026-01", "2026-12"
    )
    assert (told.journey == 0).sum() == 1


@pytest.mark.parametrize(
    ("days", "groups"),
    [
        ([0, 60, 120], ["a", "a", "c"]),  # counted from the first, not from one to the next
        ([0, 90, 91], ["a", "a", "c"]),
        ([91, 0, 30], ["a", "b", "b"]),
    ],
)
def test_a_group_is_of_the_days_after_its_first_lead(days, groups):
    leads = pd.DataFrame(
        {
            "lead_id": list("abc"), "account_id": "A",
            "started_at": at("01-01") + pd.to_timedelta(days, unit="D"),
        }
    )  # fmt: skip
    assert buying_groups(leads, 90).tolist() == groups
    assert buying_groups(leads.assign(account_id=None), 90).tolist() == list("abc")


def test_a_company_s_campaigns_are_told_with_cost_return_and_interval(tmp_path):
    file = write_warehouse(tmp_path / "w.duckdb", made_up_company())
    with Warehouse.open(file) as warehouse:
        answer = campaigns(read_facts(warehouse, example_agreement()), "2025-12")
    assert list(answer.attribution) == list(MODELS)
    for split in answer.attribution.values():
        assert sum(round(part * 100) for part in split.values()) == round(answer.revenue * 100)
    rows = answer.models.frame()
    assert (rows.cost == 120_000).all()
    assert rows.return_rate.tolist() == pytest.approx(
        ((rows.revenue - rows.cost) / rows.cost).tolist()
    )
    assert (rows.return_low <= rows.return_rate).all()
    assert (rows.return_rate <= rows.return_high).all()
    table = answer.frame()
    assert table.cost_per_sql.tolist() == pytest.approx(
        (table.cost / table.sqls.astype(float)).tolist()
    )
