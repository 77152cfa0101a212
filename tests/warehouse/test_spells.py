"""Spells: when a run through the funnel starts, what happened in it, when it ends."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.warehouse.spells import spells
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import write_warehouse


def _leads(*created: str | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lead_id": [f"L{i}" for i in range(1, len(created) + 1)],
            "created_at": pd.to_datetime(list(created)).astype("datetime64[us]"),
        }
    )


def _stages(*rows: tuple[str, int, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["lead_id", "spell", "stage", "entered_at"])
    return frame.assign(entered_at=pd.to_datetime(frame.entered_at).astype("datetime64[us]"))


def _spells(tmp_path: Path, **tables: pd.DataFrame) -> pd.DataFrame:
    path = write_warehouse(tmp_path / "warehouse.duckdb", tables)
    with Warehouse.open(path) as warehouse:
        return spells(warehouse).execute().sort_values(["lead_id", "spell"], ignore_index=True)


def _day(n: int) -> str:
    return f"2026-01-{n:02d}"


STARTS = {
    # stage rows of a lead created on the 5th -> the day each of its spells started
    "no rows at all": ([], [5]),
    "its own lead row": ([("L1", 1, "lead", _day(6))], [6]),
    "no lead row": ([("L1", 1, "mql", _day(9))], [5]),
    "a row older than the lead row": (
        [("L1", 1, "lead", _day(6)), ("L1", 1, "mql", _day(4))],
        [4],
    ),
    "a second spell without a lead row": (
        [("L1", 1, "recycled", _day(9)), ("L1", 2, "mql", _day(20))],
        [5, 20],
    ),
}


@pytest.mark.parametrize(("rows", "days"), STARTS.values(), ids=STARTS.keys())
def test_a_spell_starts(tmp_path: Path, rows: list, days: list[int]) -> None:
    table = _spells(tmp_path, leads=_leads(_day(5)), stages=_stages(*rows))
    assert table.started_at.tolist() == [pd.Timestamp(_day(day)) for day in days]


def test_the_earliest_ending_ends_it_and_an_open_spell_has_none(tmp_path: Path) -> None:
    table = _spells(
        tmp_path,
        leads=_leads(_day(1), _day(1)),
        stages=_stages(
            ("L1", 1, "customer", _day(9)),
            ("L1", 1, "rejected", _day(7)),
            ("L2", 1, "sql", _day(3)),
        ),
    )
    assert table.ended_at[0] == pd.Timestamp(_day(7))
    assert table.customer_at[0] == pd.Timestamp(_day(9))
    assert pd.isna(table.ended_at[1])


def test_a_stage_entered_twice_counts_from_the_first_time(tmp_path: Path) -> None:
    rows = [("L1", 1, "mql", _day(8)), ("L1", 1, "mql", _day(6))]
    table = _spells(tmp_path, leads=_leads(_day(1)), stages=_stages(*rows))
    assert table.mql_at.tolist() == [pd.Timestamp(_day(6))]


def _deal(opened: int, closed: int | None, won: bool | None) -> dict[str, pd.DataFrame]:
    times = {"opened_at": _day(opened), "closed_at": _day(closed) if closed else None}
    return {
        "deals": pd.DataFrame([{"deal_id": "D1", "won": won, "amount": 1.0, **times}]),
        "deal_leads": pd.DataFrame({"deal_id": ["D1"], "lead_id": ["L1"]}),
    }


TWO_SPELLS = [
    ("L1", 1, "lead", _day(5)),
    ("L1", 1, "recycled", _day(9)),
    ("L1", 2, "lead", _day(20)),
]
DEALS = {
    # deal (opened, closed, won) -> the spell that gets the opportunity, the one that is won
    "won in the second spell": ((21, 25, True), 2, 2),
    "opened in the first, won in the second": ((8, 25, True), 1, 2),
    "lost": ((21, 25, False), 2, None),
    "still open": ((21, None, None), 2, None),
    "older than its lead": ((2, 3, True), 1, 1),
}


@pytest.mark.parametrize(("deal", "opened_in", "won_in"), DEALS.values(), ids=DEALS.keys())
def test_deals_say_what_no_stage_row_says(
    tmp_path: Path, deal: tuple, opened_in: int, won_in: int | None
) -> None:
    tables = {"leads": _leads(_day(5)), "stages": _stages(*TWO_SPELLS), **_deal(*deal)}
    table = _spells(tmp_path, **tables).set_index("spell")
    assert table.index[table.opportunity_at.notna()].tolist() == [opened_in]
    assert table.index[table.customer_at.notna()].tolist() == ([won_in] if won_in else [])


def test_a_stage_row_wins_over_the_deal(tmp_path: Path) -> None:
    stages = _stages(*TWO_SPELLS, ("L1", 2, "customer", _day(28)))
    table = _spells(tmp_path, leads=_leads(_day(5)), stages=stages, **_deal(21, 25, True))
    assert table.customer_at[1] == pd.Timestamp(_day(28))


def test_without_stages_each_lead_has_one_spell_from_its_creation(tmp_path: Path) -> None:
    table = _spells(tmp_path, leads=_leads(_day(1), _day(2)), **_deal(3, 9, True))
    assert table.spell.tolist() == [1, 1]
    assert table.started_at.tolist() == [pd.Timestamp(_day(1)), pd.Timestamp(_day(2))]
    assert table.ended_at[0] == pd.Timestamp(_day(9))


def test_without_dates_it_cannot_be_answered(tmp_path: Path) -> None:
    path = write_warehouse(
        tmp_path / "warehouse.duckdb", {"leads": pd.DataFrame({"lead_id": ["L1"]})}
    )
    with Warehouse.open(path) as warehouse, pytest.raises(CannotAnswer, match="no dates"):
        spells(warehouse)


def test_every_lead_of_the_made_up_company_has_spells(made_up: Warehouse) -> None:
    table = spells(made_up).execute()
    assert set(table.lead_id) == set(made_up.table("leads").lead_id.execute())
    assert not table.duplicated(["lead_id", "spell"]).any()
    assert table.started_at.notna().all()
