"""On the demo, whose truth was planted, the models look at what sells and at nothing else."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from smarketing.demo import make_demo
from smarketing.demo.truth import TRUTH
from smarketing.evaluation.audit.data_audit import audit
from smarketing.evaluation.comparison.importances import drivers, importances, kinds
from smarketing.folder import Folder
from smarketing.scoring.population import build_population
from smarketing.warehouse.ingesting.run import ingest

pytestmark = pytest.mark.xdist_group("drivers")  # learned once

MAIN = {"job_role", "employees", "page_view[/pricing]", "demo_request"}
NOISE = {"industry", "seniority", "language", "newsletter_topic", "first_page", "email_open"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("demo")
    make_demo(folder)
    ingest(folder)
    return Folder.open(folder)


@pytest.fixture(scope="module")
def population(workspace):
    with workspace.warehouse() as warehouse:
        return build_population(warehouse, workspace.agreement)


@pytest.fixture(scope="module")
def listed(workspace, population):
    agreement = workspace.agreement
    return importances(population, agreement, "sql", ["agreed", "boosted", "logistic"])


@pytest.mark.parametrize("model", ["boosted", "logistic"])
def test_what_was_planted_stands_on_top(listed, model):
    of_a_lead = listed[(listed.model == model) & (listed.kind != "timing")].feature.tolist()
    assert set(of_a_lead[:6]) >= MAIN
    last_main = max(of_a_lead.index(driver) for driver in MAIN)
    above = of_a_lead[:last_main]
    assert not NOISE & {feature.split("[")[0] for feature in above}
    assert not [feature for feature in above if "/blog" in feature]


def test_the_noise_is_what_the_demo_says(listed):
    assert NOISE | {"blog views"} == set(TRUTH.noise)


def test_what_was_written_after_the_outcome_is_no_feature(population):
    names = " ".join(population.features.names).lower()
    assert "deal_amount" not in names
    assert "implementation" not in names


def test_the_audit_finds_both_planted_leaks_and_calls_nothing_else_a_leak(workspace):
    with workspace.warehouse() as warehouse:
        audited = audit(warehouse, workspace.agreement)
    leaks = {one["column"] for one in audited.leaks if one["verdict"] == "leak"}
    assert leaks == {"recent_deal_amount", "Implementation package"}
    assert {one["column"] for one in audited.leaks} - leaks == {
        "Became a Lead Date",
        "Became a Marketing Qualified Lead Date",
        "Became an Other Lifecycle Date",
        "Newsletter topic chosen",
    }
    draft = YAML(typ="safe").load(audited.draft())["attributes"]
    assert draft["implementation_package"]["known"] == "after_outcome"
    assert draft["city"] == {"column": "City", "known": "at_creation"}


def test_when_a_lead_is_looked_at_is_told_from_what_it_is(listed):
    kind = listed.drop_duplicates("feature").set_index("feature").kind
    assert kind["weeks_in_spell"] == "timing"
    assert kind["job_role"] == "attribute"
    assert kind["demo_request"] == "event"


def test_count_and_decayed_sum_are_one_driver_and_like_named_attributes_are_not():
    features = ["n_demo", "recent_demo", "n_demo[/x]", "n_sites", "times_recycled"]
    assert drivers(features) == {
        "demo": ["n_demo", "recent_demo"],
        "demo[/x]": ["n_demo[/x]"],
        "n_sites": ["n_sites"],
        "times_recycled": ["times_recycled"],
    }
    assert list(kinds(features).values()) == ["event", "event", "attribute", "timing"]
