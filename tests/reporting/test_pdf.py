"""Pages as PDF: to search, in the colours of print, the same bytes each time."""

from __future__ import annotations

import sys

import pytest
from pypdf import PdfReader

from smarketing.errors import SmarketingError
from smarketing.reporting.runs.pdf import print_colours, write_pdf
from tests.conftest import ONE_WORKER

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Acme · October</title></head>
<body><h1>Acme · October</h1><p>4 customers</p><img src="http://127.0.0.1:9/x.png">
<svg width="10" height="10"><rect width="9" height="9" style="fill: var(--earlier)"/></svg>
</body></html>"""


def test_a_pdf_has_text_to_search_and_is_the_same_each_time(tmp_path):
    page = tmp_path / "monthly-2026-10.html"
    page.write_text(PAGE)
    made = write_pdf(page)
    assert made.name == "monthly-2026-10.pdf"
    reader = PdfReader(made)
    assert "4 customers" in reader.pages[0].extract_text()
    assert reader.metadata.title == "Acme · October"
    first = made.read_bytes()
    assert write_pdf(page).read_bytes() == first
    assert sorted(p.name for p in tmp_path.iterdir()) == [page.name, made.name]


def test_figures_have_the_colours_of_print():
    assert "#888" in print_colours(PAGE)
    assert "var(" not in print_colours(PAGE)


def test_without_weasyprint_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    with pytest.raises(SmarketingError, match=r"smarketing\[pdf\]"):
        write_pdf(page)


@ONE_WORKER
def test_the_months_report_fits_on_paper(monthly, tmp_path):
    page = tmp_path / monthly.html.name
    page.write_bytes(monthly.html.read_bytes())
    pages = PdfReader(write_pdf(page)).pages
    text = " ".join(" ".join(p.extract_text() for p in pages).split())
    assert "Nordlys Software · Sales and marketing, October 2026" in text
    assert "Where the numbers come from" in text
    assert len(pages) < 20
    assert [float(side) for side in pages[0].mediabox[2:]] == pytest.approx([595.3, 841.9], abs=0.2)
