"""Do the records support the stages? Unsupported, contradicted, or gone stale."""

from __future__ import annotations

import pandas as pd

from smarketing.funnel.flow.holding import holding
from smarketing.funnel.sla.handover import records_attempts
from smarketing.language.catalogue import tr
from smarketing.measures.facts import Facts
from smarketing.measures.path import moment

UNSUPPORTED, CONTRADICTED, STALE = "unsupported", "contradicted", "stale"
STALE_DAYS = 30
"""A lead with sales and without any move or attempt for so long has gone stale."""

_WITH_SALES = ("sales_ready", "accepted", "sql", "opportunity")


def stage_evidence(facts: Facts, since: pd.Timestamp | None = None) -> pd.DataFrame:
    """List the stages that no record supports, that records contradict, or that went stale.

    Unsupported: a customer without a won deal, an SQL that sales never tried to reach.
    Contradicted: a stage before an earlier one, an SQL after the lead was given back.
    Stale: with sales, longer than agreed, and no move or attempt for 30 days.

    Parameters
    ----------
    facts : Facts
    since : pandas.Timestamp, optional
        Naive UTC; unsupported and contradicted stages entered before it are left out.

    Returns
    -------
    pandas.DataFrame
        ``lead_id``, ``spell``, ``stage``, ``problem``, ``says``, ``at`` (naive UTC; of a stale
        lead the last sign of it). By problem, the newest first; stale ones the oldest first.

    Examples
    --------
    >>> stage_evidence(facts, pd.Timestamp("2026-10-01"))  # doctest: +SKIP
    """
    runs = facts.spells
    tables = []

    def note(rows: pd.DataFrame, stage: str, problem: str, says: str) -> None:
        table = rows[["lead_id", "spell"]].assign(
            stage=stage, problem=problem, says=says, at=rows[moment(stage)]
        )
        tables.append(table if since is None else table[table["at"] >= since])

    if facts.wins is not None:
        alone = runs[runs.is_customer & ~runs.has_deals]
        note(alone, "customer", UNSUPPORTED, tr("no won deal names it"))
        against = facts.contradicted.rename(columns={"at": "customer_at"})
        note(against, "customer", CONTRADICTED, tr("none of its deals was won"))
    if records_attempts(facts):
        tried = runs.merge(facts.attempts, on="lead_id")
        inside = tried.occurred_at >= tried.started_at
        inside &= ~(tried.occurred_at >= tried.next_started_at)
        tried = pd.MultiIndex.from_frame(tried[inside][["lead_id", "spell"]])
        sqls = runs[runs.sql_at.notna()]
        silent = ~pd.MultiIndex.from_frame(sqls[["lead_id", "spell"]]).isin(tried)
        note(sqls[silent], "sql", UNSUPPORTED, tr("sales never tried to reach the lead"))
    path = list(facts.recorded)
    for place, stage in enumerate(path[1:], start=1):
        entered, earlier = (
            runs[moment(stage)],
            runs[[moment(one) for one in path[:place]]].max(axis=1),
        )
        note(runs[entered < earlier], stage, CONTRADICTED, tr("entered before an earlier stage"))
    note(
        runs[runs.sql_at > runs.rejected_at], "sql", CONTRADICTED,
        tr("became an SQL after it was given back"),
    )  # fmt: skip
    tables.append(_stale(facts))
    table = pd.concat(tables, ignore_index=True)
    rank = table.problem.map({UNSUPPORTED: 0, CONTRADICTED: 1, STALE: 2})
    age = table["at"].astype("int64").where(rank == 2, -table["at"].astype("int64"))
    table = table.assign(rank=rank, age=age).sort_values(["rank", "age", "lead_id"])
    return table.drop(columns=["rank", "age"]).reset_index(drop=True)


def _stale(facts: Facts) -> pd.DataFrame:
    held = holding(facts).leads
    held = held[held.stage.isin(_WITH_SALES) & (held.stuck | held.max_days.isna())]
    tried = held[["lead_id"]].merge(facts.attempts, on="lead_id")
    last = tried.groupby("lead_id").occurred_at.max()
    sign = pd.to_datetime(last.reindex(held.lead_id)).set_axis(held.index)
    sign = sign.where(sign > held.since, held.since)
    silent = sign < facts.data_until - pd.Timedelta(days=STALE_DAYS)
    says = tr("no move and no attempt for {n} days", n=STALE_DAYS)
    table = held[silent][["lead_id", "spell", "stage"]]
    return table.assign(problem=STALE, says=says, at=sign[silent])
