"""Everything that is trained and judged on, in one frame: one row per moment of a spell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.clock import month_of
from smarketing.errors import CannotAnswer
from smarketing.fingerprint import digest
from smarketing.language.catalogue import tr
from smarketing.scoring.agreed_card import score_card
from smarketing.scoring.cache import Cache, cached_frame
from smarketing.scoring.events import KEYS, SINCE, SPELL, event_features
from smarketing.scoring.feature_set import FeatureSet, feature_frame, feature_set
from smarketing.scoring.features import features
from smarketing.scoring.snapshots import snapshot_counts, snapshots
from smarketing.warehouse.spells import spell_frame
from smarketing.warehouse.warehouse import Warehouse

GRADES = tuple(fit + engagement for fit in "ABC" for engagement in "123")
_ORDER = [*SPELL, "number"]


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

    @cached_property
    def in_time(self) -> pd.DataFrame:
        """The rows in order of their moments, numbered from 0; not to be changed."""
        return self.rows.sort_values(["as_of", "lead_id", "spell"], ignore_index=True)

    @cached_property
    def fingerprint(self) -> str:
        """One name for all that follows from these rows and an agreement."""
        chosen = (self.features.names, self.features.kinds, str(self.data_until), self.has_time)
        return digest([self.rows, *chosen])

    def X(self, rows: pd.DataFrame | None = None) -> pd.DataFrame:  # noqa: N802 - scikit-learn's name
        """Return the feature columns of the rows (by default all), with types models take."""
        return feature_frame(self.rows if rows is None else rows, self.features)


def build_population(
    warehouse: Warehouse, agreement: Agreement, cache: Cache | None = None
) -> Population:
    """Build the frame of all moments with scores and features.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    cache : Cache, optional
        Where scores and counts of what leads did are kept, without names: to count them is what
        takes long. Of warehouses in DuckDB only.

    Raises
    ------
    CannotAnswer
        If there is no row at all: no leads, or every spell too young.

    Examples
    --------
    >>> build_population(warehouse, agreement).rows.groupby("month").size()  # doctest: +SKIP
    """
    chosen = feature_set(warehouse, agreement)
    of_events = {SINCE, *(f.name for f in event_features(warehouse))}
    did = [name for name in chosen.names if name in of_events]
    texts = {"persona": list(agreement.personas), "grade": list(GRADES)}
    with snapshots(warehouse, agreement).cache() as moments:
        # The frame holds features only; other fields of a lead may be asked for but not learned.
        traits = [name for name in chosen.names if name not in of_events]
        rows = features(warehouse, moments, agreement, only=traits).execute()
        counts = snapshot_counts(warehouse, agreement, moments)
        if rows.empty:
            raise CannotAnswer(tr("there is no lead old enough to be judged in these tables"))
        rows = rows.sort_values(_ORDER, kind="stable", ignore_index=True)

        def count() -> pd.DataFrame:
            keys = list(KEYS)
            scores = score_card(agreement.scorecard, warehouse, moments, agreement).execute()
            both = rows[keys].merge(scores, on=keys, how="left", validate="1:1")
            if did:
                done = features(warehouse, moments, agreement, only=did).execute()
                both = both.merge(done[[*keys, *did]], on=keys, validate="1:1")
            coded = {name: pd.Categorical(both[name], texts[name]).codes for name in texts}
            return both.assign(**coded).drop(columns=keys)

        numbers = cached_frame(
            cache if warehouse.con.name == "duckdb" else None,
            count,
            lambda: ["population", warehouse.contents, agreement.model_dump_json(), *did],
        )
    rows = pd.concat([rows, *_columns(numbers, did, texts)], axis=1)
    leads = warehouse.table("leads")
    also = leads.select("lead_id", "score_today", "outcome").execute()
    rows = rows.merge(also, on="lead_id", how="left", validate="m:1")
    if warehouse.has_time:
        rows = rows.drop(columns="outcome")
        times = spell_frame(warehouse).drop(columns="started_at")
        rows = rows.merge(times, on=SPELL, how="left", validate="m:1")
        rows["month"] = month_of(rows["as_of"], agreement.timezone)
    else:
        rows["outcome"] = rows["outcome"].astype("boolean")
        rows["month"] = None
    rows = rows.sort_values(_ORDER, kind="stable", ignore_index=True)
    return Population(rows, chosen, warehouse.has_time, counts, warehouse.data_until)


def grades_of(population: Population) -> pd.DataFrame:
    """Return the grades of each spell that the card ever scored.

    Parameters
    ----------
    population : Population

    Returns
    -------
    pandas.DataFrame
        ``lead_id``, ``spell``; ``grade`` at the hand-over, missing where there was none;
        ``first_grade``, of the first snapshot: at the end of the first day, or at the hand-over
        if that came sooner. The first one can be compared with what became of the lead later.

    Examples
    --------
    >>> grades_of(build_population(warehouse, agreement)).grade.value_counts()  # doctest: +SKIP
    """
    rows = population.rows
    order = ["number"] if "number" in rows else []
    first = rows.sort_values([*SPELL, *order]).drop_duplicates(SPELL).set_index(SPELL).grade
    handed = rows[rows.last_at_handover.astype(bool)] if "last_at_handover" in rows else rows[:0]
    at_handover = handed.drop_duplicates(SPELL, keep="last").set_index(SPELL).grade
    table = pd.DataFrame({"first_grade": first, "grade": at_handover.reindex(first.index)})
    return table.reset_index()[[*SPELL, "grade", "first_grade"]]


def _columns(
    numbers: pd.DataFrame, did: list[str], texts: dict[str, list[str]]
) -> Iterator[pd.Series]:
    """Return what leads did and their scores as the columns they are, of the numbers cached."""
    for name in (*did, "persona", "fit", "engagement", "score", "grade"):
        values = numbers[name]
        if name in texts:
            named = pd.Categorical.from_codes(values.astype(int), texts[name])
            values = pd.Series(named, name=name).astype("str")
        elif not name.startswith("recent_") and values.notna().all():
            values = values.astype("int64")
        yield values
