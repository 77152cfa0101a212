"""What was known of a lead at a moment, and what may never be a feature."""

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.agreement.conditions import parse_condition
from smarketing.agreement.matching import matches
from smarketing.scoring.condition_expressions import to_ibis
from smarketing.scoring.feature_set import feature_set
from smarketing.scoring.features import features
from smarketing.scoring.snapshots import open_spells, snapshots
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import KNOWN, made_up_company, write_warehouse
from tests.scoring_cases import agreement, at, small_warehouse

LEADS = [
    {
        "lead_id": "a",
        "created": "4 23:30",  # Monday in Copenhagen
        "role": "cto",
        "plan": "trial",
        "plan_since": at("10"),
        "contract": "signed",
        "hint": "x",
    },
    {
        "lead_id": "b",
        "created": "1",
        "role": "dev",
        "plan": "paid",
        "plan_since": at("3"),
        "contract": None,
        "hint": "y",
    },
]
DECLARED = {
    "role": "at_creation",
    "plan": "at:plan_since",
    "plan_since": "at_creation",
    "contract": "after_outcome",
}
EVENTS = [
    ("a", "5", "lead", "view", "/pricing"),
    ("a", "8 06:00", "lead", "view", "/blog"),
    ("a", "8 12:00", "sales", "call", None),
    ("a", "9 12:00", "lead", "view", "/pricing"),  # after the moment
]


def known_on(path, day, leads=LEADS, events=EVENTS):
    rules = agreement()
    with small_warehouse(path / "w.duckdb", leads, (), events, DECLARED) as warehouse:
        table = features(warehouse, open_spells(warehouse, rules, at(day)), rules)
        return table.execute().set_index("lead_id"), feature_set(warehouse, rules)


def test_features_are_what_was_known_then(tmp_path):
    rows, _ = known_on(tmp_path, "9")
    a = rows.loc["a"]
    assert (a.role, a.created_weekday, a.created_hour) == ("cto", "mon", 0)
    assert (a.n_view, a["n_view[/pricing]"], a["n_view[/blog]"]) == (2, 1, 1)
    # 4 whole days and 0 whole days old, half-life 14 days
    assert a.recent_view == pytest.approx((round(1000 * 2 ** (-4 / 14)) + 1000) / 1000)
    assert (a.days_since_last_event, a.days_in_spell, a.weeks_in_spell) == (0, 4, 0)
    assert pd.isna(a.plan)
    assert rows.loc["b", "plan"] == "paid"
    assert pd.isna(rows.loc["b", "days_since_last_event"])
    assert rows.loc["b", ["n_view", "recent_view"]].tolist() == [0, 0]
    assert "n_call" not in rows


def test_an_attribute_is_known_from_its_own_moment_on(tmp_path):
    rows, _ = known_on(tmp_path, "10")
    assert rows.loc["a", "plan"] == "trial"


def test_what_may_not_be_learned_is_left_out_with_a_reason(tmp_path):
    rows, chosen = known_on(tmp_path, "9")
    reasons = dict(chosen.left_out)
    assert "after the outcome" in reasons["contract"]
    assert "undeclared" in reasons["hint"]
    assert "calendar" in reasons["plan_since"]
    assert "calendar" in reasons["campaign_id"]
    assert {"contract", "hint"}.isdisjoint(rows.columns)
    assert set(chosen.names) <= set(rows.columns)
    assert set(reasons).isdisjoint(chosen.names)
    # a day would tell the moment of a hand-over from a weekly snapshot
    assert "days_in_spell" not in chosen.names


def test_identifiers_and_constants_are_no_features(tmp_path):
    n = 200
    leads = [
        {
            "lead_id": f"L{i}",
            "created": "1",
            "key": f"K{i}",
            "town": f"T{i % 50}" if i % 2 else "Aarhus",
            "same": "x",
            "none": None,
        }
        for i in range(n)
    ]
    declared = dict.fromkeys(["key", "town", "same", "none"], "at_creation")
    with small_warehouse(tmp_path / "w.duckdb", leads, known=declared) as warehouse:
        chosen = feature_set(warehouse, agreement())
    reasons = dict(chosen.left_out)
    assert "town" in chosen.names
    assert "200 different texts" in reasons["key"]
    assert "same for every lead" in reasons["same"]
    assert "empty" in reasons["none"]
    assert "no hours" in reasons["created_hour"]


def test_the_future_of_a_company_changes_no_feature_of_its_past(tmp_path):
    rules, cut = agreement(), pd.Timestamp("2025-07-01")
    whole = made_up_company(leads=150)
    past = {
        **whole,
        "leads": whole["leads"][whole["leads"].created_at <= cut],
        "events": whole["events"][whole["events"].occurred_at <= cut],
        "stages": whole["stages"][whole["stages"].entered_at <= cut],
    }
    found = []
    for name, tables in (("whole", whole), ("past", past)):
        path = write_warehouse(tmp_path / f"{name}.duckdb", tables, KNOWN)
        with Warehouse.open(path) as warehouse:
            table = features(warehouse, open_spells(warehouse, rules, cut), rules)
            found.append(table.order_by("lead_id").execute())
    assert len(found[0]) > 30
    pd.testing.assert_frame_equal(*found)


START = pd.Timestamp("2025-01-01")
KINDS = {"tier": ["gold", "silver", None], "size": ["1.0", "2.5", None], "old": ["true", "false"]}


@st.composite
def histories(draw):
    """Values of a few leads through time: per attribute (lead, days, value), in order of time."""
    told = {}
    for name, values in KINDS.items():
        for lead in range(4):
            days = draw(st.lists(st.integers(1, 300), unique=True, max_size=4))
            path = [draw(st.sampled_from(values)) for _ in range(len(days) + 1)]
            told[name, lead] = (path[0], list(zip(sorted(days), path[1:], strict=True)))
    return told


def company_of(told, until=None):
    """Tables of such leads as a CRM would export them on a day."""
    until = until or 400
    leads = pd.DataFrame({"lead_id": [f"L{i}" for i in range(4)], "created_at": START})
    rows = []
    for (name, lead), (first, changes) in told.items():
        value = first
        for day, new in changes:
            if day <= until and new != value:
                rows.append((f"L{lead}", name, START + pd.Timedelta(days=day), value, new))
                value = new
        if name not in leads:
            leads[name] = None
        leads.loc[lead, name] = value
    leads["size"] = leads["size"].astype("float64")
    leads["old"] = leads["old"].map({"true": True, "false": False}).astype("boolean")
    leads["tier"] = leads["tier"].astype("str").where(leads["tier"].notna(), None)
    changes = pd.DataFrame(rows, columns=["lead_id", "field", "changed_at", "old", "new"])
    return {"leads": leads, "changes": changes}


def value_on(told, name, lead, day):
    value, changes = told[name, lead]
    return next((new for at, new in reversed(changes) if at <= day), value)


@settings(max_examples=25, deadline=None)
@given(told=histories(), day=st.integers(2, 320))
def test_a_value_known_by_its_history_is_that_of_the_moment_and_no_later_change_alters_it(
    tmp_path_factory, told, day
):
    folder, rules = tmp_path_factory.mktemp("past"), agreement()
    cut = START + pd.Timedelta(days=day)
    found = []
    for name, tables in (("whole", company_of(told)), ("then", company_of(told, day))):
        kept = set(company_of(told, day)["changes"].field)
        known = {n: "history" if n in kept else "after_outcome" for n in KINDS}
        until = str(START + pd.Timedelta(days=400))
        path = write_warehouse(folder / f"{name}.duckdb", tables, known, data_until=until)
        with Warehouse.open(path) as warehouse:
            table = features(warehouse, open_spells(warehouse, rules, cut), rules)
            found.append(table.order_by("lead_id").execute())
    pd.testing.assert_frame_equal(*found)
    for name in kept:
        for lead, value in enumerate(found[0][name]):
            true = value_on(told, name, lead, day)
            as_text = None if pd.isna(value) else str(value).lower()
            assert as_text == true, (name, lead)


def test_a_history_that_holds_no_change_of_an_attribute_makes_it_no_feature(tmp_path):
    tables = made_up_company(leads=60)
    changes = {"field": "job_role", "changed_at": START, "old": None, "new": "cto"}
    tables["changes"] = pd.DataFrame([{"lead_id": "L00001", **changes}])
    known = {**KNOWN, "employees": "history", "job_role": "history"}
    with Warehouse.open(write_warehouse(tmp_path / "w.duckdb", tables, known)) as warehouse:
        chosen = feature_set(warehouse, agreement())
        seen = features(warehouse, snapshots(warehouse, agreement()), agreement())
    assert "job_role" in chosen.names
    assert "no change of it" in dict(chosen.left_out)["employees"]
    assert "employees" not in seen.columns


def test_only_the_fields_asked_for_are_computed(made_up):
    rules = agreement()
    table = features(made_up, snapshots(made_up, rules), rules, only=["job_role", "n_page_view"])
    assert set(table.columns) - set(snapshots(made_up, rules).columns) == {
        "job_role",
        "n_page_view",
    }


texts = st.sampled_from(["cto", "CTO", "it manager", "", None])
numbers = st.sampled_from([-1.0, 0.0, 1.0, 10.0, 10.5, float("nan")])
test = st.one_of(
    st.builds(lambda v: {"field": "role", "is": v}, st.sampled_from(["cto", 1, True])),
    st.builds(lambda v: {"field": "size", "is": v}, st.sampled_from(["10", 10, 10.5, True])),
    st.builds(lambda v: {"field": "phone", "is": v}, st.sampled_from([True, False, 1, "yes"])),
    st.builds(lambda v: {"field": "role", "in": v}, st.just(["cto", 10])),
    st.builds(lambda v: {"field": "size", "not_in": v}, st.just([10, "cto"])),
    st.builds(lambda v: {"field": "role", "not_in": v}, st.just([10])),
    st.builds(lambda v: {"field": "size", "at_least": v}, st.integers(-2, 11)),
    st.builds(lambda v: {"field": "phone", "at_most": v}, st.integers(0, 1)),
    st.builds(lambda v: {"field": "size", "between": [v, v + 5]}, st.integers(-2, 11)),
    st.builds(
        lambda v: {"field": "role", "like": v}, st.sampled_from(["c*", "*o", "*t*", "cto", "IT m*"])
    ),
    st.builds(lambda v: {"field": "size", "like": v}, st.just("1*")),
    st.builds(
        lambda f, v: {"field": f, "missing": v},
        st.sampled_from(["role", "size", "phone"]),
        st.booleans(),
    ),
)
condition = st.recursive(
    test,
    lambda inner: st.one_of(
        st.builds(lambda c: {"not": c}, inner),
        st.builds(lambda cs: {"all": cs}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda cs: {"any": cs}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=5,
).map(parse_condition)


@settings(max_examples=40, deadline=None)
@given(
    condition=condition,
    leads=st.lists(
        st.fixed_dictionaries(
            {"role": texts, "size": numbers, "phone": st.sampled_from([True, False, None])}
        ),
        min_size=1,
        max_size=10,
    ),
)
def test_the_engine_reads_conditions_as_the_reference_does(condition, leads):
    frame = pd.DataFrame(leads).assign(row=range(len(leads)))
    schema = {"role": "string", "size": "float64", "phone": "boolean", "row": "int64"}
    table = ibis.memtable(frame, schema=schema)
    found = table.select("row", met=to_ibis(condition, table)).order_by("row").execute()
    assert found.met.tolist() == [matches(condition, lead) for lead in leads]
