"""The model a company keeps: learned once, scored with until a better one takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.clock import month_of
from smarketing.errors import CannotAnswer, SmarketingError
from smarketing.scoring.learning import learn
from smarketing.scoring.models.base import Model
from smarketing.scoring.persistence import ModelCard, load_model, read_card, save_model
from smarketing.scoring.population import Population

CHAMPION = Path("models", "champion")
"""Where it stands in the workspace."""


def save_champion(
    folder: Path,
    population: Population,
    agreement: Agreement,
    name: str,
    fingerprint: str,
    metrics: Mapping[str, float] | None = None,
) -> ModelCard:
    """Learn a model from all that is known and make it the workspace's champion.

    One that is kept already is replaced: whether it should be is asked before
    (:func:`smarketing.evaluation.monitoring.champion_choice.challenge`).

    Parameters
    ----------
    folder : Path
        The workspace.
    population : Population
    agreement : Agreement
        The SQL line's target is predicted.
    name : str
        One of :data:`smarketing.scoring.models.registry.MODELS`.
    fingerprint : str
        Of the data.
    metrics : mapping of str to float, optional
        As measured on rows it did not learn from.

    Raises
    ------
    CannotAnswer
        If the leads have no dates: nobody could say which of them it has seen.

    Examples
    --------
    >>> save_champion(space.path, population, agreement, "boosted",
    ...            warehouse.fingerprint).model  # doctest: +SKIP
    'boosted'
    """
    at = population.data_until
    if not population.has_time or at is None:
        raise CannotAnswer("the leads have no dates, so a kept model would score what it learned")
    model, rows = learn(population, agreement, name, at)
    return save_model(
        model,
        folder / CHAMPION,
        population.features,
        fingerprint,
        agreement.version,
        month_of(rows["as_of"], agreement.timezone),
        metrics,
        known_until=at.isoformat(),
    )


def champion_card(folder: Path) -> ModelCard | None:
    """Return what the workspace's champion is, None if none is kept.

    Examples
    --------
    >>> champion_card(Path("data/demo"))  # doctest: +SKIP
    """
    path = folder / CHAMPION / "model.json"
    return read_card(path) if path.exists() else None


def load_champion(
    folder: Path, population: Population, as_of: pd.Timestamp | None
) -> tuple[Model, ModelCard]:
    """Return the workspace's champion, to score leads as of a moment.

    Raises
    ------
    SmarketingError
        If none is kept, or see :func:`smarketing.scoring.persistence.load_model`.
    CannotAnswer
        If it learned from outcomes that were not known at the moment.

    Examples
    --------
    >>> model, card = load_champion(space.path, population, as_of)  # doctest: +SKIP
    """
    if champion_card(folder) is None:
        todo = "Learn and keep one: smarketing learn WORKSPACE --model boosted --keep"
        raise SmarketingError("no model is kept", CHAMPION.as_posix(), todo=todo)
    model, card = load_model(folder / CHAMPION, population.features)
    if as_of is not None and as_of < pd.Timestamp(card.known_until):
        raise CannotAnswer(
            f"the kept model learned from outcomes known by {card.known_until[:10]}, so it cannot"
            f" score as of {as_of:%Y-%m-%d}"
        )
    return model, card


def notes_of(card: ModelCard, agreement: Agreement) -> list[str]:
    """Return what a reader of scores has to know of the model that gave them.

    Examples
    --------
    >>> notes_of(card, agreement)[0]  # doctest: +SKIP
    'The kept boosted model learned from outcomes known by 2026-10-31: 2025-02 to 2026-09.'
    """
    learned = f"The kept {card.model} model learned from outcomes known by {card.known_until[:10]}"
    notes = [f"{learned}: {card.months[0]} to {card.months[-1]}."]
    if card.agreement_version != agreement.version:
        notes.append(
            f"It predicts what version {card.agreement_version} of the agreement aimed at; this is"
            f" version {agreement.version}."
        )
    return notes
