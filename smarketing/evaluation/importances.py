"""What the learned models look at."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from smarketing.agreement import Agreement
from smarketing.evaluation.backtest import AGREED
from smarketing.evaluation.splits import count_once, line_of, thinned
from smarketing.scoring.models import MODELS
from smarketing.scoring.population import Population
from smarketing.scoring.targets import label

TOP = 15


def importances(
    population: Population, agreement: Agreement, line: str, models: Sequence[str]
) -> pd.DataFrame:
    """Return the first features of each learned model, trained on all mature rows.

    Parameters
    ----------
    population : Population
    agreement : Agreement
    line : str
    models : sequence of str
        The agreed card is passed over: its rules stand in the agreement.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``feature``, ``importance``; each model's 15 strongest, descending. Empty if
        nothing was learned.

    Examples
    --------
    >>> importances(population, agreement, "sql", ["boosted"])  # doctest: +SKIP
    """
    columns = ["model", "feature", "importance"]
    labels = label(population.rows, line_of(agreement, line), agreement, population.data_until)
    known = population.rows[labels.mature]
    known = thinned(known.assign(weight=count_once(known)))
    won = labels.outcome[known.index].to_numpy(bool)
    parts = []
    for name in sorted(set(models) - {AGREED}):
        if won.all() or not won.any():
            continue
        model = MODELS[name]()
        model.fit(
            population.X(known),
            won,
            sample_weight=known.weight.to_numpy(float),
        )
        top = model.importance().head(TOP).assign(model=name)
        parts.append(top[columns])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
