"""The closed loop on the public data sets: counts their publishers and others have found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from smarketing.funnel import ClosedLoop, closed_loop
from smarketing.warehouse.ingest import ingest
from smarketing.workspace import Workspace

DATA = Path(__file__).parents[1] / "data"


def loop_of(name: str, real_data: Path, folder: Path, month: str | None = None) -> ClosedLoop:
    """Return the loop of a public set, ingested into a folder of its own."""
    (folder / "raw").mkdir()
    for file in ("sources.yml", "agreement.yml"):
        shutil.copy(DATA / name / file, folder)
    for file in (real_data / name).iterdir():
        (folder / "raw" / file.name).symlink_to(file)
    ingest(folder)
    workspace = Workspace.open(folder)
    with workspace.warehouse() as warehouse:
        return closed_loop(warehouse, workspace.agreement, month)


def test_the_bank_counts_submitted_to_won_as_published(real_data, tmp_path):
    loop = loop_of("bpi12", real_data, tmp_path, "2012-01")
    steps = loop.velocity.frame().set_index(["from", "to"])
    # 13,087 applications, of them pre-accepted, accepted, offered, won
    arrived = steps.groupby("to", sort=False).arrived.max()
    assert arrived.to_dict() == {
        "sales_ready": 13_087, "mql": 7_367, "accepted": 5_113, "opportunity": 5_015,
        "customer": 2_246,
    }  # fmt: skip
    assert steps.loc[("lead", "customer"), "median_days"] == pytest.approx(14.4, abs=0.05)
    assert steps.loc[("lead", "customer"), "p90_days"] == pytest.approx(28.7, abs=0.05)
    assert loop.sla.handovers.contact_hours.notna().any()
    assert "deals" in loop.cannot["attribution"]


def test_the_marketplace_wins_within_two_weeks_or_much_later(real_data, tmp_path):
    loop = loop_of("olist", real_data, tmp_path, "2018-04")
    won = loop.velocity.frame().set_index(["from", "to"]).loc[("lead", "customer")]
    assert 12 < won.median_days < 14.5  # of the winners so far
    assert won.arrivals_median_days > won.median_days  # some are still on their way
    counts = loop.stages.counts.set_index("stage")
    assert counts.loc["lead", "cohort"] == 1_352
    assert {"sla: handover", "campaigns"} <= set(loop.cannot)


def test_a_course_seller_without_dates_tells_who_converted_by_source(real_data, tmp_path):
    rates = loop_of("xeducation", real_data, tmp_path).frame().set_index("source")
    assert rates.loc["(all)", ["k", "n"]].tolist() == [3_561, 9_240]
    assert rates.drop("(all)").n.sum() == 9_240
