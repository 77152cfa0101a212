"""The figure of a comparison."""

from __future__ import annotations

from typing import Any

import pandas as pd


def dots_and_intervals(models: pd.DataFrame, verdict: str) -> Any:
    """Draw each model's AUC as a dot with its 95 % interval, best on top.

    Parameters
    ----------
    models : pandas.DataFrame
        ``name``, ``auc``, ``auc_low``, ``auc_high``, ``n``.
    verdict : str
        Its first clause becomes the title.

    Returns
    -------
    matplotlib.figure.Figure
        With ``alt_text``.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns

    shown = models[models.auc.notna()].sort_values("auc", ascending=False, ignore_index=True)
    sizes = shown.n.nunique() > 1
    names = [
        f"{row.name_}" + (f" ({row.n:,} rows)" if sizes else "")
        for row in shown.rename(columns={"name": "name_"}).itertuples()
    ]
    names = [name.replace("_", " ") for name in names]
    figure, axes = plt.subplots(figsize=(7, 1.2 + 0.5 * len(shown)), layout="constrained")
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
    axes.set(xlabel="AUC on leads not learned from, with 95 % interval (0.5 = a coin)", ylabel="")
    axes.margins(y=0.25)
    sns.despine(figure, left=True)
    told = "; ".join(
        f"{name} {row.auc:.3f} ({row.auc_low:.3f} to {row.auc_high:.3f})"
        for name, row in zip(names, shown.itertuples(), strict=True)
    )
    figure.alt_text = f"{title}. AUC with 95 % interval: {told}."
    return figure
