"""The public data sets go in whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smarketing.errors import CannotAnswer
from smarketing.warehouse.spells import spells
from smarketing.warehouse.warehouse import Warehouse


def test_x_education(public: Callable[[str], Path]) -> None:
    with Warehouse.open(public("xeducation") / "warehouse.duckdb") as warehouse:
        leads = warehouse.table("leads").execute()
        known = warehouse.columns().set_index("column_name").known
        assert not warehouse.has_time
        assert warehouse.data_until is None
        with pytest.raises(CannotAnswer, match="no dates"):
            spells(warehouse)
        with pytest.raises(CannotAnswer, match="no dates"):
            warehouse.table("stages")
    assert len(leads) == 9240
    assert leads.outcome.sum() == 3561
    assert leads.score_today.notna().sum() == 5022
    assert leads.specialization.isna().sum() == 1942 + 1438
    assert "google" not in set(leads.source)
    assert (known == "after_outcome").sum() == 9
    assert known["Lead Number"] == "undeclared"


def test_olist(public: Callable[[str], Path]) -> None:
    with Warehouse.open(public("olist") / "warehouse.duckdb") as warehouse:
        counts = warehouse.counts().set_index("table_name").accepted
        table = spells(warehouse).execute()
        assert counts["leads"] == 8000
        assert counts["deals"] == 842
        assert str(warehouse.history_from) == "2018-01-01 02:00:00"
        assert "2017-12-05" in warehouse.meta("history_from_reason")
    assert table.customer_at.notna().sum() == 842
    # one win is dated two days before its first contact: the spell starts with the win
    assert (table.customer_at == table.started_at).sum() == 1


def test_bpi12(public: Callable[[str], Path]) -> None:
    with Warehouse.open(public("bpi12") / "warehouse.duckdb") as warehouse:
        table = spells(warehouse).execute()
        events = warehouse.table("events").execute()
    assert len(table) == 13_087
    assert table.customer_at.notna().sum() == 2246
    assert table.ended_at.isna().sum() == 399
    assert (table.sales_ready_at == table.started_at).all()
    calls = events[events.kind == "call"]
    assert len(calls) == 5898 + 22_976 + 11_407
    assert set(calls.actor) == {"sales"}
