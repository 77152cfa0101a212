"""What moving each line gives, a choice and today marked: the figure of the page and the tuner.

Drawn once with seaborn. Afterwards only what moves is drawn again, over a ground (axes, ticks,
today's lines) that is kept as text while the scales stand: five times as fast as drawing it all.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from html import escape

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, money, number, percent
from smarketing.language.plurals import trn
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.planning.lines.whatif import Answer, LineWhatIf
from smarketing.reporting.figures.style import (
    ACCENT,
    BAD,
    EARLIER,
    INK,
    house_style,
    in_page_colours,
)
from smarketing.reporting.html.page import Html, fill
from smarketing.results import letters_as_text

Lines = tuple[float | None, float]
"""MQL line (None with one line) and SQL line."""

DESKS = ("qualification", "closing")
COLOURS = {"mqls": ACCENT, "sales_ready": INK}
COLOURS |= {"overflow_qualification": ACCENT, "overflow_closing": INK, "margin": INK}
LABELS = {
    "mqls": mark("to qualification"),
    "sales_ready": mark("sales-ready"),
    "overflow_qualification": mark("qualification"),
    "overflow_closing": mark("closing"),
}
LINES = {"mql": mark("MQL line, points"), "sql": mark("SQL line, points")}

MOST_GROUNDS = 50
"""Kept at once, some 30 kB each."""


class LineFigure:
    """Leads, overflow and margin a month over each line; moved, not redrawn.

    Parameters
    ----------
    asked : LineWhatIf
    today : (float or None, float)
        The lines agreed, dashed.

    Examples
    --------
    >>> LineFigure(asked, (35, 55)).move(asked, (38, 59), {})  # doctest: +SKIP
    """

    def __init__(self, asked: LineWhatIf, today: Lines) -> None:
        terms = asked.terms
        self.columns = ("sql",) if terms.one_line else ("mql", "sql")
        self.dated = asked.table.months != ("all",)
        leads = ("sales_ready",) if terms.one_line else ("mqls", "sales_ready")
        desks = [
            f"overflow_{desk}"
            for desk in DESKS
            if math.isfinite(getattr(terms, desk)) and not (desk[0] == "q" and terms.one_line)
        ]
        self.rows: list[tuple[str, ...]] = [leads]
        self.rows += [tuple(desks)] if desks else []
        self.rows += [("margin",)] if terms.customer_value is not None else []
        self.curves: dict[tuple[str, str], Line2D] = {}
        self.dots: dict[tuple[str, str], Line2D] = {}
        self.choice: list[tuple[str, Line2D]] = []
        self.limits: dict[str, list[Line2D]] = {"qualification": [], "closing": [], "risk": []}
        self.alt_text = ""
        self._grounds: dict[tuple[tuple[float, float], ...], str] = {}
        with house_style():
            self.figure = Figure(figsize=(7.4, 0.7 + 1.3 * len(self.rows)), dpi=72)
            FigureCanvasSVG(self.figure)
            self.axes = self.figure.subplots(
                len(self.rows), len(self.columns), sharey="row", sharex=True, squeeze=False
            )
            high = self.figure.get_figheight()
            self.figure.subplots_adjust(
                left=0.11, right=0.99, top=1 - 0.28 / high, bottom=0.45 / high,
                hspace=0.18, wspace=0.07,
            )  # fmt: skip
            for i, names in enumerate(self.rows):
                for j, line in enumerate(self.columns):
                    self._panel(self.axes[i, j], names, line, today, first=j == 0)
            for axis, line in zip(self.axes[-1], self.columns, strict=True):
                axis.set_xlabel(tr(LINES[line]), fontsize=9)
            grid = asked.table.grid
            self.axes[0, 0].set_xlim(grid[0] - 0.5, grid[-1] + 0.5)
            self.titles = [axis.set_title(" ", fontsize=9, loc="left") for axis in self.axes[0]]
        self.moving = [
            *(stroke for strokes in self.limits.values() for stroke in strokes),
            *(stroke for _, stroke in self.choice),
            *self.curves.values(),
            *self.dots.values(),
            *self.titles,
        ]
        for artist in self.moving:
            artist.set_animated(True)  # left out when the ground is drawn

    def _panel(
        self, axis: Axes, names: tuple[str, ...], line: str, today: Lines, first: bool
    ) -> None:
        old = today[0] if line == "mql" else today[1]
        if old is not None:
            axis.axvline(old, color=EARLIER, lw=1.2, ls="--")
        self.choice.append((line, axis.axvline(0, color=INK, lw=1)))
        for name in names:
            colour = COLOURS[name]
            sns.lineplot(
                x=[0.0, 1.0], y=[0.0, 1.0], ax=axis, color=colour, lw=1.6, drawstyle="steps-pre",
                label=tr(LABELS[name]) if first and name in LABELS else None, legend=False,
            )  # fmt: skip
            self.curves[line, name] = axis.lines[-1]
            (self.dots[line, name],) = axis.plot([0], [0], "o", color=colour, ms=5)
        if names[0] in ("mqls", "sales_ready"):
            axis.yaxis.set_major_formatter(lambda value, _: count(value))
            for desk, colour in (("qualification", ACCENT), ("closing", BAD)):
                if desk == "closing" or "mqls" in names:
                    limit = axis.axhline(0, color=colour, lw=1, ls=":")
                    self.limits[desk].append(limit)
            label = tr("leads a month") if self.dated else tr("leads")
        elif names == ("margin",):
            axis.axhline(0, color=EARLIER, lw=0.8)
            axis.yaxis.set_major_formatter(lambda value, _: money(value))
            label = tr("margin a month") if self.dated else tr("margin")
        else:
            self.limits["risk"].append(axis.axhline(0, color=BAD, lw=1, ls=":"))
            axis.set_ylim(-0.02, 1.02)
            axis.set_yticks([0, 0.5, 1], [count(0), percent(0.5), percent(1)])
            label = tr("months too full")
        axis.set_ylabel(label if first else "", fontsize=9)
        axis.tick_params(length=3, labelsize=8.5)
        if first and names != ("margin",):
            axis.legend(
                fontsize=8, loc="upper right", ncols=2, handlelength=1.2, columnspacing=1.2,
                borderaxespad=0, borderpad=0.1,
            )  # fmt: skip

    def move(self, asked: LineWhatIf, lines: Lines, changed: dict[str, float]) -> str:
        """Return the figure as SVG, at a choice of lines and terms.

        Parameters
        ----------
        asked : LineWhatIf
        lines : (float or None, float)
        changed : dict of str to float
            Terms as :meth:`WhatIf.ask` takes them.
        """
        mql, sql = lines
        answer = asked.ask(mql, sql, **changed)
        for line in self.columns:
            curve = asked.curve(line, mql=mql, sql=sql, **changed)
            for (which, name), artist in self.curves.items():
                if which == line:
                    artist.set_data(curve["line"], curve[name])
        places = {"mql": math.nan if mql is None else mql, "sql": sql}
        for (line, name), dot in self.dots.items():
            dot.set_data([places[line]], [math.nan if answer[name] is None else answer[name]])
        for line, stroke in self.choice:
            stroke.set_xdata([places[line]] * 2)
        terms: dict[str, float] = {
            name: changed.get(name, getattr(asked.terms, name)) for name in (*DESKS, "confidence")
        }
        terms["risk"] = 1 - terms.pop("confidence")
        for name, strokes in self.limits.items():
            for stroke in strokes:
                stroke.set_visible(math.isfinite(terms[name]))
                stroke.set_ydata([terms[name] if math.isfinite(terms[name]) else 0] * 2)
        self._scales(answer, terms)
        for line, title in zip(self.columns, self.titles, strict=True):
            title.set_text(_title(line, mql, sql))
        self.alt_text = _alt_text(mql, sql, answer.words)
        return self._drawn()

    def _drawn(self) -> str:
        scales = tuple(axis.get_ylim() for axis in self.axes[:, 0])
        if scales not in self._grounds:
            if len(self._grounds) >= MOST_GROUNDS:
                self._grounds.clear()
            with house_style():
                self._grounds[scales] = self._svg(self.figure.draw)
        with letters_as_text():
            moved = self._svg(lambda pen: [artist.draw(pen) for artist in self.moving])
        width, height = (72 * inches for inches in self.figure.get_size_inches())
        words = escape(self.alt_text)
        return (
            f'<svg role="img" aria-label="{words}" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}pt" height="{height:g}pt" xmlns:xlink="http://www.w3.org/1999/xlink">'
            f"<title>{words}</title>{self._grounds[scales]}{moved}</svg>"
        )

    def _svg(self, draw: Callable[[RendererSVG], object]) -> str:
        """Return what is drawn as the inside of an SVG element, in the page's colours."""
        out = io.StringIO()
        width, height = (72 * inches for inches in self.figure.get_size_inches())
        pen = RendererSVG(width, height, out, image_dpi=72)
        draw(pen)
        pen.finalize()
        text = out.getvalue()
        # The head names a date: the same figure is to be the same text.
        start = text.index("</metadata>") + len("</metadata>")
        return in_page_colours(text[start : text.rindex("</svg>")])

    def _scales(self, answer: Answer, terms: dict[str, float]) -> None:
        # A line at the very bottom sends everybody: the capacities are what there is to see.
        # Round limits stand still while a line moves.
        room = [terms[desk] for desk in DESKS if math.isfinite(terms[desk])]
        seen = [answer[name] for name in self.rows[0] if answer[name] is not None]
        self.axes[0, 0].set_ylim(0, _round_up(1.2 * max([*room, *seen, 1.0])))
        if self.rows[-1] == ("margin",):
            drawn = [self.curves[line, "margin"].get_ydata() for line in self.columns]
            values = pd.Series(np.concatenate(drawn)).dropna()
            top = _round_up(max(float(values.max()), 1.0))
            low = -_round_up(-float(values.min())) if values.min() < -0.02 * top else 0.0
            self.axes[-1, 0].set_ylim(max(low, -top) - 0.02 * top, 1.02 * top)


def line_figure(recommended: Thresholds, currency: str, today: Lines) -> Html:
    """Return the figure at the lines recommended, as a page shows it.

    Parameters
    ----------
    recommended : Thresholds
    currency : str
    today : (float or None, float)
        The lines agreed, dashed.
    """
    asked = LineWhatIf.of(recommended, currency)
    lines = (None if recommended.terms.one_line else float(recommended.mql), float(recommended.sql))
    svg = LineFigure(asked, today).move(asked, lines, {})
    says = tr("Solid: recommended; dashed: today; dotted: what the desks can work")
    return fill("figure.html.j2", svg=Html(svg), says=says, table=None)


def _title(line: str, mql: float | None, sql: float) -> str:
    if mql is None:
        return ""
    if line == "mql":
        return tr("MQL line moves, SQL line at {sql}", sql=number(sql))
    return tr("SQL line moves, MQL line at {mql}", mql=number(mql))


def _round_up(value: float) -> float:
    """Return the next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten.

    Examples
    --------
    >>> _round_up(2_750_000), _round_up(0.0)
    (3000000.0, 0.0)
    """
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        n * power for n in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if n * power >= value * (1 - 1e-9)
    )


def _alt_text(mql: float | None, sql: float, answer: str) -> str:
    if mql is None:
        return trn(
            "What moving the line gives. At {n} point: {answer}",
            "What moving the line gives. At {n} points: {answer}",
            sql,
            n=number(sql),
            answer=answer,
        )
    return tr(
        "What moving either line gives. At {mql} and {sql} points: {answer}",
        mql=number(mql),
        sql=number(sql),
        answer=answer,
    )
