"""What a comparison comes to, in words that claim no more than the intervals do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smarketing.evaluation.backtest.line_economics import Stakes
from smarketing.evaluation.backtest.model_names import AGREED, called
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import (
    SPACE,
    count,
    currency_sign,
    fixed,
    listed,
    money,
    number,
    percent,
    points,
)
from smarketing.language.sentences import capital


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
        As in :class:`smarketing.evaluation.comparison.model_comparison.Comparison`.
    stakes : Stakes
    n : int
        Rows judged.
    monthly : bool
        Whether the leads were worked month by month; False for a table without dates.
    capacity : sequence of dict
        What each learned model would mean for the team
        (:func:`smarketing.evaluation.comparison.resampled_metrics.at_capacity`).
    """
    scores = {row["name"]: row for row in models}
    if AGREED not in scores and len(scores) > 1:
        return tr("The agreed card was not judged, so nothing is called better than it.")
    if len(scores) == 1:
        only = models[0]
        return tr(
            "Only {model} was judged: AUC {auc} ({low} to {high}) on {n} rows; there is nothing "
            "to compare it with.",
            model=called(only["name"]),
            auc=fixed(only["auc"], 3),
            low=fixed(only["auc_low"], 3),
            high=fixed(only["auc_high"], 3),
            n=count(n),
        )
    by = {(d["model"], d["measure"]): d for d in differences}
    means = {row["model"]: row for row in capacity}
    best, *others = sorted(scores.keys() - {AGREED}, key=lambda n: (-scores[n]["auc"], n))
    at_capacity = _at_capacity(best, by, stakes, monthly, means.get(best))
    parts = (_ranks(best, scores, by), at_capacity, _others(others, by))
    return " ".join(filter(None, parts))


def _ranks(
    name: str, scores: dict[str, dict[str, Any]], by: dict[tuple[str, str], dict[str, Any]]
) -> str:
    gap = by[name, "auc"]
    if gap["low"] > 0:
        text = mark(
            "{model} ranks leads better than the agreed card: AUC {auc} against {auc_agreed}, a "
            "difference of {gap} ({low} to {high})."
        )
    elif gap["high"] < 0:
        text = mark(
            "{model} ranks leads worse than the agreed card: AUC {auc} against {auc_agreed}, a "
            "difference of {gap} ({low} to {high})."
        )
    else:
        text = mark(
            "{model} and the agreed card cannot be told apart: AUC {auc} against {auc_agreed}, a "
            "difference of {gap} ({low} to {high})."
        )
    return tr(
        text,
        model=capital(called(name)),
        auc=fixed(scores[name]["auc"], 3),
        auc_agreed=fixed(scores[AGREED]["auc"], 3),
        gap=_signed(gap["difference"], 3),
        low=_signed(gap["low"], 3),
        high=_signed(gap["high"], 3),
    )


def _others(names: Sequence[str], by: dict[tuple[str, str], dict[str, Any]]) -> str:
    """Name the other learned models by what their intervals allow to say of them."""
    better = [name for name in names if by[name, "auc"]["low"] > 0]
    worse = [name for name in names if by[name, "auc"]["high"] < 0]
    same = [name for name in names if name not in better and name not in worse]
    parts = [
        tr(says, models=listed([called(name) for name in own]))
        for says, own in (
            (mark("better than the agreed card: {models}"), better),
            (mark("not to be told apart from it: {models}"), same),
            (mark("worse: {models}"), worse),
        )
        if own
    ]
    return tr("Of the others, {told}.", told="; ".join(parts)) if parts else ""


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
    low, high, gap = closed["low"], closed["high"], closed["difference"]
    if low == high == 0:
        return tr(
            "All leads fit the capacity of {n}, so it does not matter which are chosen.",
            n=number(stakes.leads_per_month),
        )
    sign, luck = (-1 if high < 0 else 1), low <= 0 <= high
    if luck:
        text = mark(
            "{model} closes {gap} points of the leads sales can work ({low} to {high}): no more "
            "than luck explains"
        )
    elif low > 0:
        text = mark(
            "{model} closes {gap} points more of the leads sales can work ({low} to {high})"
        )
    else:
        text = mark(
            "{model} closes {gap} points fewer of the leads sales can work ({low} to {high})"
        )
    low, high = sorted((sign * low, sign * high))
    outcome = tr(
        text,
        model=capital(called(name)),
        gap=points(sign * gap, sign=luck),
        low=points(low, sign=luck),
        high=points(high, sign=luck),
    )
    return f"{outcome if means is None else _agree(_worth(outcome, means, monthly), means)}."


_GAIN = {
    True: mark("{text}, worth {amount} a year at today's capacity ({low} to {high})"),
    False: mark("{text}, worth {amount} at today's capacity ({low} to {high})"),
}
_LOSS = {
    True: mark("{text}, at a loss of {amount} a year at today's capacity ({low} to {high})"),
    False: mark("{text}, at a loss of {amount} at today's capacity ({low} to {high})"),
}
_EITHER = {
    True: mark(
        "{text}; what that is worth cannot be told ({low} to {high} a year at today's capacity)"
    ),
    False: mark("{text}; what that is worth cannot be told ({low} to {high} at today's capacity)"),
}
"""By whether the leads were worked month by month."""


def _worth(text: str, means: dict[str, Any], monthly: bool) -> str:
    """Add what it is worth, or that nobody can tell whether it is worth anything."""
    value, low, high = means["value_per_year"], means["value_low"], means["value_high"]
    if value is None or low is None or high is None:
        return text
    if low <= 0 <= high:
        best = f"{_signed(_rounded(high), 0)}{SPACE}{currency_sign(means['currency'])}"
        return tr(_EITHER[monthly], text=text, low=_signed(_rounded(low), 0), high=best)
    least, value, most = sorted(abs(_rounded(v)) for v in (low, value, high))
    amount = money(value, means["currency"])
    sure = _GAIN if low > 0 else _LOSS
    return tr(sure[monthly], text=text, amount=amount, low=count(least), high=count(most))


def _agree(text: str, means: dict[str, Any]) -> str:
    if means["same_share"] is None:
        return text
    card = mark("{text}; rules and card agree on {share} of them")
    model = mark("{text}; rules and model agree on {share} of them")
    share = percent(means["same_share"], 0)
    whole = card if means["model"] == "card" else model
    return tr(whole, text=text, share=share)


def _signed(value: float, digits: int) -> str:
    return f"{'+' if value > 0 else ''}{fixed(value, digits)}"


def _rounded(value: float) -> float:
    """Return three digits that count: more would pretend a precision no interval has."""
    return float(f"{value:.3g}")
