"""Cells that can be read in two ways: settled by the whole column, or refused; never guessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import leads_only, workspace

WORTH = "{worth: {column: Worth, type: number, known: at_creation}}"


def read(folder: Path) -> pd.DataFrame:
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        return warehouse.table("leads").order_by("lead_id").execute()


def of_amounts(folder: Path, *cells: str, **options: str) -> Path:
    rows = "".join(f'L{n},2026-01-05,"{cell}"\n' for n, cell in enumerate(cells))
    sources = leads_only(attributes=WORTH, **options)
    return workspace(folder, sources, leads=f"Id,Created,Worth\n{rows}")


@pytest.mark.parametrize(
    "cells", [("1.250", "2.500"), ("1.250", "7", "300"), ("-3.750", ""), ("12.000",)]
)
def test_a_dot_that_may_stand_between_thousands_is_asked_about(tmp_path, cells):
    with pytest.raises(SmarketingError, match=r"sources\.yml, line \d+: worth: nobody can tell"):
        ingest(of_amounts(tmp_path, *cells))
    assert not (tmp_path / "warehouse.duckdb").exists()


@pytest.mark.parametrize(("decimal", "worth"), [(",", [1250.0, 2500.0]), (".", [1.25, 2.5])])
def test_what_sources_yml_says_of_it_holds(tmp_path, decimal, worth):
    folder = of_amounts(tmp_path, "1.250", "2.500", decimal=f'"{decimal}"')
    assert read(folder).worth.tolist() == worth


@pytest.mark.parametrize(
    "cells",
    [("1.250", "12.5"), ("1.250", "12500"), ("1.250", "0.125"), ("0.125", ".500"), ("1250", "7")],
    ids=["a short one", "a long whole one", "a small one", "none above one", "no dot"],
)
def test_one_cell_settles_the_column(tmp_path, cells):
    assert read(of_amounts(tmp_path, *cells)).worth.tolist() == [float(cell) for cell in cells]


@pytest.mark.parametrize(
    "forms",
    [
        ("%d/%m/%Y", "%m/%d/%Y"),
        ("%d.%m.%Y %H:%M", "%m.%d.%Y %H:%M"),
        ("%-d/%-m/%Y", "%m/%d/%Y"),
        ("%Y-%d-%m",),
    ],
)
def test_forms_of_both_orders_are_refused(tmp_path, forms):
    listed = ", ".join(f'"{form}"' for form in forms)
    sources = leads_only(date_format=f"[{listed}]")
    folder = workspace(tmp_path, sources, leads="Id,Created\nL1,2026-01-05\n")
    with pytest.raises(SmarketingError, match=r"line \d+.*read one cell in two ways"):
        ingest(folder)


def test_forms_of_one_order_are_read_beside_each_other(tmp_path):
    sources = leads_only(date_format='["%d/%m/%Y", "%d.%m.%Y", "%d/%m/%Y %H:%M"]')
    rows = "Id,Created\nL1,05/01/2026\nL2,05.01.2026\nL3,05/01/2026 00:00\n"
    days = read(workspace(tmp_path, sources, leads=rows)).created_at
    assert days.nunique() == 1


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-01-05 08:05:09 CET", "2026-01-05 07:05:09"),
        ("2026-07-05 08:05:09 CEST", "2026-07-05 06:05:09"),
        ("2026-07-05 08:05:09 PDT", "2026-07-05 15:05:09"),
        ("2026-07-05 08:05:09 BST", "2026-07-05 07:05:09"),
        ("2026-01-05 08:05:09 UTC", "2026-01-05 08:05:09"),
        ("2026-07-05 08:05:09 Europe/Copenhagen", "2026-07-05 06:05:09"),
    ],
)
def test_the_name_of_a_zone_counts_once(tmp_path, cell, utc):
    sources = leads_only(date_format='"%Y-%m-%d %H:%M:%S %Z"')
    folder = workspace(tmp_path, sources, leads=f"Id,Created\nL1,{cell}\n")
    assert str(read(folder).created_at[0]) == utc


def test_a_zone_that_nobody_knows_is_told(tmp_path):
    sources = leads_only(date_format='"%Y-%m-%d %H:%M:%S %Z"')
    folder = workspace(tmp_path, sources, leads="Id,Created\nL1,2026-01-05 08:05:09 XYZ\n")
    with pytest.raises(SmarketingError, match="not a date"):
        ingest(folder)
