"""At which moments leads are looked at, and which outcomes count for them."""

import pandas as pd
import pytest

from smarketing.agreement.model import Line
from smarketing.errors import CannotAnswer
from smarketing.scoring.snapshots import open_spells, snapshot_counts, snapshots
from smarketing.scoring.targets import label, reached_at
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import write_warehouse
from tests.scoring_cases import agreement, at, small_warehouse

A = {"lead_id": "a", "created": "1 06:00"}


def moments(path, stages, lead=A, plan=None, **meta):
    rules = agreement(snapshots=plan or {})
    with small_warehouse(path / "w.duckdb", [lead], stages, **meta) as warehouse:
        rows = snapshots(warehouse, rules).order_by("spell", "number").execute()
        counts = snapshot_counts(warehouse, rules)
    assert counts["snapshots"] == len(rows)
    return rows, counts


@pytest.mark.parametrize(
    ("stages", "plan", "expected", "handed_over"),
    [
        ([], {}, ["2 06:00", "9 06:00", "16 06:00", "23 06:00", "30 06:00"], False),
        ([], {"every_days": None}, ["2 06:00"], False),
        ([], {"every_days": 14, "first_after_hours": 18}, ["2", "16", "30"], False),
        ([("rejected", "12")], {}, ["2 06:00", "9 06:00"], False),
        ([("customer", "9 06:00")], {}, ["2 06:00"], False),
        ([("sales_ready", "12 10:00")], {}, ["2 06:00", "9 06:00", "12 10:00"], True),
        ([("sales_ready", "1 08:00")], {}, ["1 08:00"], True),
        ([("sales_ready", "9 06:00")], {}, ["2 06:00", "9 06:00"], True),
        ([("sales_ready", "1 08:00"), ("customer", "3")], {"until": "end"}, ["2 06:00"], False),
        ([("rejected", "3"), ("sales_ready", "5")], {}, ["2 06:00"], False),
    ],
)  # fmt: skip
def test_snapshots_stand_a_week_apart_until_the_hand_over(
    tmp_path, stages, plan, expected, handed_over
):
    stages = [("a", 1, stage, time) for stage, time in [("lead", "1 06:00"), *stages]]
    rows, _ = moments(tmp_path, stages, plan=plan)
    assert rows.as_of.tolist() == [at(time) for time in expected]
    assert rows.number.tolist() == list(range(1, len(expected) + 1))
    assert rows.last_at_handover.tolist() == [False] * (len(expected) - 1) + [handed_over]
    assert rows.weight.sum() == pytest.approx(1)


def test_a_recycled_lead_is_seen_in_each_spell_and_each_counts_once(tmp_path):
    stages = [
        ("a", 1, "lead", "1 06:00"),
        ("a", 1, "recycled", "8"),
        ("a", 2, "lead", "20"),
    ]
    rows, _ = moments(tmp_path, stages)
    assert rows.groupby("spell").weight.sum().tolist() == pytest.approx([1, 1])
    assert rows[rows.spell == 2].as_of.tolist() == [at("21"), at("28")]


@pytest.mark.parametrize(
    ("lead", "stages", "meta", "reason"),
    [
        (A, [("a", 1, "customer", "1 20:00")], {}, "converted_before_first"),
        (A, [("a", 1, "rejected", "1 20:00")], {}, "ended_before_first"),
        ({**A, "created": "30 12:00"}, [], {}, "too_young"),
        (A, [], {"history_from": "2026-01-02T00:00:00"}, "before_history"),
    ],
)
def test_spells_never_seen_are_counted_with_the_reason(tmp_path, lead, stages, meta, reason):
    rows, counts = moments(tmp_path, stages, lead=lead, **meta)
    assert rows.empty
    assert {key: n for key, n in counts.items() if n} == {"spells": 1, reason: 1}


def test_open_spells_are_those_begun_and_neither_ended_nor_handed_over(tmp_path):
    leads = [{"lead_id": name, "created": "1"} for name in "abcd"]
    leads.append({"lead_id": "e", "created": "20"})
    stages = [
        ("b", 1, "rejected", "5"),
        ("c", 1, "sales_ready", "5"),
        ("d", 1, "customer", "15"),
    ]
    with small_warehouse(tmp_path / "w.duckdb", leads, stages) as warehouse:
        for plan, expected in (({}, ["a", "d"]), ({"until": "end"}, ["a", "c", "d"])):
            rules = agreement(snapshots=plan)
            rows = open_spells(warehouse, rules, at("10")).order_by("lead_id").execute()
            assert rows.lead_id.tolist() == expected
        assert open_spells(warehouse, agreement()).execute().as_of.unique() == [at("31")]


def test_without_dates_there_is_one_row_per_lead(tmp_path):
    leads = pd.DataFrame({"lead_id": ["a", "b"], "outcome": [True, None]})
    path = write_warehouse(tmp_path / "w.duckdb", {"leads": leads}, has_time="false")
    with Warehouse.open(path) as warehouse:
        rows = snapshots(warehouse, agreement()).order_by("lead_id").execute()
        assert rows.as_of.isna().all()
        assert rows.weight.tolist() == [1, 1]
        assert snapshot_counts(warehouse, agreement()) == {"spells": 2, "seen": 2, "snapshots": 2}
        with pytest.raises(CannotAnswer, match="no dates"):
            open_spells(warehouse, agreement(), at("3"))
        rows["outcome"] = pd.array([True, None], dtype="boolean")
        labels = label(rows, agreement().lines.sql, agreement())
        assert labels.mature.tolist() == [True, False]
        with pytest.raises(CannotAnswer, match="outcome"):
            label(rows.drop(columns="outcome"), agreement().lines.sql, agreement())


LINE = Line(score=0, target="customer", window_days=10)
NEVER = None


@pytest.mark.parametrize(
    ("handed_over", "won", "known_at", "outcome", "mature"),
    [
        (NEVER, NEVER, "12", False, True),
        (NEVER, NEVER, "11 23:59", None, False),
        (NEVER, "12", "20", True, True),
        (NEVER, "12 00:01", "20", False, True),
        (NEVER, "5", "11", None, False),  # an early win does not make a young row mature
        (NEVER, "15", "12", False, True),  # what happens later is not known yet
        ("6", "15", "20", True, True),  # counted from the hand-over
        ("6", "15", "15", None, False),
        ("6", "15", "16", True, True),
        ("14", NEVER, "12", False, True),  # not handed over by then: from the snapshot
        ("14", "16", "20", None, False),
        ("1", "11", "12", True, True),  # a hand-over before the snapshot does not count back
        (NEVER, "2", "20", None, False),  # nothing left to predict
    ],
)
def test_a_row_is_won_or_lost_only_once_its_window_is_over(
    handed_over, won, known_at, outcome, mature
):
    row = pd.DataFrame(
        {
            "as_of": [at("2")],
            "sales_ready_at": pd.to_datetime([handed_over and at(handed_over)]),
            "customer_at": pd.to_datetime([won and at(won)]),
        }
    )
    found = label(row, LINE, agreement(), at(known_at)).iloc[0]
    assert (None if pd.isna(found.outcome) else bool(found.outcome), found.mature) == (
        outcome,
        mature,
    )
    assert found.reached == (won == "2")


def test_where_spells_are_seen_to_their_end_windows_count_from_the_snapshot():
    row = pd.DataFrame({"as_of": [at("2")], "sales_ready_at": [at("6")], "customer_at": [at("15")]})
    rules = agreement(snapshots={"until": "end"})
    assert label(row, LINE, rules, at("20")).outcome.tolist() == [False]
    assert label(row, LINE, agreement(), at("20")).outcome.tolist() == [True]


@pytest.mark.parametrize(
    ("stage", "expected"), [("accepted", "4"), ("sql", "4"), ("customer", "9"), ("rejected", "7")]
)
def test_who_became_an_opportunity_was_an_sql(stage, expected):
    row = pd.DataFrame(
        {
            "accepted_at": [pd.NaT],
            "sql_at": [pd.NaT],
            "opportunity_at": [at("4")],
            "customer_at": [at("9")],
            "rejected_at": [at("7")],
        }
    )
    assert reached_at(row, stage).tolist() == [at(expected)]
