"""What the closed loop shows on a page: campaigns, key figures, odd cases, CRM against line."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from smarketing.evaluation.monitoring.crm_against_line import AgainstLine, month_loop
from smarketing.funnel.attribution.models import MODELS
from smarketing.funnel.closed_loop import closed_loop
from smarketing.funnel.flow.loss_audit import loss_audit
from smarketing.funnel.wording import STAGE_NAMES
from smarketing.reporting.pages.sections import deep_dive, quality, teams
from smarketing.scoring.population import build_population, grades_of
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import KNOWN, made_up_company, write_warehouse
from tests.page_texts import lines
from tests.scoring_cases import CARD, agreement
from tests.worlds.key_figures import AGREED, tables

AGREEMENT = agreement(CARD)
TOO_FEW = "too few journeys to judge (1 of 9 won)"
NOTE = (
    "Of 1 customer and 4 other leads old enough to judge, by what each did before the order, or"
    " before its window was over. What goes with buying need not be why they bought."
)
CAPTION = (
    "CRM against line, October 2026: leads by the score at their hand-over, else by their best of"
    " the month"
)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    path = tmp_path_factory.mktemp("loop") / "warehouse.duckdb"
    with Warehouse.open(write_warehouse(path, made_up_company(leads=400), KNOWN)) as warehouse:
        people = build_population(warehouse, AGREEMENT)
        loop, against = month_loop(warehouse, AGREEMENT, "2025-10", people, {})
        yield loop, against, people


def test_the_deep_dive_shows_six_models_costs_and_intervals(company):
    told = lines(deep_dive.deep_dive(company[0]))
    found = company[0].campaigns
    heads = next(line for line in told if line.startswith("Campaign | First touch"))
    assert heads == "Campaign | " + " | ".join(deep_dive.MODEL_NAMES.values())
    assert set(deep_dive.MODEL_NAMES) == set(MODELS)
    assert any("Cost per MQL | per sales-ready lead | per customer | Return" in t for t in told)
    start = told.index("Return on cost by model, with 95 % intervals (bootstrap over journeys)")
    paid = _paid(found.models)
    rows = told[start + 2 : start + 2 + paid]
    assert paid
    for row in rows:
        assert len(re.findall(r"% \(−?[\d,]+ % to −?[\d,]+ %\)", row)) == len(MODELS)
        assert re.search(r"\| \d+ of \d+ \|", row)


def _paid(models) -> int:
    return models.frame().dropna(subset="return_rate").campaign_id.nunique()


def test_a_campaign_too_small_to_judge_says_so(company):
    models = company[0].campaigns.models
    small = replace(models, table=models.table.assign(remark=TOO_FEW))
    loop = replace(company[0], campaigns=replace(company[0].campaigns, models=small))
    told = lines(deep_dive.deep_dive(loop))
    assert sum(line.endswith(TOO_FEW) for line in told) == _paid(models)


def test_content_shows_counts_with_n(tmp_path):
    path = write_warehouse(tmp_path / "w.duckdb", tables(), data_until="2026-07-01T00:00:00")
    with Warehouse.open(path) as warehouse:
        loop = closed_loop(warehouse, AGREED, "2026-06")
    told = lines(deep_dive.content_of(loop))
    assert told == [
        "Nothing stands out on the journeys of customers",
        "4 on too few journeys to compare.",
        NOTE,
    ]
    rows = loop.content.table
    rows = rows.assign(remark="", low=[0.1, -0.2, -0.2, -0.9], high=[0.9, 0.1, 0.1, -0.1])
    clear = replace(loop, content=replace(loop.content, table=rows))
    told = lines(deep_dive.content_of(clear))
    assert told[0] == (
        "/prices stands on 100 % of the journeys of customers, and on 50 % of those of other leads"
    )
    assert "/prices | page | 1 of 1 (100 %) | 2 of 4 (50 %) | +50 (+10 to +90)" in told


def test_key_figures_stand_team_by_team_with_their_targets(tmp_path):
    path = write_warehouse(tmp_path / "w.duckdb", tables(), data_until="2026-07-01T00:00:00")
    with Warehouse.open(path) as warehouse:
        loop = closed_loop(warehouse, AGREED, "2026-06")
    told = lines(teams.key_figures(loop))
    # of those with a target: MQL to sales-ready 75 % for 17 %, close rate 33 % for 25 %; revenue
    # a month 17,000 for 200,000 and per customer 33,000 for 40,000
    assert told[0] == "2 of 4 key figures with a target are met"
    assert [t for t in told if t.endswith("January 2026 to June 2026")] == [
        "Marketing, January 2026 to June 2026", "Sales, January 2026 to June 2026",
    ]  # fmt: skip
    rate = next(line for line in told if line.startswith("Close rate"))
    assert " | 33 % | 6.1 % to 79 % | 1 of 3 | 25 % | met ▲ | " in rate
    order = next(line for line in told if line.startswith("First touch → first order"))
    assert " | 90 days | – | 2 customers | – |" in order
    assert sum(line.startswith(tuple(teams.FIGURES.values())) for line in told) == 9


def test_who_holds_the_leads_says_what_is_expected(company):
    loop = company[0]
    told = lines(teams.who_holds(loop))
    held = loop.holding.by_stage()
    assert told[0].startswith(f"{int(held.stuck.sum()):,} of {int(held.n.sum()):,} open leads held")
    assert len(held) > 1
    for one in held.itertuples():
        owner, expected = ("–" if pd.isna(said) else said for said in (one.owner, one.expected))
        assert any(
            line.startswith(f"{STAGE_NAMES[one.stage]} | {owner} | {expected} | {one.n:,} | ")
            for line in told
        )
    agreed = AGREEMENT.stages["sales_ready"]
    row = held.set_index("stage").loc["sales_ready"]
    assert (row.owner, row.expected) == (agreed.owner, agreed.expected)


def test_groups_of_leads_sum_to_the_funnel(company):
    loop, _, people = company
    assert list(loop.breakdowns) == ["source", "persona", "grade"]
    for found in loop.breakdowns.values():
        assert found.counts.lead.sum() == loop.breakdowns["source"].counts.lead.sum()
    told = lines(teams.breakdowns(loop))
    assert any(line.startswith("Grade of the first day | Leads") for line in told)
    grades = grades_of(people)
    assert not grades.duplicated(["lead_id", "spell"]).any()
    handed = people.rows[people.rows.last_at_handover.astype(bool)]
    assert grades.grade.notna().sum() == len(handed.drop_duplicates(["lead_id", "spell"]))


def test_nurture_says_what_recycled_leads_bring_even_where_all_are_mqls_at_once(company):
    loop = company[0]
    steps = ("recycled", "back", "mql", "sales_ready", "customer")
    recycled = pd.DataFrame({"step": steps, "k": [9, 5, 3, 2, 1], "n": 9})
    known = {"recycled": recycled, "customers": 1, "revenue": 40_000.0}
    brought = (
        "Of 9 recycled leads old enough, 5 came back, 3 became MQLs anew, 2 were handed over; they"
        " brought 1 customer and 40,000 kr."
    )
    told = lines(teams.nurture(replace(loop, nurture=replace(loop.nurture, **known))))
    whole = loop.nurture.below.iloc[0]
    assert told[0].endswith(f"of {whole.n:,} leads below the MQL line came over it later")
    assert told[-1] == brought
    none = replace(loop.nurture, below=loop.nurture.below[:0], **known)
    told = lines(teams.nurture(replace(loop, nurture=none, nurture_content=None)))
    assert told == ["No lead below the MQL line is old enough to judge", brought]


def test_the_two_by_two_adds_up_and_names_the_leads_it_is_about():
    leads = pd.DataFrame(
        [("a", True, True), ("b", True, False), ("c", False, True), ("d", False, False),
         ("e", False, False)],
        columns=["lead_id", "handed_over", "above"],
    ).assign(spell=1, score=50, fit=20)  # fmt: skip
    assert lines(quality.line_and_crm(AgainstLine("2026-10", leads))) == [
        "1 of 2 hand-overs came from below the SQL line; 1 lead above it was not handed over",
        CAPTION,
        "By the agreed score | Handed over | Not handed over | Leads",
        "above the line | 1 | 1 | 2",
        "below the line | 1 | 2 | 3",
        "all | 2 | 3 | 5",
        "Handed over below the line: b.",
        "Above it and not handed over: c.",
    ]
    assert lines(quality.line_and_crm(None, "No record shows it.")) == ["No record shows it."]


def test_odd_cases_and_losses_are_shown_with_what_is_done(tmp_path):
    told = tables()
    path = write_warehouse(tmp_path / "w.duckdb", told, data_until="2026-07-01T00:00:00")
    with Warehouse.open(path) as warehouse:
        loop = closed_loop(warehouse, AGREED, "2026-06")
        assert loop.losses.table.equals(loss_audit(warehouse).table)
    odd = lines(quality.odd_cases(loop))
    assert "Case | Count | of | What is done about it | Such as" in odd
    assert any(
        line.startswith("won deals without a lead | 1 | 3 | revenue and customers of the month")
        for line in odd
    )
    assert len(odd) == 3 + len(loop.oddities)
    lost = lines(quality.losses(loop))
    assert "deals without a lead | 1 | 3 | deals.deal_id not in deal_leads.deal_id | own" in lost
