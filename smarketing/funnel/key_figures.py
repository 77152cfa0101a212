"""The agreed key figures of both teams over a year up to a month, each beside its target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from smarketing.agreement.sla import MarketingPromise, SalesPromise
from smarketing.clock import months_between
from smarketing.funnel.rates import wilson
from smarketing.funnel.wording import never_recorded
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count as in_words
from smarketing.measures.conversion import conversion
from smarketing.measures.count import count
from smarketing.measures.facts import Facts, groups_of
from smarketing.results import Result

MARKETING, SALES = "marketing", "sales"
_RATES = (
    (MARKETING, "lead_to_mql", "lead", "mql"),
    (MARKETING, "mql_to_sales_ready", "mql", "sales_ready"),
    (SALES, "mql_to_sql", "mql", "sql"),
    (SALES, "close_rate", "sales_ready", "customer"),
)


@dataclass(frozen=True)
class KeyFigures(Result):
    """The key figures, team by team.

    Attributes
    ----------
    first_month, last_month : str
        Local months, both included.
    table : pandas.DataFrame
        ``side``, ``name``, ``value`` in ``unit`` (share, days, or a currency), ``k`` of ``n``
        behind it (shares; of others ``n`` alone), its 95 % interval ``low`` to ``high`` (shares),
        ``target`` (missing where the agreement names none and none follows from its promises),
        ``met`` (null without a target), ``n_immature`` too young to count, ``counted`` (how).
    cannot : dict of str to str
        Figure → why the tables do not tell it.
    """

    first_month: str
    last_month: str
    table: pd.DataFrame
    cannot: dict[str, str]

    def frame(self) -> pd.DataFrame:
        """Return one row per figure, marketing's first."""
        return self.table


def key_figures(facts: Facts, month: str | None = None, months: int = 12) -> KeyFigures:
    """Return what both teams look at, over the months up to one.

    Rates are of leads whose window is over, within the window, so that young leads do not make
    them look low. A revenue's lead is marketing's if it left its data with the company; revenue
    of deals without a lead is sales' own. The time to the first order runs from the first touch
    of the buying group to its first won deal.

    Examples
    --------
    >>> key_figures(facts, "2026-10").frame()[["name", "value", "target"]]  # doctest: +SKIP
    """
    month = facts.checked(month)
    first = facts.first_of(month, months)
    cannot: dict[str, str] = {}
    rows = [
        *_of_visitors(facts, months_between(first, month), cannot),
        *_of_rates(facts, first, month, cannot),
        *_of_money(facts, first, month, cannot),
    ]
    columns = [
        "side", "name", "value", "unit", "k", "n", "low", "high", "target", "met", "n_immature",
        "counted",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table["target"] = table.name.map(_targets(facts)).astype(float)
    better = table.value.astype(float) >= table.target
    fewer = table.unit == "days"
    better = better.mask(fewer, table.value.astype(float) <= table.target)
    known = table.target.notna() & table.value.notna()
    table["met"] = better.astype("boolean").mask(~known)
    table = table.astype({"k": "Int64", "n": "Int64", "n_immature": "Int64"})
    side = table.side.map({MARKETING: 0, SALES: 1})
    table = table.assign(place=side).sort_values("place", kind="stable").drop(columns="place")
    return KeyFigures(first, month, table.reset_index(drop=True), cannot)


def _targets(facts: Facts) -> dict[str, float | None]:
    """Return the targets agreed; else those that follow from what the sides promised each other."""
    agreement = facts.agreement
    marketing = agreement.sla.marketing or MarketingPromise()
    sales = agreement.sla.sales or SalesPromise()
    ready, customers = marketing.sales_ready_per_month, sales.customers_per_month

    def part(of: float | None, whole: float | None) -> float | None:
        return of / whole if of and whole and of <= whole else None

    follow = {
        "mql_to_sales_ready": part(ready, marketing.mqls_per_month),
        "close_rate": part(customers, ready),
        "revenue_per_month": sales.revenue_per_month,
        "revenue_per_customer": agreement.economics.revenue_per_customer,
    }
    return follow | agreement.targets.model_dump(exclude_none=True)


def _of_visitors(facts: Facts, months: list[str], cannot: dict[str, str]) -> Iterator[dict]:
    if facts.visits is None:
        cannot["visitor_to_lead"] = tr("Visitors are not counted: {why}.", why=facts.why["visits"])
        return
    visitors = int(count(facts, "visitors", months=months).total)
    new = int(count(facts, "new_leads", months=months).total)
    yield from _share(
        MARKETING, "visitor_to_lead", new, visitors, tr("new leads by visitors of the months")
    )


def _of_rates(facts: Facts, first: str, last: str, cannot: dict[str, str]) -> Iterator[dict]:
    runs = facts.trusted
    cohort = runs[runs.month.between(first, last)]
    for side, name, start, target in _RATES:
        missing = [stage for stage in (start, target) if stage not in facts.recorded]
        if missing:
            cannot[name] = never_recorded(missing[0])
            continue
        rate = conversion(facts, start, target, cohort).iloc[0]
        counted = tr("of the months' leads, within {days} days", days=in_words(rate.window_days))
        yield from _share(side, name, int(rate.k), int(rate.n), counted, int(rate.n_immature))


def _of_money(facts: Facts, first: str, last: str, cannot: dict[str, str]) -> Iterator[dict]:
    names = ("share_from_marketing", "revenue_per_month", "revenue_per_customer")
    if facts.wins is None or not facts.wins.counted.any():
        why = facts.why.get("deals") or tr(
            "no won deal has an amount in {currency}", currency=facts.agreement.currency
        )
        unknown = tr("Revenue is not known: {why}.", why=why)
        cannot |= dict.fromkeys((*names, "days_to_first_order"), unknown)
        return
    months = months_between(first, last)
    wins = facts.wins[facts.wins.month.between(first, last) & facts.wins.counted]
    total = count(facts, "revenue", months=months).total
    deals = int(count(facts, "revenue_deals", months=months).total)
    customers = wins.customer_id.nunique()
    currency = facts.agreement.currency
    plain_row = {"k": None, "low": None, "high": None, "n_immature": 0}
    led = wins[wins.lead_id.notna()]
    yield {
        "side": MARKETING, "name": names[0], "unit": "share", **plain_row, "n": deals,
        "value": int(led.cents.sum()) / 100 / total if total else None, "k": len(led),
        "counted": tr("revenue of deals with a lead behind them, of all revenue"),
    }  # fmt: skip
    yield {
        "side": SALES, "name": names[1], "unit": currency, **plain_row, "n": deals,
        "value": total / len(months), "counted": tr("won in the months, a month on average"),
    }  # fmt: skip
    yield {
        "side": SALES, "name": names[2], "unit": currency, **plain_row, "n": customers,
        "value": total / customers if customers else None, "counted": tr("won in the months"),
    }  # fmt: skip
    days = _days_to_first_order(facts, facts.wins, first, last)
    yield {
        "side": SALES, "name": "days_to_first_order", "unit": "days", **plain_row, "n": len(days),
        "value": float(days.median()) if len(days) else None,
        "counted": tr("first touch to first order, median of the months' new customers"),
    }  # fmt: skip


def _days_to_first_order(facts: Facts, wins: pd.DataFrame, first: str, last: str) -> pd.Series:
    group = groups_of(facts)
    starts = facts.spells.groupby("lead_id").started_at.min()
    touched = facts.touches.groupby("lead_id").occurred_at.min()
    begun = pd.concat([starts, touched], axis=1).min(axis=1)
    begun = begun.groupby(begun.index.map(group)).min()
    wins = wins[wins.closed_at.notna()].sort_values(["closed_at", "deal_id"])
    wins = wins.drop_duplicates("party")  # of whoever bought before, no first order
    wins = wins[wins.month.between(first, last)]
    since = wins.lead_id.map(group).map(begun)
    days = (wins.closed_at - pd.to_datetime(since)) / pd.Timedelta(days=1)
    return days[days >= 0]


def _share(side: str, name: str, k: int, n: int, counted: str, young: int = 0) -> Iterator[dict]:
    if n:
        value, low, high = (bound.item() for bound in wilson([k], [n]))
        yield {
            "side": side, "name": name, "value": value, "unit": "share", "k": k, "n": n,
            "low": low, "high": high, "n_immature": young, "counted": counted,
        }  # fmt: skip
