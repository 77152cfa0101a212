"""What the models' room says is said in the language of the page, and only the data is not."""

from __future__ import annotations

import dataclasses
from html import escape

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.evaluation.audit.data_audit import audit
from smarketing.evaluation.audit.leaks import find_leaks
from smarketing.evaluation.backtest.line_economics import Stakes
from smarketing.evaluation.backtest.splits import too_few
from smarketing.evaluation.comparison.acceptance import acceptance
from smarketing.evaluation.comparison.model_comparison import compare
from smarketing.evaluation.comparison.verdict import verdict_of
from smarketing.evaluation.maturity.windows import Window
from smarketing.evaluation.monitoring.champion_choice import choose
from smarketing.evaluation.monitoring.line_health import line_state
from smarketing.evaluation.monitoring.monthly_look import monitor
from smarketing.evaluation.monitoring.selection_bias import explore
from smarketing.language.numbers import SPACE
from smarketing.language.speaker import speaking
from smarketing.scoring.agreed_card import CAP
from smarketing.scoring.calibration import check_both_outcomes
from smarketing.scoring.scores import KEYS, _point_reasons
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import KNOWN, made_up_company, write_warehouse
from tests.figure_texts import texts_of
from tests.populations import made_up_population, undated_population
from tests.pseudo import speaking_pseudo, untranslated

FILES = ["sources.yml", "under stages in", "leads.outcome"]
STAKES = Stakes(48, 24_000, 1_500, "DKK")
RNG = np.random.default_rng(0)
N = 2000
WON = RNG.random(N) < 0.2


@pytest.fixture(scope="module")
def agreement():
    return example_agreement()


@pytest.fixture(scope="module")
def people():
    return made_up_population()


def words(texts, data=()):
    return untranslated("<p>" + escape("\n".join(map(str, texts))) + "</p>", data)


def in_words(text):
    return text.replace(SPACE, " ")


def gap(low, high, measure="auc", model="boosted"):
    middle = (low + high) / 2
    return {"model": model, "measure": measure, "difference": middle, "low": low, "high": high}


def verdicts():
    """Yield the verdict for each thing that may come out of a comparison."""
    models = [{"name": n, "auc": a} for n, a in (("agreed", 0.7), ("boosted", 0.73), ("card", 0.7))]
    for low, high in ((0.01, 0.05), (-0.05, -0.01), (-0.01, 0.05)):
        other = gap(-high, -low, model="card")
        for closed in ((0, 0), (0.01, 0.02), (-0.02, 0.01), (-0.02, -0.01)):
            differences = [gap(low, high), other, gap(*closed, "close_rate_at_capacity")]
            for value in ((1e5, 2e5), (-2e5, -1e5), (-1e5, 2e5)):
                means = {"model": "boosted", "currency": "DKK", "same_share": 0.7}
                means |= dict(zip(("value_low", "value_high"), value, strict=True))
                means["value_per_year"] = sum(value) / 2
                for monthly in (True, False):
                    yield verdict_of(models, differences, STAKES, 100, monthly, [means])
    alone = {"auc_low": 0.6, "auc_high": 0.8}
    yield verdict_of([{**models[0], **alone}], [], STAKES, 1000)
    yield verdict_of(models[1:], [], STAKES, 1000)


def test_every_verdict_on_models_is_translated():
    with speaking_pseudo():
        assert words(verdicts()) == []


def test_a_comparison_and_the_months_look_at_the_scores_are_translated(people, agreement):
    with speaking_pseudo():
        judged = compare(people, agreement, models=["agreed", "logistic"], resamples=30)
        watch = monitor(people, agreement, "2025-11", comparison=judged)
        texts = [judged.verdict, judged.split_note, *judged.notes, *watch.sentences]
        texts += [row["sentence"] for row in judged.acceptance]
        texts += [row["how"] for row in judged.early]
        texts += [*watch.cannot.values(), *texts_of(judged.plot())]
        assert words(texts, people.features.names) == []
    assert {row["name"] for row in judged.models} == {"agreed", "logistic"}


def test_tables_without_dates_are_spoken_of_in_the_language_of_the_page(agreement):
    bare = undated_population()
    with speaking_pseudo():
        judged = compare(bare, agreement, models=["agreed", "logistic"], resamples=30)
        assert words([judged.verdict, judged.split_note, *judged.notes]) == []
        with pytest.raises(CannotAnswer) as reason:
            monitor(bare, agreement)
        assert words([reason.value]) == []


def reasons_why():
    """Return the audit's reason for columns of every kind."""
    leads = pd.date_range("2024-01-01", periods=N, freq="h")
    columns = {
        "only_won": pd.Series(np.where(WON, "x", None)),
        "only_lost": pd.Series(np.where(WON, None, "x")),
        "ending": pd.Series(np.where(WON, "closed won", "open")),
        "strong": pd.Series(WON + RNG.normal(0, 0.05, N)),
        "calls": pd.Series(np.where(RNG.random(N) < 0.3, "no answer", "–")),
        "opinion": pd.Series(np.where(RNG.random(N) < 0.3, "hot", "–")),
        "filled": pd.Series(np.where(RNG.random(N) < np.where(WON, 0.9, 0.2), 1.0, np.nan)),
        "quality": pd.Series(WON + RNG.normal(0, 1.0, N)),
        "last_status": pd.Series(WON + RNG.normal(0, 1.0, N)),
        "key": pd.Series([f"k{i}" for i in range(N)]),
        "day": pd.Series(leads + pd.Timedelta(days=9)),
        "month": pd.Series(leads.month),
        "runs": pd.Series(np.arange(N) // 200),
        "rising": pd.Series(np.arange(N) + RNG.normal(0, 1, N)),
        "falling": pd.Series(-np.arange(N) + RNG.normal(0, 1, N)),
        "one": pd.Series(["x"] * N),
        "empty": pd.Series([None] * N),
        "declared": pd.Series(RNG.normal(size=N)),
        "honest": pd.Series(RNG.choice(["a", "b"], N)),
    }
    known = {"declared": "after_outcome"}
    return find_leaks(pd.DataFrame(columns), WON, known, leads).frame().set_index("column").reason


def test_every_kind_of_evidence_is_translated():
    with speaking_pseudo():
        texts = reasons_why()
        assert words(texts, [*FILES, "closed won", "no answer", "hot"]) == []
    assert len(set(texts)) >= 15


def test_evidence_reads_as_danish_and_names_the_value_as_it_stands():
    with speaking("da"):
        texts = reasons_why()
    assert in_words(texts["only_won"]).startswith("Kun vundne leads har den: af de ")
    assert "100 % vundet" in in_words(texts["only_won"])
    assert 'En værdi som "no answer" er noget, salg noterer' in texts["calls"]
    assert texts["empty"] == "Den er altid tom og siger intet."


def test_an_audit_is_translated_and_its_codes_are_not(tmp_path, agreement):
    file = write_warehouse(
        tmp_path / "w.duckdb", made_up_company(300), KNOWN, history_from="2025-03-01"
    )
    with Warehouse.open(file) as warehouse, speaking_pseudo():
        audited = audit(warehouse, agreement)
        tables = [
            "deals",
            "deal_leads",
            "campaigns",
            "spend",
            "visits",
            "events",
            "stages",
            "changes",
        ]
        names = [*audited.columns.column, *tables]
        assert words([*audited.notes, *audited.columns.reason], [*FILES, *names]) == []
    assert set(audited.columns.verdict) <= {"leak", "suspect", "fine"}


def test_lines_choices_and_proposals_are_translated():
    with speaking_pseudo():
        texts = [line_state(p, [True] * 400, 0.25).sentence for p in ([0.1] * 400, [0.25] * 400)]
        texts += [line_state([], [], 0.25).sentence, too_few(12)]
        texts += [choose("agreed", "card", *how).reason for how in (
            (0.01, 1, 3, 80), (-0.01, 1, 3, 80), (-0.01, 5, 3, 80), (0.01, 5, 3, 20))]  # fmt: skip
        texts += [explore(200, 0.05, 0.04, 0.04, 24_000, 1_500, "SEK").sentence]
        texts += [Window(30, 90.0, 0.97, "customer").sentence]
        texts += [Window(None, 90.0, None, "sql").sentence]
        scores = -np.arange(100)
        for won_at in (range(20), [*range(0, 30, 2), 60], [*range(5), *range(40, 60)], []):
            texts.append(acceptance(np.isin(np.arange(100), won_at), scores)["sentence"])
        texts.append(acceptance([1, 0] * 50, [1] * 100)["sentence"])
        assert words(texts, ["kr"]) == []


def test_reasons_for_a_lead_keep_the_rules_names_and_translate_the_rest():
    parts = pd.DataFrame(
        [
            ("Asked for a demo", "engagement", 2, 40_000),
            (CAP, "fit", 1, -2_500),
            (CAP, "engagement", 1, 10_000),
        ],
        columns=["rule", "axis", "n", "points_thousandths"],
    ).assign(**dict.fromkeys(KEYS, "1"))
    with speaking("da"):
        texts = _point_reasons(parts)
    assert texts.reasons_for.tolist() == ["Asked for a demo ×2 +40; engagement ikke under nul +10"]
    assert texts.reasons_against.tolist() == ["over loftet for match -2,5"]


def test_a_verdict_in_danish_is_a_sentence_a_manager_would_write(people, agreement):
    models = [{"name": "agreed", "auc": 0.7}, {"name": "boosted", "auc": 0.7345}]
    differences = [gap(0.01, 0.05), gap(0.012, 0.069, "close_rate_at_capacity")]
    means = {"model": "boosted", "value_per_year": 310_500, "value_low": 228_000, "currency": "DKK",
             "value_high": 393_000, "same_share": 0.71}  # fmt: skip
    with speaking("da"):
        text = in_words(verdict_of(models, differences, STAKES, 100, True, [means]))
        population = dataclasses.replace(people, rows=people.rows[:0])
        with pytest.raises(CannotAnswer, match="ingen model kan bedømmes: der er ingen leads"):
            compare(population, agreement)
    assert text == (
        "Den boostede model rangerer leads bedre end det aftalte scorekort: AUC 0,735 mod 0,700, "
        "en forskel på +0,030 (+0,010 til +0,050). Den boostede model lukker 4,1 procentpoint "
        "flere af de leads, salg kan nå (1,2 til 6,9), 310.000 kr. værd om året ved dagens "
        "kapacitet (228.000 til 393.000); regler og model er enige om 71 % af dem."
    )


def test_what_nothing_can_be_learned_from_is_said_in_danish():
    with speaking("da"), pytest.raises(CannotAnswer) as reason:
        check_both_outcomes(np.array([True] * 1200))
    assert str(reason.value).startswith("alle 1.200 leads med kendt udfald nåede målet, så der er")
