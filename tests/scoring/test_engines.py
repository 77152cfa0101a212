"""The same scores, features and funnel counts on DuckDB, PostgreSQL and Spark."""

from __future__ import annotations

import importlib.util
import json
import logging
import shutil
from pathlib import Path
from urllib.parse import quote

import duckdb
import pandas as pd
import pytest

from smarketing.errors import SmarketingError, UsageError
from smarketing.folder import Folder
from smarketing.funnel.closed_loop import closed_loop
from smarketing.funnel.flow.stages import stage_counts
from smarketing.measures.catalogue import OF_STAGE
from smarketing.measures.count import count
from smarketing.measures.reading import read_facts
from smarketing.measures.stage_table import stage_table
from smarketing.scoring.agreed_card import breakdown, score_card
from smarketing.scoring.engines.stores import STORES
from smarketing.scoring.engines.table_copy import on_engine
from smarketing.scoring.features import features
from smarketing.scoring.learning import learn
from smarketing.scoring.population import build_population
from smarketing.scoring.scores import score_leads
from smarketing.scoring.snapshots import open_spells, snapshots
from smarketing.warehouse.spells import spells
from smarketing.warehouse.warehouse import Warehouse
from tests.conftest import absent
from tests.postgres import postgres_server

SHARE = 8  # one lead in eight: what differs between engines differs in these too
ENGINES = [
    pytest.param(name, marks=pytest.mark.xdist_group(f"engine {name}"))
    for name in ("duckdb", "postgres", "spark")
]
KEYS = ["lead_id", "spell", "as_of", "axis", "rule", "year", "month", "stage"]


def part_of(demo: Path, path: Path) -> Path:
    """Copy the demo's warehouse with some of its leads."""
    shutil.copy(demo / "warehouse.duckdb", path)
    with duckdb.connect(str(path)) as con:
        for table in ("leads", "events", "stages", "deal_leads", "changes"):
            con.execute(f"DELETE FROM {table} WHERE lead_id::BIGINT % {SHARE} <> 0")
        # texts and numbers as they were at each moment, too
        by_history = "column_name IN ('industry', 'employees')"
        con.execute(f"UPDATE _columns SET known = 'history' WHERE {by_history}")
    return path


@pytest.fixture(scope="module")
def home(demo, tmp_path_factory):
    with Warehouse.open(part_of(demo, tmp_path_factory.mktemp("home") / "w.duckdb")) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def spoken(demo):
    return Folder.open(demo).agreement


@pytest.fixture(scope="module")
def population(home, spoken):
    return build_population(home, spoken)


@pytest.fixture(scope="module")
def postgres_address():
    with postgres_server() as said:
        parts = dict(part.split("=") for part in said.split())
        yield f"postgresql:///postgres?host={quote(parts['host'])}&user={parts['user']}"


@pytest.fixture(scope="module")
def there(request, home, tmp_path_factory):
    name = request.param
    if name == "postgres":
        address = request.getfixturevalue("postgres_address")
    elif name == "spark":
        if shutil.which("java") is None:
            absent("there is no Java; install Debian's package default-jre-headless")
        if importlib.util.find_spec("pyspark") is None:
            absent("pyspark is not installed")
        # Few rows: compiling each plan to bytecode, and that to machine code, is most of the wait.
        address = (
            "pyspark://?spark.master=local[2]&spark.sql.shuffle.partitions=2"
            "&spark.sql.codegen.wholeStage=false&spark.sql.codegen.factoryMode=NO_CODEGEN"
            "&spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"
        )
    else:
        address = f"duckdb://{tmp_path_factory.mktemp('engine') / 'there.duckdb'}"
    with on_engine(address, home) as engine:
        yield engine


def rows_of(expression) -> pd.DataFrame:
    rows = expression.execute() if not isinstance(expression, pd.DataFrame) else expression
    rows = rows.sort_values([key for key in KEYS if key in rows], ignore_index=True)
    times = rows.select_dtypes("datetime").columns
    # Spark's answers come in nanoseconds
    return rows.astype(dict.fromkeys(times, "datetime64[us]"))[sorted(rows.columns)]


def same(here, there) -> None:
    here, there = rows_of(here), rows_of(there)
    assert len(here) > 50
    pd.testing.assert_frame_equal(here, there, check_dtype=False, check_exact=True)


@pytest.mark.parametrize("there", ENGINES, indirect=True)
class TestTheSameOn:
    def test_spells_with_what_their_deals_say(self, home, there):
        same(spells(home), spells(there))

    def test_features_of_every_snapshot(self, home, there, spoken):
        def known(warehouse):
            return features(warehouse, snapshots(warehouse, spoken), spoken)

        same(known(home), known(there))

    def test_agreed_scores_and_their_parts(self, home, there, spoken):
        card = spoken.scorecard
        with (
            open_spells(home, spoken).cache() as here,
            open_spells(there, spoken).cache() as away,
        ):
            for ask in (score_card, breakdown):
                same(ask(card, home, here, spoken), ask(card, there, away, spoken))

    def test_a_learned_card_as_an_expression(self, home, there, spoken, population):
        learned = learn(population, spoken, "card", population.data_until)[0].scorecard_
        graded = spoken.model_copy(update={"grades": learned.grades_})

        def scored(warehouse):
            with open_spells(warehouse, graded).cache() as moments:
                rows = score_card(learned.card_, warehouse, moments, graded)
                columns = ["lead_id", "spell", "fit", "engagement", "score", "grade"]
                return rows.select(columns).execute()

        by_expression = rows_of(scored(there))
        same(scored(home), by_expression)
        same(score_leads(home, spoken, model="card").frame()[list(by_expression)], by_expression)

    def test_stage_counts(self, home, there, spoken):
        stages = read_facts(home, spoken).recorded
        same(
            stage_table(home, spoken.timezone, stages), stage_table(there, spoken.timezone, stages)
        )

    @pytest.mark.parametrize("month", [None, "2026-03"])
    def test_what_funnel_says(self, home, there, spoken, month):
        here, away = (closed_loop(tables, spoken, month).to_dict() for tables in (home, there))
        assert here["stages"]
        assert here["velocity"]
        assert here["sla"]
        assert json.dumps(away, sort_keys=True) == json.dumps(here, sort_keys=True)

    @pytest.mark.parametrize("model", ["agreed", "boosted"])
    def test_what_score_says(self, home, there, spoken, model):
        said = score_leads(home, spoken, model=model, on=there).frame()
        pd.testing.assert_frame_equal(
            score_leads(home, spoken, model=model).frame(), said, check_dtype=False
        )


def test_the_expression_counts_stages_as_the_one_count_does(home, spoken):
    facts = read_facts(home, spoken)
    counts = stage_table(home, spoken.timezone, facts.recorded).execute()
    counts["month"] = counts.year.astype(str) + "-" + counts.month.astype(str).str.zfill(2)
    by_lead = OF_STAGE | {"sales_ready": "hand_overs", "customer": "won_leads"}
    for stage, rows in counts.groupby("stage"):
        own = rows.set_index("month")[["cohort", "calendar"]].reindex(facts.months, fill_value=0)
        for basis in ("cohort", "calendar"):
            counted = count(facts, by_lead[stage], basis=basis, months=facts.months).by_month()
            assert own[basis].to_dict() == counted.to_dict()
    for month in facts.months:
        said = stage_counts(facts, month).counts.set_index("stage").skipped
        skipped = counts[counts.month == month].set_index("stage").skipped
        assert skipped.to_dict() == said[skipped.index].to_dict()


class TestCarrying:
    @pytest.fixture
    def changed(self, demo, tmp_path):
        path = part_of(demo, tmp_path / "changed.duckdb")
        with duckdb.connect(str(path)) as con:
            gone = con.execute("SELECT min(lead_id) FROM leads").fetchone()[0]
            for table in ("leads", "events", "stages", "deal_leads"):
                con.execute(f"DELETE FROM {table} WHERE lead_id = ?", [gone])
        with Warehouse.open(path) as warehouse:
            yield warehouse

    def carried(self, path, warehouse):
        with on_engine(f"duckdb://{path}", warehouse) as there:
            return there.table("leads").count().execute()

    def schemas(self, path):
        with duckdb.connect(str(path)) as con:
            rows = con.execute("SELECT schema_name FROM duckdb_schemas() WHERE NOT internal")
            return {name for (name,) in rows.fetchall()} - {"main"}

    def test_happens_once(self, home, tmp_path, monkeypatch):
        path = tmp_path / "there.duckdb"
        leads = self.carried(path, home)
        monkeypatch.setattr(STORES["duckdb"], "write", None)
        assert self.carried(path, home) == leads > 0

    def test_replaces_the_copy_of_what_changed(self, home, changed, tmp_path):
        path = tmp_path / "there.duckdb"
        with duckdb.connect(str(path)) as con:
            con.execute("CREATE SCHEMA smarketing_nordlys_software_notes")  # somebody else's
        leads = self.carried(path, home)
        before = self.schemas(path)
        assert self.carried(path, changed) == leads - 1
        assert len(self.schemas(path)) == len(before) == 2
        assert len(self.schemas(path) & before) == 1

    def test_begins_anew_after_being_broken_off(self, home, tmp_path, monkeypatch):
        path = tmp_path / "there.duckdb"
        write = STORES["duckdb"].write

        def broken(store, copy, name, rows):
            if name == "stages":
                raise duckdb.IOException("no space left")
            write(store, copy, name, rows)

        with monkeypatch.context() as patch:
            patch.setattr(STORES["duckdb"], "write", broken)
            with pytest.raises(SmarketingError, match="no space left"):
                self.carried(path, home)
        assert self.carried(path, home) == home.table("leads").count().execute()

    def test_leaves_at_home_what_nobody_declared(self, home, tmp_path):
        with on_engine(f"duckdb://{tmp_path / 'there.duckdb'}", home) as there:
            columns = there.table("leads").columns
        assert "job_role" in columns
        assert "Newsletter topic chosen" in columns  # when an attribute became known
        assert not {"Job Title", "City", "recent_deal_amount"} & set(columns)

    def test_is_spared_where_the_engine_is_the_warehouse(self, home):
        with on_engine("duckdb://", home) as there:
            assert there is home


def test_duckdb_draws_no_progress_bar_between_the_lines_of_an_answer(home):
    with on_engine("duckdb://:memory:", home) as away:
        for warehouse in (home, away):
            setting = warehouse.con.raw_sql("SELECT current_setting('enable_progress_bar')")
            assert setting.fetchone() == (False,)


class TestNoCredentialIsTold:
    SAID = "hunter2/€"

    @pytest.mark.parametrize(
        "address",
        [
            "postgresql://ann:$SECRET@127.0.0.1:1/crm",
            "postgresql://ann:hunter2%2F%E2%82%AC@127.0.0.1:1/crm",
            "postgresql:///crm?host=127.0.0.1&port=1&password=$SECRET",
        ],
    )
    def test_where_nothing_listens(self, home, monkeypatch, caplog, capfd, address):
        monkeypatch.setenv("SECRET", self.SAID)
        with pytest.raises(SmarketingError) as caught, on_engine(address, home):
            pass
        told = str(caught.value) + caplog.text + "".join(capfd.readouterr())
        assert "the engine failed" in told
        assert "hunter2" not in told

    @pytest.mark.xdist_group("engine postgres")
    def test_where_a_query_fails(self, home, monkeypatch, postgres_address, caplog, capfd):
        monkeypatch.setenv("SECRET", self.SAID)

        def ask():
            with on_engine(f"{postgres_address}&password=$SECRET", home) as there:
                there.con.raw_sql("SELECT * FROM no_such_table")

        with pytest.raises(SmarketingError) as caught:
            ask()
        told = str(caught.value) + caplog.text + "".join(capfd.readouterr())
        assert "no_such_table" in told
        assert "hunter2" not in told

    def test_only_the_libraries_keep_silent_and_only_meanwhile(self, home, caplog):
        ours, theirs = logging.getLogger("somebody"), logging.getLogger("psycopg")
        level = theirs.level
        with caplog.at_level(logging.INFO), on_engine("duckdb://:memory:", home):
            ours.warning("heard")
            theirs.critical("not heard")
        assert "heard" in caplog.messages
        assert "not heard" not in caplog.messages
        assert theirs.level == level

    def test_where_the_environment_lacks_it(self, home, monkeypatch):
        monkeypatch.delenv("SECRET", raising=False)
        with (
            pytest.raises(SmarketingError, match="the environment lacks SECRET"),
            on_engine("postgresql://ann:$SECRET@db/crm", home),
        ):
            pass

    @pytest.mark.parametrize("address", ["", "crm", "mysql://ann:hunter2@db/crm"])
    def test_where_it_is_no_engine(self, home, address):
        with pytest.raises(UsageError, match="names no engine") as caught, on_engine(address, home):
            pass
        assert "hunter2" not in str(caught.value)
