"""Texts as people type them: near ones count alike, and nothing else is learned from spelling."""

import numpy as np
import pandas as pd
import pytest

from smarketing.scoring.encoding import MessyText, is_messy
from smarketing.scoring.feature_set import FeatureSet, feature_set
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.persistence import load_model, save_model
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import made_up_company, write_warehouse
from tests.scoring_cases import agreement

RANKS = ("VP", "Vice President", "Head of", "Director", "Senior manager", "Junior", "Chief", "Lead")
FIELDS = ("Marketing", "Sales", "Engineering", "Finance", "Logistics", "Support")
SIGNS = ("{} {}", "{}, {}", "{} - {}", "{}/{}", " {} {} ", "{}: {}")
LEARNED = pytest.mark.parametrize("name", ["logistic", "boosted"])


def titles(n=1500, seed=0):
    """Marketing titles sell, however they are written; the town of most is anybody's."""
    rng = np.random.default_rng(seed)
    fields = rng.choice(FIELDS, n)
    texts = []
    for field in fields:
        text = rng.choice(SIGNS).format(rng.choice(RANKS), field)
        text = rng.choice([text, text.upper(), text.lower()])
        texts.append(f"{text} {rng.choice(['EMEA', 'Nordics', 'DK', 'HQ', 'II', ''])}")
    X = pd.DataFrame({"title": pd.Series(texts, dtype="str"), "n": rng.normal(size=n)})
    X.loc[rng.random(n) < 0.1, "title"] = None
    sells = (fields == "Marketing") & X.title.notna().to_numpy()
    return X, rng.random(n) < np.where(sells, 0.8, 0.1)


@LEARNED
def test_titles_never_seen_count_as_those_that_are_nearly_the_same(name):
    X, y = titles()
    assert is_messy(X.title, rare=20)
    model = MODELS[name]().fit(X, y)
    assert model.importance().feature[0] == "title"
    asked = ["VP Marketing", "Vice President, marketing", "vice-president of MARKETING!",
             "Marketing Vice president (interim)", "VP Sales", "Vice President, logistics",
             None, "Zookeeper", ""]  # fmt: skip
    chance = model.predict_proba1(pd.DataFrame({"title": asked, "n": 0.0}))
    assert chance[:4].min() > 0.5
    assert chance[4:].max() < 0.35
    assert np.ptp(chance[:4]) < 0.3
    (for_it, _), *_, (_, against) = model.reasons(pd.DataFrame({"title": asked, "n": 0.0}))[:5]
    assert for_it[0].feature == "title"
    assert for_it[0].value == "VP Marketing"
    assert against[0].feature == "title"


@LEARNED
def test_messy_texts_are_learned_and_kept_the_same_every_time(name, tmp_path):
    X, y = titles(400)
    model, again = (MODELS[name]().fit(X, y) for _ in range(2))
    later, _ = titles(50, seed=1)
    assert again.predict_proba1(later).tolist() == model.predict_proba1(later).tolist()
    kinds = {"title": "category", "n": "number"}
    save_model(model, tmp_path, FeatureSet(tuple(kinds), kinds, ()), "f" * 64, 1)
    loaded, _ = load_model(tmp_path)
    assert loaded.predict_proba1(later).tolist() == model.predict_proba1(later).tolist()
    assert loaded.reasons(later) == model.reasons(later)


def test_near_spellings_are_near_and_missing_is_a_column_of_its_own():
    X, _ = titles()
    encoder = MessyText().fit(X[["title"]])
    asked = pd.DataFrame({"title": ["VP Marketing", "vp, MARKETING", "Junior Logistics", None]})
    there = encoder.transform(asked)
    assert there[0] == pytest.approx(there[1])
    assert np.abs(there[0] - there[2]).max() > 0.3
    assert there[:, -1].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("texts", "is_feature"),
    [
        (lambda n: titles(n)[0].title, True),
        (lambda n: [f"lead {i} of the form" for i in range(n)], False),
        (lambda n: [np.random.default_rng(i).bytes(16).hex() for i in range(n)], False),
    ],
)
def test_job_titles_are_features_and_identifiers_are_not(tmp_path, texts, is_feature):
    company = made_up_company(300)
    company["leads"]["title"] = np.array(texts(300), dtype=object)
    path = write_warehouse(tmp_path / "w.duckdb", company, {"title": "at_creation"})
    with Warehouse.open(path) as warehouse:
        found = feature_set(warehouse, agreement())
    assert ("title" in found.names) == is_feature
    assert ("identifier or free text" in dict(found.left_out).get("title", "")) == (not is_feature)
