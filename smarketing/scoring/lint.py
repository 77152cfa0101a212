"""What is wrong with a card, held against the history it was made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from smarketing.agreement.model import Agreement, Line
from smarketing.agreement.scorecard import Axis, Scorecard
from smarketing.errors import CannotAnswer
from smarketing.results import Result
from smarketing.scoring.agreed_card import rule_points
from smarketing.scoring.card_lines import CardLine, axes_of, lines_of
from smarketing.scoring.events import KEYS
from smarketing.scoring.learning import known_rows
from smarketing.scoring.population import Population, build_population
from smarketing.scoring.snapshots import snapshots
from smarketing.warehouse.warehouse import Warehouse

_ALPHA, _LEAST = 0.05, 20  # spells with the rule and without it, to say anything of outcomes
_KEYS = list(KEYS)
Finding = tuple[str, str, str]
"""Code, rule, and a sentence."""


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


def lint_card(warehouse: Warehouse, agreement: Agreement) -> CardLint:
    """Hold the agreed card against history: rules that do nothing, or not what was meant.

    Looks at all snapshots. Whether a rule pulls against the outcome compares leads with it and
    without it, one rule at a time, by a two-proportion test on spells with a known outcome; a
    hint to talk about, no proof, since rules go together.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement

    Raises
    ------
    CannotAnswer
        If there is no lead old enough to be judged.

    Examples
    --------
    >>> lint_card(warehouse, agreement).frame()  # doctest: +SKIP
    """
    card = agreement.scorecard
    population = build_population(warehouse, agreement)
    with snapshots(warehouse, agreement).cache() as moments:
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
    weight, columns = population.rows["weight"].to_numpy(), ["rule", "axis", "points", "share"]
    shares = []
    for line in lines_of(card):
        share = np.average(_fires(rows, line), weights=weight)
        shares.append((line.rule.name, line.axis, line.rule.points, share))
    return pd.DataFrame(shares, columns=columns)


def _fires(rows: pd.DataFrame, line: CardLine) -> np.ndarray:
    return (rows[line.count] > 0).to_numpy()


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
    weight, rows, outcomes = known["weight"].to_numpy(), rows.loc[known.index], []
    for line in lines_of(card):
        fires = _fires(rows, line)
        n = np.array([weight[fires].sum(), weight[~fires].sum()])
        hits = np.array([weight[fires & won].sum(), weight[~fires & won].sum()])
        rate = np.divide(hits, n, out=np.full(2, np.nan), where=n > 0)
        enough = n.min() >= _LEAST and 0 < hits.sum() < n.sum()
        outcomes.append((n[0], *rate, proportions_ztest(hits, n)[1] if enough else np.nan))
    columns = ["spells", "rate_with", "rate_without", "p"]
    table[columns] = pd.DataFrame(outcomes, table.index, columns) if outcomes else np.nan
    judged = table["p"].notna()
    if judged.any():
        table.loc[judged, "p"] = multipletests(table.loc[judged, "p"], method="fdr_bh")[1]
    return table


def _firing(table: pd.DataFrame) -> Iterator[Finding]:
    for row in table.itertuples():
        if row.share == 0:
            yield "never_fires", row.rule, f"{row.rule} never fired for any lead"
        elif row.share > 1 - 1e-9:
            says = f"{row.rule} fires for every lead, so it tells none apart"
            yield "fires_for_all", row.rule, says


def _contradictions(card: Scorecard, rows: pd.DataFrame) -> Iterator[Finding]:
    """Find rules that fire for the same leads and pull in opposite directions."""
    lines = [line for line in lines_of(card) if line.rule.points and _fires(rows, line).any()]
    for one, other in combinations(lines, 2):
        opposite = one.rule.points * other.rule.points < 0
        if opposite and np.array_equal(_fires(rows, one), _fires(rows, other)):
            gives, takes = sorted((one.rule, other.rule), key=lambda rule: -rule.points)
            says = f"{gives.name} gives and {takes.name} takes, for the same leads"
            yield "contradicts", one.rule.name, says


def _lifting(card: Scorecard, rows: pd.DataFrame, agreement: Agreement) -> Iterator[Finding]:
    thresholds = {"MQL": agreement.lines.mql, "SQL": agreement.lines.sql}
    for name, threshold in thresholds.items():
        best = {axis: _most(own) for axis, own in axes_of(card).items()}
        if sum(best.values()) < threshold.score or best["fit"] < threshold.fit_at_least:
            most = f"{sum(best.values()):g}"
            says = f"no lead can reach the {name} line: the rules give {most} at most"
            yield "line_out_of_reach", "", says
    total = dict.fromkeys(axes_of(card), pd.Series(0, rows.index))
    for line in lines_of(card):
        total[line.axis] = total[line.axis] + rows[line.points]
    over = {name: _over(card, total, at) for name, at in thresholds.items()}
    for line in lines_of(card):
        if line.rule.points <= 0 or not _fires(rows, line).any():
            continue
        without = {**total, line.axis: total[line.axis] - rows[line.points]}
        if all((over[n] == _over(card, without, at)).all() for n, at in thresholds.items()):
            says = f"without {line.rule.name} the same leads would be over the lines"
            yield "never_lifts", line.rule.name, says


def _over(card: Scorecard, total: dict[str, pd.Series], line: Line) -> pd.Series:
    points = {
        name: ((total[name] + 500) // 1000).clip(lower=0).clip(upper=axis.cap)
        for name, axis in axes_of(card).items()
    }
    return (points["fit"] + points["engagement"] >= line.score) & (
        points["fit"] >= line.fit_at_least
    )


def _most(axis: Axis) -> float:
    """Return the most points an axis can give; rules without an end give any number."""
    most = sum(
        rule.points * (1 if rule.event is None else rule.at_most or np.inf)
        for rule in axis.rules
        if rule.points > 0
    )
    return min(most, np.inf if axis.cap is None else axis.cap)


def _against(table: pd.DataFrame) -> Iterator[Finding]:
    for row in table.itertuples():
        effect = row.rate_with - row.rate_without
        if row.p < _ALPHA and row.points * effect < 0:
            verb = "gives" if row.points > 0 else "takes"
            says = (
                f"{row.rule} {verb} {abs(row.points)}, but of the leads with it "
                f"{row.rate_with:.1%} reached the target, of the others {row.rate_without:.1%}"
            )
            yield "against_outcome", row.rule, says
