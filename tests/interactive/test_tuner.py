"""The tuner without a browser: what its sliders are, what they give, and what is saved."""

from __future__ import annotations

import hashlib
import re

import pytest
from matplotlib.figure import Figure

from smarketing.agreement.accept import pending_changes
from smarketing.errors import SmarketingError, UsageError
from smarketing.interactive.answer import answer_table
from smarketing.interactive.controls import controls_of
from smarketing.interactive.fits import at_fit, same_leads
from smarketing.interactive.panel import Tuner
from smarketing.interactive.saving import Base, effects_of_choice, save_choice
from smarketing.planning.lines.margin import Terms
from smarketing.planning.lines.thresholds import recommend_thresholds
from smarketing.planning.lines.whatif import LineWhatIf
from smarketing.reporting.figures.line_figure import LineFigure
from smarketing.reporting.figures.style import inline_svg
from smarketing.results import Picture
from tests.tuner_world import many_leads, many_rows, write_agreement
from tests.worlds.twelve_leads import company, twelve_leads

FEW = 3_000


@pytest.fixture
def folder(tmp_path):
    return write_agreement(tmp_path / "company")


@pytest.fixture(scope="module")
def rows():
    return many_rows(FEW)


@pytest.fixture
def tuner(folder, rows):
    return Tuner(many_leads(folder, rows), Base.read(folder), rows)


def by_hand(qualification=9, closing=6, revenue=10_000):
    """Return the case of twelve leads, worked by hand in tests/worlds/twelve_leads.py."""
    agreement = company(qualification, closing)
    terms = Terms.of(agreement, no_money="" if revenue else "No money.")
    found = recommend_thresholds(twelve_leads(), agreement, terms, resamples=0)
    return LineWhatIf.of(found, "DKK"), agreement


def test_the_table_says_what_was_worked_by_hand():
    asked, _ = by_hand()
    html = answer_table(asked.ask(40, 80), asked.ask(20, 60), 0.8, 2, "DKK")
    # 6 MQLs, 4 sales-ready, 2 a rep, 6,100 of margin; today 8, 5.2, 2.6 and 5,200.
    for name, drawn, today in (
        ("mqls", "6 (", "8 ("),
        ("sales_ready", "4 (", "5.2 ("),
        ("leads_per_rep", "2", "2.6"),
        ("customers", "1.8", ""),
        ("margin", "6,100", "5,200"),
    ):
        row = html.split(f'data-name="{name}"')[1].split("</tr>")[0].replace("\u00a0", " ")
        cells = [cell.split("</td>")[0] for cell in row.split("<td>")[1:]]
        assert cells[0].startswith(drawn), name
        assert cells[1].startswith(today), name
    assert "fits both desks" in html
    assert "does not fit both" not in html


def test_a_desk_too_full_is_marked():
    asked, _ = by_hand()
    html = answer_table(asked.ask(20, 60, closing=2), asked.ask(40, 80), 0.8, None, "DKK")
    assert "does not fit the desks" in html
    row = html.split('data-name="overflow_closing"')[1].split("</tr>")[0]
    assert 'class="bad"' in row.split("</td>")[0]
    assert "▼" in row.split("</td>")[0]


@pytest.mark.parametrize(
    ("qualification", "closing", "revenue", "names"),
    [
        (9, 6, 10_000, "mql sql qualification closing confidence customer_value cost_qualified"),
        (None, 6, 10_000, "sql closing confidence customer_value cost_worked"),
        (9, 6, None, "mql sql qualification closing confidence"),
    ],
)
def test_only_sliders_that_make_sense(qualification, closing, revenue, names):
    asked, agreement = by_hand(qualification, closing, revenue)
    today = (None if qualification is None else 20, 60)
    controls = controls_of(asked, today, agreement, with_fit=False)
    found = [control.name for control in controls]
    assert [n for n in found if n in names.split()] == names.split()
    assert ("cost_worked" in found) == (revenue is not None)
    assert ("mql" in found) == (qualification is not None)
    for control in controls:
        assert control.low <= control.value <= control.high, control.name
        assert (control.high - control.low) / control.step <= 310


@pytest.mark.parametrize("qualification", [9, None])
@pytest.mark.parametrize("revenue", [10_000, None])
def test_a_figure_for_every_agreement(qualification, revenue):
    asked, _ = by_hand(qualification, 6, revenue)
    today = (None if qualification is None else 20.0, 60.0)
    figure = LineFigure(asked, today)
    svg = figure.move(asked, (today[0], 80.0), {})
    assert svg.count("<svg") == svg.count("</svg>") == 1
    assert "nan" not in svg.lower()
    assert ("margin a month" in svg) == (revenue is not None)
    assert ("MQL line moves" in svg) == (qualification is not None)
    # The same question has the same picture, whatever was asked before.
    figure.move(asked, (today[0], 20.0), {"closing": 2.0})
    assert figure.move(asked, (today[0], 80.0), {}) == svg


def test_the_figure_marks_the_choice_where_it_stands():
    asked, _ = by_hand()
    figure = LineFigure(asked, (20.0, 60.0))
    figure.move(asked, (40.0, 80.0), {"closing": 5.0})
    answer = asked.ask(40, 80, closing=5.0)
    (x,), (y,) = figure.dots["sql", "margin"].get_data()
    assert (x, y) == (80.0, pytest.approx(answer["margin"]))
    assert set(figure.limits["closing"][0].get_ydata()) == {5.0}
    low, high = figure.axes[-1, 0].get_ylim()
    assert low < answer["margin"] < high


def test_sliders_start_at_the_agreement_and_move_together(tuner):
    assert tuner.lines == (35, 55)
    assert tuner.save.disabled
    assert tuner.changed == {}
    tuner.sliders["mql"].value = 60
    assert tuner.lines == (60, 60)
    tuner.sliders["sql"].value = 50
    assert tuner.lines == (50, 50)
    assert not tuner.save.disabled
    answer = tuner.asked.ask(50, 50)
    assert answer.words in tuner.numbers.value
    assert "At 50 and 50 points" in tuner.figure.value
    tuner.back.click()
    assert tuner.lines == (35, 55)
    assert tuner.save.disabled


def test_another_least_fit_is_what_the_recommendation_would_count(folder, rows, tuner):
    text = (folder / "agreement.yml").read_text()
    assert text.count("fit_at_least: 20") == 1
    (folder / "agreement.yml").write_text(text.replace("fit_at_least: 20", "fit_at_least: 24"))
    straight = LineWhatIf.of(many_leads(folder, rows)).ask(35, 55)
    tuner.sliders["fit_sql"].value = 24
    again = tuner.now.ask(35, 55)
    for name, value in straight.values.items():
        assert again[name] == (pytest.approx(value) if isinstance(value, float) else value), name
    assert again["sales_ready"] < tuner.today["sales_ready"]
    assert tuner.chosen["lines.sql.fit_at_least"] == 24


def test_other_leads_get_no_sliders_for_fit(folder, rows):
    found = many_leads(folder, rows)
    asked = LineWhatIf.of(found)
    assert same_leads(asked, rows, 15, 20)
    assert not same_leads(asked, rows[rows["fit"] > 18], 15, 20)
    assert not same_leads(at_fit(asked, rows, 15, 24), rows, 15, 20)
    assert "fit_sql" not in Tuner(found, Base.read(folder), rows[rows["fit"] > 18]).sliders
    assert "fit_sql" not in Tuner(found, Base.read(folder)).sliders


def test_a_choice_is_saved_with_reason_and_effects(folder, tuner):
    tuner.sliders["sql"].value = 58
    tuner.sliders["confidence"].value = 85
    tuner.sliders["closing"].value = 700
    tuner.reason.value = "  reps are\nidle <b> "
    before = (folder / "agreement.yml").read_bytes()
    tuner.save.click()
    found = pending_changes(folder)
    assert {c.path: c.new for c in found.changes} == {
        "lines.sql.score": 58,
        "sla.confidence": 0.85,
    }
    assert found.effects[0] == "Why: reps are idle <b>"
    assert found.effects[1].startswith("Marketing: ")
    assert found.effects[2].startswith("Sales: ")
    assert "closing can work 700 leads a month" in found.effects[3]
    assert (folder / "agreement.yml").read_bytes() == before
    assert "idle &lt;b&gt;" in tuner.saved.value
    assert "<b>" not in tuner.saved.value
    tuner.save.click()
    assert "in place of the proposal before" in tuner.saved.value


@pytest.mark.parametrize(
    ("chosen", "reason", "said"),
    [
        ({"lines.sql.score": 58}, "  ", "a proposal needs a reason"),
        ({"lines.sql.score": 55}, "why", "nothing would change"),
        ({"lines.sql.score": 30}, "why", "line"),  # below the MQL line
        ({"lines.sql.score": 58.5}, "why", "whole number|integer"),
        ({"lines.none.score": 58}, "why", "none"),
    ],
)
def test_what_cannot_be_saved_is_told_and_not_written(folder, chosen, reason, said):
    with pytest.raises(SmarketingError, match=said):
        save_choice(Base.read(folder), chosen, reason)
    assert not (folder / "proposal.yml").exists()


def test_a_file_changed_since_is_told(folder, tuner):
    path = folder / "agreement.yml"
    path.write_text(path.read_text() + "# a remark\n")
    tuner.sliders["sql"].value = 58
    tuner.reason.value = "why"
    tuner.save.click()
    assert "changed since this notebook read it" in tuner.saved.value
    assert not (folder / "proposal.yml").exists()


def test_a_folder_that_cannot_be_written_is_told(folder, tuner, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("smarketing.interactive.saving.write_proposal", full)
    tuner.sliders["sql"].value = 58
    tuner.reason.value = "why"
    tuner.save.click()
    assert "cannot be written" in tuner.saved.value
    assert "No space left" in tuner.saved.value


def test_without_anything_to_save_the_base_is_the_file(folder):
    base = Base.read(folder)
    assert base.sha256 == hashlib.sha256((folder / "agreement.yml").read_bytes()).hexdigest()
    assert base.changed({"lines.sql.score": 55, "sla.confidence": 0.8}) == {}
    with pytest.raises(UsageError):
        save_choice(base, {"lines.sql.score": 55}, "why")


def test_effects_without_money_or_desks():
    asked, _ = by_hand(None, 6, None)
    said = effects_of_choice(asked.ask(sql=80), asked.ask(sql=60), {"closing": 7.0}, "DKK")
    assert "MQLs" not in said[0]
    assert "margin" not in said[1]
    assert "closing can work 7 leads a month" in said[2]


def test_a_figure_keeps_its_colours_where_there_is_no_page():
    # In JupyterLab a variable without a fallback draws nothing at all.
    asked, _ = by_hand()
    figure = Figure(facecolor="#2a6f97")
    picture = Picture(figure, "Nothing")
    for svg in (
        LineFigure(asked, (20.0, 60.0)).move(asked, (40.0, 80.0), {}),
        inline_svg(picture),
    ):
        assert "var(--" in svg
        assert not re.findall(r"var\(--[a-z0-9-]+\)", svg)
