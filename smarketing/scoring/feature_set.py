"""Which columns are features, chosen without a look at any outcome, and why the others are not."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import ibis
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.scoring.events import MOMENT_COLUMNS, SINCE, event_features
from smarketing.scoring.kinds import BOOLEAN, CATEGORY, NUMBER
from smarketing.scoring.point_in_time import histories, known_when, no_time_column
from smarketing.warehouse.local_time import local_time
from smarketing.warehouse.tables import STAGES
from smarketing.warehouse.warehouse import Warehouse

_COMMON_SHARE, _LEAST_COMMON = 0.01, 0.1
_MOST_TEXTS, _LEAST_WORDS = 20_000, 0.5
_WORD = re.compile(r"[^\W\d_]{4,}")
_CANONICAL = {
    "campaign_id": "a campaign runs for a time, so it would tell the calendar, not the lead",
    "account_id": "an identifier, not a trait",
    "owner_id": "who sales gave the lead to, not who it is",
    "outcome": "it is what is predicted",
    "score_today": "the status quo that models are compared with",
}
_TAKEN = frozenset(
    {*MOMENT_COLUMNS, "month", "persona", "fit", "engagement", "score", "grade"}
    | {f"{stage}_at" for stage in (*STAGES, "ended")}
)


@dataclass(frozen=True)
class FeatureSet:
    """Which columns a model may see, and why it may not see the others.

    Parameters
    ----------
    names : tuple of str
        Feature columns, sorted into attributes first, then what the lead did.
    kinds : dict
        ``number``, ``boolean`` or ``category`` per name.
    left_out : tuple of (str, str)
        Column and reason, in the order of the table.
    """

    names: tuple[str, ...]
    kinds: dict[str, str]
    left_out: tuple[tuple[str, str], ...]


def feature_set(warehouse: Warehouse, agreement: Agreement) -> FeatureSet:
    """Return the features that the tables offer, chosen without a look at any outcome.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement

    Examples
    --------
    >>> feature_set(warehouse, agreement).left_out[0]  # doctest: +SKIP
    ('campaign_id', 'a campaign runs for a time, so it would tell the calendar, not the lead')
    """
    leads, known = warehouse.table("leads"), known_when(warehouse)
    columns = [c for c in leads.columns if c not in ("lead_id", "created_at")]
    spread, by_history = _spread(leads, columns), {n for n, k in known.items() if k[0] == "history"}
    without_changes = by_history and by_history - histories(warehouse)
    kinds: dict[str, str] = {}
    left_out = []
    for name in columns:
        reason = _why_not(name, known, leads, spread)
        if reason is None and name in without_changes:
            reason = "known by its history, but no change of it is in the table of changes"
        if reason is None:
            kinds[name] = _kind(leads[name])
        else:
            left_out.append((name, reason))
    if warehouse.has_time:
        times, why_no_times = _time_features(warehouse, agreement)
        kinds |= times
        left_out += why_no_times
    return FeatureSet(tuple(kinds), kinds, tuple(left_out))


def _time_features(
    warehouse: Warehouse, agreement: Agreement
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the kinds of the features that need dates, and why others are left out."""
    leads, left_out = warehouse.table("leads"), []
    kinds = {"created_weekday": CATEGORY, "times_recycled": NUMBER}
    local = local_time(leads.created_at, agreement.timezone)
    # Days may have been written down as midnights of UTC or of the company's own time.
    days_only = [(at == at.truncate("D")).all() for at in (leads.created_at, local)]
    if not leads.aggregate(any=days_only[0] | days_only[1]).execute()["any"].iloc[0]:
        kinds["created_hour"] = NUMBER
    else:
        left_out.append(("created_hour", "the leads carry days, no hours"))
    if agreement.snapshots.every_days is not None:
        # Whole weeks: days would tell the moment of a hand-over from a weekly snapshot.
        kinds["weeks_in_spell"] = NUMBER
    else:
        left_out.append(("weeks_in_spell", "spells are seen once, and then at the hand-over"))
    left_out.append(("created_at", "the calendar is no feature: the past does not come back"))
    if warehouse.has("events"):
        kinds |= dict.fromkeys([SINCE, *(f.name for f in event_features(warehouse))], NUMBER)
    return kinds, left_out


def _spread(leads: ibis.Table, columns: list[str]) -> dict[str, tuple[int, int]]:
    """How many leads have a value, and how many different ones, per column."""
    counts = {f"filled: {name}": leads[name].count() for name in columns}
    counts |= {f"distinct: {name}": leads[name].nunique() for name in columns}
    row = leads.aggregate(**counts).execute().iloc[0] if columns else {}
    return {name: (int(row[f"filled: {name}"]), int(row[f"distinct: {name}"])) for name in columns}


def _why_not(
    name: str,
    known: dict[str, tuple[str, str | None]],
    leads: ibis.Table,
    spread: dict[str, tuple[int, int]],
) -> str | None:
    if name in _CANONICAL:
        return _CANONICAL[name]
    if name in _TAKEN:
        return "its name means something else here; map it to another in sources.yml"
    filled, distinct = spread[name]
    column = leads[name]
    how, at = known.get(name, ("canonical" if name == "source" else "undeclared", None))
    if how == "undeclared":
        return "undeclared: sources.yml does not say when it becomes known"
    if how == "after_outcome":
        return "declared as written after the outcome"
    if how == "at" and no_time_column(at, leads):
        return f"known at {at}, but leads have no time of that name"
    if name == "email_hash":
        return "an identifier of a person, not a trait"
    if isinstance(column, (ibis.ir.TimestampValue, ibis.ir.DateValue)):
        return "a time: the calendar is no feature"
    if distinct == 0:
        return "empty for every lead"
    if distinct == 1 and filled == leads.count().execute():
        return "the same for every lead"
    if isinstance(column, ibis.ir.StringValue) and distinct > 40:
        counts = leads.filter(column.notnull()).group_by(name).agg(n=ibis._.count())
        common = counts.filter(counts.n >= _COMMON_SHARE * filled).n.sum().execute()
        rare = pd.isna(common) or common < _LEAST_COMMON * filled
        if rare and not _shares_words(counts.order_by(name).limit(_MOST_TEXTS).execute(), name):
            return f"{distinct:,} different texts in {filled:,} leads: an identifier or free text"
    return None


def _shares_words(counts: pd.DataFrame, name: str) -> bool:
    """Return whether most texts hold a word that tells some leads from others.

    Job titles do ("VP Marketing", "Head of marketing"), identifiers do not.
    """
    words = [set(_WORD.findall(text.lower())) for text in counts[name]]
    often: Counter[str] = Counter()
    for own, n in zip(words, counts["n"], strict=True):
        often.update(dict.fromkeys(own, int(n)))
    rows = int(counts["n"].sum())
    tells = {w for w, n in often.items() if _COMMON_SHARE * rows <= n <= (1 - _LEAST_COMMON) * rows}
    covered = counts["n"][[not tells.isdisjoint(own) for own in words]].sum()
    return bool(covered >= _LEAST_WORDS * rows)


def _kind(column: ibis.Value) -> str:
    if isinstance(column, ibis.ir.BooleanValue):
        return BOOLEAN
    return NUMBER if isinstance(column, ibis.ir.NumericValue) else CATEGORY


def feature_frame(rows: pd.DataFrame, chosen: FeatureSet) -> pd.DataFrame:
    """Return the feature columns of rows with types that models take.

    Numbers are float64, booleans the nullable kind, texts strings; missing stays missing.

    Examples
    --------
    >>> chosen = FeatureSet(("n",), {"n": "number"}, ())
    >>> feature_frame(pd.DataFrame({"n": [1, None], "lead_id": ["a", "b"]}), chosen).n.tolist()
    [1.0, nan]
    """
    types = {NUMBER: "float64", BOOLEAN: "boolean", CATEGORY: "str"}
    return pd.DataFrame(
        {name: rows[name].astype(types[chosen.kinds[name]]) for name in chosen.names},
        index=rows.index,
    )
