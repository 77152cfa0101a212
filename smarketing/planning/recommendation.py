"""The next agreement's lines and volumes: one answer from warehouse and agreement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import mark, tr
from smarketing.measures.facts import Facts, known_at
from smarketing.measures.reading import read_facts
from smarketing.planning.goals.reach import judge_goals
from smarketing.planning.goals.smart import check_goals
from smarketing.planning.lines.by_group import GroupLines, recommend_lines_by
from smarketing.planning.lines.crossing_probabilities import add_chances, judged_on
from smarketing.planning.lines.grade_lines import recommend_grades
from smarketing.planning.lines.margin import Terms
from smarketing.planning.lines.purchases import add_purchases
from smarketing.planning.lines.scored import scored, scored_without_dates
from smarketing.planning.lines.thresholds import Thresholds, recommend_thresholds
from smarketing.planning.lines.unqualified_leads import unworked_note
from smarketing.planning.recommended import Recommendation
from smarketing.planning.volumes.bottleneck import find_bottleneck
from smarketing.planning.volumes.forecast_backtest import backtest_forecasts
from smarketing.planning.volumes.outlook import demand_variation, expected_demand, make_outlook
from smarketing.planning.volumes.rules_of_thumb import CrossChecks, cross_check
from smarketing.planning.volumes.simulate import DRAWS, Outlook
from smarketing.planning.volumes.sla_volumes import promise_volumes
from smarketing.planning.volumes.volume_history import VolumeHistory, read_history
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import Population, build_population
from smarketing.warehouse.warehouse import Warehouse

PERFECT_DESK = mark(
    "Hand-overs are not recorded, so qualification is taken to pass on just the leads that reach "
    "the MQL line's target; a desk that passes on more makes the MQL line look better than it is."
)

OTHER_RESAMPLES = 40
"""Of lines by group and as grades: each takes as long as hundreds of a pair."""


def recommend(
    warehouse: Warehouse,
    agreement: Agreement,
    population: Population | None = None,
    model: str = "agreed",
    as_of: pd.Timestamp | None = None,
    resamples: int = 100,
    draws: int = DRAWS,
    seed: int = 0,
    by: str | None = None,
    grades: bool = False,
    cache: Cache | None = None,
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
    by : str, optional
        Also lines for each value of this column, such as "persona", sharing the desks.
    grades : bool
        Also lines as grades of fit and engagement.
    cache : Cache, optional
        Where what takes long is kept: the resamples' lines, the look back on past months.

    Returns
    -------
    Recommendation
        What the tables cannot answer stands in ``cannot``; the rest is there.

    Examples
    --------
    >>> from smarketing.folder import Folder
    >>> folder = Folder.open("data/demo")  # doctest: +SKIP
    >>> with folder.warehouse() as warehouse:  # doctest: +SKIP
    ...     recommend(warehouse, folder.agreement).sentence
    """
    if population is None:
        population = build_population(warehouse, agreement)
    if not population.has_time:
        return _undated(population, agreement, model, resamples, seed, cache)
    at = warehouse.data_until if as_of is None else pd.Timestamp(as_of)
    history = read_history(warehouse, agreement, at)
    cannot: dict[str, str] = {}
    try:
        if not history.months:
            raise CannotAnswer(tr("the history holds no whole month of leads"))
        people = add_purchases(population.rows, history.spells, warehouse, agreement)
        rows = scored(replace(population, rows=people), agreement, model, at)
        thresholds = _thresholds(rows, agreement, history, model, resamples, seed, cache)
    except CannotAnswer as error:
        cannot["thresholds"] = _unplaced(error)
        cannot["volumes"] = tr(
            "Volumes cannot be promised: they are counted at the lines recommended, and there are "
            "none."
        )
        return Recommendation(None, cannot=cannot, model=model, as_of=at)
    extra = _other_forms(rows, agreement, history, thresholds, by, grades, cannot)
    if model == "agreed":
        extra["forecast_backtest"] = backtest_forecasts(
            rows, agreement, history, seed=seed, cache=cache
        )
    facts = read_facts(warehouse, agreement)
    if as_of is not None:
        facts = known_at(facts, at)
    volumes = _volumes(thresholds, agreement, history, facts, draws, seed, cannot)
    return Recommendation(thresholds, cannot=cannot, model=model, as_of=at, **volumes, **extra)


def _thresholds(
    rows: pd.DataFrame,
    agreement: Agreement,
    history: VolumeHistory,
    model: str,
    resamples: int,
    seed: int,
    cache: Cache | None,
) -> Thresholds:
    """Return the lines for a history with dates, with what a reader of them should know."""
    unworked = unworked_note(rows, agreement, history.at) if model == "agreed" else None
    terms = Terms.of(
        agreement,
        demand=expected_demand(history),
        variation=demand_variation(history),
        hold_sql=unworked is not None,
    )
    thresholds = recommend_thresholds(
        judged_on(rows, history.months),
        agreement,
        terms,
        resamples=resamples,
        seed=seed,
        use_today=model == "agreed",
        cache=cache,
    )
    notes = [] if unworked is None else [unworked]
    if "p_pass" not in rows and not terms.one_line:
        notes.append(tr(PERFECT_DESK))
    return replace(thresholds, notes=(*thresholds.notes, *notes))


def _volumes(
    thresholds: Thresholds,
    agreement: Agreement,
    history: VolumeHistory,
    facts: Facts,
    draws: int,
    seed: int,
    cannot: dict[str, str],
) -> dict[str, Any]:
    """Return what the lines come to: promises, goals and their check, bottleneck, rules of thumb.

    What the tables do not record is written into `cannot`.
    """
    outlook, review, notes = make_outlook(thresholds, agreement, history)
    if outlook.acceptance is None:
        cannot["acceptance_rate"] = tr(
            "No acceptance can be promised: the stage 'accepted' is not recorded."
        )
    if outlook.visitors is None:
        cannot["visitors"] = tr("Visitors needed cannot be told: there is no table of visits.")
    volumes = promise_volumes(outlook, agreement, review, draws, seed, notes)
    goals = judge_goals(outlook, agreement, history, facts, seed=seed)
    return {
        "volumes": volumes,
        "goals": goals,
        "smart": check_goals(agreement, goals, history.at.date()),
        "bottleneck": find_bottleneck(
            outlook,
            volumes.goal_customers,
            volumes.confidence,
            thresholds.terms.customer_value,
            agreement.currency,
        ),
        "cross_checks": _cross_checked(outlook, agreement),
    }


def _other_forms(
    rows: pd.DataFrame,
    agreement: Agreement,
    history: VolumeHistory,
    thresholds: Thresholds,
    by: str | None,
    grades: bool,
    cannot: dict[str, str],
) -> dict[str, Any]:
    """Return the lines by group and as grades, where asked for."""
    out: dict[str, Any] = {}
    terms, months = thresholds.terms, history.months
    few = min(thresholds.resamples, OTHER_RESAMPLES)

    def groups(column: str) -> GroupLines:
        own = judged_on(add_chances(rows, agreement, history.at, column), months)
        return recommend_lines_by(own, agreement, column, terms, resamples=few)

    for part, asked, draw in (
        ("groups", by, lambda: groups(str(by))),
        ("grades", grades, lambda: recommend_grades(
            judged_on(rows, months), agreement, terms, resamples=few
        )),
    ):  # fmt: skip
        try:
            if asked:
                out[part] = draw()
        except CannotAnswer as error:
            cannot[part] = tr("No such lines can be drawn: {why}.", why=str(error).rstrip("."))
    return out


def _cross_checked(outlook: Outlook, agreement: Agreement) -> CrossChecks | None:
    sales, desk = agreement.sla.sales, agreement.capacity.closing
    if sales is None or not sales.revenue_per_month:
        return None
    return cross_check(
        outlook,
        sales.revenue_per_month,
        desk.people,
        desk.leads_per_person_per_month,
        agreement.currency,
    )


def _undated(
    population: Population,
    agreement: Agreement,
    model: str,
    resamples: int,
    seed: int,
    cache: Cache | None,
) -> Recommendation:
    """Recommend lines for a table without dates: by margin alone, no volumes."""
    cannot = {
        "volumes": tr(
            "Volumes cannot be promised: the table has no dates, so nobody knows how many leads "
            "come in a month."
        ),
        "capacity": tr(
            "The table has no dates, so the capacity per month cannot be placed: the lines follow "
            "from the expected margin of a lead alone."
        ),
    }
    thresholds = None
    try:
        thresholds = recommend_thresholds(
            scored_without_dates(population, agreement, model),
            agreement,
            Terms.of(agreement, dated=False),
            resamples=resamples,
            seed=seed,
            use_today=model == "agreed",
            cache=cache,
        )
        if not thresholds.terms.one_line:
            thresholds = replace(thresholds, notes=(*thresholds.notes, tr(PERFECT_DESK)))
    except CannotAnswer as error:
        cannot["thresholds"] = _unplaced(error)
    return Recommendation(thresholds, cannot=cannot, model=model)


def _unplaced(error: CannotAnswer) -> str:
    return tr("The lines cannot be placed: {why}.", why=str(error).rstrip("."))
