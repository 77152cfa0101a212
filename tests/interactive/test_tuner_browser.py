"""The tuner in a real JupyterLab: moved by mouse and keys, numbers and figure follow."""

from __future__ import annotations

import re

import pytest
from ruamel.yaml import YAML

from smarketing.agreement.accept import pending_changes
from smarketing.agreement.load import load_agreement
from smarketing.interactive.fits import at_fit
from smarketing.language.numbers import about, money, percent
from smarketing.planning.lines.whatif import LineWhatIf
from smarketing.reporting.figures.line_figure import LineFigure
from tests.jupyter_lab import opened_notebook
from tests.tuner_world import many_leads, many_rows, write_agreement

pytestmark = pytest.mark.xdist_group("jupyter")  # one server, one browser

TODAY = (35.0, 55.0)
TWO = ("mql", "sql")
FIGURE = "document.querySelector('.tuner-figure svg')"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_agreement(tmp_path_factory.mktemp("tuner") / "company")


@pytest.fixture(scope="module")
def asked(folder):
    return LineWhatIf.of(many_leads(folder, many_rows()), "DKK")


@pytest.fixture(scope="module")
def page(chromium, folder):
    source = f"from tests.tuner_world import tuner_of\ntuner_of({str(folder)!r})"
    with opened_notebook(chromium, folder.parent, source) as page:
        page.wait_for(f"!!{FIGURE}", 120)
        yield page


@pytest.fixture(autouse=True)
def start_from_today(page):
    page.click(".tuner-back")
    page.wait_for("document.querySelector('.tuner-save').disabled")
    page.wait_for(f"{FIGURE}.getAttribute('aria-label').includes('At 35 and 55 points:')")


def shown(page, name: str) -> str:
    return page.tell(f"document.querySelector('.tuner-numbers tr[data-name={name}] td').innerText")


def paths(svg: str) -> list[str]:
    """Return the drawn lines of a figure, whatever its ids."""
    return [" ".join(d.split()) for d in re.findall(r'\bd="([^"]*)"', svg)]


def expect(page, asked, lines, changed=None) -> None:
    """Wait until the figure has followed; then numbers and figure are what WhatIf says."""
    answer = asked.ask(*lines, **(changed or {}))
    figure = LineFigure(asked, TODAY)
    svg = figure.move(asked, lines, changed or {})
    words = figure.alt_text
    page.wait_for(f"{FIGURE}.getAttribute('aria-label') === {words!r}")
    low, high = answer["sales_ready_low"], answer["sales_ready_high"]
    said = {
        "sales_ready": f"{about(answer['sales_ready'])} ({low:,} to {high:,})",
        "mqls": f"{about(answer['mqls'])} ({answer['mqls_low']:,} to {answer['mqls_high']:,})",
        "precision_sql": percent(answer["precision_sql"]),
        "margin": money(answer["margin"], "DKK"),
        "customers": about(answer["customers"]),
    }
    for name, text in said.items():
        assert shown(page, name) == text, name
    risk = shown(page, "overflow_closing").removesuffix(" ▼")
    assert risk == f"{percent(answer['overflow_closing'])} of months"
    drawn = page.tell(f"{FIGURE}.outerHTML")
    assert paths(drawn) == paths(svg)


def test_a_key_moves_the_line_and_numbers_and_figure_follow(page, asked):
    before = paths(page.tell(f"{FIGURE}.outerHTML"))
    page.click(".tuner-sql .noUi-handle")
    for step in range(1, 4):
        page.press("ArrowRight")
        expect(page, asked, (35, 55 + step))
        after = paths(page.tell(f"{FIGURE}.outerHTML"))
        assert after != before
        before = after


def test_the_mouse_drags_a_line_and_the_other_goes_along(page, asked):
    page.drag(".tuner-mql .noUi-handle", 60)
    mql, sql = (
        f"document.querySelector('.tuner-{name} .widget-readout').innerText" for name in TWO
    )
    page.wait_for(f"{mql} === {sql}")
    line = int(page.tell(mql))
    assert line > 55, "dragged past the SQL line"
    expect(page, asked, (line, line))


@pytest.mark.parametrize(
    ("slider", "term", "value"),
    [
        ("closing", "closing", 620),
        ("confidence", "confidence", 0.81),
        ("customer-value", "customer_value", 24500),
        ("cost-worked", "cost_worked", 1520),
    ],
)
def test_every_term_changes_the_answer(page, asked, slider, term, value):
    page.click(f".tuner-{slider} .noUi-handle")
    page.press("ArrowRight")
    readout = f"document.querySelector('.tuner-{slider} .widget-readout').innerText"
    page.wait_for(f"{readout} === '{round(100 * value) if value < 1 else format(value, ',')}'")
    expect(page, asked, TODAY, {term: value})


def test_the_least_fit_counts_the_crossings_anew(page, asked):
    page.click(".tuner-fit-sql .noUi-handle")
    page.press("ArrowRight")
    expect(page, at_fit(asked, many_rows(), 15, 21), TODAY)


def test_the_button_saves_a_proposal_with_its_reason(page, folder):
    file = folder / "proposal.yml"
    file.unlink(missing_ok=True)
    saved = "document.querySelector('.tuner-saved').innerText"
    page.click(".tuner-mql .noUi-handle")
    page.press("ArrowRight")
    page.wait_for("!document.querySelector('.tuner-save').disabled")
    # the kernel enables the button first, and says what it would save a message later
    page.wait_for("document.querySelector('.tuner-choice').innerText.includes('MQL line 35 → 36')")
    page.click(".tuner-save")
    page.wait_for(f"{saved}.includes('a proposal needs a reason')")
    assert not file.exists()
    page.click(".tuner-reason input")
    page.type('<img src=x onerror="document.title=1"> & Søn want it')
    page.press("Tab")
    page.click(".tuner-save")
    page.wait_for(f"{saved}.includes('Saved in proposal.yml')")
    told = page.tell(saved)
    assert '<img src=x onerror="document.title=1"> & Søn want it' in told
    assert page.tell("document.querySelector('.tuner-saved img')") is None
    found = pending_changes(folder)
    assert [(c.path, c.new) for c in found.changes] == [("lines.mql.score", 36)]
    assert found.changes[0].words in told
    assert found.effects[0].startswith("Why: <img")
    assert str(found.valid_from) == "2026-11-01"
    assert load_agreement(folder / "agreement.yml").version == 3, "nothing is accepted by saving"
    assert YAML(typ="safe").load(file)["changes"] == {"lines.mql.score": 36}


def test_nothing_complains(page):
    assert page.said == []
