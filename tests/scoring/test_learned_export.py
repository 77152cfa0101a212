"""A learned card taken elsewhere scores every lead as it does here, its spells and decay too."""

import csv
import io
import re

import duckdb
import pandas as pd
import pytest
import sqlglot
from ruamel.yaml import YAML

from smarketing.agreement.model import Grades
from smarketing.agreement.scorecard import Scorecard
from smarketing.errors import UsageError
from smarketing.scoring.agreed_card import score_card
from smarketing.scoring.card_export import export_scorecard
from smarketing.scoring.card_table import field_in_words
from smarketing.scoring.learning import learn_scorecard
from smarketing.scoring.population import build_population
from smarketing.scoring.snapshots import open_spells
from tests.postgres import postgres_with
from tests.scoring_cases import AS_OF, LINES, agreement

FIELDS = ("recent_page_view", "n_page_view[/pricing]", "weeks_in_spell", "times_recycled")


@pytest.fixture(scope="module")
def rules():
    return agreement(lines=LINES)


@pytest.fixture
def learned(made_up, rules):
    return learn_scorecard(build_population(made_up, rules), rules, AS_OF)


@pytest.fixture
def asking(learned):
    """Return the learned card with a line for each field that takes work to write down."""
    lines = [
        {"name": f"asks {name}", "when": {"field": name, "at_least": least}, "points": points}
        for points, name in enumerate(FIELDS, 3)
        for least in (0.9, 1.5)
    ]
    rules = [{**line, "name": f"{line['name']} {n}"} for n, line in enumerate(lines)]
    content = learned.card.to_dict()
    content["engagement"]["rules"] = [*content["engagement"]["rules"], *rules]
    return Scorecard.model_validate(content)


def in_duckdb(warehouse, path, text):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(text).df()


def in_postgres(warehouse, path, text):
    with postgres_with(warehouse, ("leads", "events", "stages")) as connection:
        cursor = connection.execute(text)
        return pd.DataFrame(list(cursor), columns=[c.name for c in cursor.description])


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize(("dialect", "run"), [("duckdb", in_duckdb), ("postgres", in_postgres)])
def test_the_sql_of_a_learned_card_gives_every_open_lead_its_points_and_grade(
    made_up, made_up_path, rules, learned, asking, dialect, run
):
    text = export_scorecard(made_up, rules, asking, "sql", dialect, AS_OF, learned.grades)
    assert text.startswith("-- Learned scorecard, with the personas of agreement version")
    assert f"{learned.card.calibration.slope:.6g} * score" in text
    there = run(made_up, made_up_path, text)
    graded = rules.model_copy(update={"grades": learned.grades})
    with open_spells(made_up, rules, AS_OF).cache() as moments:
        here = score_card(asking, made_up, moments, graded).execute()
    both = here.merge(there, on="lead_id", suffixes=("", "_there"), validate="1:1")
    assert len(both) == len(here) > 100
    for column in ("fit", "engagement", "score", "grade"):
        assert both[column].tolist() == both[f"{column}_there"].tolist()
    assert both.grade.nunique() > 4


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "bigquery", "spark"])
def test_the_sql_stands_by_itself_in_every_dialect(made_up, rules, asking, dialect):
    text = export_scorecard(made_up, rules, asking, dialect=dialect)
    (query,) = sqlglot.parse(text, read=dialect)
    tables = {table.name for table in query.find_all(sqlglot.exp.Table)}
    tables -= {cte.alias for cte in query.find_all(sqlglot.exp.CTE)}
    assert tables == {"leads", "events", "stages"}


def test_the_yaml_holds_the_card_and_its_grades(learned):
    read = YAML(typ="safe").load(learned.yaml())
    assert Scorecard.model_validate(read["scorecard"]) == learned.card
    assert Grades.model_validate(read["grades"]) == learned.grades
    told = learned.to_dict()
    assert told["scorecard"] == learned.card.to_dict()
    assert (told["target"], told["won"] > 0) == ("sql", True)
    assert learned.frame().points.between(1, 20).all()


def test_the_table_says_what_is_counted_and_holds_no_lines_of_the_agreed_card(
    made_up, rules, learned, asking
):
    text = export_scorecard(made_up, rules, asking, form="table", grades=learned.grades)
    rows = pd.DataFrame(csv.DictReader(io.StringIO(text)))
    assert set(FIELDS) <= set(rows[rows.axis == "field"].rule)
    assert "job_role" not in set(rows[rows.axis == "field"].rule)
    assert "line" not in set(rows.axis)
    grade = rows[rows.axis == "grade"].set_index("rule")["given for"]
    assert grade["A"] == f"fit at least {learned.grades.fit['A']}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("recent_demo", "each worth 1 on its day and half as much every 14 days after"),
        ("n_demo", "the lead's own demo events so far"),
        ("times_recycled", "how often"),
        ("job_role", ""),
    ],
)
def test_features_are_put_in_words(name, said):
    found = field_in_words(name, 14)
    assert said in found
    assert bool(said) == bool(found)


def test_sql_without_tables_is_refused():
    with pytest.raises(UsageError, match="SQL needs the tables"):
        export_scorecard(None, agreement())


@pytest.mark.parametrize(
    ("dialect", "local", "calls_of_the_laptop"),
    [
        ("duckdb", "TIMEZONE('Europe/Copenhagen', TIMEZONE('UTC',", 1),
        ("postgres", "TIMEZONE('Europe/Copenhagen', TIMEZONE('UTC',", 1),
        ("snowflake", "CONVERT_TIMEZONE('UTC', 'Europe/Copenhagen',", 0),
        ("bigquery", "'UTC'), 'Europe/Copenhagen')", 0),
        ("spark", "FROM_UTC_TIMESTAMP(", 0),
    ],
)
def test_local_time_is_written_as_each_dialect_does(
    made_up, rules, dialect, local, calls_of_the_laptop
):
    rule = {"name": "Early", "when": {"field": "created_hour", "at_most": 9}, "points": 3}
    card = Scorecard.model_validate(
        {"fit": {"cap": None, "rules": [rule]}, "engagement": {"cap": None}}
    )
    text = " ".join(export_scorecard(made_up, rules, card, dialect=dialect).split())
    assert local in text.replace("( ", "(")
    calls = re.findall(r"\bTIMEZONE\('UTC', (?!NOW)", text.replace("( ", "("))
    assert len(calls) == calls_of_the_laptop
