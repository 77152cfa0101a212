"""The figure of the first screen: thirteen months of both sides' results, side by side."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from smarketing.funnel.wording import STAGE_NAMES
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, month_name, short_month
from smarketing.reporting.figures.style import EARLIER, INK
from smarketing.results import Picture


def thirteen_months(counts: pd.DataFrame, promised: Mapping[str, float], month: str) -> Picture:
    """Draw hand-overs (or leads) and customers month by month, the promise as an outline.

    Parameters
    ----------
    counts : pandas.DataFrame
        ``month``, ``stage``, and ``calendar``, the leads that got there in the month.
    promised : mapping
        Stage -> leads a month.
    month : str
        The month reported: dark; the earlier ones are lighter.

    Examples
    --------
    >>> thirteen_months(trend.counts, trend.promised, "2026-10").alt_text  # doctest: +SKIP
    """
    stages = ["sales_ready" if (counts.stage == "sales_ready").any() else "lead"]
    stages += ["customer"] if (counts.stage == "customer").any() else []
    figure = Figure(figsize=(5.6 * len(stages), 1.9), layout="constrained")
    panels = figure.subplots(1, len(stages), squeeze=False)[0]
    alt_text = " ".join(
        _bars(axes, counts[counts.stage == stage], stage, month, promised.get(stage))
        for axes, stage in zip(panels, stages, strict=True)
    )
    return Picture(figure, alt_text)


def _bars(axes: Axes, rows: pd.DataFrame, stage: str, month: str, promise: float | None) -> str:
    values = rows.calendar.tolist()
    months = rows.month.tolist()
    places = range(len(months))
    colours = [INK if each == month else EARLIER for each in months]
    axes.bar(places, values, width=0.6, color=colours)
    if promise is not None:
        axes.bar(places, promise, width=0.82, facecolor="none", edgecolor=INK, linewidth=0.9)
    for place, value in zip(places, values, strict=True):
        axes.annotate(
            count(value), (place, value), (0, 2), textcoords="offset points", ha="center",
            fontsize=8.5,
        )  # fmt: skip
    axes.set_ylim(0, 1.18 * max([*values, promise or 0, 1]))
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    labels = [
        short_month(m) + (f"\n{m[:4]}" if place == 0 or m.endswith("-01") else "")
        for place, m in enumerate(months)
    ]
    axes.set_xticks(list(places), labels, fontsize=8.5)
    title = tr(
        "{stages}: {n} in {month}",
        stages=tr(STAGE_NAMES[stage]),
        n=count(values[-1]),
        month=month_name(month),
    )
    says = ""
    if promise is not None:
        says = tr(
            "{promised} promised, reached in {k} of {n} months",
            promised=count(promise),
            k=count(sum(value >= promise for value in values)),
            n=count(len(values)),
        )
    axes.set_title(f"{title}\n" if says else title, loc="left", fontsize=9.5, fontweight="bold")
    axes.annotate(
        says, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points", fontsize=8.5
    )
    each = ", ".join(f"{m} {count(v)}" for m, v in zip(months, values, strict=True))
    title = f"{title}; {says}" if says else title
    return tr("{title}. In each month: {values}.", title=title, values=each)
