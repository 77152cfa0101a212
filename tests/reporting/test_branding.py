"""The company's name, logo and colour: told wrongly, read safely, readable in every light."""

from __future__ import annotations

import base64
import re
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image
from pypdf import PdfReader

import smarketing
from smarketing.errors import SmarketingError
from smarketing.folder import Folder
from smarketing.reporting.html.branding import (
    DARK_PAPER,
    LEAST_CONTRAST,
    PAPER,
    Brand,
    brand_of,
    contrast,
    page_head,
    readable,
)
from smarketing.reporting.pages.index import write_index
from smarketing.reporting.runs.html_export import page_of
from smarketing.reporting.runs.manifest import inputs_of
from smarketing.reporting.runs.pdf import write_pdf
from smarketing.warehouse.sources.load import load_sources
from tests.agreements import EXAMPLE
from tests.builders import KNOWN, made_up_company, write_warehouse

HIT = "window.hit=1"
ATTACK = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="400" height="400" onload="{HIT}"><script>{HIT};parent.hit=1;top.hit=1</script>
<image href="http://127.0.0.1:9/x.png"/><use href="http://127.0.0.1:9/x.svg#a"/>
<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="{HIT}"/></foreignObject>
<a href="javascript:{HIT}"><rect width="400" height="400" fill="#0a5"/></a></svg>"""
MINIMAL = """\
company: Acme
timezone: UTC
tables: {leads: {reader: csv, file: raw/leads.csv, columns: {lead_id: Id}}}
"""
COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


def picture(kind: str) -> bytes:
    content = BytesIO()
    Image.new("RGB", (300, 90), "#0a5").save(content, kind)
    return content.getvalue()


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "acme"
    (place / "raw").mkdir(parents=True)
    (place / "logo.svg").write_text(ATTACK)
    (place / "logo.png").write_bytes(picture("PNG"))
    (place / "photo.jpg").write_bytes(picture("JPEG"))
    (place / "text.png").write_text("no picture")
    (place / "page.svg").write_text("<html><script>1</script></html>")
    (place / "huge.png").write_bytes(picture("PNG") + bytes(100_001))
    (tmp_path / "outside.png").write_bytes(picture("PNG"))
    (place / "link.png").symlink_to(tmp_path / "outside.png")
    return place


def written(folder: Path, block: str) -> Folder:
    (folder / "sources.yml").write_text(f"{MINIMAL}branding:\n{block}\n")
    return Folder(folder)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("  colour: green", r"line 5.*branding\.colour: a colour is"),
        ("  colour: #0a5", r"line 5.*in quotes"),  # YAML takes it for a comment
        ("  colour: '#0a55'", r"line 5.*'#0a55'"),
        ("  colour: '#0a5; } body { display: none'", r"line 5.*a colour is"),
        ("  color: '#0a5'", r"line 5.*branding\.color: this key is not known; did you mean colour"),
        ("  name: ''", r"line 5.*branding\.name"),
        ("  name: [a]", r"line 5.*branding\.name"),
        ("  logo: 3", r"line 5.*branding\.logo"),
        ("  logo: absent.svg", r"line 5.*branding\.logo: there is no such file"),
        ("  logo: raw", r"line 5.*there is no such file"),
        ("  logo: ../outside.png", r"line 5.*is not in the workspace"),
        ("  logo: /etc/passwd", r"line 5.*is not in the workspace"),
        ("  logo: link.png", r"line 5.*is not in the workspace"),
        ("  logo: huge.png", r"line 5.*larger than 100 kB"),
        ("  logo: text.png", r"line 5.*no SVG, PNG or JPEG"),
        ("  logo: page.svg", r"line 5.*no SVG, PNG or JPEG"),
        ('  logo: "a\\0b.png"', r"line 5.*branding\.logo"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(folder, block, told):
    place = written(folder, block)
    with pytest.raises(SmarketingError, match=told):
        brand_of(place)
    with pytest.raises(SmarketingError, match=told):
        load_sources(folder / "sources.yml")


def test_all_mistakes_are_told_at_once_with_those_of_the_tables(folder):
    place = written(folder, "  colour: green\n  logo: text.png\n  motto: x\ncannot: {nothing: x}")
    with pytest.raises(SmarketingError) as error:
        brand_of(place)
    assert [problem.line for problem in error.value.problems] == [5, 6, 7]
    with pytest.raises(SmarketingError) as error:
        load_sources(folder / "sources.yml")
    assert [problem.line for problem in error.value.problems] == [5, 6, 7, 8]


def test_pages_do_not_ask_for_more_of_the_sources_than_the_branding(folder):
    (folder / "sources.yml").write_text("company: Acme\nbranding: {name: Acme & Søn}\n")
    assert brand_of(Folder(folder)) == Brand(name="Acme & Søn")
    (folder / "sources.yml").write_text("company: Acme\n")
    assert brand_of(Folder(folder)) == Brand()


@pytest.mark.parametrize(
    ("name", "kind"), [("logo.svg", "svg+xml"), ("logo.png", "png"), ("photo.jpg", "jpeg")]
)
def test_a_logo_stands_in_the_page_itself(folder, name, kind):
    logo = brand_of(written(folder, f"  logo: {name}")).logo
    start, content = logo.split(",")
    assert start == f"data:image/{kind};base64"
    assert base64.b64decode(content) == (folder / name).read_bytes()


@given(COLOURS)
def test_any_colour_can_be_read_as_text_on_both_papers(colour):
    for paper in (PAPER, DARK_PAPER):
        shown = readable(colour, paper)
        assert contrast(shown, paper) >= LEAST_CONTRAST
        if contrast(colour, paper) >= LEAST_CONTRAST:
            assert shown == colour
        else:  # moved no further than needed
            assert contrast(shown, paper) < LEAST_CONTRAST + 0.35


@given(COLOURS, COLOURS)
def test_contrast_is_the_same_both_ways_and_from_1_to_21(one, other):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


def test_papers_are_those_of_the_page():
    css = (Path(smarketing.__file__).parent / "reporting/templates/page.css").read_text()
    assert re.findall(r"--paper: (#\w+);", css)[:2] == [PAPER, DARK_PAPER]


def test_a_colour_leaves_verdicts_and_figures_as_they_are():
    assert set(re.findall(r"--(\w+):", Brand(colour="#0a5").css)) == {"brand"}
    assert Brand(name="Acme").css == ""


def published(brand: Brand, folder: Path) -> Path:
    head = page_head("<Acme> · October", "agreement 3", brand, "<Acme>")
    output = new_output("display_data", data={"text/html": head.markup})
    book = new_notebook(cells=[new_code_cell("", outputs=[output], execution_count=1)])
    page = folder / "page.html"
    page.write_text(page_of(book, "Acme", "en", brand))
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_logo_with_scripts_is_a_picture_a_line_and_a_half_high(chromium, folder, scheme):
    brand = brand_of(written(folder, "  logo: logo.svg\n  colour: '#ff0'"))
    page_file = published(brand, folder)
    context = chromium.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url[:40]))
    page.goto(page_file.as_uri())
    page.wait_for_timeout(200)
    assert page.evaluate("window.hit") is None
    assert [url for url in asked if not url.startswith("data:")] == [page_file.as_uri()[:40]]
    logo = page.locator("img.logo")
    assert logo.get_attribute("alt") == "<Acme>"
    assert page.evaluate("document.querySelector('img.logo').naturalWidth") > 0
    line = page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).lineHeight)")
    assert 0 < logo.bounding_box()["height"] <= 1.5 * line
    rule = page.evaluate("getComputedStyle(document.querySelector('.top')).borderBottomColor")
    shown = readable("#ff0", PAPER if scheme == "light" else DARK_PAPER)
    assert rule == "rgb({}, {}, {})".format(*(int(shown[i : i + 2], 16) for i in (1, 3, 5)))
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["#ff0", "#0a5", "#123", "#f6f6f6"])
def test_links_in_the_colour_pass_the_contrast_check(chromium, folder, colour, scheme):
    page_file = published(Brand(colour=colour), folder)
    text = page_file.read_text().replace("</main>", "<p><a href='x'>A link to read</a></p></main>")
    page_file.write_text(text)
    context = chromium.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    page.goto(page_file.as_uri())
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found] == []
    context.close()


def test_a_logo_is_on_paper_too(folder):
    page = published(brand_of(written(folder, "  logo: logo.png")), folder)
    assert len(PdfReader(write_pdf(page)).pages[0].images) == 1


def test_the_index_has_name_logo_and_colour(folder):
    brand = brand_of(written(folder, "  name: <Acme>\n  logo: logo.png\n  colour: '#0a5'"))
    text = write_index(folder, brand=brand).read_text()
    assert "<h1>&lt;Acme&gt; · Reports</h1>" in text
    assert 'alt="&lt;Acme&gt;"' in text
    assert brand.css.strip() in text


def test_another_branding_is_another_input(folder):
    (folder / "agreement.yml").write_text(EXAMPLE)
    write_warehouse(folder / "warehouse.duckdb", made_up_company(leads=60), KNOWN)
    seen = set()
    for block in ("  name: Acme", "  colour: '#0a5'", "  logo: logo.png"):
        seen.add(inputs_of(written(folder, block), Path("x"))["branding_sha256"])
    (folder / "logo.png").write_bytes(picture("JPEG"))
    seen.add(inputs_of(Folder(folder), Path("x"))["branding_sha256"])
    assert len(seen) == 4
