"""Everything that is trained and judged on, in one frame: one row per moment of a spell."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.agreement import Agreement
from smarketing.clock import month_of
from smarketing.errors import CannotAnswer
from smarketing.language import tr
from smarketing.scoring.events import KEYS
from smarketing.scoring.feature_set import FeatureSet, feature_frame, feature_set
from smarketing.scoring.features import features
from smarketing.scoring.scorecard import score_card
from smarketing.scoring.snapshots import kept, snapshot_counts, snapshots
from smarketing.warehouse import Warehouse
from smarketing.warehouse.spells import spells


@dataclass(frozen=True)
class Population:
    """All leads as they were known at their moments.

    Parameters
    ----------
    rows : pandas.DataFrame
        Ordered by lead, spell and moment: ``lead_id``, ``spell``, ``started_at``, ``as_of``,
        ``number``, ``last_at_handover``, ``weight``, the moments of the spell (``mql_at`` …
        ``ended_at``; as known at the data's end, never features), ``persona``, ``fit``,
        ``engagement``, ``score``, ``grade`` by the agreed scorecard, ``score_today`` (the score
        the company already has, of undated origin), ``outcome`` (tables without dates only),
        ``month`` (local "YYYY-MM" of ``as_of``), and the feature columns.
    features : FeatureSet
    has_time : bool
        Whether rows have moments; else there is one row per lead.
    counts : dict
        How many spells are seen, and why others are not
        (:func:`smarketing.scoring.snapshots.snapshot_counts`).
    data_until : pandas.Timestamp or None
        The moment the data ends, naive UTC: what is judged by then; None without dates.
    """

    rows: pd.DataFrame
    features: FeatureSet
    has_time: bool
    counts: dict[str, int]
    data_until: pd.Timestamp | None = None

    def X(self, rows: pd.DataFrame | None = None) -> pd.DataFrame:  # noqa: N802 - scikit-learn's name
        """Return the feature columns of the rows (by default all), with types models take."""
        return feature_frame(self.rows if rows is None else rows, self.features)


def build_population(warehouse: Warehouse, agreement: Agreement) -> Population:
    """Build the frame of all moments with scores and features.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement

    Raises
    ------
    CannotAnswer
        If there is no row at all: no leads, or every spell too young.

    Examples
    --------
    >>> build_population(warehouse, agreement).rows.groupby("month").size()  # doctest: +SKIP
    """
    chosen = feature_set(warehouse, agreement)
    with kept(warehouse, snapshots(warehouse, agreement)) as moments:
        # The frame holds features only; other fields of a lead may be asked for but not learned.
        known = features(warehouse, moments, agreement, only=chosen.names).execute()
        scores = score_card(agreement.scorecard, warehouse, moments, agreement).execute()
        counts = snapshot_counts(warehouse, agreement, moments)
    if known.empty:
        raise CannotAnswer(tr("there is no lead old enough to be judged in these tables"))
    rows = known.merge(scores, on=list(KEYS), how="left", validate="1:1")
    leads = warehouse.table("leads")
    also = leads.select("lead_id", "score_today", "outcome").execute()
    rows = rows.merge(also, on="lead_id", how="left", validate="m:1")
    if warehouse.has_time:
        rows = rows.drop(columns="outcome")
        times = spells(warehouse).drop("started_at").execute()
        rows = rows.merge(times, on=["lead_id", "spell"], how="left", validate="m:1")
        rows["month"] = month_of(rows["as_of"], agreement.timezone)
    else:
        rows["outcome"] = rows["outcome"].astype("boolean")
        rows["month"] = None
    rows = rows.sort_values(["lead_id", "spell", "number"], kind="stable", ignore_index=True)
    counts = snapshot_counts(warehouse, agreement)
    return Population(rows, chosen, warehouse.has_time, counts, warehouse.data_until)
