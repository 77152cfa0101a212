"""The next agreement's lines and volumes: one answer from warehouse and agreement."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.special import logit

from smarketing.agreement import Agreement
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest import backtest
from smarketing.planning.goals.reach import judge_goals
from smarketing.planning.goals.smart import SmartCheck, check_goals
from smarketing.planning.lines.purchases import add_purchases
from smarketing.planning.lines.row_chances import add_chances
from smarketing.planning.lines.selection import unworked_note
from smarketing.planning.lines.thresholds import RECENT_MONTHS, Thresholds, recommend_thresholds
from smarketing.planning.volumes.back_check import BackCheck, back_check
from smarketing.planning.volumes.bottleneck import Bottleneck, find_bottleneck
from smarketing.planning.volumes.history import read_history
from smarketing.planning.volumes.outlook import demand_variation, expected_demand, make_outlook
from smarketing.planning.volumes.promises import SLAVolumes, promise_volumes
from smarketing.planning.volumes.simple_forms import CrossChecks, cross_check
from smarketing.planning.volumes.simulate import DRAWS, Outlook
from smarketing.results import Result, plain
from smarketing.scoring.population import Population, build_population
from smarketing.warehouse.warehouse import Warehouse

EPS = 1e-4
"""Chances nearer to 0 or 1 are no more than that apart in their log-odds."""
PERFECT_DESK = (
    "Hand-overs are not recorded, so qualification is taken to pass on just the leads that reach "
    "the MQL line's target; a desk that passes on more makes the MQL line look better than it is."
)


@dataclass(frozen=True)
class Recommendation(Result):
    """Lines, volumes and the sentence both teams can sign.

    Attributes
    ----------
    thresholds : Thresholds or None
    volumes : SLAVolumes or None
    goals : pandas.DataFrame
        Each goal with its chance and words.
    cannot : dict of str to str
        Part -> the sentence that says why the tables cannot answer it.
    model : str
        Whose score the lines stand on.
    as_of : pandas.Timestamp or None
        Nothing later was looked at; None for tables without dates.
    smart : SmartCheck or None
        The goals held against the five letters; None where nothing can be forecast.
    bottleneck : Bottleneck or None
        What one more point of each rate is worth.
    cross_checks : CrossChecks or None
        What simpler forms of planning say of the revenue promised; None without such a promise.
    back_check : BackCheck or None
        What today's lines would have said of past months against what came; None where today's
        lines stand on another score, or nothing can be forecast.
    """

    thresholds: Thresholds | None
    volumes: SLAVolumes | None
    goals: pd.DataFrame = field(default_factory=pd.DataFrame)
    cannot: dict[str, str] = field(default_factory=dict)
    model: str = "agreed"
    as_of: pd.Timestamp | None = None
    smart: SmartCheck | None = None
    bottleneck: Bottleneck | None = None
    cross_checks: CrossChecks | None = None
    back_check: BackCheck | None = None

    @property
    def sentence(self) -> str:
        """The SLA in one plain sentence, or why there is none."""
        if self.volumes is not None:
            return self.volumes.sentences["both"]
        return self.cannot.get("volumes", "")

    @property
    def sla(self) -> dict[str, Any]:
        """The promises recommended, in the form of the agreement's ``sla``."""
        if self.volumes is None:
            return {}
        marketing = {
            "mqls_per_month": self.volumes.promise("mqls"),
            "sales_ready_per_month": self.volumes.promise("sales_ready"),
            "acceptance_rate": self.volumes.promise("acceptance_rate"),
        }
        sales = {
            "customers_per_month": self.volumes.promise("customers"),
            "revenue_per_month": self.volumes.promise("revenue"),
        }
        return {
            "confidence": self.volumes.confidence,
            "marketing": {key: _whole(v) for key, v in marketing.items() if v is not None},
            "sales": {key: _whole(v) for key, v in sales.items() if v is not None},
            "joint_chance": self.volumes.joint_chance,
        }

    def frame(self) -> pd.DataFrame:
        """Return every number recommended beside today's: ``what``, ``today``, ``recommended``."""
        rows = []
        if self.thresholds is not None:
            policies = self.thresholds.policies.set_index("lines")
            for line in ("mql", "sql"):
                today = policies[line].get("today")
                rows.append((f"{line.upper()} line", plain(today), getattr(self.thresholds, line)))
        if self.volumes is not None:
            rows += [
                (row["measure"], plain(row["agreed"]), row["recommended"])
                for row in self.volumes.promises.to_dict("records")
            ]
        return pd.DataFrame(rows, columns=["what", "today", "recommended"], dtype=object)

    def to_dict(self) -> dict[str, Any]:
        """Return all parts as plain types; a part that cannot be answered stands in ``cannot``."""
        return {
            "thresholds": plain(self.thresholds),
            "volumes": plain(self.volumes),
            "sla": plain(self.sla),
            "sentence": self.sentence,
            "goals": plain(self.goals),
            "cannot": dict(self.cannot),
            "model": self.model,
            "as_of": plain(self.as_of),
            "smart": plain(self.smart),
            "bottleneck": plain(self.bottleneck),
            "cross_checks": plain(self.cross_checks),
            "back_check": plain(self.back_check),
        }

    def plot(self) -> Figure:
        """Draw the lines (see :meth:`Thresholds.plot`)."""
        if self.thresholds is None:
            raise CannotAnswer(self.cannot["thresholds"])
        return self.thresholds.plot()


def recommend(
    warehouse: Warehouse,
    agreement: Agreement,
    population: Population | None = None,
    model: str = "agreed",
    as_of: pd.Timestamp | None = None,
    resamples: int = 100,
    draws: int = DRAWS,
    seed: int = 0,
) -> Recommendation:
    """Recommend both lines and the volumes both sides can promise.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    population : Population, optional
        If built already.
    model : str
        "agreed" for the agreed scorecard's points, else a model of the backtest; its lines
        stand on its probability in per cent and today's lines cannot be compared.
    as_of : pandas.Timestamp, optional
        Naive UTC; nothing later is looked at. The data's end by default.
    resamples, draws, seed : int
        Of the bootstrap and the simulation.

    Returns
    -------
    Recommendation
        What the tables cannot answer stands in ``cannot``; the rest is there.

    Examples
    --------
    >>> from smarketing.workspace import Workspace
    >>> workspace = Workspace.open("data/demo")  # doctest: +SKIP
    >>> with workspace.warehouse() as warehouse:  # doctest: +SKIP
    ...     recommend(warehouse, workspace.agreement).sentence
    """
    if population is None:
        population = build_population(warehouse, agreement)
    if not population.has_time:
        return _undated(population, agreement, model, resamples, seed)
    at = warehouse.data_until if as_of is None else pd.Timestamp(as_of)
    history = read_history(warehouse, agreement, at)
    cannot: dict[str, str] = {}
    thresholds = None
    try:
        if not history.months:
            raise CannotAnswer("the history holds no whole month of leads")
        people = replace(
            population,
            rows=add_purchases(population.rows, history.spells, warehouse, agreement),
        )
        rows = _scored(people, agreement, model, at)
        unworked = unworked_note(rows, agreement, at) if model == "agreed" else None
        thresholds = recommend_thresholds(
            _only(rows, history.months),
            agreement,
            demand=expected_demand(history),
            variation=demand_variation(history),
            resamples=resamples,
            seed=seed,
            use_today=model == "agreed",
            hold_sql=unworked is not None,
        )
        if unworked is not None:
            thresholds = replace(thresholds, notes=(*thresholds.notes, unworked))
        if "p_pass" not in rows and not thresholds.terms.one_line:
            thresholds = replace(thresholds, notes=(*thresholds.notes, PERFECT_DESK))
    except CannotAnswer as error:
        cannot["thresholds"] = _said("The lines cannot be placed", error)
    if thresholds is None:
        cannot["volumes"] = (
            "Volumes cannot be promised: they are counted at the lines recommended, "
            "and there are none."
        )
        return Recommendation(None, None, pd.DataFrame(), cannot, model, at)
    outlook, review, notes = make_outlook(thresholds, agreement, history)
    for part, missing in (("acceptance_rate", "acceptance"), ("visitors", "visitors")):
        if getattr(outlook, missing) is None:
            cannot[part] = {
                "acceptance_rate": "No acceptance can be promised: the stage 'accepted' is not "
                "recorded.",
                "visitors": "Visitors needed cannot be told: there is no table of visits.",
            }[part]
    volumes = promise_volumes(outlook, agreement, review, draws, seed, notes)
    goals = judge_goals(outlook, agreement, history, seed=seed)
    bottleneck = find_bottleneck(
        outlook,
        volumes.goal_customers,
        volumes.confidence,
        thresholds.terms.customer_value,
        agreement.currency,
    )
    return Recommendation(
        thresholds,
        volumes,
        goals,
        cannot,
        model,
        at,
        check_goals(agreement, goals, at.date()),
        bottleneck,
        _cross_checked(outlook, agreement),
        back_check(rows, agreement, history, seed=seed) if model == "agreed" else None,
    )


def _cross_checked(outlook: Outlook, agreement: Agreement) -> CrossChecks | None:
    revenue = getattr(agreement.sla.sales, "revenue_per_month", None)
    if not revenue:
        return None
    desk = agreement.capacity.closing
    return cross_check(
        outlook, revenue, desk.people, desk.leads_per_person_per_month, agreement.currency
    )


def _scored(
    population: Population, agreement: Agreement, model: str, at: pd.Timestamp
) -> pd.DataFrame:
    rows = population.rows[population.rows["as_of"] <= at]
    if rows.empty:
        raise CannotAnswer("no lead has a snapshot in the history")
    if model == "agreed":
        return add_chances(rows, agreement, at)
    # Young months are predicted too: planning counts their leads, it does not judge them.
    months = sorted(m for m in rows["month"].unique() if m)[-RECENT_MONTHS:]
    judged = backtest(
        replace(population, rows=rows, data_until=at),
        agreement,
        line="sql",
        models=(model,),
        months=months,
    )
    if model not in judged.models:
        raise CannotAnswer(" ".join(judged.notes) or f"{model} could not be trained")
    keys, chance = ["lead_id", "spell", "as_of"], judged.rows[f"r_{model}"].astype(float)
    scored = judged.rows[keys].assign(
        score=_per_cent(chance), points=logit(chance.clip(EPS, 1 - EPS))
    )
    # Also a model that is right on all snapshots is not on those that cross a line first.
    return add_chances(rows.drop(columns="score").merge(scored, on=keys), agreement, at)


def _per_cent(chance: pd.Series) -> pd.Series:
    """Return chances in tenths of a per cent: lines that a person can write down."""
    return (chance * 1000).round() / 10


def _only(rows: pd.DataFrame, months: tuple[str, ...]) -> pd.DataFrame:
    """Return rows that are judged in whole months only; the others stay as what came before."""
    rows = rows[rows["month"] <= months[-1]].copy()
    rows.loc[~rows["month"].isin(months), ["p_sql", "p_customer"]] = np.nan
    return rows


def _undated(
    population: Population, agreement: Agreement, model: str, resamples: int, seed: int
) -> Recommendation:
    """Recommend lines for a table without dates: by margin alone, no volumes."""
    cannot = {
        "volumes": "Volumes cannot be promised: the table has no dates, so nobody knows how many "
        "leads come in a month.",
        "capacity": "The table has no dates, so the capacity per month cannot be placed: the lines "
        "follow from the expected margin of a lead alone.",
    }
    try:
        if model == "agreed":
            rows = add_chances(population.rows, agreement)
        else:
            judged = backtest(population, agreement, line="sql", models=(model,))
            if model not in judged.models:
                raise CannotAnswer(" ".join(judged.notes) or f"{model} could not be trained")
            judged = judged.rows
            chance = judged[f"p_{model}"]
            rows = judged.assign(p_customer=chance, p_sql=chance, score=_per_cent(chance))
        thresholds = recommend_thresholds(
            rows,
            agreement,
            customer_per_sql=1.0,
            dated=False,
            resamples=resamples,
            seed=seed,
            use_today=model == "agreed",
        )
        if not thresholds.terms.one_line:
            thresholds = replace(thresholds, notes=(*thresholds.notes, PERFECT_DESK))
    except CannotAnswer as error:
        cannot["thresholds"] = _said("The lines cannot be placed", error)
        thresholds = None
    return Recommendation(thresholds, None, pd.DataFrame(), cannot, model, None)


def _said(what: str, error: CannotAnswer) -> str:
    return f"{what}: {str(error).rstrip('.')}."


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
