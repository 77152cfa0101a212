"""What the tables can and cannot say: what is missing, leaking, immature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from scipy.stats import binom

from smarketing.agreement.model import Agreement
from smarketing.clock import month_of
from smarketing.errors import CannotAnswer
from smarketing.evaluation.audit.declarations import draft_known
from smarketing.evaluation.audit.late_writes import changed_after
from smarketing.evaluation.audit.leaks import LeakAudit, find_leaks
from smarketing.evaluation.backtest.splits import span_of
from smarketing.evaluation.maturity.time_to_convert import Maturity, maturity
from smarketing.evaluation.maturity.windows import SEEN, shortest_window
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, day, percent
from smarketing.language.sentences import sentence
from smarketing.language.stage_labels import stage_word
from smarketing.results import Result, plain
from smarketing.scoring.population import Population
from smarketing.scoring.snapshots import snapshots
from smarketing.scoring.targets import reached_at
from smarketing.warehouse.spells import spell_frame
from smarketing.warehouse.tables import TABLES
from smarketing.warehouse.warehouse import Warehouse

NEAR = 0.05
"""A window that sees 85 to 95 % of conversions is as long as it should be."""
LEAST_LEADS = 30
"""Leads a month needs before its conversion rate is held against the other months."""
_SHOWN = ["column", "verdict", "reason", "auc"]
KEYS = {"lead_id", "created_at", "account_id", "owner_id", "outcome", "score_today"}


@dataclass(frozen=True)
class Audit(Result):
    """What to know before believing any number.

    Parameters
    ----------
    columns : pandas.DataFrame
        Each attribute of a lead: ``column``, ``verdict`` (leak, suspect, fine), ``reason``,
        ``auc``, ``known`` (as ``sources.yml`` declares it), ``number`` (whether it holds
        numbers, also as text), ``overwritten`` (whether nothing but its history makes it
        suspect).
    open : int
        Spells without an end; without dates 0.
    immature : int
        Rows whose window (of the SQL line) is not over; they count neither as won nor as lost.
    maturity : dict of str to Maturity
        By line; empty without dates.
    tables : dict
        Table to how many rows were ``accepted``, ``rejected``, ``excluded``, ``merged``.
    notes : tuple of str
        What is missing or odd, a sentence each.
    changed : pandas.DataFrame
        How many leads had a column filled in or changed after they were first scored, after the
        hand-over, and with the outcome or after it, winners and others apart
        (:func:`smarketing.evaluation.audit.late_writes.counts`).
    """

    columns: pd.DataFrame
    open: int
    immature: int
    maturity: Mapping[str, Maturity]
    tables: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...]
    changed: pd.DataFrame = field(default_factory=pd.DataFrame)

    def frame(self) -> pd.DataFrame:
        """Return the columns with their verdicts, leaks first."""
        return self.columns.drop(columns=["number", "overwritten"], errors="ignore")

    @property
    def leaks(self) -> list[dict[str, Any]]:
        """The columns called leak or suspect, with the evidence."""
        doubtful = self.columns[self.columns.verdict != "fine"]
        return plain(doubtful[_SHOWN])

    def draft(self) -> str:
        """Return ``attributes:`` lines for sources.yml, with the evidence as comments.

        A draft to decide on, not a decision: who fills a column in, and when, the table does
        not say. See :func:`smarketing.evaluation.audit.declarations.draft_known`.
        """
        numbers = dict(zip(self.columns.column, self.columns.get("number", []), strict=False))
        late = self.columns.get("overwritten", pd.Series(False, self.columns.index))
        return draft_known(self.columns, numbers, set(self.columns.column[late]))

    def to_dict(self) -> dict[str, Any]:
        """Return plain types.

        ``leaks`` holds the columns called leak or suspect, ``columns`` every one of them,
        ``changed`` what the history says of them; then ``open``, ``immature``, ``maturity``,
        ``tables``, ``notes``, and the ``draft`` as text.
        """
        return {
            "leaks": self.leaks,
            "columns": plain(self.columns[_SHOWN]),
            "changed": plain(self.changed),
            "open": self.open,
            "immature": self.immature,
            "maturity": plain(self.maturity),
            "tables": plain(self.tables),
            "notes": list(self.notes),
            "draft": self.draft(),
        }


def audit(
    warehouse: Warehouse, agreement: Agreement, population: Population | None = None
) -> Audit:
    """Say what the tables lack, which columns leak the outcome, and what is too young to judge.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    population : Population, optional
        If built already.

    Examples
    --------
    >>> audit(warehouse, agreement).open  # doctest: +SKIP
    399
    """
    notes = [sentence(warehouse.why_missing(t)) for t in TABLES if not warehouse.has(t)]
    grown: dict[str, Maturity] = {}
    runs, still_open = None, 0
    if warehouse.has_time:
        runs = spell_frame(warehouse)
        still_open = int(runs.ended_at.isna().sum())
        runs = runs[runs.started_at <= warehouse.data_until]
        grown, more = _maturities(warehouse, agreement, runs, population)
        notes += [*more, *collapses(runs, agreement, "customer")]
    else:
        notes.append(
            tr(
                "The leads carry no dates: models are judged on random splits, and nothing can be "
                "said about months, delays or leads too young to judge."
            )
        )
    notes += _history(warehouse)
    columns, changed, more = _columns(warehouse, agreement, runs)
    notes += more
    first = grown.get("sql")
    return Audit(
        columns=columns,
        open=still_open,
        immature=first.immature if first else 0,
        maturity=grown,
        tables=_tables(warehouse),
        notes=tuple(notes),
        changed=changed,
    )


def collapses(runs: pd.DataFrame, agreement: Agreement, target: str) -> list[str]:
    """Return a sentence for the months whose conversion collapses, if there are any.

    A month of at least 30 leads is told when its cohort converts at less than a third of the
    middle month's rate and chance would do so once in a million: outcomes are missing there,
    rather than leads bad. Only months old enough are looked at.

    Parameters
    ----------
    runs : pandas.DataFrame
        Spells, with ``started_at`` and the ``*_at`` columns, up to the data's end.
    agreement : Agreement
    target : str
        The stage counted as converted.
    """
    lines = (agreement.lines.sql, agreement.lines.mql)
    days = next((line.window_days for line in lines if line.target == target), 90)
    window = pd.Timedelta(days=days)
    when = reached_at(runs, target)
    last = max(t for t in (runs.started_at.max(), when.max()) if pd.notna(t)) if len(runs) else None
    if last is None or not when.notna().any():
        return []
    old = runs.started_at + window <= last
    cohort = pd.DataFrame(
        {
            "month": month_of(runs.started_at[old], agreement.timezone),
            "won": ((when - runs.started_at)[old] <= window),
        }
    )
    by = cohort.groupby("month").won.agg(["size", "sum"])
    by = by[by["size"] >= LEAST_LEADS]
    if len(by) < 3:
        return []
    usual = float((by["sum"] / by["size"]).quantile(0.75))
    luck = binom.cdf(by["sum"], by["size"], usual)
    odd = by[(by["sum"] / by["size"] < usual / 3) & (luck < 1e-6)]
    if odd.empty:
        return []
    months = list(odd.index)
    first = when.min()
    rate = odd["sum"].sum() / odd["size"].sum()
    text = tr(
        "Of the {n} leads of {months} only {share} reached {stage} within {days} days, against "
        "{usual} in good months: outcomes seem to be missing there, rather than leads bad.",
        n=count(odd["size"].sum()),
        months=span_of(months),
        share=percent(rate, 1),
        stage=stage_word(target),
        days=count(window.days),
        usual=percent(usual, 1),
    )
    if first > runs.started_at.min() + window / 2:
        late = tr(
            "No {stage} is recorded before {first}, though leads begin on {start}.",
            stage=stage_word(target),
            first=day(first),
            start=day(runs.started_at.min()),
        )
        text = f"{text} {late}"
    return [text]


def _maturities(
    warehouse: Warehouse, agreement: Agreement, runs: pd.DataFrame, population: Population | None
) -> tuple[dict[str, Maturity], list[str]]:
    """Maturity per line: open spells of all, immature rows among the snapshots."""
    asked = ["lead_id", "spell", "as_of"]
    if population is None:
        moments = snapshots(warehouse, agreement).select(*asked).execute()
    else:
        moments = population.rows[asked]
    rows = moments.merge(runs, on=["lead_id", "spell"], how="inner", validate="m:1")
    grown, notes = {}, []
    since = warehouse.history_from  # wins missing before it would look like wins that took long
    recorded = runs if since is None else runs[runs.started_at >= since]
    for name in ("mql", "sql"):
        line = getattr(agreement.lines, name)
        try:
            whole = maturity(runs, line, agreement, warehouse.data_until)
            seen = maturity(rows, line, agreement, warehouse.data_until)
        except CannotAnswer as error:
            notes.append(sentence(str(error)))
            continue
        counted = {k: getattr(seen, k) for k in ("rows", "mature", "immature", "reached")}
        grown[name] = Maturity(**{**vars(whole), **counted})
        window = shortest_window(recorded, line, agreement, warehouse.data_until)
        if window.seen_share is not None and abs(window.seen_share - SEEN) > NEAR:
            notes += [window.sentence] if window.sentence not in notes else []
    notes += [last.sentence for last in list(grown.values())[-1:]]
    return grown, notes


def _history(warehouse: Warehouse) -> list[str]:
    if warehouse.history_from is None:
        return []
    begin, reason = day(warehouse.history_from), warehouse.meta("history_from_reason")
    if not reason:
        return [tr("What began before {day} neither trains nor judges a model.", day=begin)]
    text = mark("What began before {day} neither trains nor judges a model: {reason}")
    return [sentence(tr(text, day=begin, reason=reason))]


def _columns(
    warehouse: Warehouse, agreement: Agreement, runs: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Judge the attributes of leads by the outcome of those old enough to have one."""
    leads = warehouse.table("leads").execute()
    declared = warehouse.columns()
    declared = declared[declared.table_name == "leads"].set_index("column_name").known.to_dict()
    names = [c for c in leads if c not in KEYS and not c.startswith("_")]
    won, order = _outcomes(warehouse, agreement, leads, runs)
    history = None if runs is None else changed_after(warehouse, agreement, leads, runs)
    notes = []
    try:
        leaks = find_leaks(leads[names], won, declared, order, history)
    except CannotAnswer as error:
        notes.append(sentence(str(error)))
        leaks = LeakAudit(pd.DataFrame(columns=_SHOWN), 0, 0)
    columns = leaks.frame()
    columns["number"] = [_holds_numbers(leads[c]) for c in columns.column]
    columns["overwritten"] = columns.column.isin(leaks.overwritten)
    columns["known"] = columns.column.map(declared).fillna("undeclared")
    undeclared = columns.column[columns.known == "undeclared"].tolist()
    if undeclared:
        some = ", ".join(undeclared[:5]) + (" …" if len(undeclared) > 5 else "")
        notes.append(
            tr(
                "Not used as features, because sources.yml does not declare when they become "
                "known ({n}): {columns}.",
                n=count(len(undeclared)),
                columns=some,
            )
        )
    return columns, leaks.changed, notes


def _holds_numbers(values: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return False
    filled = values.dropna()
    return bool(len(filled)) and bool(pd.to_numeric(filled, errors="coerce").notna().all())


def _outcomes(
    warehouse: Warehouse, agreement: Agreement, leads: pd.DataFrame, runs: pd.DataFrame | None
) -> tuple[pd.Series, pd.Series | None]:
    """Return who reached the SQL line's target; leads too young to tell have no outcome."""
    if runs is None:
        return leads.outcome.astype("boolean"), None
    line = agreement.lines.sql
    begun = runs.groupby("lead_id").started_at.min()
    won = reached_at(runs, line.target).notna().groupby(runs.lead_id).any()
    since = begun.reindex(leads.lead_id)
    first = warehouse.history_from
    old = since + pd.Timedelta(days=line.window_days) <= warehouse.data_until
    if first is not None:
        old &= since >= first
    outcome = won.reindex(leads.lead_id).astype("boolean").where(old)
    return outcome.reset_index(drop=True), since.reset_index(drop=True)


def _tables(warehouse: Warehouse) -> dict[str, dict[str, int]]:
    counts = warehouse.counts()
    if counts.empty:
        return {}
    return {
        str(row.pop("table_name")): {key: int(n) for key, n in row.items() if pd.notna(n)}
        for row in counts.sort_values("table_name").to_dict("records")
    }
