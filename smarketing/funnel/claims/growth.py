"""Why there are more MQLs, or fewer: demand, mix, or rules. A lowered bar is no success."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from smarketing.errors import CannotAnswer
from smarketing.funnel.attribution.models import whole_parts
from smarketing.language.catalogue import tr
from smarketing.language.numbers import signed
from smarketing.language.plurals import trn
from smarketing.measures.facts import NO_CAMPAIGN, Facts
from smarketing.results import Result

MONTHS_BEFORE = 3
"""Months a month is compared with."""
LEAST_EXPECTED = 5
"""Cells with fewer MQLs expected are taken together."""

_AGES = (30, 90)
_Z95 = float(stats.norm.ppf(0.975))


@dataclass(frozen=True)
class Growth(Result):
    """The change of a month's MQLs against the months before, in three parts.

    Attributes
    ----------
    month : str
    compared : tuple of str
        The months before, of which the average is taken.
    mqls, mqls_before : float
        MQLs of the month, and on average of the months before.
    demand, mix, rules : float
        ``mqls - mqls_before`` is their sum. Demand: more leads could become MQLs. Mix: other
        leads, by campaign and age. Rules: leads alike became MQLs more or less often – the bar
        was moved, or leads behave otherwise.
    rules_low, rules_high : float
        95 % interval of `rules`.
    table : pandas.DataFrame
        ``campaign_id``, ``age`` (days since the lead came), ``n`` leads that could become MQLs
        and ``k`` that did, ``n_before`` and ``k_before`` in all months compared.
    """

    month: str
    compared: tuple[str, ...]
    mqls: float
    mqls_before: float
    demand: float
    mix: float
    rules: float
    rules_low: float
    rules_high: float
    table: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The split in words; the whole numbers said add up."""
        change = round(self.mqls - self.mqls_before)
        parts = whole_parts(np.array([self.demand, self.mix, self.rules]), change)
        values = dict(zip(("demand", "mix", "rules"), map(signed, parts), strict=True))
        values["change"] = signed(change)
        if self.rules_low > 0:
            return tr(
                "MQLs {change}: demand {demand}, mix {mix}, rules {rules}. Leads alike became MQLs "
                "more often: the bar was lower, or met sooner.",
                **values,
            )
        if self.rules_high < 0:
            return tr(
                "MQLs {change}: demand {demand}, mix {mix}, rules {rules}. Leads alike became MQLs "
                "less often: the bar was higher, or met later.",
                **values,
            )
        return tr(
            "MQLs {change}: demand {demand}, mix {mix}, rules {rules} (within noise).", **values
        )

    def frame(self) -> pd.DataFrame:
        """Return one row per part."""
        return pd.DataFrame(
            {
                "part": ["demand", "mix", "rules", "change"],
                "mqls": [self.demand, self.mix, self.rules, self.mqls - self.mqls_before],
            }
        )


@dataclass(frozen=True)
class BarMoves(Result):
    """Months in which leads alike became MQLs more, or less, often than in the rest.

    Attributes
    ----------
    table : pandas.DataFrame
        ``month``; ``mqls``; ``expected`` at the rates of all other months; ``ratio`` of the two
        with its 95 % interval ``low`` to ``high``; ``z``, in units of the months' own spread;
        ``moved``: lowered, raised, or "".
    """

    table: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return one row per month."""
        return self.table


def mql_growth(facts: Facts, month: str | None = None, months: int = MONTHS_BEFORE) -> Growth:
    """Split the change of a month's MQLs into demand, mix and rules.

    Every lead not yet an MQL and not gone when the month begins, or that comes in it, could
    become one. With N such leads, shares w and rates r of the cells (campaign and age), before
    (0) and now (1): demand (N₁ − N₀)·R₀, mix N₁·Σ(w₁ − w₀)·r₀, rules N₁·Σ w₁·(r₁ − r₀).

    Raises
    ------
    CannotAnswer
        If no record shows when a lead became an MQL, or no month before is on record.

    Examples
    --------
    >>> mql_growth(facts, "2026-05").frame()  # doctest: +SKIP
    """
    month = facts.checked(month)
    before = _trusted_months(facts, month)[:-1][-months:]
    if not before:
        raise CannotAnswer(
            tr("there is no month before {month} to compare its MQLs with", month=month)
        )
    now, then = _cells(facts, [month]), _cells(facts, before)
    both = now.join(then, how="outer", suffixes=("", "_before")).fillna(0)
    both = _pooled(both)
    n, k = float(both.n.sum()), float(both.k.sum())
    n_before, k_before = both.n_before.sum() / len(before), both.k_before.sum() / len(before)
    rate = both.k / both.n.mask(both.n == 0, 1)
    rate_before = both.k_before / both.n_before.mask(both.n_before == 0, 1)
    share = both.n / max(n, 1)
    share_before = both.n_before / max(float(both.n_before.sum()), 1)
    overall = k_before / n_before if n_before else 0.0
    rules = float((both.n * (rate - rate_before)).sum())
    # a number of MQLs varies as Poisson; what was expected of it, by the months before
    spread = k + (both.n**2 * both.k_before / both.n_before.mask(both.n_before == 0, 1) ** 2).sum()
    reach = _Z95 * math.sqrt(spread)
    return Growth(
        month=month,
        compared=tuple(before),
        mqls=k,
        mqls_before=float(k_before),
        demand=float((n - n_before) * overall),
        mix=float(n * ((share - share_before) * rate_before).sum()),
        rules=rules,
        rules_low=rules - reach,
        rules_high=rules + reach,
        table=both.reset_index(),
    )


def bar_moves(facts: Facts, alpha: float = 0.05) -> BarMoves:
    """Find the months in which the bar of an MQL was moved.

    Each month's MQLs against those expected of its leads at the rates of all other months, cell
    by cell. A month stands out if its deviance residual exceeds what the months' own spread
    (median absolute deviation) explains, corrected for their number (Šidák 1967).

    Raises
    ------
    CannotAnswer
        If no record shows when a lead became an MQL, or there are fewer than six months.

    Examples
    --------
    >>> bar_moves(facts).frame().query("moved != ''")  # doctest: +SKIP
    """
    months = _trusted_months(facts, facts.last_month)
    if len(months) < 6:
        raise CannotAnswer(
            trn(
                "{n} month is too few to tell a moved bar from their spread",
                "{n} months are too few to tell a moved bar from their spread",
                len(months),
            )
        )
    cells = {month: _cells(facts, [month]) for month in months}
    whole = pd.concat(cells.values()).groupby(level=[0, 1]).sum()
    rows = []
    for month, own in cells.items():
        rest = whole.sub(own, fill_value=0).reindex(own.index)
        by_age = rest.groupby("age").sum()
        rate = rest.k / rest.n.mask(rest.n < LEAST_EXPECTED)
        age = own.index.get_level_values("age")
        rate = rate.fillna(pd.Series(by_age.k / by_age.n).reindex(age).set_axis(own.index))
        expected, observed = float((own.n * rate).sum()), float(own.k.sum())
        # twice the square root makes a count's spread the same everywhere (Anscombe 1948)
        z = 2 * (math.sqrt(observed + 3 / 8) - math.sqrt(expected + 3 / 8))
        rows.append({"month": month, "mqls": int(observed), "expected": expected, "z": z})
    table = pd.DataFrame(rows)
    middle = table.z.median()
    spread = max(1.0, float((table.z - middle).abs().median()) / stats.norm.ppf(0.75))
    table["z"] = (table.z - middle) / spread
    limit = stats.norm.isf((1 - (1 - alpha) ** (1 / len(table))) / 2)
    table["ratio"] = table.mqls / table.expected.mask(table.expected == 0)
    reach = _Z95 * spread / 2
    root = np.sqrt(table.mqls + 3 / 8)
    for name, edge in (("low", root - reach), ("high", root + reach)):
        table[name] = (edge.clip(lower=0) ** 2 - 3 / 8).clip(lower=0) / table.expected
    table["moved"] = np.select([table.z > limit, table.z < -limit], ["lowered", "raised"], "")
    order = ["month", "mqls", "expected", "ratio", "low", "high", "z", "moved"]
    return BarMoves(table[order])


def _trusted_months(facts: Facts, last: str) -> list[str]:
    if "mql" not in facts.recorded:
        raise CannotAnswer(tr("no record shows when a lead became an MQL"))
    start = facts.history_from
    return [
        month
        for month in facts.months
        if month <= last and (start is None or facts.bounds(month)[0] >= start)
    ]


def _cells(facts: Facts, months: list[str]) -> pd.DataFrame:
    """Return ``n`` leads that could become MQLs in the months, and ``k`` that did, by cell."""
    runs = facts.spells
    parts = []
    for month in months:
        first, after = facts.bounds(month)
        gone = (runs.mql_at < first) | (runs.ended_at < first) | (runs.next_started_at < first)
        open_runs = runs[(runs.started_at < after) & ~gone]
        days = (first - open_runs.started_at) / pd.Timedelta(days=1)
        labels = ["new", f"up to {_AGES[0]}", f"up to {_AGES[1]}", "older"]
        parts.append(
            pd.DataFrame(
                {
                    "campaign_id": open_runs.campaign_id.fillna(NO_CAMPAIGN),
                    "age": np.array(labels)[np.searchsorted([0, *_AGES], days, side="left")],
                    "n": 1,
                    "k": ((open_runs.mql_at >= first) & (open_runs.mql_at < after)).astype(int),
                }
            )
        )
    cells = pd.concat(parts, ignore_index=True)
    return cells.groupby(["campaign_id", "age"])[["n", "k"]].sum()


def _pooled(both: pd.DataFrame) -> pd.DataFrame:
    """Take cells too small to have a rate together, by age."""
    both = both.reset_index()
    expected = np.minimum(
        both.n * both.k_before / both.n_before.mask(both.n_before == 0), both.k_before
    )
    small = ~(expected >= LEAST_EXPECTED)
    both["campaign_id"] = both.campaign_id.mask(small, "(small ones)")
    both = both.groupby(["campaign_id", "age"])[["n", "k", "n_before", "k_before"]].sum()
    return both[both[["n", "n_before"]].any(axis=1)]
