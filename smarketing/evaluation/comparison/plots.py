"""The figure of a comparison."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from smarketing.language.catalogue import tr, trc
from smarketing.language.numbers import fixed, number
from smarketing.language.plurals import trn
from smarketing.results import Picture


def dots_and_intervals(models: pd.DataFrame, verdict: str) -> Picture:
    """Draw each model's AUC as a dot with its 95 % interval, best on top.

    Parameters
    ----------
    models : pandas.DataFrame
        ``name``, ``auc``, ``auc_low``, ``auc_high``, ``n``.
    verdict : str
        Its first clause becomes the title.

    """
    shown = models[models.auc.notna()].sort_values("auc", ascending=False, ignore_index=True)
    sizes = shown.n.nunique() > 1
    names = [
        _label(name, n if sizes else None) for name, n in zip(shown.name, shown.n, strict=True)
    ]
    figure = Figure(figsize=(7, 1.2 + 0.5 * len(shown)), layout="constrained")
    axes = figure.subplots()
    axes.errorbar(
        shown.auc.astype(float),
        names,
        xerr=[shown.auc - shown.auc_low, shown.auc_high - shown.auc],
        fmt="none",
        ecolor="grey",
        capsize=3,
    )
    sns.scatterplot(x=shown.auc.astype(float), y=names, s=60, ax=axes, zorder=3)
    title = verdict.split(":")[0].rstrip(".")
    axes.set_title(title, loc="left")
    half = number(0.5)
    below = tr("AUC on leads not learned from, with 95 % interval ({half} = a coin)", half=half)
    axes.set(xlabel=below, ylabel="")
    axes.xaxis.set_major_formatter(lambda value, _: number(value, 3))
    axes.margins(y=0.25)
    sns.despine(figure, left=True)
    aucs = "; ".join(
        tr(
            "{model} {auc} ({low} to {high})",
            model=name,
            auc=fixed(row.auc, 3),
            low=fixed(row.auc_low, 3),
            high=fixed(row.auc_high, 3),
        )
        for name, row in zip(names, shown.itertuples(), strict=True)
    )
    alt_text = tr("{title}. AUC with 95 % interval: {models}.", title=title, models=aucs)
    return Picture(figure, alt_text)


def _label(name: str, n: int | None) -> str:
    labels = {
        "agreed": trc("a model in a figure", "agreed"),
        "card": trc("a model in a figure", "card"),
        "boosted": trc("a model in a figure", "boosted"),
        "logistic": trc("a model in a figure", "logistic"),
        "status_quo": trc("a model in a figure", "status quo"),
    }
    label = labels.get(name, name.replace("_", " "))
    return label if n is None else trn("{model} ({n} row)", "{model} ({n} rows)", n, model=label)
