"""The rendered pages in a real browser: for every reader, on every screen, and on paper."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe

from smarketing.reporting.pages.index import write_index
from tests.conftest import ONE_WORKER

pytestmark = ONE_WORKER
KINDS = ("monthly", "weekly", "index")

CUT_OFF = """() => [...document.querySelectorAll("main *")].filter((e) => {
  const scrolls = e.closest(".scroll, .wide");
  const box = e.getBoundingClientRect();
  return !scrolls && !e.closest(".hidden") && box.width && box.right > innerWidth + 1;
}).map((e) => e.outerHTML.slice(0, 120))"""
HEADINGS = """() => [...document.querySelectorAll("h1,h2,h3,h4")].map((e) => +e.tagName[1])"""
FIGURES = """() => [...document.querySelectorAll("svg")].map((e) => ({
  said: e.getAttribute("aria-label"), role: e.getAttribute("role"),
  table: !!(e.closest("figure") && e.closest("figure").querySelector("table")) }))"""


@pytest.fixture(scope="module")
def pages(monthly, monthly_danish, weekly):
    return {
        "monthly": monthly.html,
        "danish": monthly_danish.html,
        "weekly": weekly.html,
        "index": write_index(monthly.html.parent),
    }


@pytest.fixture
def opened(chromium, pages):
    """Return a function that opens a page; what it fetched and said is kept with it."""
    contexts = []

    def open_page(kind, width=1280, height=800, **how):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, bypass_csp=True, **how
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(pages[kind].as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_fetched_and_nothing_complains(chromium, pages, kind):
    context = chromium.new_context()  # with the page's own security policy
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(pages[kind].as_uri())
    assert asked == [pages[kind].as_uri()]
    assert said == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_no_violation(opened, kind, scheme):
    found = Axe().run(opened(kind, color_scheme=scheme)).response["violations"]
    assert [(v["impact"], v["id"], v["nodes"][0]["html"][:200]) for v in found] == []


@pytest.mark.parametrize("kind", KINDS)
def test_headings_and_landmarks_are_in_order(opened, kind):
    page = opened(kind)
    levels = page.evaluate(HEADINGS)
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("main").count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_says_in_words_what_it_shows(opened, kind):
    figures = opened(kind).evaluate(FIGURES)
    for figure in figures:
        assert figure["role"] == "img"
        assert len(figure["said"]) > 40, figure["said"]
        assert re.search(r"\d", figure["said"]), figure["said"]
    if kind == "monthly":
        assert len(figures) >= 5


def test_a_table_stands_behind_the_figures_of_the_month(opened):
    figures = opened("monthly").evaluate(FIGURES)
    assert sum(figure["table"] for figure in figures) >= 1


def test_a_campaign_named_like_a_script_stays_text(opened):
    page = opened("monthly")
    assert page.locator("script").count() == 0
    assert "<script>alert(1)</script> & Søn" in page.locator("main").inner_text()


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_cut_off_at_the_side(opened, kind, width):
    page = opened(kind, width=width, height=780)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("monthly", ["Marketing promised", "Sales promised", "This year, 10 months",
                     "What changed", "We recommend", "How sure we are"]),
        ("danish", ["Marketing lovede", "Salg lovede", "I år, 10 måneder",
                    "Hvad har ændret sig", "Vi anbefaler", "Hvor sikre vi er"]),
    ],
)  # fmt: skip
def test_the_first_screen_of_a_laptop_answers_all_that_leadership_asks(opened, kind, asked):
    """Promises, the year and the goals, what changed, what to do, how sure: without scrolling."""
    page = opened(kind, width=1366, height=768)
    sections = page.locator(".answers section")
    heads = [text.splitlines()[0].split("\t")[0] for text in sections.all_inner_texts()]
    assert sorted(heads) == sorted(asked)
    for n in range(sections.count()):
        box = sections.nth(n).bounding_box()
        assert box["y"] + box["height"] <= 768, heads[n]
    assert page.locator(".message").bounding_box()["y"] >= 0
    assert len(page.locator(".point p").all_inner_texts()[-1]) > 40


@pytest.mark.parametrize("kind", KINDS)
def test_on_paper_no_table_is_cut(opened, kind):
    page = opened(kind, width=686, height=970)  # A4 less its margins, at 96 px an inch
    page.emulate_media(media="print")
    wide = page.evaluate(
        """() => [...document.querySelectorAll("table")].filter((e) =>
           e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.innerText.slice(0, 80))"""
    )
    assert wide == []


@pytest.mark.parametrize(("kind", "what"), [("weekly", ".week .verdict"), ("index", "td.says")])
def test_a_phone_shows_the_answer_without_moving_the_table(opened, kind, what):
    page = opened(kind, width=360, height=780)
    box = page.locator(what).first.bounding_box()
    assert box["x"] + box["width"] <= 360


def test_the_index_finds_a_month_without_a_server(chromium, pages):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(pages["index"].as_uri())
    rows = page.locator("tr[data-text]")
    page.locator("#search").fill("october nothing-of-that-name")
    assert page.locator("#found").inner_text() == f"0 of {rows.count()}"
    page.locator("#search").fill("october 2026")
    assert page.locator("#found").inner_text().startswith("1 of")
    context.close()
