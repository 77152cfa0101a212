"""Learned models on an engine: judged in Arrow batches, where the rows are."""

from __future__ import annotations

import ibis
import pandas as pd
import pyarrow as pa

from smarketing.scoring.engines.stores import Judge
from smarketing.scoring.engines.table_copy import EngineWarehouse
from smarketing.scoring.events import KEYS
from smarketing.scoring.feature_set import FeatureSet, feature_frame
from smarketing.scoring.models.base import Model, texts
from smarketing.scoring.models.card import Card
from smarketing.warehouse.warehouse import Warehouse

_JUDGED = {
    "lead_id": pa.string(),
    "spell": pa.int64(),
    "as_of": pa.timestamp("us"),
    "probability": pa.float64(),
    "reasons_for": pa.string(),
    "reasons_against": pa.string(),
}
_GRID = {"fit": pa.int64(), "engagement": pa.int64(), "score": pa.int64(), "grade": pa.string()}


def judged_by(
    model: Model, chosen: FeatureSet, seen: ibis.Table, warehouse: Warehouse, top: int
) -> pd.DataFrame:
    """Return what a model says of each moment of a lead.

    Parameters
    ----------
    model : Model
        Fitted.
    chosen : FeatureSet
        What it was fitted on.
    seen : ibis.Table
        :data:`~smarketing.scoring.events.KEYS` and the features, on `warehouse`.
    warehouse : Warehouse
        On Spark the model goes to the workers (they need this package), without the rows it
        learned from; elsewhere the rows come here, batch by batch.
    top : int
        At most so many reasons for, and so many against.

    Returns
    -------
    pandas.DataFrame
        The keys, ``probability``, ``reasons_for``, ``reasons_against``, and of a learned card
        ``fit``, ``engagement``, ``score``, ``grade``.

    Examples
    --------
    >>> judged_by(model, population.features, seen, warehouse, 5)  # doctest: +SKIP
    """
    schema = pa.schema(_JUDGED | (_GRID if isinstance(model, Card) else {}))
    # By place: Spark reads a dot in a name as a path, PostgreSQL cuts long names.
    seen = seen.select(*KEYS, **{f"feature_{i}": seen[name] for i, name in enumerate(chosen.names)})
    if not isinstance(warehouse, EngineWarehouse):
        return _judge(model, chosen, top)(seen.execute())
    alone = type(model)().restore(model.state())
    rows = warehouse.store.judged(seen, _judge(alone, chosen, top), schema)
    return rows.astype({"as_of": "datetime64[us]"})


def _judge(model: Model, chosen: FeatureSet, top: int) -> Judge:
    def judge(rows: pd.DataFrame) -> pd.DataFrame:
        named = {f"feature_{i}": name for i, name in enumerate(chosen.names)}
        X = feature_frame(rows.rename(columns=named), chosen)
        reasons = model.reasons(X, top)
        judged = rows[list(KEYS)].assign(
            probability=model.predict_proba1(X),
            reasons_for=[texts(good) for good, _ in reasons],
            reasons_against=[texts(bad) for _, bad in reasons],
        )
        return judged.assign(**model.grid(X)) if isinstance(model, Card) else judged

    return judge
