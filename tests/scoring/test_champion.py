"""A learned model is kept, scores without learning anew, and goes only when it is beaten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from smarketing.cli.shared import app
from smarketing.errors import CannotAnswer, SmarketingError, UsageError
from smarketing.evaluation.monitoring.champion_choice import challenge
from smarketing.folder import Folder
from smarketing.scoring.champion import CHAMPION, champion_card, save_champion
from smarketing.scoring.population import build_population
from smarketing.scoring.scores import score_leads


@pytest.fixture(scope="module")
def space(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Return a copy of the demo's workspace, with a card kept."""
    folder = tmp_path_factory.mktemp("kept") / "demo"
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns("models", "raw", "reports"))
    space = Folder.open(folder)
    with space.warehouse() as warehouse:
        population = build_population(warehouse, space.agreement)
        save_champion(
            folder, population, space.agreement, "card", warehouse.fingerprint, {"auc": 0.7}
        )
    return space


def test_it_scores_as_the_model_learned_anew_does(space: Folder) -> None:
    with space.warehouse() as warehouse:
        fresh = score_leads(warehouse, space.agreement, model="card")
        kept = score_leads(warehouse, space.agreement, model="kept", folder=space.path)
    pd.testing.assert_frame_equal(kept.frame(), fresh.frame())
    assert "kept card model learned from outcomes known by 2026-10-31" in kept.notes[0]


def test_what_it_is_stands_beside_it(space: Folder) -> None:
    card = champion_card(space.path)
    assert (card.model, card.metrics) == ("card", {"auc": 0.7})
    assert card.known_until.startswith("2026-10-31")
    assert card.agreement_version == space.agreement.version


def test_it_scores_no_moment_before_what_it_learned(space: Folder) -> None:
    with (
        space.warehouse() as warehouse,
        pytest.raises(CannotAnswer, match="cannot score as of 2026-06-30"),
    ):
        score_leads(
            warehouse, space.agreement, pd.Timestamp("2026-06-30"), "kept", folder=space.path
        )


def test_where_none_is_kept_the_command_is_told(space: Folder, tmp_path: Path) -> None:
    with space.warehouse() as warehouse:
        with pytest.raises(SmarketingError, match="no model is kept"):
            score_leads(warehouse, space.agreement, model="kept", folder=tmp_path)
        with pytest.raises(UsageError, match="no such model"):
            score_leads(warehouse, space.agreement, model="kept")


def test_a_model_that_is_not_better_takes_its_place_only_when_told_to(space: Folder) -> None:
    with space.warehouse() as warehouse:
        population = build_population(warehouse, space.agreement)
    judged = challenge(population, space.agreement, "card", "logistic")
    before = (space.path / CHAMPION / "model.json").read_text()

    def learn(*options: str) -> tuple[int, str]:
        said = CliRunner().invoke(
            app, ["learn", str(space.path), "--model", "logistic", "--keep", *options, "--json"]
        )
        return said.exit_code, said.output if not said.exception else str(said.exception)

    if judged.difference_low <= 0:
        status, said = learn()
        assert status != 0
        assert "the card model stays" in said
        assert (space.path / CHAMPION / "model.json").read_text() == before
    status, said = learn("--replace")
    assert status == 0
    told = json.loads(said)
    assert told["replaced"] == "card"
    assert told["kept"]["model"] == champion_card(space.path).model == "logistic"
    assert told["kept"]["metrics"]["auc"] == pytest.approx(judged.metrics["auc"])


def test_one_of_the_same_kind_is_learned_anew(space: Folder) -> None:
    with space.warehouse() as warehouse:
        population = build_population(warehouse, space.agreement)
    judged = challenge(population, space.agreement, "card", "card")
    assert judged.won
    assert judged.difference_low == judged.difference_high == 0
    assert 0.5 < judged.metrics["auc"] < 1
