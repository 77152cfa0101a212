"""Pieces of HTML for notebooks and pages; every value is escaped where it enters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
import markupsafe
from matplotlib.figure import Figure

from smarketing.errors import CannotAnswer
from smarketing.language import numbers
from smarketing.language.catalogue import tr, trc
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.reporting.figures.style import inline_svg

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
        loader=jinja2.PackageLoader("smarketing.reporting"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {"tr": tr, "trc": trc, "trn": trn}
    for name in ("count", "number", "percent", "money", "signed", "day"):
        env.filters[name] = getattr(numbers, name)
    return env


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


def shown(figure: Figure, message: str = "", says: str = "", table: Html | None = None) -> Html:
    """Return a figure under its message, with the numbers behind it.

    Parameters
    ----------
    figure : matplotlib Figure
        With ``alt_text``.
    message : str
        The title: what the figure says.
    says : str
        The second line: what is shown, in which unit, for when.
    table : Html, optional
        The numbers behind it, folded away.
    """
    return fill(
        "figure.html.j2", svg=Html(inline_svg(figure)), message=message, says=says, table=table
    )


def joined(pieces: Sequence[Html]) -> Html:
    """Return several pieces as one."""
    return Html("\n".join(piece.markup for piece in pieces))
