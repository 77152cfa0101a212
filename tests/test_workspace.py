"""An open workspace: held once, closed by itself, never answering from two states of a file."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

import smarketing
from tests.exports import LEADS, workspace


@pytest.fixture
def folder(tmp_path):
    """Return a small workspace, ingested."""
    place = workspace(tmp_path / "small")
    smarketing.open(place).ingest()
    return place


def count_of(ws, table="leads"):
    return int(ws.counts().set_index("table_name").accepted[table])


def add_a_lead(folder):
    (folder / "raw" / "leads.csv").write_text(LEADS + "L5,2026-01-09,web,ed@west.example,3\n")


def test_two_can_be_open_on_the_same_folder(folder):
    with smarketing.open(folder) as one, smarketing.open(folder) as other:
        assert count_of(one) == count_of(other) == 4


def test_after_an_ingest_the_same_workspace_answers_from_the_new_data(folder):
    with smarketing.open(folder) as ws:
        assert count_of(ws) == 4
        add_a_lead(folder)
        ws.ingest()
        assert count_of(ws) == 5


def test_after_an_ingest_another_workspace_says_that_it_is_stale(folder):
    with smarketing.open(folder) as before, smarketing.open(folder) as other:
        assert count_of(before) == 4
        add_a_lead(folder)
        other.ingest()
        assert before.stale == "warehouse.duckdb"
        with pytest.raises(smarketing.SmarketingError, match="changed since") as refused:
            before.counts()
        assert "close()" in str(refused.value)
        before.close()
        assert before.stale == ""
        assert count_of(before) == 5


def test_a_closed_workspace_opens_again_when_asked(folder):
    ws = smarketing.open(folder)
    assert count_of(ws) == 4
    ws.close()
    ws.close()
    assert count_of(ws) == 4


def test_a_workspace_nobody_holds_lets_go_of_its_file(folder):
    ws = smarketing.open(folder)
    closing = ws.warehouse and ws._closing
    del ws
    gc.collect()
    assert not closing.alive


def test_a_workspace_without_warehouse_says_what_to_run(tmp_path):
    with pytest.raises(smarketing.SmarketingError, match="smarketing ingest"):
        smarketing.open(workspace(tmp_path / "small")).counts()


def test_a_folder_is_found_from_below_it(folder, monkeypatch):
    monkeypatch.chdir(folder / "raw")
    assert smarketing.open(folder.name).path == folder


def test_what_is_no_workspace_is_wrong_usage(tmp_path):
    with pytest.raises(smarketing.UsageError, match="no such workspace"):
        smarketing.open(tmp_path / "nowhere")


def test_importing_the_package_waits_for_no_library():
    heavy = "[m for m in ('pandas', 'sklearn', 'duckdb', 'matplotlib') if m in sys.modules]"
    code = f"import sys, smarketing; dir(smarketing); print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_name_that_is_not_of_the_face_is_no_attribute():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = smarketing.nonsense
