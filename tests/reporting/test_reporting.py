"""Pieces of pages: parameters, numbers, tables, figures and the page itself."""

from __future__ import annotations

import re

import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from smarketing.errors import SmarketingError, UsageError
from smarketing.language import numbers
from smarketing.reporting.figures import style as figures
from smarketing.reporting.html import page
from smarketing.reporting.html import table as tables
from smarketing.reporting.runs.html_export import page_of
from smarketing.reporting.runs.parameters import check_parameters
from smarketing.results import Picture
from smarketing.row_files import write_rows

ATTACK = "<script>alert(1)</script> & Søn"


def notebook(path, *sources, tag=True):
    cells = [new_code_cell(source) for source in sources]
    if tag and cells:
        cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(new_notebook(cells=cells), path)
    return path


# ------------------------------------------------------------------------------- parameters


def test_parameters_are_read_without_running_them(tmp_path):
    source = '# what to vary\nworkspace = "data/demo"  # a folder\nday = 1 / 0'
    check_parameters(notebook(tmp_path / "n.ipynb", source), ["workspace", "day"])


@pytest.mark.parametrize("name", ["mnoth", "month = 1; import os"])
def test_a_notebook_is_told_only_what_it_asks_for(tmp_path, name):
    book = notebook(tmp_path / "n.ipynb", 'workspace = ""\nmonth = ""')
    with pytest.raises(UsageError, match=r"no parameter of that name.*allowed: workspace, month"):
        check_parameters(book, ["month", name])


def test_all_wrong_parameters_are_told_at_once(tmp_path):
    with pytest.raises(UsageError) as caught:
        check_parameters(notebook(tmp_path / "n.ipynb", 'week = ""'), ["month", "week", "day"])
    assert [problem.found for problem in caught.value.problems] == ["'month'", "'day'"]


def test_a_notebook_without_parameters_cell_is_refused(tmp_path):
    with pytest.raises(UsageError, match="tagged"):
        check_parameters(notebook(tmp_path / "n.ipynb", "x = 1", tag=False), ["x"])
    with pytest.raises(SmarketingError, match="no such notebook"):
        check_parameters(tmp_path / "missing.ipynb", [])


# ---------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (numbers.count(1234567), "1,234,567"),
        (numbers.count(float("nan")), "–"),
        (numbers.count(pd.NA), "–"),
        (numbers.number(-0.01), "0"),
        (numbers.number(-2.5), "−2.5"),
        (numbers.percent(0.5), "50 %"),
        (numbers.percent(0), "0 %"),
        (numbers.percent(1.0), "100 %"),
        (numbers.percent(None), "–"),
        (numbers.money(999_600, "DKK"), "1.00 M kr."),
        (numbers.money(200_000, "EUR"), "200,000 EUR"),
        (numbers.money(-12_345, "XYZ"), "−12,000 XYZ"),
        (numbers.money(9_876), "9,876"),
        (numbers.signed(0.2), "±0"),
        (numbers.day(pd.NaT), "–"),
    ],
)
def test_numbers_are_said_as_people_say_them(said, text):
    assert said.replace(numbers.SPACE, " ") == text


# ------------------------------------------------------------------------- tables and pieces


@given(st.text(), st.text())
def test_no_text_becomes_markup(cell, label):
    markup = tables.table(pd.DataFrame({label: [cell]}), caption=cell).markup
    markup += page.paragraph(cell).markup + page.heading(cell).markup + page.bullets([cell]).markup
    inside = re.sub(
        r"<(/?)(div|table|caption|thead|tbody|tr|th|td|p|h2|ul|li)( [^<>]*)?>", "", markup
    )
    assert "<" not in inside
    assert ">" not in inside


def test_a_table_shows_what_is_asked_and_no_nan():
    frame = pd.DataFrame({"a": [1, None], "b": ["x", None], "c": [0.25, float("nan")]})
    markup = tables.table(frame, {"c": "Share", "b": "Name", "z": "?"}, {"c": "percent"}).markup
    assert "nan" not in markup.lower()
    assert "None" not in markup
    assert markup.index("Share") < markup.index("Name")
    assert "25\u00a0%" in markup
    assert "?" not in markup


def test_a_cut_table_says_how_many_rows_there_are():
    assert "5 of 12 rows" in tables.table(pd.DataFrame({"n": range(12)}), most=5).markup


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_rows_are_written_whole_and_harmless(tmp_path, name):
    frame = pd.DataFrame({"id": ["=cmd()", "L1"], "n": [1, -2]})
    path = write_rows(frame, tmp_path / name)
    back = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    assert back.n.tolist() == [1, -2]
    assert back.id.tolist() == (["'=cmd()", "L1"] if path.suffix == ".csv" else ["=cmd()", "L1"])
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_rows_of_an_unknown_kind_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"\.csv, \.parquet"):
        write_rows(pd.DataFrame(), tmp_path / "rows.xls")
    with pytest.raises(SmarketingError, match="cannot be written"):
        write_rows(pd.DataFrame(), tmp_path / "no" / "rows.csv")


# ---------------------------------------------------------------------------------- figures


def drawn(label=ATTACK, alt=ATTACK):
    with figures.house_style():
        figure = Figure(figsize=(3, 2))
        axes = figure.subplots()
        axes.bar([label], [3], color=figures.INK)
        axes.set_title("$x^2$ kr.")
    return Picture(figure, alt)


def test_a_figure_is_the_same_text_every_time():
    first, second = figures.inline_svg(drawn()), figures.inline_svg(drawn())
    assert first == second
    assert "<metadata" not in first
    assert "<?xml" not in first


def test_a_figure_escapes_labels_and_alt_text_and_keeps_dollars_as_text():
    svg = figures.inline_svg(drawn())
    assert "<script" not in svg
    assert svg.count("&lt;script&gt;") >= 3
    assert "$x^2$ kr." in svg


def test_ids_of_two_figures_do_not_meet():
    ids = [set(re.findall(r'\bid="([^"]+)"', figures.inline_svg(drawn(x, x)))) for x in "ab"]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_every_reference_inside_a_figure_finds_its_target():
    svg = figures.inline_svg(drawn())
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', svg)) <= ids


def test_a_figure_without_words_is_refused():
    with pytest.raises(ValueError, match="alt_text"):
        Picture(Figure(), " ")


# ------------------------------------------------------------------------------------- page


def executed(*outputs, source="secret_code = 1"):
    return new_notebook(
        cells=[new_markdown_cell("# Head"), new_code_cell(source, outputs=list(outputs))]
    )


def test_the_page_shows_outputs_and_text_but_no_code():
    html = page_of(
        executed(
            new_output("execute_result", {"text/html": "<p>shown</p>", "text/plain": "Html(…)"}),
            new_output("stream", name="stderr", text="a warning from /home/somebody"),
            new_output("display_data", {"application/javascript": "alert(1)"}),
            new_output("display_data", {"text/plain": "plain only"}),
        ),
        "Title & more",
    )
    assert "<p>shown</p>" in html
    assert "<title>Title &amp; more</title>" in html
    for hidden in (
        "secret_code",
        "a warning",
        "alert",
        "plain only",
        "Html(",
        "<script",
        "cell-id",
    ):
        assert hidden not in html


def test_the_page_has_its_landmarks_and_no_network():
    html = page_of(executed(), "T")
    assert re.match(r'<!DOCTYPE html>\s+<html lang="en">', html)
    assert html.count("<main>") == html.count("</main>") == 1
    assert html.rstrip().endswith("</html>")
    assert not re.search(r'(src|href)="(https?:)?//', html)
    assert "@import" not in html
    assert "default-src 'none'" in html
    assert len(html) < 20_000


def test_the_same_notebook_is_the_same_page():
    assert page_of(executed(), "T") == page_of(executed(), "T")
