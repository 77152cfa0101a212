"""What changed in a month, and why, as far as the tests can tell."""

from __future__ import annotations

import pandas as pd

from smarketing.funnel.claims.check import Claim
from smarketing.funnel.claims.library import adjusted_for
from smarketing.funnel.closed_loop import ClosedLoop
from smarketing.funnel.flow.stages import Trend
from smarketing.funnel.wording import in_text
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, month_name, number, signed
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence

_MOVED = ("lead", "mql", "sales_ready", "customer")


def what_changed(loop: ClosedLoop, month: str) -> str:
    """Return what moved since the month before, why MQLs did, and whether leads got worse.

    Parameters
    ----------
    loop : ClosedLoop
    month : str
        "YYYY-MM".

    Returns
    -------
    str
        A few sentences; empty without dates.
    """
    if loop.trend is None:
        return ""
    before = str(pd.Period(month, freq="M") - 1)
    then, now = in_month(loop.trend, before), in_month(loop.trend, month)
    moved = [
        tr(
            "{stages} {change} to {now}",
            stages=in_text(stage),
            change=signed(now[stage] - then[stage]),
            now=count(now[stage]),
        )
        for stage in _MOVED
        if stage in now and stage in then
    ]
    sentences = []
    if moved:
        sentences.append(
            tr("Against {month}: {moved}.", month=month_name(before), moved=", ".join(moved))
        )
    if loop.growth is not None:
        sentences.append(
            trn(
                "Against the month before: {growth}",
                "Against the average of the {n} months before: {growth}",
                len(loop.growth.compared),
                growth=sentence(loop.growth.sentence),
            )
        )
    if loop.claims is not None:
        tested = {c.name: c for c in loop.claims.claims}
        if worse := tested.get("leads_got_worse"):
            sentences.append(_got_worse(worse))
    return " ".join(sentences)


def in_month(trend: Trend, month: str) -> dict[str, int]:
    """Return the counts of a month by stage, whenever the leads came."""
    rows = trend.counts
    rows = rows[rows.month == month]
    return {stage: int(n) for stage, n in zip(rows.stage, rows.calendar, strict=True)}


def _got_worse(claim: Claim) -> str:
    answer = {"supported": tr("Yes"), "contradicted": tr("No")}.get(
        claim.verdict, tr("Cannot tell")
    )
    return tr(
        "Did the leads get worse? {answer}: {held}, their rate of moving on changed by {effect} "
        "points ({low} to {high}) from {before} to {period}.",
        answer=answer,
        held=adjusted_for(claim.details["groups"]),
        period=claim.details["period"],
        before=claim.details["before"],
        effect=number(100 * claim.effect),
        low=number(100 * claim.low),
        high=number(100 * claim.high),
    )
