"""The value an attribute had at a moment: what the history says, else today's."""

import pandas as pd
import pytest

from smarketing.scoring.features import features
from smarketing.scoring.point_in_time import histories, known_when
from smarketing.scoring.snapshots import open_spells
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import write_warehouse
from tests.scoring_cases import agreement, at

LEADS = pd.DataFrame(
    {
        "lead_id": ["a", "b", "c"],
        "created_at": at("1"),
        "tier": ["gold", "silver", None],
        "size": [30.0, 5.0, None],
        "owner": pd.array([True, False, None], dtype="boolean"),
    }
)
CHANGES = [
    ("a", "tier", "10", "bronze", "silver"),
    ("a", "tier", "20 12:00", "silver", "gold"),
    ("a", "size", "15", None, "30.0"),
    ("b", "size", "15", "2.5", "5.0"),
    ("b", "owner", "8", "true", "false"),
    ("c", "tier", "9", "gold", None),
]
KNOWN = dict.fromkeys(["tier", "size", "owner"], "history")


def warehouse_of(folder, changes=CHANGES, known=KNOWN):
    columns = ["lead_id", "field", "changed_at", "old", "new"]
    rows = [(lead, field, at(time), old, new) for lead, field, time, old, new in changes]
    tables = {"leads": LEADS, "changes": pd.DataFrame(rows, columns=columns)}
    path = write_warehouse(folder / "w.duckdb", tables, known, data_until=str(at("31")))
    return Warehouse.open(path)


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    with warehouse_of(tmp_path_factory.mktemp("past")) as warehouse:
        yield (
            lambda day: (
                features(warehouse, open_spells(warehouse, agreement(), at(day)), agreement())
                .execute()
                .set_index("lead_id")
            )
        )


@pytest.mark.parametrize(
    ("day", "tier"),
    [
        ("2", "bronze"),
        ("9 23:59", "bronze"),
        ("10", "silver"),
        ("20 11:59", "silver"),
        ("20 12:00", "gold"),
        ("30", "gold"),
    ],
)
def test_a_change_holds_from_its_very_moment_up_to_the_next(values, day, tier):
    assert values(day).loc["a", "tier"] == tier


def test_before_the_first_change_the_value_was_what_that_one_replaced(values):
    assert pd.isna(values("14").loc["a", "size"])
    assert values("14").loc["b", "size"] == 2.5
    assert values("2").loc["b", "owner"]


def test_a_cell_that_was_cleared_is_empty_from_then_on(values):
    assert values("8").loc["c", "tier"] == "gold"
    assert pd.isna(values("9").loc["c", "tier"])


def test_of_a_lead_without_a_change_todays_value_stood_all_the_time(values):
    rows = values("2")
    assert rows.loc["b", "tier"] == "silver"
    assert pd.isna(rows.loc["c", "size"])
    assert rows.loc["a", "owner"]


def test_numbers_and_booleans_keep_their_kind(values):
    rows = values("16")
    assert rows["size"].dtype == "float64"
    assert rows["size"].tolist()[:2] == [30.0, 5.0]
    assert set(rows["owner"].dropna()) == {True, False}


def test_attributes_of_which_no_change_is_known_have_no_history(tmp_path):
    with warehouse_of(tmp_path, CHANGES[:1]) as warehouse:
        assert histories(warehouse) == {"tier"}
        seen = features(warehouse, open_spells(warehouse, agreement(), at("2")), agreement())
        assert {"size", "owner"}.isdisjoint(seen.columns)


def test_changes_of_a_field_that_is_not_known_by_its_history_change_nothing(tmp_path):
    known = {**KNOWN, "tier": "at_creation"}
    with warehouse_of(tmp_path, known=known) as warehouse:
        assert known_when(warehouse)["tier"] == ("at_creation", None)
        moments = open_spells(warehouse, agreement(), at("2"))
        rows = features(warehouse, moments, agreement()).execute().set_index("lead_id")
    assert rows.loc["a", "tier"] == "gold"
