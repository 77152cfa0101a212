"""Figures of a plan: the lines against leads and margin, the promises against forecasts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from smarketing.planning.lines.margin import judge

if TYPE_CHECKING:
    from smarketing.planning.lines.thresholds import Thresholds
    from smarketing.planning.volumes.promises import SLAVolumes

INK, EARLIER, ACCENT, BAD = "#1d2b36", "#8f9ba5", "#2a6f97", "#b3352b"
NAMES = {
    "mqls": "MQLs",
    "sales_ready": "sales-ready leads",
    "acceptance_rate": "acceptance rate",
    "customers": "customers",
    "revenue": "revenue",
}


def plot_thresholds(found: Thresholds) -> Figure:
    """Draw leads a month and margin over the SQL line, the MQL line as recommended."""
    table, terms = found.table, found.terms
    tables = table.tables()
    money = judge(tables, terms)
    m = table.position(found.mql)
    lines = np.arange(len(table.grid)) if terms.one_line else np.arange(m, len(table.grid))
    rows = lines if terms.one_line else np.full(len(lines), m)
    ready = terms.demand * (tables.direct[:, 0, lines] + tables.passed[:, rows, lines]).mean(axis=0)
    x = table.grid[lines]
    panels = 1 if terms.customer_value is None else 2
    figure = Figure(figsize=(7, 2.6 * panels), layout="constrained")
    axes = np.atleast_1d(figure.subplots(panels, 1, sharex=True))
    leads = axes[0]
    sns.lineplot(x=x, y=ready, ax=leads, color=INK, drawstyle="steps-pre", label="sales-ready")
    if not terms.one_line:
        mqls = terms.demand * tables.qualified[:, m, lines].mean(axis=0)
        sns.lineplot(
            x=x, y=mqls, ax=leads, color=ACCENT, drawstyle="steps-pre", label="to qualification"
        )
    if math.isfinite(terms.closing):
        leads.axhline(terms.closing, color=BAD, lw=1, ls=":", label="closing capacity")
    leads.set_ylabel("leads a month" if table.months != ("all",) else "leads")
    leads.legend(frameon=False, fontsize=8)
    if panels == 2:
        sns.lineplot(x=x, y=money.margin[rows, lines], ax=axes[1], color=INK, drawstyle="steps-pre")
        axes[1].yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes[1].set_ylabel("margin a month" if table.months != ("all",) else "margin")
    today = found.policies.set_index("lines").get("sql", pd.Series(dtype=float)).get("today")
    for axis in axes:
        axis.axvline(found.sql, color=INK, lw=1.2)
        if today is not None:
            axis.axvline(today, color=EARLIER, lw=1.2, ls="--")
    axes[-1].set_xlabel("SQL line (solid: recommended" + (", dashed: today)" if today else ")"))
    sns.despine(figure)
    row = found.row()
    figure.alt_text = (
        f"Sales-ready leads and margin for every SQL line. At the recommended line of "
        f"{found.sql:g} about {row['sales_ready']:.0f} leads are sales-ready"
        + (f"; today's line is {today:g}." if today is not None else ".")
    )
    return figure


def plot_volumes(found: SLAVolumes) -> Figure:
    """Draw each measure's 80 % interval with today's promise and the recommended one."""
    rows = found.promises
    figure = Figure(figsize=(7, 0.8 * len(rows) + 0.5), layout="constrained")
    axes = np.atleast_1d(figure.subplots(len(rows), 1))
    said = []
    for axis, row in zip(axes, rows.to_dict("records"), strict=True):
        name = NAMES[row["measure"]]
        axis.plot([row["low"], row["high"]], [0, 0], color=EARLIER, lw=6, solid_capstyle="butt")
        axis.plot(row["expected"], 0, "|", color=INK, ms=12)
        axis.plot(row["recommended"], 0, "o", color=ACCENT, ms=7)
        text = f"{name}: {row['recommended']:,g} can be promised"
        if row["agreed"] is not None and not pd.isna(row["agreed"]):
            axis.plot(row["agreed"], 0, "D", mfc="none", mec=BAD, ms=7)
            text += f", {row['agreed']:,g} is agreed"
        said.append(text)
        axis.set_yticks([0], [name])
        axis.set_xlim(left=0)
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        axis.margins(y=0.5)
        sns.despine(ax=axis, left=True)
        axis.tick_params(left=False)
    figure.supxlabel(
        "a month – bar: 80 % interval, stroke: median, dot: recommended, diamond: agreed today",
        fontsize=8,
    )
    figure.alt_text = "Forecast and promises a month. " + "; ".join(said) + "."
    return figure
