"""Pieces of HTML for notebooks and pages; every value is escaped where it enters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

from smarketing.errors import CannotAnswer
from smarketing.language import numbers
from smarketing.language.catalogue import tr, trc
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.reporting.figures.style import house_style, inline_svg
from smarketing.results import Picture

TEMPLATES = Path(__file__).parents[1] / "templates"
KEY_FIGURES = "application/vnd.smarketing.key-figures+json"
"""The kind of output in which a report's notebook hands over its numbers and title."""


@dataclass(frozen=True)
class Html:
    """A finished piece of HTML that a notebook shows as it is.

    Parameters
    ----------
    markup : str
        Already escaped.
    """

    markup: str

    def _repr_html_(self) -> str:
        return self.markup

    def __html__(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return "Html(…)"

    def __add__(self, other: Html) -> Html:
        return Html(self.markup + "\n" + other.markup)


@cache
def _templates() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {"tr": tr, "trc": trc, "trn": trn}
    for name in ("count", "number", "percent", "money", "signed", "day"):
        env.filters[name] = getattr(numbers, name)
    return env


def template_text(name: str) -> str:
    """Return a file of ``reporting/templates`` as it is: a style sheet, a script."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def fill(template: str, **values: Any) -> Html:
    """Return a template of ``reporting/templates`` filled with values, each escaped."""
    return Html(_templates().get_template(template).render(**values))


def heading(text: str, level: int = 2) -> Html:
    """Return a heading whose text is escaped.

    Examples
    --------
    >>> heading("R&D").markup
    '<h2>R&amp;D</h2>'
    """
    return Html(f"<h{level}>{markupsafe.escape(text)}</h{level}>")


def paragraph(text: str, kind: str = "") -> Html:
    """Return a paragraph whose text is escaped.

    Parameters
    ----------
    text : str
    kind : {"", "lead", "note", "warning"}
        How it looks: an opening sentence, a remark, something the reader must not miss.
    """
    of_kind = f' class="{markupsafe.escape(kind)}"' if kind else ""
    return Html(f"<p{of_kind}>{markupsafe.escape(text)}</p>")


def bullets(sentences: Iterable[str]) -> Html:
    """Return sentences as a list, each escaped; nothing for none.

    Examples
    --------
    >>> bullets(["a < b"]).markup
    '<ul><li>a &lt; b</li></ul>'
    """
    items = "".join(f"<li>{markupsafe.escape(s)}</li>" for s in sentences)
    return Html(f"<ul>{items}</ul>" if items else "")


def unanswered(reason: str | CannotAnswer) -> Html:
    """Return the sentence that stands where a part could not be answered."""
    return paragraph(sentence(str(reason)), "unanswered")


def figure_of(draw: Callable[[], Picture], says: str = "", behind: Html | None = None) -> Html:
    """Return a figure drawn in the house style, or the sentence on why it cannot be drawn.

    Parameters
    ----------
    draw : callable
        Such as a result's ``plot``.
    says : str
        What is shown, in which unit, for when.
    behind : Html, optional
        The numbers behind it, folded away.
    """
    with house_style():
        try:
            picture = draw()
        except CannotAnswer as reason:
            return unanswered(reason)
        svg = Html(inline_svg(picture))
    return fill("figure.html.j2", svg=svg, says=says, table=behind)


def joined(*pieces: Html) -> Html:
    """Return several pieces as one."""
    return Html("\n".join(piece.markup for piece in pieces))
