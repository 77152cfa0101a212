"""The score of every open lead, with its grade, its probability and the reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from sklearn.model_selection import StratifiedKFold

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer, UsageError
from smarketing.language.catalogue import tr
from smarketing.language.numbers import number, with_decimal_sign
from smarketing.language.plurals import trn
from smarketing.results import Picture, Result, plain
from smarketing.scoring.agreed_card import CAP, ROUNDING, breakdown, score_card
from smarketing.scoring.calibration import PointsToProbability, calibrate, check_both_outcomes
from smarketing.scoring.champion import load_champion, notes_of
from smarketing.scoring.engines.batches import judged_by
from smarketing.scoring.events import KEYS
from smarketing.scoring.features import features
from smarketing.scoring.learning import known_rows, learn
from smarketing.scoring.models.base import SEED
from smarketing.scoring.models.card import Card
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.models.status_quo import StatusQuo
from smarketing.scoring.population import Population, build_population
from smarketing.scoring.snapshots import open_spells, open_with_sales
from smarketing.warehouse.warehouse import Warehouse

AGREED, STATUS_QUO, KEPT = "agreed", "status_quo", "kept"
_TOP = 5
_COLUMNS = ["lead_id", "spell", "score", "fit", "engagement", "grade"]
_COLUMNS += ["probability", "reasons_for", "reasons_against"]
_Scored = tuple[pd.DataFrame, tuple[str, ...]]  # rows, and what a reader has to know of them


@dataclass(frozen=True)
class Scores(Result):
    """Every open lead's score.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``lead_id``, ``spell``, ``score`` (points; of the logistic and the boosted model the
        probability in hundredths), ``fit``, ``engagement`` and ``grade`` by the agreed card, or
        by the learned one where that is the model, ``probability``
        of the SQL line's target within its window (null where history cannot tell),
        ``reasons_for``, ``reasons_against`` (up to five each, the strongest first). The best
        leads first.
    model : str
    as_of : pandas.Timestamp or None
        Naive UTC; None for tables without dates.
    notes : tuple of str
        What a reader has to know.
    """

    rows: pd.DataFrame
    model: str
    as_of: pd.Timestamp | None
    notes: tuple[str, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return a row per lead."""
        return self.rows.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return ``n``, ``grades`` (leads per grade), ``as_of``, ``model``, ``notes``."""
        grades = self.rows["grade"].value_counts().sort_index()
        about = {"as_of": self.as_of, "model": self.model, "notes": self.notes}
        return plain({"n": len(self.rows), "grades": grades, **about})

    def plot(self) -> Picture:
        """Draw how many leads stand in each cell of the grid of fit and engagement."""
        counts = self.rows["grade"].value_counts()
        grid = pd.DataFrame(
            [[int(counts.get(f"{fit}{digit}", 0)) for digit in "123"] for fit in "ABC"],
            index=list("ABC"),
            columns=list("123"),
        )
        figure = Figure(figsize=(4.5, 3.5), layout="constrained")
        axes = figure.subplots()
        sns.heatmap(grid, annot=True, fmt="d", cmap="Blues", cbar=False, ax=axes)
        axes.set(xlabel="engagement", ylabel="fit", title="Open leads by grade")
        cells = ", ".join(f"{grade} {n}" for grade, n in sorted(counts.items()))
        alt_text = f"Grid of fit by engagement with the open leads in each cell: {cells}."
        return Picture(figure, alt_text)


def score_leads(
    warehouse: Warehouse,
    agreement: Agreement,
    as_of: pd.Timestamp | None = None,
    model: str = AGREED,
    on: Warehouse | None = None,
    folder: Path | None = None,
) -> Scores:
    """Score every lead that is open at a moment, with what was known then.

    Learned models, and the line from points to probability, learn only from rows whose outcome
    was known by that moment. Without dates every lead is scored, each by a model that did not
    see its outcome (five folds).

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    as_of : pandas.Timestamp, optional
        Naive UTC; by default the end of the data.
    model : str
        ``agreed``, ``status_quo`` (the score the company already has), one of
        :data:`smarketing.scoring.models.registry.MODELS`, learned anew, or ``kept``: the one that
        :func:`smarketing.scoring.champion.save_champion` left in the workspace.
    on : Warehouse, optional
        The same tables on another engine, where the leads are scored
        (:func:`smarketing.scoring.engines.table_copy.on_engine`); models are learned from
        `warehouse`.
    folder : Path, optional
        The workspace, for the model ``kept``.

    Raises
    ------
    UsageError
        If there is no such model.
    CannotAnswer
        If the tables cannot tell: no outcome known yet for a learned model, no score of today
        for the status quo, a moment asked of tables without dates.

    Examples
    --------
    >>> score_leads(warehouse, agreement, model="boosted").frame().head()  # doctest: +SKIP
    """
    names = (AGREED, *MODELS, STATUS_QUO, *([KEPT] if folder else []))
    if model not in names:
        raise UsageError("there is no such model", found=repr(model), allowed=", ".join(names))
    asked = _Asked(warehouse, warehouse if on is None else on, agreement, model, folder, as_of)
    open_now = open_spells(asked.on, agreement, as_of)
    if warehouse.has_time and as_of is None:
        asked = replace(asked, as_of=warehouse.data_until)
    if not warehouse.has_time:
        # without dates its rows are the very ones cached below: built within, it would drop them
        _ = asked.population
    with open_now.cache() as moments:
        rows = score_card(agreement.scorecard, asked.on, moments, agreement).execute()
        rows = rows.sort_values("lead_id", kind="stable", ignore_index=True)
        if rows.empty:
            nobody = (tr("No lead is open at that moment."),)
            return Scores(rows.reindex(columns=_COLUMNS), model, asked.as_of, nobody)
        if model == STATUS_QUO:
            rows, notes = _as_today(rows, asked)
        else:
            scored = _by_points if model == AGREED else _learned
            rows, notes = scored(rows, moments, asked)
    rows = rows.sort_values(
        ["probability", "score", "lead_id"], ascending=[False, False, True], ignore_index=True
    )
    if with_sales := open_with_sales(asked.on, agreement, as_of):
        notes = (*notes, _not_scored(with_sales))
    return Scores(rows[_COLUMNS], model, asked.as_of, notes)


def _not_scored(n: int) -> str:
    return trn(
        "Not scored: {n} open lead that was already handed over to sales.",
        "Not scored: {n} open leads that were already handed over to sales.",
        n,
    )


@dataclass(frozen=True)
class _Asked:
    """What is asked: which tables to learn from, and on which engine to score."""

    warehouse: Warehouse
    on: Warehouse
    agreement: Agreement
    model: str
    folder: Path | None
    as_of: pd.Timestamp | None

    @cached_property
    def population(self) -> Population:
        return build_population(self.warehouse, self.agreement)

    def known_rows(self) -> tuple[pd.DataFrame, np.ndarray]:
        return known_rows(self.population, self.agreement, self.agreement.lines.sql, self.as_of)


def _by_points(rows: pd.DataFrame, moments: ibis.Table, asked: _Asked) -> _Scored:
    card = asked.agreement.scorecard
    notes = (tr("Points are turned into probability as the agreement says."),)
    if card.calibration is not None:
        line = PointsToProbability(card.calibration.intercept, card.calibration.slope)
        rows["probability"] = line.probability(rows["score"])
    else:
        known, won = asked.known_rows()
        try:
            line = calibrate(known["score"], won, known["weight"])
        except CannotAnswer as error:
            rows["probability"], notes = np.nan, (_no_probability(error),)
        else:
            rows["probability"], notes = line.probability(rows["score"]), (_calibrated(known),)
    parts = breakdown(card, asked.on, moments, asked.agreement).execute()
    rows = rows.merge(_point_reasons(parts), on=list(KEYS), how="left")
    return rows.fillna({"reasons_for": "", "reasons_against": ""}), notes


def _as_today(rows: pd.DataFrame, asked: _Asked) -> _Scored:
    today = asked.warehouse.table("leads").select("lead_id", "score_today").execute()
    rows = rows.merge(today, on="lead_id", how="left").assign(score=lambda d: d["score_today"])
    rows = rows.assign(probability=np.nan, reasons_for="", reasons_against="")
    known, won = asked.known_rows()
    no_reasons = tr("The score in use today gives no reasons.")
    try:
        model = StatusQuo().fit(known, won, known["weight"])
    except CannotAnswer as error:
        if rows["score_today"].isna().all():
            raise
        return rows, (_no_probability(error), no_reasons)
    rows["probability"] = model.predict_proba1(rows)
    return rows, (_calibrated(known[known["score_today"].notna()]), no_reasons)


def _calibrated(known: pd.DataFrame) -> str:
    return trn(
        "Points are turned into probability on {n} row with a known outcome.",
        "Points are turned into probability on {n} rows with a known outcome.",
        len(known),
    )


def _no_probability(error: CannotAnswer) -> str:
    return tr("No probability: {reason}", reason=error)


def _point_reasons(parts: pd.DataFrame) -> pd.DataFrame:
    """Put the rules that gave or took most into words, per moment."""
    parts = parts[(parts["rule"] != ROUNDING) & (parts["points_thousandths"] != 0)].copy()
    capped = {"fit": tr("over the cap of fit"), "engagement": tr("over the cap of engagement")}
    lifted = {"fit": tr("fit not below zero"), "engagement": tr("engagement not below zero")}
    is_cap, gives = parts["rule"] == CAP, parts["points_thousandths"] > 0
    name = parts["rule"].mask(is_cap, parts["axis"].map(capped))
    # A clamp that gives points lifts an axis from below zero.
    name = name.mask(is_cap & gives, parts["axis"].map(lifted))
    # without a row pandas would take the words for numbers
    often = parts["n"].map(lambda n: f" ×{n}" if n > 1 else "").astype("str")
    given = (parts["points_thousandths"] / 1000).map(lambda p: with_decimal_sign(f" {p:+.3g}"))
    parts["text"] = name + often + given.astype("str")
    parts["size"] = parts["points_thousandths"].abs()
    parts = parts.sort_values(["size", "text"], ascending=[False, True])
    sides = []
    for column, sign in (("reasons_for", 1), ("reasons_against", -1)):
        side = parts[parts["points_thousandths"] * sign > 0]
        side = side.groupby(list(KEYS), dropna=False).head(_TOP)
        joined = side.groupby(list(KEYS), dropna=False)["text"].agg("; ".join)
        sides.append(joined.rename(column))
    return pd.concat(sides, axis=1).reset_index()


def _learned(rows: pd.DataFrame, moments: ibis.Table, asked: _Asked) -> _Scored:
    population, known = asked.population, None
    if asked.model == KEPT and asked.folder is not None:
        model, card = load_champion(asked.folder, population, asked.as_of)
        notes = notes_of(card, asked.agreement)
    else:
        model, known = learn(population, asked.agreement, asked.model, asked.as_of)
        notes = [
            trn(
                "The {model} model learned from {n} row with a known outcome.",
                "The {model} model learned from {n} rows with a known outcome.",
                len(known),
                model=asked.model,
            )
        ]
    seen = features(asked.on, moments, asked.agreement, only=population.features.names)
    judged = judged_by(model, population.features, seen, asked.on, _TOP)
    own = [column for column in rows.columns if column in KEYS or column not in judged.columns]
    rows = rows[own].merge(judged, on=list(KEYS), how="left")
    if known is not None and not population.has_time:
        won = known["outcome"].to_numpy(dtype=bool)
        unseen = _out_of_fold(asked.model, population.X(known), won, known["lead_id"])
        rows["probability"] = rows["lead_id"].map(unseen).fillna(rows["probability"])
        notes.append(
            tr(
                "The tables carry no dates: each lead with an outcome is scored by a model that "
                "did not see it (five random folds)."
            )
        )
    if isinstance(model, Card):
        notes.append(_graded(model))
    else:
        rows["score"] = (100 * rows["probability"]).round().astype("int64")
    return rows, tuple(notes)


def _graded(model: Card) -> str:
    bounds = model.scorecard_.grades_
    return tr(
        "Points and grades are the learned card's: A from {a} points of fit, B from {b}; 1 from "
        "{one} of engagement, 2 from {two}.",
        a=number(bounds.fit["A"]),
        b=number(bounds.fit["B"]),
        one=number(bounds.engagement[1]),
        two=number(bounds.engagement[2]),
    )


def _out_of_fold(name: str, X: pd.DataFrame, won: np.ndarray, lead_id: pd.Series) -> pd.Series:
    check_both_outcomes(won)
    folds = min(5, int(won.sum()), int((~won).sum()))
    if folds < 2:
        return pd.Series(dtype=float)
    chance = np.empty(len(X))
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=SEED).split(X, won):
        chance[test] = MODELS[name]().fit(X.iloc[train], won[train]).predict_proba1(X.iloc[test])
    return pd.Series(chance, index=lead_id.to_numpy())
