"""The kinds of evidence that a column was written after the fact, each in words.

Each function looks at one column and returns a verdict with its reason, or None.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from smarketing.evaluation.backtest.metrics import auc
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, fixed, percent
from smarketing.warehouse.telling_words import (
    CONTACT_WORDS,
    JUDGEMENT_WORDS,
    OUTCOME_WORDS,
    OWN_TEXT,
)

_WORDS_OF_SALES = (
    (
        CONTACT_WORDS,
        mark(
            'A value such as "{value}" is what sales writes down after trying to reach a '
            "lead ({share} of the {n} leads with such values won, against {base} of all)."
        ),
    ),
    (
        JUDGEMENT_WORDS,
        mark(
            'A value such as "{value}" is somebody\'s judgement of the lead, not something '
            "the lead said ({share} of the {n} leads with such values won, against {base} "
            "of all)."
        ),
    ),
)

RATING_NAMES = re.compile(
    r"\b(?:score|index|rating|quality|grade|rank|priority|probability)\b", re.IGNORECASE
)
CALENDAR_NAMES = re.compile(
    r"(?:^| )(?:year|quarter|month|week|day of (?:year|month)|season)(?: |$)", re.IGNORECASE
)
DATE_TEXT = re.compile(r"^\s*(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?:[ T]|\s*$)")
LATEST_NAMES = re.compile(
    r"\b(?:last|latest|recent|status|stage|modified|updated|tags?)\b", re.IGNORECASE
)

FOLDS = 5
BINS = 20
LEAK_AUC = 0.9  # a single column of a lead hardly ever tells so much in honest data
SUSPECT_ALONE = 0.78  # time on site, honestly measured, reaches 0.76 in public data
SUSPECT_AUC = 0.6  # below this, an odd name or word has no power to do harm
SUSPECT_MISSING_AUC = 0.6
PURE = 0.95  # share of one outcome from which a value or a filled cell "is" the outcome
RUNS = 0.05  # changes along time, of those that chance would make: below it, values come in runs
LUCK = 1e-4  # chance below which a pattern is not put down to luck


Evidence = tuple[str, str] | None
"""A verdict with its reason, or nothing to say."""


def column_auc(values: pd.Series, won: NDArray[np.float64], fold: NDArray[np.int64]) -> float:
    """Return the AUC of one column alone: each lead scored by the others' outcomes.

    Categories (and twenty bins of a number, and "missing") are scored by the share that won in
    the other folds, drawn towards the base rate by ten leads; so a column of many rare values
    gains nothing from seeing its own outcome.
    """
    codes = _codes(values)
    size = codes.max() + 1
    score = np.empty(len(won))
    for k in range(FOLDS):
        others = fold != k
        base = won[others].mean() if others.any() else 0.5
        n = np.bincount(codes[others], minlength=size)
        hits = np.bincount(codes[others], won[others], minlength=size)
        score[~others] = ((hits + 10 * base) / (n + 10) - base)[codes[~others]]
    value = float(auc(won, score.round(9)))  # what differs by rounding alone does not differ
    return max(value, 0.5) if np.isfinite(value) else 0.5


def only_one_side(values: pd.Series, won: NDArray[np.float64]) -> Evidence:
    """Say whether the column is filled in only for winners, or only for losers."""
    filled = _filled(values)
    n, base = int(filled.sum()), won.mean()
    if n in (0, len(won)):
        return None
    rate = won[filled].mean()
    if rate >= PURE and base ** (n * rate) < LUCK:
        return "leak", tr(
            "Only winners have it: of the {n} leads where it is filled in, {share} won, "
            "against {base} of all – so it is written when a lead is won.",
            n=count(n),
            share=percent(rate),
            base=percent(base),
        )
    lost_share = n / max((1 - won).sum(), 1)
    if rate <= (1 - PURE) * min(1, base * 4) and (1 - base) ** n < LUCK:
        # A date that losers have may be a stage of its own; it is no attribute, but no fraud.
        return "leak" if lost_share >= 0.2 and not is_date(values) else "suspect", tr(
            "Only losers have it: of the {n} leads where it is filled in, {share} won, "
            "against {base} of all – it looks written when a lead is lost.",
            n=count(n),
            share=percent(rate),
            base=percent(base),
        )
    return None


def names_the_outcome(values: pd.Series, won: NDArray[np.float64]) -> Evidence:
    """Say whether one of its values names how the lead ended, and did end so."""
    text = _text(values)
    if text is None:
        return None
    base = won.mean()
    for value, n in text.value_counts().items():
        if not OUTCOME_WORDS.search(str(value)):
            continue
        share = won[(text == value).to_numpy()].mean()
        sure = share >= PURE or share <= (1 - PURE) * min(1, base * 4)
        odds = (base if share >= 0.5 else 1 - base) ** (n * max(share, 1 - share))
        if sure and odds < LUCK:
            return "leak", tr(
                'Its value "{value}" names how the lead ended: {share} of its {n} leads won, '
                "against {base} of all.",
                value=_short(value),
                share=percent(share),
                n=count(n),
                base=percent(base),
            )
    return None


def out_of_line(power: float, others: NDArray[np.float64]) -> Evidence:
    """Say whether the column alone is stronger than honest columns are."""
    telling = others[others > 0.02]
    usual = float(np.median(telling)) if len(telling) else 0.0
    if power < LEAK_AUC and not (power >= SUSPECT_ALONE and power - 0.5 > 2 * usual):
        return None
    alone = (
        tr(
            "Alone it tells winners from losers with an AUC of {auc}; the other columns that tell "
            "anything at all reach {usual} in the middle.",
            auc=fixed(power, 2),
            usual=fixed(0.5 + usual, 2),
        )
        if len(telling)
        else tr(
            "Alone it tells winners from losers with an AUC of {auc}; no other column tells "
            "anything.",
            auc=fixed(power, 2),
        )
    )
    if power >= LEAK_AUC:
        return "leak", alone + " " + tr("Nothing known beforehand does that.")
    return "suspect", alone + " " + tr("Ask when it is written.")


def after_a_call(values: pd.Series, won: NDArray[np.float64]) -> Evidence:
    """Say whether its values are what sales writes down, or a judgement of the lead."""
    text = _text(values)
    if text is None:
        return None
    for words, reason in _WORDS_OF_SALES:
        hits = text.dropna()[text.dropna().str.contains(words)]
        if len(hits) >= 10:
            return "suspect", tr(
                reason,
                value=_short(hits.value_counts().index[0]),
                share=percent(won[hits.index].mean()),
                n=count(len(hits)),
                base=percent(won.mean()),
            )
    return None


def missing_where_the_outcome_is(values: pd.Series, won: NDArray[np.float64]) -> Evidence:
    """Say whether being filled in goes with the outcome."""
    filled = _filled(values).astype(float)
    if filled.min() == filled.max():
        return None
    power = float(auc(won, filled))
    if max(power, 1 - power) < SUSPECT_MISSING_AUC:
        return None
    with_it, without = won[filled == 1].mean(), won[filled == 0].mean()
    return "suspect", tr(
        "Whether it is filled in goes with the outcome: {share} of the leads that have it won, "
        "{without} of those that do not. It may be asked for only on the way to a sale.",
        share=percent(with_it),
        without=percent(without),
    )


def named_like_a_later_state(column: str, values: pd.Series, power: float) -> Evidence:
    """Say whether its name promises a rating, or a state that is overwritten."""
    name = _in_words(column)
    missing = 1 - _filled(values).mean()
    if RATING_NAMES.search(name) and (power >= 0.55 or missing >= 0.2):
        return "suspect", tr(
            "Its name says it is a rating, made of the lead by a person or another tool: ask "
            "when, and whether it is changed later."
        )
    if LATEST_NAMES.search(name) and power >= SUSPECT_AUC:
        return "suspect", tr(
            "Its name says it holds the latest state: it is overwritten while the lead moves "
            "on, after the scoring moment too (AUC {auc} alone).",
            auc=fixed(power, 2),
        )
    return None


def identifier(values: pd.Series) -> Evidence:
    """Say whether it is a text that differs for nearly every lead."""
    if _text(values) is None or is_date(values):  # amounts differ from lead to lead too
        return None
    filled = values.dropna()
    if len(filled) and (filled == OWN_TEXT).all():
        return "suspect", tr(
            "It is a text of its own for most leads: as a feature it would tell nothing about the "
            "next one."
        )
    if len(filled) < 50 or filled.nunique() < 0.95 * len(filled):
        return None
    return "suspect", tr(
        "It is nearly different for every lead ({values} values in {n} leads): an identifier "
        "tells nothing about the next lead.",
        values=count(filled.nunique()),
        n=count(len(filled)),
    )


def is_date(values: pd.Series) -> bool:
    """Return whether a column holds dates, or texts that read like dates."""
    if is_datetime64_any_dtype(values):
        return True
    text = _text(values)
    filled = None if text is None else text.dropna()
    return filled is not None and len(filled) > 0 and filled.str.match(DATE_TEXT).mean() >= PURE


def a_date(values: pd.Series, created: pd.Series | None) -> Evidence:
    """Say whether it is a date, and how often it lies after the lead's creation."""
    if not is_date(values):
        return None
    reason = tr(
        "It is a date: as a feature it stands for the calendar, and later leads have dates no "
        "model has seen. The moment of a stage belongs under stages in sources.yml."
    )
    if created is None:
        return "suspect", reason
    when = pd.to_datetime(values, errors="coerce", format="mixed", utc=True).dt.tz_localize(None)
    both = when.notna() & created.notna()
    later = (when[both] - created[both]) > pd.Timedelta(days=2)  # zones and days without hours
    if both.any() and later.mean() >= 0.01:
        after = tr(
            "Of the {n} leads that have it, {share} got it more than two days after they were "
            "created.",
            n=count(both.sum()),
            share=percent(later.mean()),
        )
        reason = f"{reason} {after}"
    return "suspect", reason


def proxy_of_time(
    column: str, values: pd.Series, moments: NDArray[np.float64], dated: bool
) -> Evidence:
    """Say whether it runs with the order of the leads, in a line or in runs of one value.

    Parameters
    ----------
    column : str
        Its name: a month of the year comes back, so its name tells more than its values.
    values : pandas.Series
    moments : array of shape (n,)
        Place of each lead in time.
    dated : bool
        Whether that is the leads' creation; a file's order may be anything (by source, say),
        so that runs of one value prove nothing.
    """
    if is_date(values):
        return None
    if CALENDAR_NAMES.search(_in_words(column)):
        return "suspect", tr(
            "Its name says it is a part of the calendar: a model that knows the month learns "
            "the season and the trend of the past instead of the lead."
        )
    filled = _filled(values)
    if filled.sum() < 50:
        return None
    share = _changes_along_time(values[filled], moments[filled]) if dated else 1.0
    if share < RUNS:
        return "suspect", tr(
            "Its values come in runs along time (they change {share} as often as in a random "
            "order of the leads): a proxy of time, not a trait of a lead.",
            share=percent(share, 1),
        )
    if not is_numeric_dtype(values) or is_bool_dtype(values) or values[filled].nunique() < 3:
        return None
    ranks = values[filled].rank().to_numpy(float)
    then = moments[filled]
    if np.ptp(then) == 0:
        return None
    r = float(np.corrcoef(ranks, then)[0, 1])
    if abs(r) < 0.95:
        return None
    rises = mark(
        "It rises with the order of the leads (rank correlation {r}): a proxy of time, not a "
        "trait of a lead."
    )
    falls = mark(
        "It falls with the order of the leads (rank correlation {r}): a proxy of time, not a "
        "trait of a lead."
    )
    return "suspect", tr(rises if r > 0 else falls, r=fixed(r, 2))


def _changes_along_time(values: pd.Series, moments: NDArray[np.float64]) -> float:
    """Share of changes from lead to lead, of those expected in a random order; 1 if few are."""
    codes = pd.factorize(values)[0]
    shares = np.bincount(codes) / len(codes)
    expected = (len(codes) - 1) * (1 - (shares**2).sum())
    if expected < 30 or len(shares) > len(codes) / 10:  # nearly constant, or an amount
        return 1.0
    in_time = codes[np.lexsort((codes, moments))]
    return float((np.diff(in_time) != 0).sum() / expected)


def _codes(values: pd.Series) -> NDArray[np.int64]:
    if is_datetime64_any_dtype(values):
        values = values.astype("int64").where(values.notna()).astype(float)
    if is_numeric_dtype(values) and not is_bool_dtype(values) and values.nunique() > BINS:
        values = pd.qcut(values.astype(float), BINS, labels=False, duplicates="drop")
    codes, _ = pd.factorize(values.astype(object), use_na_sentinel=True)
    return codes.astype(np.int64) + 1  # 0 is missing


def _in_words(column: str) -> str:
    return re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column))


def _filled(values: pd.Series) -> NDArray[np.bool_]:
    return values.notna().to_numpy(bool)


def _text(values: pd.Series) -> pd.Series | None:
    if is_numeric_dtype(values) or is_datetime64_any_dtype(values):  # truth values are numeric too
        return None
    return values.astype("str").where(values.notna())


def _short(value: object) -> str:
    text = re.sub(r"^value \d+: ", "", str(value))  # what ingest keeps of an undeclared text
    return text if len(text) <= 40 else text[:37] + "…"
