"""What is wrong with a card, held against the history it was made for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from smarketing.agreement.model import Agreement, Line
from smarketing.agreement.scorecard import Scorecard
from smarketing.errors import CannotAnswer
from smarketing.results import Result, plain
from smarketing.scoring.agreed_card import rule_points
from smarketing.scoring.card_lines import lines_of
from smarketing.scoring.learning import known_rows
from smarketing.scoring.population import Population, build_population
from smarketing.scoring.snapshots import kept, snapshots
from smarketing.warehouse.warehouse import Warehouse

_ALPHA, _LEAST = 0.05, 20  # spells with the rule and without it, to say anything of outcomes
_KEYS = ["lead_id", "spell", "as_of"]


@dataclass(frozen=True)
class CardLint(Result):
    """What to look at in a card.

    Parameters
    ----------
    findings : pandas.DataFrame
        ``code``, ``rule`` (empty for the card as a whole), ``says`` (a sentence).
        Codes: ``never_fires``, ``fires_for_all``, ``contradicts``, ``never_lifts`` (points that
        brought no lead over a line), ``line_out_of_reach``, ``against_outcome``.
    rules : pandas.DataFrame
        ``rule``, ``axis``, ``points``, ``share`` (of moments at which it fires, each spell
        counted once), ``spells`` (with a known outcome, at which it fires), ``rate_with``,
        ``rate_without`` (share that reached the SQL line's target), ``p`` (two-sided, corrected
        for the number of rules by Benjamini and Hochberg; null with too few).
    moments : int
        How many snapshots were looked at.
    notes : tuple of str
    """

    findings: pd.DataFrame
    rules: pd.DataFrame
    moments: int
    notes: tuple[str, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return a row per finding."""
        return self.findings.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return ``findings`` and ``rules`` as records, ``moments`` and ``notes``."""
        return plain(
            {
                "findings": self.findings,
                "rules": self.rules,
                "moments": self.moments,
                "notes": self.notes,
            }
        )


def lint_card(
    warehouse: Warehouse, agreement: Agreement, card: Scorecard | None = None
) -> CardLint:
    """Hold a card against history: rules that do nothing, or the opposite of what was meant.

    Looks at all snapshots. Whether a rule pulls against the outcome compares leads with it and
    without it, one rule at a time, by a two-proportion test on spells with a known outcome; a
    hint to talk about, no proof, since rules go together.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    card : Scorecard, optional
        By default the agreement's first.

    Raises
    ------
    CannotAnswer
        If there is no lead old enough to be judged.

    Examples
    --------
    >>> lint_card(warehouse, agreement).frame()  # doctest: +SKIP
    """
    card = agreement.scorecard if card is None else card
    population = build_population(warehouse, agreement)
    with kept(warehouse, snapshots(warehouse, agreement)) as moments:
        wide = rule_points(card, warehouse, moments, agreement).execute()
    rows = population.rows[_KEYS].merge(wide, on=_KEYS, how="left", validate="1:1")
    rows.index = population.rows.index
    table = _outcomes(_shares(card, rows, population), rows, card, population, agreement)
    findings = [
        *_firing(table),
        *_contradictions(card, rows),
        *_lifting(card, rows, agreement),
        *_against(table),
    ]
    notes = () if table["p"].notna().any() else ("No rule's leads have enough known outcomes.",)
    frame = pd.DataFrame(findings, columns=["code", "rule", "says"])
    return CardLint(frame, table, len(rows), notes)


def _shares(card: Scorecard, rows: pd.DataFrame, population: Population) -> pd.DataFrame:
    weight = population.rows["weight"].to_numpy()
    return pd.DataFrame(
        [
            {
                "rule": line.rule.name,
                "axis": line.axis,
                "points": line.rule.points,
                "share": np.average(rows[line.count] > 0, weights=weight),
            }
            for line in lines_of(card)
        ],
        columns=["rule", "axis", "points", "share"],
    )


def _outcomes(
    table: pd.DataFrame,
    rows: pd.DataFrame,
    card: Scorecard,
    population: Population,
    agreement: Agreement,
) -> pd.DataFrame:
    try:
        known, won = known_rows(population, agreement, agreement.lines.sql, population.data_until)
    except CannotAnswer:
        return table.assign(spells=0.0, rate_with=np.nan, rate_without=np.nan, p=np.nan)
    weight = known["weight"].to_numpy()
    told = []
    for line in lines_of(card):
        fires = (rows.loc[known.index, line.count] > 0).to_numpy()
        n = np.array([weight[fires].sum(), weight[~fires].sum()])
        hits = np.array([weight[fires & won].sum(), weight[~fires & won].sum()])
        rate = np.divide(hits, n, out=np.full(2, np.nan), where=n > 0)
        p = np.nan
        if n.min() >= _LEAST and 0 < hits.sum() < n.sum():
            pooled = hits.sum() / n.sum()
            spread = np.sqrt(pooled * (1 - pooled) * (1 / n).sum())
            p = 2 * norm.sf(abs(rate[0] - rate[1]) / spread)
        told.append((n[0], *rate, p))
    columns = ["spells", "rate_with", "rate_without", "p"]
    table[columns] = pd.DataFrame(told, table.index, columns) if told else np.nan
    judged = table["p"].notna()
    if judged.any():
        table.loc[judged, "p"] = multipletests(table.loc[judged, "p"], method="fdr_bh")[1]
    return table


def _firing(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    found = []
    for row in table.itertuples():
        if row.share == 0:
            found.append(("never_fires", row.rule, f"{row.rule} never fired for any lead"))
        elif row.share > 1 - 1e-9:
            says = f"{row.rule} fires for every lead, so it tells none apart"
            found.append(("fires_for_all", row.rule, says))
    return found


def _contradictions(card: Scorecard, rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Rules that fire for the same leads and pull in opposite directions."""
    lines = [line for line in lines_of(card) if line.rule.points and (rows[line.count] > 0).any()]
    found = []
    for i, line in enumerate(lines):
        fires = rows[line.count] > 0
        for other in lines[i + 1 :]:
            opposite = line.rule.points * other.rule.points < 0
            if opposite and fires.equals((rows[other.count] > 0).rename(line.count)):
                says = f"{line.rule.name} gives and {other.rule.name} takes, for the same leads"
                if line.rule.points < 0:
                    says = f"{other.rule.name} gives and {line.rule.name} takes, for the same leads"
                found.append(("contradicts", line.rule.name, says))
    return found


def _lifting(
    card: Scorecard, rows: pd.DataFrame, agreement: Agreement
) -> list[tuple[str, str, str]]:
    lines = lines_of(card)
    drawn = [("MQL", agreement.lines.mql), ("SQL", agreement.lines.sql)]
    found = []
    for name, line in drawn:
        best = _most(card, "fit"), _most(card, "engagement")
        if sum(best) < line.score or best[0] < line.fit_at_least:
            says = f"no lead can reach the {name} line: the rules give {sum(best):g} at most"
            found.append(("line_out_of_reach", "", says))
    total = {
        axis: sum((rows[x.points] for x in lines if x.axis == axis), pd.Series(0, rows.index))
        for axis in ("fit", "engagement")
    }
    over = [_over(card, total, line) for _, line in drawn]
    for line in lines:
        if line.rule.points <= 0 or not (rows[line.count] > 0).any():
            continue
        without = {**total, line.axis: total[line.axis] - rows[line.points]}
        now = zip(over, drawn, strict=True)
        if all((before == _over(card, without, at)).all() for before, (_, at) in now):
            says = f"without {line.rule.name} the same leads would be over the lines"
            found.append(("never_lifts", line.rule.name, says))
    return found


def _over(card: Scorecard, total: dict[str, pd.Series], line: Line) -> pd.Series:
    axes = {}
    for name in ("fit", "engagement"):
        whole = ((total[name] + 500) // 1000).clip(lower=0)
        axes[name] = whole.clip(upper=getattr(card, name).cap)
    return (axes["fit"] + axes["engagement"] >= line.score) & (axes["fit"] >= line.fit_at_least)


def _most(card: Scorecard, axis: str) -> float:
    """Return the most points an axis can give; rules without an end give any number."""
    own = getattr(card, axis)
    most = sum(
        max(rule.points, 0) * (1 if rule.event is None else rule.at_most or np.inf)
        for rule in own.rules
        if rule.points > 0
    )
    return min(most, np.inf if own.cap is None else own.cap)


def _against(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    found = []
    for row in table.itertuples():
        effect = row.rate_with - row.rate_without
        if row.p < _ALPHA and row.points * effect < 0:
            verb = "gives" if row.points > 0 else "takes"
            says = (
                f"{row.rule} {verb} {abs(row.points)}, but of the leads with it "
                f"{row.rate_with:.1%} reached the target, of the others {row.rate_without:.1%}"
            )
            found.append(("against_outcome", row.rule, says))
    return found
