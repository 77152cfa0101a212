"""Every command on three public data sets: what they can answer is there, the rest is said."""

import json
from pathlib import Path

import pandas as pd
import pytest

from smarketing.cli import main

ROOT = Path(__file__).parents[2]
LEAKING = {
    "tags",
    "lead_quality",
    "lead_profile",
    "last_activity",
    "last_notable_activity",
    "asymmetrique_activity_index",
    "asymmetrique_profile_index",
    "asymmetrique_activity_score",
    "asymmetrique_profile_score",
}


@pytest.fixture
def answer(capsys, monkeypatch):
    """Return a function that runs a command with --json and gives the answer."""

    def ask(*arguments: object) -> dict:
        monkeypatch.setattr("sys.argv", ["smarketing", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert not end.value.code, said.err
        return json.loads(said.out)

    return ask


def page(rendered: dict) -> str:
    (report,) = rendered["reports"]
    assert report["status"] == "rendered"
    return Path(report["html"]).read_text()


@pytest.mark.xdist_group("xeducation")
class TestXEducation:
    def test_models_and_the_score_in_use_are_judged_without_the_leaks(self, public, answer):
        found = answer("compare", public("xeducation"))
        models = {model["name"]: model for model in found["models"]}
        assert models["boosted"]["auc"] >= 0.870
        assert found["split"] == "random"
        assert "no dates" in found["split_note"]
        assert not {row["feature"] for row in found["importances"]} & LEAKING
        assert found["status_quo"]["n"] == 5022
        assert found["status_quo"]["auc"] == pytest.approx(0.663, abs=0.001)

    def test_the_nine_leaking_columns_are_named(self, public, answer):
        found = answer("audit", public("xeducation"))
        verdicts = {row["column"]: row["verdict"] for row in found["columns"]}
        assert {row["column"] for row in found["leaks"] if row["verdict"] == "leak"} == LEAKING
        assert verdicts["source"] == verdicts["total_visits"] == "fine"

    def test_lines_follow_from_margin_alone_and_volumes_say_why_not(self, public, answer):
        found = answer("recommend", public("xeducation"))
        assert found["thresholds"]["mql"] <= found["thresholds"]["sql"]
        assert "no dates" in found["cannot"]["volumes"]

    def test_the_funnel_gives_conversion_by_source_and_says_the_rest(self, public, answer):
        found = answer("funnel", public("xeducation"))
        assert any(rate["k"] == 3561 and rate["n"] == 9240 for rate in found["rates"])
        assert {"stages", "velocity", "sla"} <= found["cannot"].keys()

    def test_the_report_renders_what_a_table_without_dates_can_say(self, public, answer):
        text = page(answer("report", public("xeducation")))
        assert "no dates" in text
        assert "Traceback" not in text


@pytest.mark.xdist_group("olist")
class TestOlist:
    def test_models_learn_from_the_past_of_the_trusted_history_only(self, public, answer):
        found = answer("compare", public("olist"))
        assert found["split"] == "rolling"
        assert min(found["months"]) > "2018-01"
        assert {model["name"] for model in found["models"]} == {
            "agreed",
            "boosted",
            "card",
            "logistic",
        }

    def test_the_audit_says_why_history_starts_in_2018(self, public, answer):
        notes = " ".join(answer("audit", public("olist"))["notes"])
        assert "1 Jan 2018" in notes.replace("\u00a0", " ")
        assert "2017-12-05" in notes

    @pytest.mark.parametrize("command", ["recommend", "funnel"])
    def test_what_cannot_be_answered_is_a_sentence(self, public, answer, command):
        cannot = answer(command, public("olist"))["cannot"]
        assert cannot
        assert all(sentence.endswith(".") for sentence in cannot.values())

    def test_a_month_renders(self, public, answer):
        text = page(answer("report", public("olist"), "--month", "2018-04"))
        assert "April 2018" in text


@pytest.mark.xdist_group("bpi12")
class TestBPI2012:
    def test_open_cases_are_not_rows_too_young_to_judge(self, public, answer):
        found = answer("audit", public("bpi12"))
        assert found["open"] == 399
        assert found["immature"] > 0

    def test_no_row_too_young_counts_as_lost(self, public):
        from smarketing.folder import Folder
        from smarketing.scoring.population import build_population
        from smarketing.scoring.targets import label

        space = Folder.open(public("bpi12"))
        with space.warehouse() as warehouse:
            population = build_population(warehouse, space.agreement)
        line = space.agreement.lines.sql
        labels = label(population.rows, line, space.agreement, population.data_until)
        young = population.rows.as_of > population.data_until - pd.Timedelta(days=line.window_days)
        assert young.any()
        assert labels.outcome[young].isna().all()

    @pytest.mark.parametrize("command", ["compare", "recommend"])
    def test_the_command_answers(self, public, answer, command):
        assert answer(command, public("bpi12"))

    def test_a_month_renders_with_first_contact_from_the_calls(self, public, answer):
        text = page(answer("report", public("bpi12"), "--month", "2012-01"))
        assert "January 2012" in text
        assert "contacted within" in text
