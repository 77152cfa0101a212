"""The learned card scores every lead the same: in Python, by the reference, in SQL, from file."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from smarketing.agreement.conditions import AllOf, AnyOf, FieldTest, Not
from smarketing.agreement.load import load_agreement
from smarketing.agreement.matching import matches
from smarketing.scoring.agreed_card import scores_of, wide_table
from smarketing.scoring.points.columns import ConditionCells
from smarketing.scoring.points.estimator import PointsScorecard
from smarketing.yamlfile import plain_types
from tests.agreements import EXAMPLE
from tests.random_cards import GRADES

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8
)
TEXTS = st.one_of(
    st.sampled_from(["web", "Web", "it's", "no", "2026-10-01", "1", "", "*", "é", "a: b", "$x"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4),
)
CELLS = {
    "float64": st.one_of(st.none(), st.floats(allow_infinity=False, allow_nan=False)),
    "float32": st.one_of(st.none(), st.floats(-1e6, 1e6, width=32)),
    "Int64": st.one_of(st.none(), st.integers(-100, 10**12)),
    "boolean": st.one_of(st.none(), st.booleans()),
    "str": st.one_of(st.none(), TEXTS),
}


@st.composite
def frames(draw):
    """Draw a frame of few different cells per column, so that they come again, and an outcome."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=str.casefold))
    assume(not {"lead_id", "spell", "as_of", "persona"} & {n.casefold() for n in names})
    n = draw(st.integers(30, 80))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    columns = {}
    for name in names:
        kind = draw(st.sampled_from(sorted(CELLS)))
        cells = draw(st.lists(CELLS[kind], min_size=2, max_size=8))
        picked = [cells[i] for i in rng.integers(0, len(cells), n)]
        columns[name] = pd.Series(picked, dtype=kind)
    X = pd.DataFrame(columns)
    codes = pd.factorize(X[names[0]], use_na_sentinel=False)[0]
    y = rng.random(n) < np.where(codes % 2 == 0, 0.9, 0.1)
    y[:2] = True, False
    return X, y


def by_reference(card, X):
    rows = [
        {name: None if pd.isna(cell) else cell for name, cell in row.items()}
        for row in X.to_dict("records")
    ]
    return [sum(r.points for r in card.fit.rules if matches(r.when, row)) for row in rows]


def in_sql(card, X, grades=GRADES):
    base = X.assign(lead_id=[f"L{i:04}" for i in range(len(X))], spell=1, as_of=pd.Timestamp(0))
    connection = ibis.duckdb.connect()
    table = connection.create_table("base", base)
    scored = scores_of(wide_table(card, table, None, {}), card, grades).execute()
    return scored.sort_values("lead_id")


@settings(max_examples=60, deadline=None)
@given(frames())
def test_python_reference_and_sql_agree_to_the_point(drawn):
    X, y = drawn
    model = PointsScorecard().fit(X, y)
    points = model.points(X).tolist()
    assert by_reference(model.card_, X) == points
    assert in_sql(model.card_, X).score.tolist() == points


@settings(max_examples=40, deadline=None)
@given(frames(), st.integers(-20, 20), st.data())
def test_both_axes_and_the_grade_are_those_of_sql_with_points_below_0_too(
    drawn, given_points, data
):
    X, y = drawn
    engagement = data.draw(st.lists(st.sampled_from(sorted(X)), unique=True))
    known = {"field": data.draw(st.sampled_from(sorted(X))), "missing": False}
    fixed = [{"name": "Given", "when": known, "points": given_points}]
    model = PointsScorecard(engagement=engagement, fixed_lines=fixed).fit(X, y)
    expected = in_sql(model.card_, X, model.grades_)
    found = model.grid(X)
    for column in ("fit", "engagement", "score", "grade"):
        assert found[column].tolist() == expected[column].tolist()


@settings(max_examples=40, deadline=None)
@given(frames())
def test_a_card_written_to_the_agreement_and_read_again_gives_the_same_points(
    tmp_path_factory, drawn
):
    X, y = drawn
    model = PointsScorecard().fit(X, y)
    data = plain_types(YAML().load(EXAMPLE))
    data["scorecard"] = model.to_agreement()
    path = tmp_path_factory.mktemp("agreement") / "agreement.yml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(data, file)
    read = load_agreement(path).scorecard
    assert read == model.card_
    assert by_reference(read, X) == model.points(X).tolist()


NUMBER = st.one_of(st.none(), st.integers(-3, 3), st.sampled_from([0.5, 1.0, 2.5]))
WORD = st.one_of(st.none(), st.sampled_from(["a", "A", "ab", "b", "1", ""]))
ASKED = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, 2.5, "a", "ab", "1", True, False]))
TESTS = st.one_of(
    st.builds(FieldTest, st.sampled_from("xtb"), st.just("is"), ASKED),
    st.builds(
        FieldTest,
        st.sampled_from("xtb"),
        st.sampled_from(["in", "not_in"]),
        st.lists(ASKED, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        FieldTest, st.just("x"), st.sampled_from(["at_least", "at_most"]), st.integers(-3, 3)
    ),
    st.builds(FieldTest, st.just("x"), st.just("between"), st.just((-1, 2))),
    st.builds(
        FieldTest, st.sampled_from("xt"), st.just("like"), st.sampled_from(["a*", "*B", "*a*"])
    ),
    st.builds(FieldTest, st.sampled_from("xtb"), st.just("missing"), st.booleans()),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(
    CONDITIONS,
    st.lists(st.tuples(NUMBER, WORD, st.sampled_from([None, True, False])), min_size=1, max_size=8),
)
def test_asking_all_rows_at_once_is_asking_each(condition, rows):
    records = [dict(zip("xtb", row, strict=True)) for row in rows]
    expected = [matches(condition, record) for record in records]
    frame = pd.DataFrame(records)
    for kinds in (
        {"x": float, "t": "str", "b": "boolean"},
        {"x": object, "t": object, "b": object},
        {"x": "Float64", "t": "category", "b": object},
    ):
        assert ConditionCells(frame.astype(kinds)).meet(condition).tolist() == expected


@pytest.mark.parametrize("kind", [object, "str", "category"])
def test_the_kind_of_text_column_does_not_matter(kind):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"source": rng.choice(["web", "fair", None], 900)})
    y = rng.random(900) < np.where(X.source == "fair", 0.6, 0.2)
    expected = PointsScorecard().fit(X.astype(object), y).card_
    assert PointsScorecard().fit(X.astype(kind), y).card_ == expected


def test_categories_that_are_numbers_are_named_as_numbers():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"region": pd.Categorical(rng.choice([10, 20, 30], 900))})
    y = rng.random(900) < np.where(X.region == 20, 0.6, 0.2)
    model = PointsScorecard().fit(X, y)
    assert model.card_.fit.rules[0].when == FieldTest("region", "is", 20)
    assert (model.points(X) > 0).tolist() == (X.region == 20).tolist()
