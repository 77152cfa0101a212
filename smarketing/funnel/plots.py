"""The room's figures: actual solid and dark, the promise outlined, a message in the title."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from smarketing.funnel.wording import STAGE_NAMES, hours_of, in_text
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, day, fixed, number, percent
from smarketing.language.plurals import trn
from smarketing.results import Picture

INK, EARLIER, BAD = "#1d2b36", "#8f9ba5", "#b3352b"


def funnel_bars(counts: pd.DataFrame, month: str, until: pd.Timestamp) -> Picture:
    """Draw a cohort as horizontal bars; `counts` as in Stages.counts."""
    path = counts[counts.cohort.notna() & ~counts.stage.isin(["rejected", "recycled"])]
    path = path[path.stage != "disqualified"]
    labels = [tr(STAGE_NAMES[stage]) for stage in path.stage]
    numbers = path.cohort.astype(int).tolist()
    figure = Figure(figsize=(6.4, 0.9 + 0.38 * len(path)), layout="constrained")
    axes = figure.subplots()
    sns.barplot(x=numbers, y=labels, color=INK, ax=axes)
    for place, n in enumerate(numbers):
        share = f" ({percent(n / numbers[0])})" if place and numbers[0] else ""
        axes.annotate(
            f"{count(n)}{share}", (n, place), (4, 0), textcoords="offset points", va="center"
        )
    axes.margins(x=0.15)
    axes.xaxis.set_visible(False)
    sns.despine(ax=axes, bottom=True)
    last = in_text(path.stage.iloc[-1])
    message = trn(
        "Of {n} lead, {k} became {stage} so far",
        "Of {n} leads, {k} became {stage} so far",
        numbers[0],
        k=count(numbers[-1]),
        stage=last,
    )
    if len(path) == 1:
        message = trn(
            "{n} lead came; no later stage is recorded",
            "{n} leads came; no later stage is recorded",
            numbers[0],
        )
    shows = tr("Leads of {month} followed to {day}, number", month=month, day=day(until))
    _title(axes, message, shows)
    counted = ", ".join(f"{label} {count(n)}" for label, n in zip(labels, numbers, strict=True))
    alt_text = tr("Funnel of the leads of {month}: {counts}.", month=month, counts=counted)
    return Picture(figure, alt_text)


def trend_bars(counts: pd.DataFrame, promised: dict[str, float]) -> Picture:
    """Draw what happened month by month; `counts` as in Trend.counts."""
    recorded = set(counts.stage)
    top = "sales_ready" if "sales_ready" in recorded else "lead"
    stages = [top, "customer"] if "customer" in recorded else [top]
    figure = Figure(figsize=(7.2, 2.2 * len(stages)), layout="constrained")
    panels = figure.subplots(len(stages), 1, squeeze=False)
    read_aloud = []
    for axes, stage in zip(panels[:, 0], stages, strict=True):
        rows = counts[counts.stage == stage]
        sns.barplot(x=rows.month, y=rows.calendar, color=INK, width=0.6, ax=axes)
        for place, n in enumerate(rows.calendar):
            axes.annotate(count(n), (place, n), (0, 2), textcoords="offset points", ha="center")
        promise = promised.get(stage)
        if promise is not None:
            axes.bar(
                range(len(rows)), promise, width=0.8, facecolor="none", edgecolor=INK, linewidth=1
            )
        axes.margins(y=0.18)
        axes.yaxis.set_visible(False)
        axes.set(xlabel="", ylabel="")
        axes.tick_params(axis="x", length=0, labelsize=8)
        months = list(rows.month)
        axes.set_xticks(
            range(len(months)),
            [m if m[5:] == "01" or not i else m[5:] for i, m in enumerate(months)],
        )
        sns.despine(ax=axes, left=True)
        _title(axes, _change(rows, stage), _shows(stage, months, promise))
        by_month = ", ".join(f"{m} {count(n)}" for m, n in zip(months, rows.calendar, strict=True))
        read_aloud.append(_read_aloud(stage, by_month, promise))
    return Picture(figure, " ".join(read_aloud))


def contact_distribution(
    rows: pd.DataFrame, month: str, within_hours: float | None, clock: str | None
) -> Picture:
    """Draw the hours to first contact of a month's hand-overs; `rows` as in handovers()."""
    hours = rows.contact_hours.dropna()
    figure = Figure(figsize=(6.4, 2.6), layout="constrained")
    axes = figure.subplots()
    limit = within_hours or (float(hours.median()) if len(hours) else 1.0)
    # bins of half a promise: what is late begins at a bin's edge; the last bin holds the rest
    edges = np.arange(0, 4.5, 0.5) * limit
    shown = hours.clip(upper=edges[-1] - limit / 4)
    late = shown > limit
    sns.histplot(x=shown[~late], bins=edges, color=INK, alpha=1, ax=axes)
    sns.histplot(x=shown[late], bins=edges, color=BAD, alpha=1, ax=axes)
    ticks = edges[::2]
    last = tr("{hours} or more", hours=number(ticks[-1]))
    axes.set_xticks(ticks, [*(number(tick) for tick in ticks[:-1]), last])
    axes.set_xlabel("")
    axes.set_ylabel("")
    sns.despine(ax=axes)
    never = int(rows.first_attempt_at.isna().sum())
    n_late = int((hours > limit).sum())
    if within_hours is None:
        message = trn(
            "Half of the leads contacted were reached for within {n} hour",
            "Half of the leads contacted were reached for within {n} hours",
            round(limit),
        )
    else:
        axes.axvline(limit, color=INK, linestyle="--", linewidth=1)
        message = tr(
            "{k} of {n} contacted within {hours}, {late} later, {never} not so far",
            k=count(len(hours) - n_late),
            n=count(len(rows)),
            hours=hours_of(limit, clock),
            late=count(n_late),
            never=count(never),
        )
    shows = tr("Hand-overs of {month} by hours to the first attempt, number", month=month)
    if clock == "business":
        shows = tr(
            "Hand-overs of {month} by business hours to the first attempt, number", month=month
        )
    _title(axes, message, shows)
    alt_text = tr(
        "Hours from hand-over to first attempt: {message}; hand-overs of {month}.",
        message=message,
        month=month,
    )
    return Picture(figure, alt_text)


def returns_by_model(table: pd.DataFrame, names: dict[str, str]) -> Picture:
    """Draw each campaign's return on cost under every model, with its interval.

    Parameters
    ----------
    table : pandas.DataFrame
        ``model``, ``name``, ``return_rate``, ``return_low``, ``return_high``, ``remark``.
    names : dict of str to str
        Model → what it is called; drawn in this order, from above.
    """
    first = table[table.model == next(iter(names))].sort_values("return_rate", kind="stable")
    order = list(first.name)
    figure = Figure(figsize=(7.2, 1.1 + 0.62 * len(order)), layout="constrained")
    axes = figure.subplots()
    limit = float(max(table.return_rate.max() * 1.15, 1))  # far ends of intervals are cut off
    for place, model in enumerate(names):
        own = table[table.model == model].set_index("name").reindex(order)
        y = np.arange(len(order)) + (len(names) / 2 - 0.5 - place) * 0.12
        colour = np.where(own.remark == "", INK, EARLIER).tolist()
        axes.hlines(
            y, own.return_low, own.return_high.clip(upper=limit * 1.03), colour, linewidth=0.9
        )
        sns.scatterplot(
            x=own.return_rate.clip(upper=limit), y=y, c=colour, s=14, ax=axes, legend=False,
            linewidth=0, zorder=3,
        )  # fmt: skip
    axes.axvline(0, color=INK, linestyle="--", linewidth=1)
    small = dict(zip(first.name, first.remark, strict=True))
    too_small = tr("too small to judge")
    labels = [f"{name}\n({too_small})" if small[name] else name for name in order]
    axes.set_yticks(range(len(order)), [label.replace("$", r"\$") for label in labels])
    axes.set_xlim(-1.1, limit * 1.03)
    axes.xaxis.set_major_formatter(lambda value, _: percent(value))
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.tick_params(axis="y", length=0)
    sns.despine(ax=axes, left=True)
    sure = int((table.groupby("name").return_low.min() > 0).sum())
    lost = int((table.groupby("name").return_high.max() < 0).sum())
    message = trn(
        "{sure} of {n} campaign surely paid back, {lost} surely did not",
        "{sure} of {n} campaigns surely paid back, {lost} surely did not",
        len(order),
        sure=count(sure),
        lost=count(lost),
    )
    models = ", ".join(
        tr(name) if model == "markov" else tr(name).lower() for model, name in names.items()
    )
    shows = tr(
        "Return on cost with 95 % intervals; in each row from above:\n{models}", models=models
    )
    _title(axes, message, shows)
    returns = "; ".join(
        tr("{campaign} {low} to {high}", campaign=name, low=percent(low), high=percent(high))
        for name, low, high in zip(
            order[::-1],
            table.groupby("name").return_rate.min()[order[::-1]],
            table.groupby("name").return_rate.max()[order[::-1]],
            strict=True,
        )
    )
    alt_text = tr(
        "Return on cost by campaign, lowest to highest of six models: {returns}.", returns=returns
    )
    return Picture(figure, alt_text)


def _change(rows: pd.DataFrame, stage: str) -> str:
    last = rows.iloc[-1]
    if len(rows) == 1:
        return tr(
            "{n} {stage} in {month}",
            n=count(last.calendar),
            stage=in_text(stage),
            month=last.month,
        )
    before = rows.calendar.iloc[:-1].mean()
    values = {
        "stage": tr(STAGE_NAMES[stage]),
        "n": count(last.calendar),
        "month": last.month,
        "average": fixed(before, 1),
    }
    if round(last.calendar) == round(before):
        return tr("{stage}: {n} in {month}, as many as the {average} of an average month", **values)
    if last.calendar > before:
        return tr("{stage}: {n} in {month}, more than the {average} of an average month", **values)
    return tr("{stage}: {n} in {month}, fewer than the {average} of an average month", **values)


def _shows(stage: str, months: list[str], promise: float | None) -> str:
    values = {"stage": tr(STAGE_NAMES[stage]), "first": months[0], "last": months[-1]}
    if promise is None:
        return tr("{stage} entered per month, number, {first} to {last}", **values)
    return tr(
        "{stage} entered per month, number, {first} to {last}; outlined: promised, {promised}",
        **values,
        promised=count(promise),
    )


def _read_aloud(stage: str, by_month: str, promise: float | None) -> str:
    values = {"stage": tr(STAGE_NAMES[stage]), "counts": by_month}
    if promise is None:
        return tr("{stage} entered per month: {counts}.", **values)
    return tr(
        "{stage} entered per month: {counts}; promised {promised} a month.",
        **values,
        promised=count(promise),
    )


def _title(axes: Axes, message: str, shows: str) -> None:
    axes.set_title(shows, loc="left", fontsize=8.5, color=EARLIER)
    above = 20 + 11 * shows.count("\n")
    axes.annotate(
        message, (0, 1), (0, above), xycoords="axes fraction", textcoords="offset points",
        fontsize=10.5, fontweight="bold", color=INK,
    )  # fmt: skip
