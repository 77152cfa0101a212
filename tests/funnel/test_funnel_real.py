"""The closed loop on the public data sets: counts their publishers and others have found."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smarketing.actions.escalations import escalations
from smarketing.actions.weekly_meeting import weekly
from smarketing.folder import Folder
from smarketing.funnel.closed_loop import ClosedLoop, closed_loop
from smarketing.funnel.flow.breakdowns import breakdown
from smarketing.funnel.flow.stages import stage_counts
from smarketing.funnel.flow.velocity import velocity
from smarketing.funnel.sla.handover import handovers
from smarketing.measures.facts import Facts
from smarketing.measures.reading import read_facts


def told_of(folder: Path, month: str | None = None) -> tuple[ClosedLoop, Facts | None]:
    """Return the loop and the history of a workspace."""
    workspace = Folder.open(folder)
    with workspace.warehouse() as warehouse:
        loop = closed_loop(warehouse, workspace.agreement, month)
        return loop, read_facts(warehouse, workspace.agreement) if month else None


def test_the_bank_counts_submitted_to_won_as_published(public):
    loop, facts = told_of(public("bpi12"), "2012-01")
    steps = loop.velocity.frame().set_index(["from", "to"])
    # 13,087 applications, of them pre-accepted, accepted, offered, won
    arrived = steps.groupby("to", sort=False).arrived.max()
    assert arrived.to_dict() == {
        "sales_ready": 13_087, "mql": 7_367, "accepted": 5_113, "opportunity": 5_015,
        "customer": 2_246,
    }  # fmt: skip
    assert steps.loc[("lead", "customer"), "median_days"] == pytest.approx(14.4, abs=0.05)
    assert steps.loc[("lead", "customer"), "p90_days"] == pytest.approx(28.7, abs=0.05)
    assert "deals" in loop.cannot["attribution"]
    # the calls of lead handling are the first contacts
    rows = handovers(facts, "2011-10", "2012-02")
    assert len(rows) == 13_087
    assert (rows.attempts > 0).sum() == rows.contact_hours.notna().sum() > 8_000
    assert (rows.contact_hours.dropna() >= 0).all()
    found = escalations(facts, "2011-10", "2012-02")
    assert found.escalate_to == "Head of the loan desk"
    silent = rows[(rows.contact == "never") & rows.disposed_at.isna()]
    contact = found.breaches[found.breaches.breach == "first_contact"]
    assert set(contact.lead_id) == set(silent.lead_id)
    assert (found.breaches.overdue >= 0).all()
    assert not weekly(facts, "2012-W05").promises.empty


def test_the_marketplace_wins_within_two_weeks_or_much_later(public):
    loop, facts = told_of(public("olist"), "2018-04")
    won = loop.velocity.frame().set_index(["from", "to"]).loc[("lead", "customer")]
    assert 12 < won.median_days < 14.5  # of the winners so far
    assert won.arrivals_median_days > won.median_days  # some are still on their way
    counts = loop.stages.counts.set_index("stage")
    assert counts.loc["lead", "cohort"] == 1_352
    assert {"sla: handover", "campaigns"} <= set(loop.cannot)
    # of all winners half had won after 14 whole days; of all leads too few ever win for a median
    every = velocity(facts, trusted=False).frame().set_index(["from", "to"])
    assert int(every.loc[("lead", "customer"), "median_days"]) == 14
    assert pd.isna(every.loc[("lead", "customer"), "censored_median_days"])
    arrivals = every.loc[("lead", "customer"), "arrivals_median_days"]
    assert arrivals == pytest.approx(17.9, abs=0.1)  # of those who will win
    # no win was recorded before 2017-12-05
    usable = {month: stage_counts(facts, month).usable for month in facts.months}
    assert usable == {month: month >= "2018" for month in facts.months}
    rates = breakdown(facts, "2018-01", "2018-05").rates
    rates = rates[(rates["from"] == "lead") & (rates.to == "customer")].set_index("group")
    assert rates.n.sum() == len(facts.trusted) == 5_998
    assert ((rates.low < rates.rate) & (rates.rate < rates.high)).all()
    assert rates.rate["unknown"] > rates.high["social"]  # sellers whose origin nobody knows


def test_a_course_seller_without_dates_tells_who_converted_by_source(public):
    rates = told_of(public("xeducation"))[0].frame().set_index("source")
    assert rates.loc["(all)", ["k", "n"]].tolist() == [3_561, 9_240]
    assert rates.drop("(all)").n.sum() == 9_240
