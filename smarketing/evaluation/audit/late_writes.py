"""Values filled in or changed after the moment at which a score would have used them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from smarketing.agreement.model import Agreement
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, percent
from smarketing.scoring.point_in_time import known_when
from smarketing.scoring.targets import reached_at
from smarketing.warehouse.warehouse import Warehouse

PHASES = ("creation", "scoring", "handover", "outcome")
"""The moments of a lead, in order; a change is *after* the last of them that had passed."""
HISTORY = ["row", "column", "after", "how"]
WITH = pd.Timedelta(days=1)
"""Who writes down a win does so within a day of it, before it or after."""
OFTEN = 0.05  # of the leads that have a value: from here on, today's is not what was known then
WITH_WINS = 0.2  # of the winners
SOME = 0.02  # of the winners, if it is more than luck that others have it less often
LUCK = 1e-4  # chance below which a difference is not put down to luck


def changed_after(
    warehouse: Warehouse, agreement: Agreement, leads: pd.DataFrame, runs: pd.DataFrame
) -> pd.DataFrame:
    """Return every change of an attribute with the last moment of its lead that had passed.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
        Its SQL line says what winning is, its snapshots when a lead is first scored.
    leads : pandas.DataFrame
        As in the warehouse.
    runs : pandas.DataFrame
        Spells, up to the data's end.

    Returns
    -------
    pandas.DataFrame
        ``row`` (place among the leads), ``column``, ``after`` (creation, scoring, handover,
        outcome), ``how``: ``changed``, or ``known`` for the moment that ``known: {at: …}``
        declares; what was changed before that moment is left out.
    """
    place = pd.Series(np.arange(len(leads)), leads.lead_id)
    parts = [pd.DataFrame(columns=["row", "column", "changed_at", "how"])]
    declared = {
        name: leads[at]
        for name, (how, at) in known_when(warehouse).items()
        if how == "at" and at in leads and name in leads and name != at
        if pd.api.types.is_datetime64_any_dtype(leads[at])
    }
    if warehouse.has("changes"):
        changes = warehouse.table("changes").execute()
        changes = changes[changes.lead_id.isin(place.index) & changes.field.isin(leads.columns)]
        rows = changes.lead_id.map(place).astype(int)
        since = pd.Series(pd.NaT, changes.index, dtype="datetime64[us]")
        for name, times in declared.items():
            of_name = changes.field == name
            since[of_name] = times.to_numpy()[rows[of_name]]
        later = since.isna() | (changes.changed_at > since + WITH)
        written = {"row": rows, "column": changes.field, "changed_at": changes.changed_at}
        parts.append(pd.DataFrame({**written, "how": "changed"})[later])
    for name, times in declared.items():
        dated = (times.notna() & leads[name].notna()).to_numpy()
        known = {"row": np.flatnonzero(dated), "column": name, "changed_at": times[dated]}
        parts.append(pd.DataFrame({**known, "how": "known"}))
    history = pd.concat([one for one in parts if len(one)] or parts, ignore_index=True)
    moments = _moments(runs, agreement).reindex(leads.lead_id)
    at = pd.to_datetime(history.changed_at)
    phase = np.zeros(len(history), int)
    for number, name in enumerate(PHASES[1:], start=1):
        moment = moments[name].to_numpy()[history.row.astype(int)]
        phase[(at >= moment).to_numpy()] = number
    return history.assign(after=np.array(PHASES, object)[phase])[HISTORY]


def _moments(runs: pd.DataFrame, agreement: Agreement) -> pd.DataFrame:
    """When each lead is first scored, is handed over, and begins to be won – or lost for good."""
    by = runs.lead_id
    begun = runs.started_at.groupby(by).min()
    scored = begun + pd.Timedelta(hours=agreement.snapshots.first_after_hours)
    won = reached_at(runs, agreement.lines.sql.target).groupby(by).min()
    outcome = won.fillna(runs.ended_at.groupby(by).max())
    # a lead that ends within its first days is not written with its outcome when it is created
    begins = (outcome - WITH).where(outcome - WITH > scored, scored).where(outcome.notna())
    return pd.DataFrame(
        {
            "scoring": scored,
            "handover": runs.sales_ready_at.groupby(by).min(),
            "outcome": begins.where(begins < outcome, outcome),
        }
    )


def last_phase(history: pd.DataFrame, column: str, how: str, n: int) -> NDArray[np.int64] | None:
    """Return after which moment each lead's value was last written; -1 for never.

    None if the history says nothing of the column: it may not be kept.
    """
    rows = history[history.column == column]
    rows = rows[rows.how == how] if "how" in rows else rows[[how == "changed"] * len(rows)]
    if rows.empty:
        return None
    last = np.full(n, -1)
    np.maximum.at(last, rows.row.to_numpy(int), rows.after.map(PHASES.index).to_numpy(int))
    return last


def written_later(
    values: pd.Series, won: NDArray[np.float64], last: NDArray[np.int64]
) -> tuple[str, str]:
    """Say what a column's history comes to: leak, suspect, or fine where it stays.

    Parameters
    ----------
    values : pandas.Series of shape (n,)
        Today's values.
    won : array of shape (n,)
    last : array of shape (n,)
        As :func:`last_phase` gives it.
    """
    winner = won == 1
    later = last >= PHASES.index("scoring")
    at_end = winner & (last == PHASES.index("outcome"))
    n_won, n_lost = int(winner.sum()), int((~winner).sum())
    by_end, others = int(at_end.sum()), int((later & ~winner).sum())
    if by_end >= WITH_WINS * n_won and _more(by_end, n_won, others, n_lost):
        return "leak", tr(
            "Its history shows that it is written with the outcome: {k} of {n} winners had it "
            "filled in or changed when they won, or later; of the {n_others} others {k_others} "
            "had so at any time after they were first scored.",
            k=count(by_end),
            n=count(n_won),
            n_others=count(n_lost),
            k_others=count(others),
        )
    has = values.notna().to_numpy(bool) | (last >= 0)
    share = later[has].mean()
    text = _shares(last, has, winner)
    wins = later[winner & has].mean() if (winner & has).any() else 0.0
    differ = wins >= SOME and _more(int((later & winner).sum()), n_won, others, n_lost)
    if share >= OFTEN or differ:
        return "suspect", tr(
            "Its history shows that it is overwritten: of the {n} leads that have it, {shares}. "
            "Today's value is not what was known then; with `known: history` in sources.yml "
            "scores use the value of their moment.",
            n=count(has.sum()),
            shares=text,
        )
    return "fine", tr(
        "Its history shows it settled at creation: of the {n} leads that have it, {shares}.",
        n=count(has.sum()),
        shares=text,
    )


def known_later(values: pd.Series, won: NDArray[np.float64], last: NDArray[np.int64]) -> str:
    """Say when the leads got a value that scores use only from its moment on."""
    has = values.notna().to_numpy(bool) | (last >= 0)
    return tr(
        "Of the {n} leads that have it, {shares}; scores use it only from its moment on.",
        n=count(has.sum()),
        shares=_shares(last, has, won == 1),
    )


def _shares(last: NDArray[np.int64], has: NDArray[np.bool_], winner: NDArray[np.bool_]) -> str:
    def share(phase: str, among: NDArray[np.bool_]) -> str:
        later = last[has & among] >= PHASES.index(phase)
        return percent(later.mean()) if len(later) else tr("none")

    every = np.ones(len(last), bool)
    return tr(
        "{scored} had it filled in or changed after they were first scored (winners {winners}, "
        "others {others}), {handed} after the hand-over, {ended} with the outcome or after it",
        scored=share("scoring", every),
        winners=share("scoring", winner),
        others=share("scoring", ~winner),
        handed=share("handover", every),
        ended=share("outcome", every),
    )


def _more(hits: int, n: int, other_hits: int, other_n: int) -> bool:
    """Say whether winners have it more often than others, by more than luck."""
    table = [[hits, n - hits], [other_hits, other_n - other_hits]]
    return bool(fisher_exact(table, alternative="greater").pvalue < LUCK)


def counts(
    columns: list[str], history: pd.DataFrame, won: NDArray[np.float64], filled: pd.DataFrame
) -> pd.DataFrame:
    """Return how many winners and others had each column written after each moment.

    Returns
    -------
    pandas.DataFrame
        ``column``, ``how`` (changed, or known for a declared moment), ``group`` (won, other),
        ``n`` (that have it), ``after_scoring``, ``after_handover``, ``after_outcome``.
    """
    rows = []
    for column in columns:
        for how in ("changed", "known"):
            last = last_phase(history, column, how, len(won))
            if last is None:
                continue
            has = filled[column].to_numpy(bool) | (last >= 0)
            for group, among in (("won", won == 1), ("other", won != 1)):
                after = [int((last[has & among] >= k).sum()) for k in (1, 2, 3)]
                rows.append((column, how, group, int((has & among).sum()), *after))
    names = ["column", "how", "group", "n", *(f"after_{name}" for name in PHASES[1:])]
    return pd.DataFrame(rows, columns=names)
