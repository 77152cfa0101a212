"""How much better a model looks when later leads help to judge earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest.model_names import called
from smarketing.evaluation.backtest.rolling import backtest
from smarketing.evaluation.backtest.splits import line_of
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, fixed
from smarketing.results import Result
from smarketing.scoring.population import Population
from smarketing.scoring.targets import label

KEYS = ["lead_id", "spell", "as_of"]


@dataclass(frozen=True)
class SplitGap(Result):
    """One model on the same leads, judged by a random and by a rolling split.

    Parameters
    ----------
    model : str
    n, n_won : int
        Rows judged by both.
    auc_random, auc_rolling : float
    logloss_random, logloss_rolling : float
    """

    model: str
    n: int
    n_won: int
    auc_random: float
    auc_rolling: float
    logloss_random: float
    logloss_rolling: float

    def frame(self) -> pd.DataFrame:
        """Return one row per split."""
        rolling = ("rolling", self.auc_rolling, self.logloss_rolling)
        random = ("random", self.auc_random, self.logloss_random)
        return pd.DataFrame([rolling, random], columns=["split", "auc", "logloss"])

    @property
    def sentence(self) -> str:
        """The answer in words."""
        return tr(
            "On the same {n} leads a random split gives {model} an AUC of {auc_random} (log loss "
            "{loss_random}), the rolling one {auc_rolling} ({loss_rolling}). Reports use the "
            "rolling one: it knows no lead from the future.",
            n=count(self.n),
            model=called(self.model),
            auc_random=fixed(self.auc_random, 3),
            loss_random=fixed(self.logloss_random, 3),
            auc_rolling=fixed(self.auc_rolling, 3),
            loss_rolling=fixed(self.logloss_rolling, 3),
        )


def split_gap(
    population: Population,
    agreement: Agreement,
    line: str = "sql",
    model: str = "boosted",
    months: int | None = None,
    seed: int = 0,
) -> SplitGap:
    """Judge a model on the same leads by a random and by a rolling split.

    Where the base rate climbs, or a feature stands for time, a random split lets a model learn
    the level of a month from that month's other leads. Nobody has those when the month begins.
    One row of each spell, its first, so that no lead helps to judge itself.

    Parameters
    ----------
    population : Population
        With dates.
    agreement : Agreement
    line, model, months, seed
        As in :func:`smarketing.evaluation.backtest.rolling.backtest`.

    Raises
    ------
    CannotAnswer
        Without dates, or where a backtest cannot judge.

    Examples
    --------
    >>> split_gap(population, agreement).sentence  # doctest: +SKIP
    """
    if not population.has_time:
        raise CannotAnswer(tr("the leads carry no dates, so there is only a random split"))
    rows = population.rows.sort_values("as_of", kind="stable")
    first = replace(population, rows=rows.drop_duplicates(["lead_id", "spell"], ignore_index=True))
    rolling = backtest(first, agreement, line, [model], months).judged()
    labels = label(first.rows, line_of(agreement, line), agreement, population.data_until)
    known = first.rows.assign(outcome=labels.outcome, weight=1.0)[labels.mature.to_numpy(bool)]
    undated = replace(first, rows=known.reset_index(drop=True), has_time=False)
    random = backtest(undated, agreement, line, [model], seed=seed).judged()
    guess = f"r_{model}"
    if guess not in rolling or guess not in random:
        raise CannotAnswer(
            tr("there are too few conversions to learn {model}", model=called(model))
        )
    both = rolling[[*KEYS, "outcome", guess]].merge(
        random[[*KEYS, guess]], on=KEYS, suffixes=("_rolling", "_random"), validate="1:1"
    )
    won = both.outcome.astype(float)
    if won.nunique() < 2:
        raise CannotAnswer(
            tr("all leads of these months ended the same way: no split can be judged")
        )
    return SplitGap(
        model=model,
        n=len(both),
        n_won=int(won.sum()),
        **{
            f"{name}_{split}": float(measure(won, both[f"{guess}_{split}"]))
            for name, measure in (("auc", roc_auc_score), ("logloss", log_loss))
            for split in ("random", "rolling")
        },
    )
