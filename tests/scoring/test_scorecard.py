"""The agreed card: the same points as a plain reading of the rules, on every lead."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.agreement.model import Grades
from smarketing.agreement.scorecard import Scorecard
from smarketing.errors import SmarketingError
from smarketing.scoring.agreed_card import ROUNDING, breakdown, score_card, scores_of, wide_table
from smarketing.scoring.card_export import export_scorecard
from smarketing.scoring.events import thousandths, with_decay
from smarketing.scoring.points.axes import grades_of_points
from smarketing.scoring.snapshots import open_spells, snapshots
from tests.random_cards import AS_OF, GRADES, PERSONAS, card, people, reference
from tests.scoring_cases import CARD, agreement, at, small_warehouse

SCANNER = "a scanner of links, in the name of the lead"


def tables(leads: list[dict], events: list[list[tuple]]) -> tuple[ibis.Table, ibis.Table]:
    base = pd.DataFrame(leads).assign(
        lead_id=[f"L{i}" for i in range(len(leads))], spell=1, as_of=AS_OF
    )
    happened = pd.DataFrame(
        [
            (f"L{i}", time, actor.replace(SCANNER, "lead"), actor == SCANNER, kind, subject)
            for i, of_lead in enumerate(events)
            for time, actor, kind, subject in of_lead
        ],
        columns=["lead_id", "occurred_at", "actor", "automatic", "kind", "subject"],
    )
    schema = {
        "lead_id": "string", "occurred_at": "timestamp", "actor": "string",
        "automatic": "boolean", "kind": "string", "subject": "string",
    }  # fmt: skip
    fields = {"role": "string", "size": "float64", "lead_id": "string", "spell": "int32"}
    return (
        ibis.memtable(base, schema={**fields, "as_of": "timestamp"}),
        ibis.memtable(happened, schema=schema),
    )


@settings(max_examples=25, deadline=None)
@given(card=card, people=people)
def test_the_engine_gives_the_points_of_a_plain_reading(card, people):
    leads, events = [p[0] for p in people], [p[1] for p in people]
    base, happened = tables(leads, events)
    wide = wide_table(card, base, happened, PERSONAS)
    found = scores_of(wide, card, GRADES).execute().set_index("lead_id")
    for i, (traits, done) in enumerate(people):
        expected = reference(card, traits, done)
        row = found.loc[f"L{i}", list(expected)].to_dict()
        row["persona"] = None if pd.isna(row["persona"]) else row["persona"]
        assert row == expected


@settings(max_examples=10, deadline=None)
@given(card=card, people=people)
def test_what_happens_later_or_is_done_by_others_never_changes_a_score(card, people):
    leads, events = [p[0] for p in people], [p[1] for p in people]
    later = [
        [
            *done,
            (AS_OF + pd.Timedelta(microseconds=1), "lead", "view", "/pricing"),
            (AS_OF - pd.Timedelta(days=1), "sales", "demo", None),
            (AS_OF - pd.Timedelta(days=1), "marketing", "view", "/pricing"),
            (AS_OF - pd.Timedelta(days=1), SCANNER, "view", "/pricing"),
        ]
        for done in events
    ]
    found = []
    for history in (events, later):
        base, happened = tables(leads, history)
        wide = wide_table(card, base, happened, PERSONAS)
        found.append(scores_of(wide, card, GRADES).order_by("lead_id").execute())
    pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize(
    ("points", "age", "half_life", "expected"),
    [
        (8, 0, 14, 8000),
        (8, 14, 14, 4000),
        (8, 1, 14, 7614),
        (1, 4 * 14, 14, 63),  # 62.5 and 0.5 up
        (-1, 4 * 14, 14, -62),  # halves go up, also below zero
        (30, 500, None, 30_000),
        (30, 5000, 14, 0),
    ],
)
def test_decay_is_in_whole_thousandths(points, age, half_life, expected):
    assert thousandths(points, age, half_life) == expected


@settings(max_examples=30, deadline=None)
@given(
    bounds=st.tuples(*[st.lists(st.integers(0, 40), min_size=2, max_size=2, unique=True)] * 2),
    points=st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), min_size=1, max_size=20),
)
def test_points_get_the_same_grade_in_memory_as_on_the_engine(bounds, points):
    (b, a), (two, one) = map(sorted, bounds)
    rules = Grades(fit={"A": a, "B": b}, engagement={1: one, 2: two})
    rows = pd.DataFrame(points, columns=["points_0", "points_1"]) * 1000
    keys = {"lead_id": rows.index.astype(str), "spell": 1, "as_of": pd.Timestamp("2026-01-01")}
    card = Scorecard.model_validate(
        {
            axis: {"cap": None, "rules": [{"name": axis, "event": axis, "points": 1}]}
            for axis in ("fit", "engagement")
        }
    )
    table = ibis.memtable(rows.assign(**keys, persona="it", row=rows.index))
    found = scores_of(table, card, rules).execute().set_index("lead_id")
    fit, done = (np.array([p[axis] for p in points]) for axis in (0, 1))
    expected = grades_of_points(fit, done, rules.fit, rules.engagement)
    assert found.grade[keys["lead_id"]].tolist() == expected.tolist()


@pytest.mark.parametrize("half_life", [0.5, 7.0, 14.0, 33.3, 365.0])
def test_decay_looked_up_and_computed_by_the_engine_are_the_same(half_life):
    values = [-30, -1, 1, 8, 1000]
    aged = ibis.memtable({"age": list(range(3000))})
    looked_up, computed = (
        with_decay(aged, values, half_life, by_formula).order_by("age").execute()
        for by_formula in (False, True)
    )
    pd.testing.assert_frame_equal(looked_up, computed)


def test_breakdown_sums_to_the_score_and_names_what_the_cap_took(tmp_path):
    views = [("a", f"{day}", "lead", "page_view", "/pricing") for day in (2, 3, 4, 5)]
    demos = [("a", "4 12:00", "lead", "demo_request", None)] * 2
    leads = [
        {"lead_id": "a", "created": "1", "job_role": "cto", "employees": 80.0},
        {"lead_id": "b", "created": "1", "job_role": "student", "employees": 3.0},
    ]
    rules = agreement()
    with small_warehouse(
        tmp_path / "w.duckdb",
        leads,
        events=views + demos,
        known={"job_role": "at_creation", "employees": "at_creation"},
    ) as warehouse:
        moments = open_spells(warehouse, rules, at("5 12:00"))
        scores = score_card(rules.scorecard, warehouse, moments, rules).execute()
        parts = breakdown(rules.scorecard, warehouse, moments, rules).execute()
    scores = scores.set_index("lead_id")
    assert scores.loc["a", ["fit", "engagement", "grade"]].tolist() == [35, 50, "A1"]
    assert scores.loc["b", ["fit", "engagement", "grade"]].tolist() == [0, 0, "C3"]
    sums = parts.groupby("lead_id")["points_thousandths"].sum()
    assert sums["a"] == 1000 * scores.score["a"]
    assert sums["b"] == 0
    of_a = parts[parts.lead_id == "a"].set_index(["axis", "rule"])
    pricing = of_a.loc[("engagement", "Pricing page")]
    assert (pricing.n, pricing.points_thousandths) == (3, 8000 + 7614 + 7246)
    before_cap = of_a.drop(index=[("engagement", "(cap)")]).loc["engagement"]
    assert before_cap.drop(index=[ROUNDING], errors="ignore").points_thousandths.sum() == sum(
        [8000 + 7614 + 7246, 2 * thousandths(30, 1, 14)]
    )
    assert of_a.loc[("engagement", "(cap)"), "points_thousandths"] < 0
    of_b = parts[parts.lead_id == "b"].set_index("rule")
    assert of_b.loc["(cap)", "points_thousandths"] == 10_000  # lifted to zero


@pytest.mark.parametrize(
    ("test", "says"),
    [
        ({"field": "job_rol", "is": "cto"}, "did you mean job_role"),
        ({"field": "contract_signed", "is": "yes"}, "contract_signed"),
        ({"field": "job_role", "at_least": 3}, "by size"),
    ],
)
def test_a_rule_on_what_is_not_known_is_refused_in_words(made_up, test, says):
    wrong = {"name": "wrong", "when": test, "points": 1}
    rules = agreement({**CARD, "fit": {"cap": 50, "rules": [wrong]}})
    with pytest.raises(SmarketingError, match=says):
        score_card(rules.scorecard, made_up, snapshots(made_up, rules), rules).execute()


def test_exported_sql_gives_the_same_scores(made_up):
    rules, as_of = agreement(), pd.Timestamp("2025-07-01")
    text = export_scorecard(made_up, rules, dialect="duckdb")
    there = text.replace("TIMEZONE('UTC', NOW())", f"TIMESTAMP '{as_of}'")
    assert there != text
    exported = made_up.con.raw_sql(there).df()
    moments = made_up.table("leads").filter(ibis._.created_at <= as_of)
    moments = moments.select(
        "lead_id", spell=ibis.literal(1), started_at="created_at", as_of=ibis.literal(as_of)
    )
    scores = score_card(rules.scorecard, made_up, moments, rules).order_by("lead_id").execute()
    assert len(exported) == len(scores) > 200
    for column in ("lead_id", "fit", "engagement", "score", "grade"):
        assert exported[column].tolist() == scores[column].tolist()


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "snowflake", "bigquery", "spark"])
def test_every_dialect_is_written_with_plain_table_names(made_up, dialect):
    import sqlglot

    text = export_scorecard(made_up, agreement(), dialect=dialect)
    read = sqlglot.parse_one(text, read={"spark": "databricks"}.get(dialect, dialect))
    named = {table.name for table in read.find_all(sqlglot.exp.Table)}
    assert {"leads", "events", "moment"} <= named
    assert not any("memtable" in name for name in named)
    assert not any(table.db for table in read.find_all(sqlglot.exp.Table))


@pytest.mark.parametrize("wrong", [{"form": "xls"}, {"dialect": "oracle"}])
def test_unknown_forms_and_dialects_are_refused(made_up, wrong):
    with pytest.raises(SmarketingError, match="allowed"):
        export_scorecard(made_up, agreement(), **wrong)
