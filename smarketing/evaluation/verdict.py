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
    capacity: Sequence[dict[str, Any]] = (),
) -> str:
    """Return the verdict: the best learned model against the agreed card, the others in short.

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
    capacity : sequence of dict
        What each learned model would mean for the team
        (:func:`smarketing.evaluation.measures.at_capacity`).
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
    means = {row["model"]: row for row in capacity}
    best, *others = learned
    return " ".join(
        text
        for text in (
            _ranks(best, scores, by),
            _at_capacity(best, by, stakes, monthly, means.get(best)),
            _others(others, by),
        )
        if text
    )


def _ranks(
    name: str, scores: dict[str, dict[str, Any]], by: dict[tuple[str, str], dict[str, Any]]
) -> str:
    gap = by[name, "auc"]
    numbers = (
        f"AUC {scores[name]['auc']:.3f} against {scores[AGREED]['auc']:.3f}, a difference of "
        f"{gap['difference']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})"
    )
    who = _called(name).capitalize()
    if gap["low"] > 0:
        return f"{who} ranks leads better than the agreed card: {numbers}."
    if gap["high"] < 0:
        return f"{who} ranks leads worse than the agreed card: {numbers}."
    return f"{who} and the agreed card cannot be told apart: {numbers}."


def _others(names: Sequence[str], by: dict[tuple[str, str], dict[str, Any]]) -> str:
    """Name the other learned models by what their intervals allow to say of them."""
    better = [name for name in names if by[name, "auc"]["low"] > 0]
    worse = [name for name in names if by[name, "auc"]["high"] < 0]
    same = [name for name in names if name not in better and name not in worse]
    parts = []
    if better:
        parts.append(f"better than the agreed card: {_listed(better)}")
    if same:
        parts.append(f"not to be told apart from it: {_listed(same)}")
    if worse:
        parts.append(f"worse: {_listed(worse)}")
    return f"Of the others, {'; '.join(parts)}." if parts else ""


def _listed(names: Sequence[str]) -> str:
    return " and ".join(_called(name) for name in names)


def _at_capacity(
    name: str,
    by: dict[tuple[str, str], dict[str, Any]],
    stakes: Stakes,
    monthly: bool,
    means: dict[str, Any] | None,
) -> str:
    closed = by.get((name, "close_rate_at_capacity"))
    if closed is None:
        return ""
    low, high = 100 * closed["low"], 100 * closed["high"]
    points = 100 * closed["difference"]
    if low == high == 0:
        k = f"{stakes.leads_per_month:g}"
        return f"All leads fit the capacity of {k}, so it does not matter which are chosen."
    who, among = _called(name).capitalize(), "of the leads sales can work"
    if low <= 0 <= high:
        text = (
            f"{who} closes {points:+.1f} points {among} ({low:+.1f} to {high:+.1f}): no more than "
            "luck explains"
        )
    elif low > 0:
        text = f"{who} closes {points:.1f} points more {among} ({low:.1f} to {high:.1f})"
    else:
        text = f"{who} closes {-points:.1f} points fewer {among} ({-high:.1f} to {-low:.1f})"
    if means is None:
        return f"{text}."
    return f"{text}{_worth(means, monthly)}{_same(means)}."


def _worth(means: dict[str, Any], monthly: bool) -> str:
    """Say what it is worth, or that nobody can tell whether it is worth anything."""
    value, low, high = means["value_per_year"], means["value_low"], means["value_high"]
    if value is None or low is None or high is None:
        return ""
    often = " a year at today's capacity" if monthly else " at today's capacity"
    if low > 0 or high < 0:
        what = "worth" if low > 0 else "at a loss of"
        least, value, most = sorted(abs(_rounded(v)) for v in (low, value, high))
        amount = f"{value:,.0f} {means['currency']}"
        return f", {what} {amount}{often} ({least:,.0f} to {most:,.0f})"
    span = f"{_money(low)} to {_money(high)}"
    return f"; what that is worth cannot be told ({span} {means['currency']}{often})"


def _same(means: dict[str, Any]) -> str:
    share, what = means["same_share"], "card" if means["model"] == "card" else "model"
    return "" if share is None else f"; rules and {what} agree on {100 * share:.0f} % of them"


def _money(value: float) -> str:
    return f"{_rounded(value):+,.0f}" if _rounded(value) else "0"


def _rounded(value: float) -> float:
    """Return three digits that count: more would pretend a precision no interval has."""
    return float(f"{value:.3g}")


def _called(name: str) -> str:
    named = {AGREED: "the agreed card", "card": "the learned card"}
    return named.get(name, f"the {name} model")
