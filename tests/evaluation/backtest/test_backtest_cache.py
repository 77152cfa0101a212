"""Predictions kept between runs: the same to the last bit, and made anew where in doubt."""

import os
import re
import time

import numpy as np
import pandas as pd
import pytest

from smarketing.evaluation.backtest.rolling import backtest
from smarketing.evaluation.comparison.model_comparison import compare
from smarketing.scoring import cache
from smarketing.scoring.cache import Cache
from smarketing.scoring.models.registry import MODELS
from tests.agreements import example_agreement
from tests.populations import made_up_population

MONTHS = 3


@pytest.fixture(scope="module")
def agreement():
    return example_agreement()


@pytest.fixture
def fits(monkeypatch):
    """Count how often a model learns."""
    learned = []
    make = MODELS["logistic"]

    def counted():
        model = make()
        fit = model.fit
        model.fit = lambda *a, **k: (learned.append(1), fit(*a, **k))[1]
        return model

    counted.__name__ = "counted"
    monkeypatch.setitem(MODELS, "logistic", counted)
    # A fingerprint names a model's settings, which the counter is none of.
    monkeypatch.setattr(
        "smarketing.evaluation.backtest.predictions.vars", lambda _: {}, raising=False
    )
    return learned


def run(agreement, folder, people=None, **asked):
    people = people or made_up_population(leads=600)
    asked = {"models": ["agreed", "logistic"], "months": MONTHS, **asked}
    return backtest(people, agreement, cache=folder and Cache(folder), **asked).rows


def test_a_second_run_reads_and_says_the_same_to_the_last_bit(agreement, tmp_path, fits):
    fresh = run(agreement, None)
    first = run(agreement, tmp_path)
    assert len(fits) == 2 * MONTHS
    cached = run(agreement, tmp_path)
    assert len(fits) == 2 * MONTHS
    pd.testing.assert_frame_equal(first, fresh, check_exact=True)
    pd.testing.assert_frame_equal(cached, fresh, check_exact=True)


def test_an_interrupted_run_goes_on_where_it_was(agreement, tmp_path, fits):
    def stop(done, of, month):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(agreement, tmp_path, progress=stop)
    assert len(fits) == 2
    run(agreement, tmp_path)
    assert len(fits) == MONTHS


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda _: b"",
        lambda _: b"not a table",
        lambda data: bytes(b ^ (0x01 if 20 <= i < 24 else 0) for i, b in enumerate(data)),
    ],
    ids=["cut", "empty", "no table", "a bit changed"],
)
def test_a_spoiled_file_is_made_anew(agreement, tmp_path, fits, spoil):
    fresh = run(agreement, tmp_path)
    for path in tmp_path.glob("*.parquet"):
        path.write_bytes(spoil(path.read_bytes()))
    pd.testing.assert_frame_equal(run(agreement, tmp_path), fresh, check_exact=True)
    assert len(fits) == 2 * MONTHS
    run(agreement, tmp_path)
    assert len(fits) == 2 * MONTHS


def changed_feature(rows):
    rows.loc[0, "size"] += 1e-9


def changed_text(rows):
    rows["visits"] = rows.visits + (np.arange(len(rows)) == 1)


def other_outcome(rows):
    first = rows.index[rows.customer_at.notna()][0]
    same = rows.lead_id == rows.lead_id[first]
    rows.loc[same, "customer_at"] = pd.NaT


@pytest.mark.parametrize("change", [changed_feature, changed_text, other_outcome])
def test_whatever_a_prediction_depends_on_has_it_made_anew(agreement, tmp_path, fits, change):
    run(agreement, tmp_path)
    people = made_up_population(leads=600)
    change(people.rows)
    fits.clear()
    cached = run(agreement, tmp_path, people)
    assert fits
    pd.testing.assert_frame_equal(cached, run(agreement, None, people), check_exact=True)


def test_ids_and_names_are_no_part_of_what_is_kept(agreement, tmp_path):
    people = made_up_population(leads=600)
    run(agreement, tmp_path, people)
    files = sorted(tmp_path.glob("*.parquet"))
    assert len(files) == MONTHS + 2  # each month's, all together, wins known before each
    for path in files:
        frame = pd.read_parquet(path)
        assert set(frame.dtypes.astype(str)) == {"float64"}
        assert all(re.fullmatch("p|[pr]_(agreed|logistic|status_quo)", name) for name in frame)
    assert not [f for f in files if b"L00" in f.read_bytes()]
    assert (tmp_path / ".gitignore").read_text() == "*\n"


def test_the_oldest_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "MOST_FILES", 3)
    keeper = Cache(tmp_path)
    for i in range(5):
        keeper.frame(f"k{i}", lambda i=i: pd.DataFrame({"p": [float(i)]}))
        os.utime(tmp_path / f"k{i}.parquet", (time.time() - 100 + i,) * 2)
    keeper.frame("new", lambda: pd.DataFrame({"p": [9.0]}))
    assert sorted(p.stem for p in tmp_path.glob("*.parquet")) == ["k3", "k4", "new"]
    monkeypatch.setattr(cache, "MOST_DAYS", 1)
    os.utime(tmp_path / "k3.parquet", (time.time() - 2 * 86_400,) * 2)
    keeper.frame("newer", lambda: pd.DataFrame({"p": [9.0]}))
    assert "k3" not in {p.stem for p in tmp_path.glob("*.parquet")}


def test_a_folder_that_cannot_be_written_stops_nothing(agreement, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    fresh = run(agreement, None)
    pd.testing.assert_frame_equal(run(agreement, blocked), fresh, check_exact=True)


def test_a_comparison_reads_all_its_parts(agreement, tmp_path, fits):
    people, asked = (
        made_up_population(leads=600),
        {"models": ["agreed", "logistic"], "resamples": 20},
    )
    fresh = compare(people, agreement, **asked).to_dict()
    first = compare(people, agreement, cache=Cache(tmp_path), **asked).to_dict()
    n = len(fits)
    again = compare(people, agreement, cache=Cache(tmp_path), **asked).to_dict()
    assert len(fits) == n
    assert fresh == first == again
