"""The next agreement's lines and volumes: one answer from warehouse and agreement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.planning.goals.reach import judge_goals
from smarketing.planning.goals.smart import check_goals
from smarketing.planning.lines.agreed_lines import AgreedLines
from smarketing.planning.lines.by_group import GroupLines, check_column, recommend_lines_by
from smarketing.planning.lines.came_by import came_by, read_record
from smarketing.planning.lines.crossing_probabilities import add_chances, judged_on
from smarketing.planning.lines.grade_lines import recommend_grades
from smarketing.planning.lines.grounds import why_no_line
from smarketing.planning.lines.line_record import LineRecord
from smarketing.planning.lines.margin import Terms
from smarketing.planning.lines.purchases import add_purchases
from smarketing.planning.lines.scored import scored, scored_without_dates
from smarketing.planning.lines.thresholds import Thresholds, recommend_thresholds
from smarketing.planning.lines.unqualified_leads import unworked_note
from smarketing.planning.recommended import Recommendation
from smarketing.planning.volumes.bottleneck import find_bottleneck
from smarketing.planning.volumes.forecast_backtest import BEFORE, backtest_forecasts
from smarketing.planning.volumes.kept_so_far import kept_so_far
from smarketing.planning.volumes.outlook import (
    Moved,
    demand_variation,
    expected_demand,
    make_outlook,
    moved_by,
    parts_of,
)
from smarketing.planning.volumes.rules_of_thumb import CrossChecks, cross_check
from smarketing.planning.volumes.simulate import DRAWS, Outlook
from smarketing.planning.volumes.sla_volumes import SIDES, agreed_promises, promise_volumes
from smarketing.planning.volumes.volume_history import RATE_MONTHS, VolumeHistory, read_history
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import Population, build_population
from smarketing.warehouse.warehouse import Warehouse

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
    if by:
        check_column(population.rows, by)
    at = warehouse.data_until if as_of is None else pd.Timestamp(as_of)
    cannot: dict[str, str] = {}
    try:
        history = read_history(warehouse, agreement, at)
    except CannotAnswer as error:
        cannot = {"thresholds": _unplaced(error), "volumes": _not_promised(error)}
        return Recommendation(cannot=cannot, model=model, as_of=at)
    people = replace(population, rows=add_purchases(population.rows, history.facts, agreement))
    known = people.rows[people.rows["as_of"] <= at]
    by_line = came_by(known, history.facts, agreement, history.months[-RATE_MONTHS:])
    moved, thresholds, extra = parts_of(by_line, history), None, {}
    try:
        rows = scored(people, agreement, model, at)
        own = rows if model == "agreed" else scored(people, agreement, "agreed", at)
        today = _flow_today(own, agreement, history)
        record = read_record(by_line, history.actuals.loc[by_line.index], today)
        thresholds = _thresholds(rows, agreement, history, record, model, resamples, seed, cache)
        moved = moved_by(moved, record, today, thresholds.flow)
        extra = _other_forms(rows, agreement, history, thresholds, by, grades, cannot)
    except CannotAnswer as error:
        cannot["thresholds"] = _unplaced(error)
    try:
        extra |= _volumes(thresholds, agreement, history, moved, draws, seed, cannot)
    except CannotAnswer as error:
        cannot["volumes"] = _not_promised(error)
    return Recommendation(thresholds, cannot=cannot, model=model, as_of=at, **extra)


def _flow_today(rows: pd.DataFrame, agreement: Agreement, history: VolumeHistory) -> pd.DataFrame:
    """Return what today's lines would have given in each month."""
    agreed = AgreedLines.of(agreement)
    return agreed.table(judged_on(rows, history.months)).flow(agreed.mql, agreed.sql)


def _thresholds(
    rows: pd.DataFrame,
    agreement: Agreement,
    history: VolumeHistory,
    record: LineRecord,
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
        record=record,
        no_money=why_no_line(rows, agreement, history.at) or "",
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
    notes = [] if unworked is None or terms.no_money else [unworked]
    return replace(thresholds, notes=(*thresholds.notes, *notes))


def _volumes(
    thresholds: Thresholds | None,
    agreement: Agreement,
    history: VolumeHistory,
    moved: Moved,
    draws: int,
    seed: int,
    cannot: dict[str, str],
) -> dict[str, Any]:
    """Return what comes at the lines: promises, goals and their check, bottleneck, rules of thumb.

    What the tables do not record is written into `cannot`.
    """
    if len(history.months) < BEFORE:
        raise CannotAnswer(
            tr("the history has {n} whole months, too few to forecast", n=len(history.months))
        )
    if not any(history.recorded(measure) for measure in SIDES):
        raise CannotAnswer(
            tr("the tables record neither MQLs, nor hand-overs, nor customers, month by month")
        )
    outlook, review, notes = make_outlook(history, agreement, moved)
    money = thresholds is not None and not thresholds.terms.no_money
    _not_recorded(outlook, thresholds, cannot)
    volumes = promise_volumes(
        outlook,
        agreement,
        review,
        draws,
        seed,
        notes,
        record=kept_so_far(history, agreed_promises(agreement)),
        with_money=money,
    )
    goals = judge_goals(outlook, agreement, history, seed=seed)
    out = {
        "volumes": volumes,
        "goals": goals,
        "smart": check_goals(agreement, goals, history.at.date()),
        "forecast_backtest": backtest_forecasts(history, agreement.currency, seed=seed),
    }
    if outlook.sales_ready is None or outlook.close is None:
        return out
    value = thresholds.terms.customer_value if thresholds is not None else None
    out["bottleneck"] = find_bottleneck(
        outlook, volumes.goal_customers, volumes.confidence, value, agreement.currency
    )
    if money:
        out["cross_checks"] = _cross_checked(outlook, agreement)
    return out


def _not_recorded(outlook: Outlook, thresholds: Thresholds | None, cannot: dict[str, str]) -> None:
    """Write into `cannot` what cannot be promised, and why."""
    if outlook.acceptance is None:
        cannot["acceptance_rate"] = tr(
            "No acceptance can be promised: the stage 'accepted' is not recorded."
        )
    if outlook.visitors is None:
        cannot["visitors"] = tr("Visitors needed cannot be told: there is no table of visits.")
    if outlook.sales_ready is None:
        cannot["sales_ready"] = tr(
            "No sales-ready leads can be promised: hand-overs are not recorded."
        )
    if outlook.customers is None:
        cannot["customers"] = tr("No customers can be promised: none are recorded.")
    if thresholds is not None and thresholds.terms.no_money:
        cannot["revenue"] = thresholds.terms.no_money
    elif len(outlook.amounts) == 0:
        cannot["revenue"] = tr(
            "No revenue can be promised: no won deal with an amount in the agreement's currency "
            "is recorded."
        )


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
    if terms.no_money:
        cannot |= {
            part: terms.no_money for part, asked in (("groups", by), ("grades", grades)) if asked
        }
        return out
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
    }
    thresholds = None
    try:
        rows = scored_without_dates(population, agreement, model)
        no_money = why_no_line(rows, agreement) or ""
        thresholds = recommend_thresholds(
            rows,
            agreement,
            Terms.of(agreement, dated=False, no_money=no_money),
            resamples=resamples,
            seed=seed,
            use_today=model == "agreed",
            cache=cache,
        )
        if not no_money:
            cannot["capacity"] = tr(
                "The table has no dates, so the capacity per month cannot be placed: the lines "
                "follow from the expected margin of a lead alone."
            )
    except CannotAnswer as error:
        cannot["thresholds"] = _unplaced(error)
    return Recommendation(thresholds, cannot=cannot, model=model)


def _unplaced(error: CannotAnswer) -> str:
    return tr("The lines cannot be placed: {why}.", why=str(error).rstrip("."))


def _not_promised(error: CannotAnswer) -> str:
    return tr("Volumes cannot be promised: {why}.", why=str(error).rstrip("."))
