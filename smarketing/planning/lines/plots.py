"""Figures of a plan: the lines against leads and margin, the promises against forecasts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, number
from smarketing.planning.lines.line_grid import LineTable
from smarketing.planning.lines.margin import Terms
from smarketing.planning.lines.policies import JudgedLines
from smarketing.planning.wording import MEASURES
from smarketing.results import Picture

INK, EARLIER, ACCENT, BAD = "#1d2b36", "#8f9ba5", "#2a6f97", "#b3352b"


def plot_thresholds(
    table: LineTable, terms: Terms, mql: float, sql: float, today: float | None, sales_ready: float
) -> Picture:
    """Draw leads a month and margin over the SQL line, the MQL line as recommended.

    Parameters
    ----------
    table : LineTable
    terms : Terms
    mql, sql : float
        The recommended lines.
    today : float or None
        The agreement's SQL line.
    sales_ready : float
        Sales-ready leads a month at the recommended lines.
    """
    judged = JudgedLines.of(table, terms)
    m = table.position(mql)
    lines = np.arange(len(table.grid)) if terms.one_line else np.arange(m, len(table.grid))
    rows = lines if terms.one_line else np.full(len(lines), m)
    panels = 1 if terms.customer_value is None else 2
    figure = Figure(figsize=(7, 2.6 * panels), layout="constrained")
    axes = np.atleast_1d(figure.subplots(panels, 1, sharex=True))
    _draw_leads(axes[0], judged, rows, lines)
    if panels == 2:
        _step(axes[1], table.grid[lines], judged.money.margin[rows, lines], INK)
        axes[1].yaxis.set_major_formatter(lambda value, _: count(value))
        axes[1].set_ylabel(tr("margin a month") if terms.dated else tr("margin"))
    for axis in axes:
        axis.axvline(sql, color=INK, lw=1.2)
        if today is not None:
            axis.axvline(today, color=EARLIER, lw=1.2, ls="--")
    at = {"line": number(sql, 3), "n": count(sales_ready)}
    if today is None:
        axes[-1].set_xlabel(tr("SQL line (solid: recommended)"))
        alt_text = tr(
            "Sales-ready leads and margin for every SQL line. At the recommended line of {line} "
            "about {n} leads are sales-ready.",
            **at,
        )
    else:
        axes[-1].set_xlabel(tr("SQL line (solid: recommended, dashed: today)"))
        alt_text = tr(
            "Sales-ready leads and margin for every SQL line. At the recommended line of {line} "
            "about {n} leads are sales-ready; today's line is {today}.",
            today=number(today, 3),
            **at,
        )
    sns.despine(figure)
    return Picture(figure, alt_text)


def _draw_leads(axis: Axes, judged: JudgedLines, rows: np.ndarray, lines: np.ndarray) -> None:
    """Draw leads a month over the SQL line, with the reps' capacity."""
    terms, x = judged.terms, judged.table.grid[lines]
    record, tables = terms.record, terms.record.kept_to(judged.tables)
    ready = (tables.direct[:, 0, lines] + tables.passed[:, rows, lines]).mean(axis=0)
    _step(axis, x, terms.demand * (ready + record.sales_ready), INK, tr("sales-ready"))
    if not terms.one_line:
        mqls = tables.qualified[:, rows, lines].mean(axis=0) + record.mqls
        _step(axis, x, terms.demand * mqls, ACCENT, tr("to qualification"))
    if math.isfinite(terms.closing):
        axis.axhline(terms.closing, color=BAD, lw=1, ls=":", label=tr("closing capacity"))
    axis.set_ylabel(tr("leads a month") if terms.dated else tr("leads"))
    axis.legend(frameon=False, fontsize=8)


def _step(axis: Axes, x: np.ndarray, y: np.ndarray, color: str, label: str | None = None) -> None:
    sns.lineplot(x=x, y=y, ax=axis, color=color, drawstyle="steps-pre", label=label)


def plot_volumes(rows: pd.DataFrame) -> Picture:
    """Draw each measure's 80 % interval with today's promise and the recommended one.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row per measure: ``measure``, ``low``, ``expected``, ``high``, ``recommended``,
        ``agreed``.
    """
    figure = Figure(figsize=(7, 0.8 * len(rows) + 0.5), layout="constrained")
    axes = np.atleast_1d(figure.subplots(len(rows), 1))
    promises = []
    for axis, row in zip(axes, rows.to_dict("records"), strict=True):
        measure = row["measure"]
        name = tr(MEASURES[measure])
        axis.plot([row["low"], row["high"]], [0, 0], color=EARLIER, lw=6, solid_capstyle="butt")
        axis.plot(row["expected"], 0, "|", color=INK, ms=12)
        can = {"measure": name, "promise": number(row["recommended"], 2)}
        if not pd.isna(row["recommended"]):
            axis.plot(row["recommended"], 0, "o", color=ACCENT, ms=7)
        if row["agreed"] is not None and not pd.isna(row["agreed"]):
            axis.plot(row["agreed"], 0, "D", mfc="none", mec=BAD, ms=7)
            agreed = number(row["agreed"], 2)
            promises.append(
                tr("{measure}: {promise} can be promised, {agreed} is agreed", agreed=agreed, **can)
            )
        else:
            promises.append(tr("{measure}: {promise} can be promised", **can))
        axis.set_yticks([0], [name])
        axis.set_xlim(left=0)
        axis.xaxis.set_major_formatter(lambda value, _: number(value, 2))
        axis.margins(y=0.5)
        sns.despine(ax=axis, left=True)
        axis.tick_params(left=False)
    figure.supxlabel(
        tr("a month – bar: 80 % interval, stroke: median, dot: recommended, diamond: agreed today"),
        fontsize=8,
    )
    alt_text = tr("Forecast and promises a month. {promises}.", promises="; ".join(promises))
    return Picture(figure, alt_text)
