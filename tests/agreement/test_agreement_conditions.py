"""Conditions: how they are written, what is wrong with them, and whom they match."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarketing.agreement.conditions import AllOf, AnyOf, FieldTest, Not, parse_condition
from smarketing.agreement.matching import matches
from smarketing.errors import SmarketingError


def test_a_condition_is_read_with_what_it_joins():
    condition = parse_condition(
        {"all": [{"field": "a", "is": 1}, {"any": [{"not": {"field": "b", "like": "x*"}}]}]}
    )
    assert condition == AllOf(
        (FieldTest("a", "is", 1), AnyOf((Not(FieldTest("b", "like", "x*")),)))
    )
    assert condition.fields() == {"a", "b"}
    assert parse_condition(condition.to_dict()) == condition


WRONG = [
    ("field: x", "keys and values"),
    ([], "keys and values"),
    ({}, "keys and values"),
    ({"field": "x"}, "makes no test"),
    ({"field": "x", "is": 1, "like": "a"}, "one test of its field"),
    ({"field": "x", "equals": 1}, "equals is not a test"),
    ({"feild": "x", "is": 1}, "did you mean field?"),  # codespell:ignore
    ({"field": "", "is": 1}, "a field's name"),
    ({"field": 3, "is": 1}, "a field's name"),
    ({"is": 1}, "names no field"),
    ({"all": []}, "all takes a list"),
    ({"any": {"field": "x", "is": 1}}, "any takes a list"),
    ({"all": [{"field": "x", "is": 1}], "field": "y"}, "all stands alone"),
    ({"not": {"field": "x"}}, "makes no test"),
    ({"field": "x", "is": None}, "one value"),
    ({"field": "x", "is": [1]}, "one value"),
    ({"field": "x", "is": math.nan}, "one value"),
    ({"field": "x", "in": []}, "a list of values"),
    ({"field": "x", "in": "a"}, "a list of values"),
    ({"field": "x", "not_in": [[1]]}, "texts, numbers"),
    ({"field": "x", "in": "$nobody"}, "the list is not known"),
    ({"field": "x", "at_least": "5"}, "takes a number"),
    ({"field": "x", "at_most": True}, "takes a number"),
    ({"field": "x", "between": [1]}, "two numbers"),
    ({"field": "x", "between": [2, 1]}, "wrong way round"),
    ({"field": "x", "like": "a*b"}, "only at its start and its end"),
    ({"field": "x", "like": "*"}, "a text"),
    ({"field": "x", "missing": "yes"}, "true or false"),
]


@pytest.mark.parametrize(("raw", "what"), WRONG)
def test_one_mistake_is_one_problem(raw, what):
    with pytest.raises(SmarketingError) as caught:
        parse_condition(raw)
    assert len(caught.value.problems) == 1, str(caught.value)
    assert what in str(caught.value)


def test_mistakes_of_all_branches_are_told():
    with pytest.raises(SmarketingError) as caught:
        parse_condition({"all": [{"field": "x"}, {"any": [{"is": 3}, {"not": 4}]}]})
    assert [str(problem).split(":")[0] for problem in caught.value.problems] == [
        "all.0",
        "all.1.any.0",
        "all.1.any.1.not",
    ]


MATCHES = [
    ({"field": "x", "is": "a"}, "a", True),
    ({"field": "x", "is": "a"}, "A", False),
    ({"field": "x", "is": 1}, 1.0, True),
    ({"field": "x", "is": 1}, "1", False),
    ({"field": "x", "is": True}, True, True),
    ({"field": "x", "in": ["a", 2]}, 2, True),
    ({"field": "x", "in": ["a", 2]}, "b", False),
    ({"field": "x", "not_in": ["a"]}, "b", True),
    ({"field": "x", "not_in": ["a"]}, "a", False),
    ({"field": "x", "not_in": ["a"]}, None, False),
    ({"field": "x", "at_least": 5}, 5, True),
    ({"field": "x", "at_least": 5}, 4.9, False),
    ({"field": "x", "at_most": 5}, 5, True),
    ({"field": "x", "between": [1, 5]}, 1, True),
    ({"field": "x", "between": [1, 5]}, 5, True),
    ({"field": "x", "between": [1, 5]}, 6, False),
    ({"field": "x", "like": "/pricing*"}, "/Pricing/a", True),
    ({"field": "x", "like": "/pricing*"}, "/a/pricing", False),
    ({"field": "x", "like": "*.dk"}, "a.DK", True),
    ({"field": "x", "like": "*.dk"}, "a.dk.com", False),
    ({"field": "x", "like": "*chef*"}, "it-chefen", True),
    ({"field": "x", "like": "chef"}, "Chef", True),
    ({"field": "x", "like": "chef"}, "chefen", False),
    ({"field": "x", "like": "a.c"}, "abc", False),
    ({"field": "x", "like": "a%"}, "abc", False),
    ({"field": "x", "missing": True}, None, True),
    ({"field": "x", "missing": True}, math.nan, True),
    ({"field": "x", "missing": True}, pd.NaT, True),
    ({"field": "x", "missing": True}, 0, False),
    ({"field": "x", "missing": False}, 0, True),
    ({"field": "x", "missing": False}, None, False),
    ({"field": "x", "at_least": 5}, None, False),
    ({"not": {"field": "x", "at_least": 5}}, None, True),
    ({"not": {"field": "x", "at_least": 5}}, 7, False),
    ({"all": [{"field": "x", "at_least": 1}, {"field": "x", "at_most": 3}]}, 2, True),
    ({"all": [{"field": "x", "at_least": 1}, {"field": "x", "at_most": 3}]}, 4, False),
    ({"any": [{"field": "x", "is": 1}, {"field": "x", "is": 2}]}, 2, True),
]


@pytest.mark.parametrize(("raw", "value", "expected"), MATCHES)
def test_a_lead_matches_as_the_condition_says(raw, value, expected):
    assert matches(parse_condition(raw), {"x": value}) is expected
    if value is None:
        assert matches(parse_condition(raw), {}) is expected


scalars = st.one_of(st.text(max_size=4), st.integers(-5, 5), st.booleans())
tests = st.one_of(
    st.builds(lambda v: {"field": "x", "is": v}, scalars),
    st.builds(lambda v: {"field": "x", "in": v}, st.lists(scalars, min_size=1, max_size=3)),
    st.builds(lambda v: {"field": "x", "missing": v}, st.booleans()),
)
trees = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.builds(lambda c: {"not": c}, inner),
        st.builds(lambda cs: {"all": cs}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda cs: {"any": cs}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)


@given(trees, st.one_of(st.none(), scalars))
def test_not_turns_the_answer_round_and_de_morgan_holds(raw, value):
    def ask(written):
        return matches(parse_condition(written), {"x": value})

    assert ask({"not": raw}) is not ask(raw)
    assert ask({"not": {"any": [raw, {"field": "x", "is": 3}]}}) is ask(
        {"all": [{"not": raw}, {"not": {"field": "x", "is": 3}}]}
    )


@given(trees)
def test_a_condition_is_written_as_it_was_read(raw):
    assert parse_condition(parse_condition(raw).to_dict()) == parse_condition(raw)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ({"is": date(2026, 10, 1)}, [False, True, False]),  # as YAML reads a day without quotes
        ({"is": "2026-10-01"}, [False, True, False]),
        ({"in": ["2026-09-30", "2026-10-01"]}, [True, True, False]),
        ({"not_in": ["2026-10-01"]}, [True, False, False]),
        ({"at_least": "2026-10-01"}, [False, True, False]),
        ({"at_most": "2026-09-30"}, [True, False, False]),
        ({"between": [date(2026, 10, 1), date(2026, 10, 31)]}, [False, True, False]),
        ({"like": "2026-10*"}, [False, False, False]),
        ({"missing": True}, [False, False, True]),
    ],
)
def test_days_are_held_against_days(test, expected):
    condition = parse_condition({"field": "trial", **test})
    days = [date(2026, 9, 30), pd.Timestamp("2026-10-01 09:00"), pd.NaT]
    assert [matches(condition, {"trial": day}) for day in days] == expected
    assert parse_condition(condition.to_dict()) == condition


@pytest.mark.parametrize(
    ("cell", "test"),
    [
        ("web", {"at_least": "2026-10-01"}),  # a text is no day, though it stands behind it
        (30, {"at_least": "2026-10-01"}),
        ("web", {"at_most": 5}),
        (date(2026, 10, 1), {"at_least": 5}),
    ],
)
def test_what_is_of_another_kind_is_not_compared_by_size(cell, test):
    assert not matches(parse_condition({"field": "x", **test}), {"x": cell})


@pytest.mark.parametrize(
    "test",
    [
        {"at_least": "2026-02-30"},
        {"at_most": "soon"},
        {"between": ["2026-10-01", 5]},
        {"between": ["2026-10-02", "2026-10-01"]},
        {"is": pd.Timestamp("2026-10-01 12:00").to_pydatetime()},
    ],
)
def test_what_is_no_day_is_told(test):
    with pytest.raises(SmarketingError, match=r"day|wrong way round"):
        parse_condition({"field": "x", **test})
