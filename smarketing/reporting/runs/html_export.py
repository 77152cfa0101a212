"""An executed notebook as one self-contained page."""

from __future__ import annotations

from nbconvert import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from smarketing.reporting.html.branding import Brand
from smarketing.reporting.html.page import TEMPLATES, template_text


def page_of(
    book: NotebookNode, title: str, language: str = "en", brand: Brand | None = None
) -> str:
    """Return an executed notebook as one self-contained page: no code, scripts or network.

    Parameters
    ----------
    book : NotebookNode
        Executed; shown are its markdown and its cells' HTML outputs, nothing else.
    title : str
        The page's title, escaped here.
    language : str
        Of the page, as in ``<html lang>``.
    brand : Brand, optional
        Whose colour it has.

    Examples
    --------
    >>> from nbformat.v4 import new_notebook
    >>> "<title>A &amp; B</title>" in page_of(new_notebook(), "A & B")
    True
    """
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number}"  # papermill's injected cell has a random one
    exporter = HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="page",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        # widgets' state and cells' highlighting have no place on the page
        config=Config({"CSSHTMLHeaderPreprocessor": {"enabled": False}}),
    )
    css = template_text("page.css") + (brand.css if brand else "")
    html, _ = exporter.from_notebook_node(
        book, resources={"smarketing": {"language": language, "title": title, "css": css}}
    )
    return html.strip() + "\n"
