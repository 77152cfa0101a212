"""What the learned models look at, one row per driver a person recognises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import log_loss

from smarketing.agreement.model import Agreement
from smarketing.evaluation.backtest.model_names import AGREED
from smarketing.evaluation.backtest.predictions import model_name
from smarketing.evaluation.backtest.splits import line_of
from smarketing.scoring.cache import Cache, cached_numbers
from smarketing.scoring.events import TIMES
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.population import Population
from smarketing.scoring.row_weights import count_once, thinned
from smarketing.scoring.targets import label

TOP = 15
COLUMNS = ["model", "feature", "importance", "kind"]
ATTRIBUTE, EVENT, TIMING = "attribute", "event", "timing"
_HALVES = 2


def importances(
    population: Population,
    agreement: Agreement,
    line: str,
    models: Sequence[str],
    cache: Cache | None = None,
) -> pd.DataFrame:
    """Return the first drivers of each learned model, judged on leads it did not learn from.

    The mature leads are halved, winners evenly. A model of each half judges the other: how much
    does the log loss rise when a driver's values are shuffled between leads, all its columns
    together? The count and the decayed sum of one kind of event are one driver: shuffled one by
    one, each would stand in for the other and neither would seem to matter.

    Parameters
    ----------
    population : Population
    agreement : Agreement
    line : str
    models : sequence of str
        The agreed card is passed over: its rules stand in the agreement.
    cache : Cache, optional
        As in :func:`smarketing.evaluation.backtest.rolling.backtest`.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``feature`` (the driver), ``importance`` (rise of the log loss, natural log;
        0 where shuffling did no harm), ``kind``: ``attribute`` (who the lead is), ``event``
        (what it did) or ``timing`` (when it is looked at); each model's 15 strongest,
        descending. Empty if nothing was learned.

    Notes
    -----
    Breiman 2001, "Random Forests", section 10; for groups of columns Gregorutti, Michel,
    Saint-Pierre 2015. One row of each spell is judged, drawn at random.

    Examples
    --------
    >>> importances(population, agreement, "sql", ["boosted"])  # doctest: +SKIP
    """
    labels = label(population.rows, line_of(agreement, line), agreement, population.data_until)
    known = population.rows[labels.mature]
    known = thinned(known.assign(weight=count_once(known)))
    won = labels.outcome[known.index].to_numpy(bool)

    def everything(name: str) -> list[str]:
        about = [population.fingerprint, agreement.model_dump_json(), line]
        return ["importances", model_name(name), *about]

    parts = []
    for name in sorted(set(models) - {AGREED}):
        if won.all() or not won.any():
            continue
        names = list(drivers(population.features.names))
        make = partial(_rises, population, known, won, name)
        rises = cached_numbers(cache, make, partial(everything, name))
        frame = pd.DataFrame({"feature": names, "importance": rises})
        frame = frame.assign(model=name, kind=frame.feature.map(kinds(population.features.names)))
        frame = frame.sort_values("importance", ascending=False, kind="stable").head(TOP)
        parts.append(frame[COLUMNS])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def drivers(features: Sequence[str]) -> dict[str, list[str]]:
    """Return each driver's feature columns: an event's count and its decayed sum are one.

    Examples
    --------
    >>> drivers(["role", "n_demo", "recent_demo", "n_demo[/now]", "n_sites"])
    {'role': ['role'], 'demo': ['n_demo', 'recent_demo'], 'demo[/now]': ['n_demo[/now]'], \
'n_sites': ['n_sites']}
    """
    out: dict[str, list[str]] = {}
    for name in features:
        out.setdefault(_event(name, features) or name, []).append(name)
    return out


def kinds(features: Sequence[str]) -> Mapping[str, str]:
    """Return whether each driver is an attribute, an event or timing.

    Examples
    --------
    >>> kinds(["role", "n_demo", "recent_demo", "weeks_in_spell"])
    {'role': 'attribute', 'demo': 'event', 'weeks_in_spell': 'timing'}
    """
    return {
        driver: EVENT if _event(columns[0], features) else TIMING if driver in TIMES else ATTRIBUTE
        for driver, columns in drivers(features).items()
    }


def _event(name: str, features: Sequence[str]) -> str | None:
    """Return the event a column counts; a declared attribute may start with "n_" as well."""
    event = re.match(r"(?:n|recent)_([^\[]+)", name)
    if not event or not {f"n_{event[1]}", f"recent_{event[1]}"} <= set(features):
        return None
    return re.sub(r"^(?:n|recent)_", "", name)


def _rises(
    population: Population, known: pd.DataFrame, won: NDArray[np.bool_], name: str
) -> NDArray[np.float64]:
    """Rise of the log loss per driver, over both halves."""
    groups = drivers(population.features.names)
    half = _halves(known, won)
    if any(len(set(won[half == k])) < 2 for k in range(_HALVES)):
        pairs = [(np.ones(len(known), bool), np.ones(len(known), bool))]
    else:
        pairs = [(half != k, half == k) for k in range(_HALVES)]
    rng = np.random.default_rng(0)
    rises = dict.fromkeys(groups, 0.0)
    for learned, judged in pairs:
        train, asked = known[learned], known[judged]
        model = MODELS[name]()
        model.fit(population.X(train), won[learned], train.weight.to_numpy(float))
        luck = pd.Series(rng.random(len(asked)), asked.index)
        one = (luck.groupby([asked.lead_id, asked.spell]).rank(method="first") == 1).to_numpy()
        X, y = population.X(asked[one]).reset_index(drop=True), won[judged][one]
        tries = [X, *(_shuffled(X, columns, rng) for columns in groups.values())]
        # In one go: the encoders' overhead is by call, not by row.
        chances = model.predict_proba1(pd.concat(tries, ignore_index=True))
        parts = np.split(chances, len(tries))
        losses = [log_loss(y, part, labels=[False, True]) for part in parts]
        for driver, loss in zip(groups, losses[1:], strict=True):
            rises[driver] += (loss - losses[0]) / len(pairs)
    return np.array([max(rise, 0.0) for rise in rises.values()])


def _halves(known: pd.DataFrame, won: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return which half each row's lead is in; a lead's rows stand together."""
    code, leads = pd.factorize(known.lead_id)
    winner = np.bincount(code, won, minlength=len(leads)) > 0
    luck = np.random.default_rng(0).random(len(leads))
    place = np.empty(len(leads), np.int64)
    place[np.lexsort((luck, winner))] = np.arange(len(leads))
    return (place % _HALVES)[code]


def _shuffled(X: pd.DataFrame, columns: list[str], rng: np.random.Generator) -> pd.DataFrame:
    order = rng.permutation(len(X))
    return X.assign(**{c: X[c].iloc[order].set_axis(X.index) for c in columns})
