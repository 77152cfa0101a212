"""What a comparison comes to, in words that claim no more than the intervals do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smarketing.evaluation.backtest import AGREED
from smarketing.evaluation.stakes import Stakes


def verdict_of(
    models: Sequence[dict[str, Any]],
    differences: Sequence[dict[str, Any]],
    stakes: Stakes,
    n: int,
    monthly: bool = True,
) -> str:
    """Return the verdict: a sentence for each learned model against the agreed card.

    A model is called better (or worse) only if the 95 % interval of the paired difference in
    AUC excludes zero. That one measure decides, chosen beforehand: with several to choose from,
    luck would win more often than one time in twenty. What it means for the leads sales can
    work is said beside it, with its own interval.

    Parameters
    ----------
    models, differences : sequence of dict
        As in :class:`smarketing.evaluation.comparison.Comparison`.
    stakes : Stakes
    n : int
        Rows judged.
    monthly : bool
        Whether the leads were worked month by month; False for a table without dates.
    """
    scores = {row["name"]: row for row in models}
    if AGREED not in scores or len(scores) < 2:
        only = models[0]
        return (
            f"Only {_called(only['name'])} was judged: AUC {only['auc']:.3f} "
            f"({only['auc_low']:.3f} to {only['auc_high']:.3f}) on {n:,} rows; there is nothing "
            "to compare it with."
            if len(scores) == 1
            else "The agreed card was not judged, so nothing is called better than it."
        )
    by = {(d["model"], d["measure"]): d for d in differences}
    learned = sorted(
        (name for name in scores if name != AGREED), key=lambda name: -scores[name]["auc"]
    )
    return " ".join(_sentence(name, scores, by, stakes, monthly) for name in learned)


def _sentence(
    name: str,
    scores: dict[str, dict[str, Any]],
    by: dict[tuple[str, str], dict[str, Any]],
    stakes: Stakes,
    monthly: bool,
) -> str:
    gap = by[name, "auc"]
    numbers = (
        f"AUC {scores[name]['auc']:.3f} against {scores[AGREED]['auc']:.3f}, a difference of "
        f"{gap['difference']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})"
    )
    who = _called(name).capitalize()
    if gap["low"] > 0:
        text = f"{who} ranks leads better than the agreed card: {numbers}."
    elif gap["high"] < 0:
        text = f"{who} ranks leads worse than the agreed card: {numbers}."
    else:
        text = f"{who} and the agreed card cannot be told apart: {numbers}."
    return text + _at_capacity(name, by, stakes, monthly)


def _at_capacity(
    name: str, by: dict[tuple[str, str], dict[str, Any]], stakes: Stakes, monthly: bool
) -> str:
    closed = by.get((name, "close_rate_at_capacity"))
    if closed is None:
        return ""
    low, high = 100 * closed["low"], 100 * closed["high"]
    points = 100 * closed["difference"]
    k = f"{stakes.leads_per_month:g}"
    if low == high == 0:
        return f" All leads fit the capacity of {k}, so it does not matter which are chosen."
    among = f" Of the {k} leads {'a month ' if monthly else ''}that can be worked it "
    if low <= 0 <= high:
        return (
            f"{among}closes {points:+.1f} points ({low:+.1f} to {high:+.1f}): no more than luck "
            "explains."
        )
    text = (
        f"{among}closes {abs(points):.1f} points {'more' if points > 0 else 'fewer'} "
        f"({low:+.1f} to {high:+.1f})"
    )
    worth = by.get((name, "value_at_capacity"))
    if worth is not None and worth["low"] * worth["high"] > 0:
        text += (
            f", worth {12 * worth['difference']:+,.0f} {stakes.currency} a year"
            if monthly
            else f", worth {worth['difference']:+,.0f} {stakes.currency}"
        )
    return text + "."


def _called(name: str) -> str:
    return "the agreed card" if name == AGREED else f"the {name} model"
