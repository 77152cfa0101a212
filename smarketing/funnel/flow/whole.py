"""The whole history along the stages: how far everybody came, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.funnel.flow.stages import counted_stages
from smarketing.measures.catalogue import OF_STAGE
from smarketing.measures.count import count
from smarketing.measures.facts import Facts
from smarketing.results import Result, plain


@dataclass(frozen=True)
class Whole(Result):
    """Everything on record, in no months.

    Attributes
    ----------
    stages : pandas.DataFrame
        ``stage``, ``n``: the stages of the path, each with all that entered it; then the leads
        that are *won*, *lost* and *open*, which make up all leads; then *undated*, the leads and
        customers that stand in no month because nobody noted when.
    """

    stages: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return one row per stage."""
        return self.stages

    def to_dict(self) -> dict[str, Any]:
        """Return the stages as rows, under ``whole``."""
        return {"whole": plain(self.stages)}


def whole(facts: Facts) -> Whole:
    """Count the whole history.

    Examples
    --------
    >>> whole(facts).frame()  # doctest: +SKIP
    """
    rows = {stage: count(facts, OF_STAGE[stage]).total for stage in counted_stages(facts)}
    rows |= {
        "won": count(facts, "won_leads").total,
        "lost": count(facts, "lost_leads").total,
        "open": count(facts, "open").total,
        "undated": sum(count(facts, name).undated for name in ("leads", "customers")),
    }
    return of_numbers({stage: int(n) for stage, n in rows.items()})


def of_numbers(rows: dict[str, int]) -> Whole:
    """Return the whole history of numbers that were counted already."""
    return Whole(pd.DataFrame({"stage": list(rows), "n": list(rows.values())}))
