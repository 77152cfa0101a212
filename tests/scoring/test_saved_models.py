"""Models in files: the same answers after, and a refusal of whatever was changed."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io

from smarketing.errors import SmarketingError
from smarketing.fingerprint import digest
from smarketing.scoring.feature_set import FeatureSet
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.models.status_quo import StatusQuo
from smarketing.scoring.persistence import load_model, save_model
from tests.scoring_cases import drawn_leads

KINDS = {
    "noise": "number",
    "role": "category",
    "size": "number",
    "phone": "boolean",
    "town": "category",
    "constant": "number",
    "empty": "number",
}
FEATURES = FeatureSet(tuple(KINDS), KINDS, ())


@pytest.fixture(scope="module", params=sorted(MODELS))
def model(request):
    return MODELS[request.param]().fit(*drawn_leads(300))


def saved(model, folder):
    metrics = {"auc": 0.8, "log_loss": 0.41}
    return save_model(model, folder, FEATURES, "f" * 64, 3, ["2026-02", "2026-01"], metrics)


def test_a_loaded_model_answers_as_before(model, tmp_path):
    card = saved(model, tmp_path)
    again, read = load_model(tmp_path, FEATURES)
    X, _ = drawn_leads(50, seed=1)
    assert again.predict_proba1(X).tolist() == model.predict_proba1(X).tolist()
    assert again.reasons(X) == model.reasons(X)
    assert again.importance().equals(model.importance())
    assert read == card
    assert read.months == ("2026-01", "2026-02")
    assert (read.agreement_version, read.metrics["auc"]) == (3, 0.8)
    assert read.versions["skops"]
    assert read.to_dict() == json.loads((tmp_path / "model.json").read_text())
    assert "2026-01 to 2026-02" in read.frame().value.tolist()


def test_the_same_model_has_the_same_contents_though_its_files_differ(model, tmp_path):
    cards = [saved(model, tmp_path / name) for name in "ab"]
    again = MODELS[model.name]().fit(*drawn_leads(300))
    other = MODELS[model.name]().fit(*drawn_leads(300, seed=5))
    assert cards[0] == cards[1] == saved(again, tmp_path / "c")
    assert saved(other, tmp_path / "d").contents != cards[0].contents


def test_no_row_it_learned_from_is_saved(model, tmp_path):
    saved(model, tmp_path)
    size = str(drawn_leads(300)[0]["size"].iloc[0])
    with zipfile.ZipFile(tmp_path / "model.skops") as file:
        for name in file.namelist():
            if name.endswith(".npy"):
                with file.open(name) as part:
                    assert np.load(part).shape[:1] != (300,)
            else:
                assert size not in file.read(name).decode()


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        (
            {**KINDS, "weight": "number"} | {"size": "category"},
            "unknown: weight; of another kind: size was number, is category",
        ),
        ({k: v for k, v in KINDS.items() if k != "role"}, "missing: role"),
    ],
)
def test_other_features_are_refused_with_the_difference(model, tmp_path, kinds, says):
    saved(model, tmp_path)
    with pytest.raises(SmarketingError, match=says):
        load_model(tmp_path, FeatureSet(tuple(kinds), kinds, ()))


def change_card(folder):
    facts = json.loads((folder / "model.json").read_text())
    facts["metrics"]["auc"] = 0.99
    (folder / "model.json").write_text(json.dumps(facts))


def change_number(folder):
    state = skops.io.load(
        folder / "model.skops", trusted=skops.io.get_untrusted_types(file=folder / "model.skops")
    )
    step = state["_pipeline"]["model"] if "_pipeline" in state else None
    if step is None:
        state["card"]["fit"]["rules"][0]["points"] += 1
    elif hasattr(step, "coef_"):
        step.coef_[0, 0] += 1e-12
    else:
        step._baseline_prediction += 1e-12
    skops.io.dump(state, folder / "model.skops")


def test_a_status_quo_is_kept_too(tmp_path):
    rng = np.random.default_rng(0)
    today = pd.DataFrame({"score_today": np.where(rng.random(200) < 0.2, np.nan, rng.random(200))})
    model = StatusQuo().fit(today, rng.random(200) < today.score_today.fillna(0.5))
    here = FeatureSet(("score_today",), {"score_today": "number"}, ())
    save_model(model, tmp_path, here, "f" * 64, 1)
    again, card = load_model(tmp_path, here)
    assert again.predict_proba1(today).tolist() == pytest.approx(
        model.predict_proba1(today).tolist(), nan_ok=True
    )
    assert card.importance == {"score_today": model.importance().importance[0]}


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("features", {**KINDS, "town": "number"}),
        ("fingerprint", "e" * 64),
        ("agreement_version", 4),
        ("months", ["2026-01"]),
        ("metrics", {"auc": 0.8}),
        ("importance", {"role": 1.0}),
        ("known_until", "2020-01-01"),
        ("contents", "0" * 64),
    ],
)
def test_no_fact_beside_a_model_can_be_changed(model, tmp_path, fact, value):
    saved(model, tmp_path)
    facts = json.loads((tmp_path / "model.json").read_text())
    assert facts[fact] != value
    (tmp_path / "model.json").write_text(json.dumps({**facts, fact: value}))
    with pytest.raises(SmarketingError, match="was changed after it was saved"):
        load_model(tmp_path)


def test_a_model_beside_another_models_facts_is_refused(model, tmp_path):
    saved(model, tmp_path / "one")
    saved(MODELS[model.name]().fit(*drawn_leads(300, seed=5)), tmp_path / "other")
    (tmp_path / "one" / "model.skops").write_bytes(
        (tmp_path / "other" / "model.skops").read_bytes()
    )
    with pytest.raises(SmarketingError, match="was changed after it was saved"):
        load_model(tmp_path / "one")


@pytest.mark.parametrize("library", ["scikit-learn", "skrub"])
def test_a_model_of_a_library_that_is_not_named_is_refused(model, tmp_path, library):
    saved(model, tmp_path)
    facts = json.loads((tmp_path / "model.json").read_text())
    del facts["versions"][library]
    (tmp_path / "model.json").write_text(json.dumps(facts))
    with pytest.raises(SmarketingError, match=f"another {library}; found none"):
        load_model(tmp_path)


def test_a_model_of_no_kind_known_is_refused(model, tmp_path):
    saved(model, tmp_path)
    facts = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps({**facts, "model": "oracle"}))
    with pytest.raises(SmarketingError, match="no kind known here; found oracle"):
        load_model(tmp_path)


def test_saving_again_replaces_both_files_and_leaves_nothing_else(model, tmp_path):
    first = saved(model, tmp_path)
    other = saved(MODELS[model.name]().fit(*drawn_leads(300, seed=5)), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.skops"]
    assert other.contents != first.contents
    assert load_model(tmp_path)[1] == other


def put_a_stranger_in(folder):
    skops.io.dump({"_pipeline": json.JSONEncoder}, folder / "model.skops")


def cut_short(folder):
    whole = (folder / "model.skops").read_bytes()
    (folder / "model.skops").write_bytes(whole[: len(whole) // 2])


def old_library(folder):
    facts = json.loads((folder / "model.json").read_text())
    facts["versions"]["scikit-learn"] = "0.9.1"
    (folder / "model.json").write_text(json.dumps(facts))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (change_card, "was changed after it was saved"),
        (change_number, "was changed after it was saved"),
        (put_a_stranger_in, "holds types that no model of ours is made of; found json"),
        (cut_short, "model.skops: the file cannot be read"),
        (old_library, "another scikit-learn; found 0.9.1"),
        (lambda folder: (folder / "model.json").write_text("{}"), "model.json: the file cannot"),
        (lambda folder: (folder / "model.json").unlink(), "model.json: the file is not there"),
        (lambda folder: (folder / "model.skops").unlink(), "model.skops: the file is not there"),
    ],
)
def test_what_was_changed_is_refused(model, tmp_path, change, says):
    saved(model, tmp_path)
    change(tmp_path)
    with pytest.raises(SmarketingError, match=says):
        load_model(tmp_path)


def test_features_it_did_not_learn_from_are_not_written_down(model, tmp_path):
    less = replace(FEATURES, kinds={k: v for k, v in KINDS.items() if k != "town"})
    with pytest.raises(SmarketingError, match="town"):
        save_model(model, tmp_path, less, "", 1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, 2], [2, 1]),
        (1, True),
        ("1", 1),
        (np.array([1.0]), np.array([1.0], "float32")),
        (np.zeros((2, 1)), np.zeros((1, 2))),
        ([["a"], "b"], [["a", "b"]]),
        (len, max),
    ],
)
def test_different_contents_have_different_digests(one, other):
    assert digest(one) != digest(other)
    assert digest(one) == digest(one)
