"""The statistics behind claims: differences of shares, with interval, p-value and n needed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from smarketing.funnel.rates import newcombe

LEAST_N = 20
"""A group smaller than this is not compared by itself."""
RELEVANT = 0.2
"""The least difference that matters, as a part of the share compared with."""

_Z95 = float(stats.norm.ppf(0.975))
_Z80 = float(stats.norm.ppf(0.8))


@dataclass(frozen=True)
class Difference:
    """A difference of two shares.

    Attributes
    ----------
    effect, low, high : float
        With its 95 % interval.
    p_value : float
        Two-sided.
    n, n_compared : int
    n_needed : int
        Per group, to find it (or the least that matters) with 80 % power at 5 %; 20 at least.
    """

    effect: float
    low: float
    high: float
    p_value: float
    n: int
    n_compared: int
    n_needed: int


def against_promise(k: int, n: int, promised: float) -> Difference:
    """Compare k of n with a promised share (exact binomial test, Wilson interval).

    Examples
    --------
    >>> found = against_promise(70, 100, 0.95)
    >>> round(found.effect, 2), found.p_value < 0.001
    (-0.25, True)
    """
    low, high = proportion_confint(k, n, method="wilson")
    share = k / n
    p_value = float(stats.binomtest(k, n, promised).pvalue)
    # a promise of 95 % leaves 5 % to fail: what matters is measured on the smaller part
    least = max(abs(share - promised), RELEVANT * min(promised, 1 - promised), 0.01)
    other = share if abs(share - promised) >= least else max(promised - least, 0.0)
    spread = _Z95 * math.sqrt(promised * (1 - promised)) + _Z80 * math.sqrt(other * (1 - other))
    needed = max(math.ceil((spread / least) ** 2), LEAST_N)
    return Difference(
        share - promised, float(low) - promised, float(high) - promised, p_value, n, 0, needed
    )


def two_shares(k: int, n: int, k_other: int, n_other: int) -> Difference:
    """Compare k of n with k of n of another group (score test, Newcombe's interval).

    Examples
    --------
    >>> two_shares(5, 100, 20, 100).p_value < 0.01
    True
    """
    share, other = k / n, k_other / n_other
    pooled = (k + k_other) / (n + n_other)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_other))
    p_value = 2 * stats.norm.sf(abs(share - other) / error) if error else 1.0
    effect, low, high = newcombe(k, n, k_other, n_other)
    return Difference(effect, low, high, float(p_value), n, n_other, _needed(effect, other))


def standardised(
    hit: pd.Series, group: pd.Series, hit_before: pd.Series, group_before: pd.Series
) -> tuple[Difference, dict[str, float]]:
    """Compare the share of hits now with before, at the mix of groups of now.

    The crude difference is the sum of two parts: the groups' rates changed (the effect, direct
    standardisation), and the mix of groups shifted (``mix_effect``). Groups too small by
    themselves in either period are taken together.

    Parameters
    ----------
    hit, hit_before : pandas.Series of bool
    group, group_before : pandas.Series
        The group of each lead, such as its source; missing is a group too.

    Returns
    -------
    Difference
        Of the rates, at the same mix.
    dict of str to float
        ``crude_effect`` = ``rate_effect`` + ``mix_effect``; ``groups`` compared: with one there
        was no mix to hold still.

    Examples
    --------
    >>> now = pd.Series([True] * 30 + [False] * 70)
    >>> before = pd.Series([True] * 50 + [False] * 50)
    >>> source = pd.Series(["paid"] * 100)
    >>> found, parts = standardised(now, source, before, source)
    >>> round(found.effect, 2), round(parts["mix_effect"], 2)
    (-0.2, 0.0)
    """
    now, before = _by_group(hit, group), _by_group(hit_before, group_before)
    both = now.join(before, how="outer", suffixes=("", "_before")).fillna(0)
    small = (both[["n", "n_before"]] < LEAST_N).any(axis=1)
    if small.any():
        if (both[small].sum()[["n", "n_before"]] < LEAST_N).any() and not small.all():
            small[both[~small].n.idxmax()] = True  # too few even together: join the largest
        both = both.groupby(np.where(small, "others", both.index.astype(str))).sum()
    rate, rate_before = both.k / both.n, both.k_before / both.n_before
    mix, mix_before = both.n / both.n.sum(), both.n_before / both.n_before.sum()
    effect = float((mix * (rate - rate_before)).sum())
    mix_effect = float(((mix - mix_before) * rate_before).sum())
    pooled = (both.k + both.k_before) / (both.n + both.n_before)
    error = math.sqrt((mix**2 * pooled * (1 - pooled) * (1 / both.n + 1 / both.n_before)).sum())
    p_value = float(2 * stats.norm.sf(abs(effect) / error)) if error else 1.0
    # half a hit more and less keeps an interval open where all or none hit
    rough, rough_before = (
        (both.k + 0.5) / (both.n + 1),
        (both.k_before + 0.5) / (both.n_before + 1),
    )
    variance = rough * (1 - rough) / both.n + rough_before * (1 - rough_before) / both.n_before
    reach = _Z95 * math.sqrt((mix**2 * variance).sum())
    parts = {
        "crude_effect": effect + mix_effect,
        "rate_effect": effect,
        "mix_effect": mix_effect,
        "groups": len(both),
    }
    standard_before = float((mix * rate_before).sum())
    needed = _needed(effect, standard_before)
    difference = Difference(
        effect, effect - reach, effect + reach, p_value, len(hit), len(hit_before), needed
    )
    return difference, parts


def _by_group(hit: pd.Series, group: pd.Series) -> pd.DataFrame:
    label = group.astype("object").where(group.notna(), "(none)").astype(str).to_numpy()
    return hit.astype(int).groupby(label).agg(k="sum", n="size")


def _needed(effect: float, compared: float) -> int:
    least = max(abs(effect), RELEVANT * compared, 0.001)
    direction = 1 if effect > 0 else -1
    other = min(max(compared + direction * least, 0.0), 1.0)
    variance = compared * (1 - compared) + other * (1 - other)
    return max(math.ceil((_Z95 + _Z80) ** 2 * variance / least**2), LEAST_N)
