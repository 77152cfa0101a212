"""Learned models in files: nothing in them is run, and what was changed is refused."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pandas as pd
import skops.io

from smarketing.errors import SmarketingError
from smarketing.fingerprint import digest
from smarketing.results import Result
from smarketing.scoring.feature_set import FeatureSet
from smarketing.scoring.models.base import Model
from smarketing.scoring.models.registry import SAVED

_FORM = 1
# Beside what skops trusts by itself: our own encoders, and scikit-learn's compiled trees and loss.
_TRUSTED = frozenset(
    {
        "functools.partial",  # of functions in this list only
        "numpy.dtype",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
        "scipy.interpolate._bsplines.BSpline",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn.compose._column_transformer._RemainderColsList",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.utils.validation.check_array",
        "skrub._string_encoder.StringEncoder",
        "skrub._to_str.ToStr",
        "smarketing.scoring.encoding.Codes",
        "smarketing.scoring.encoding.MessyText",
        "smarketing.scoring.encoding.signed_log",
    }
)
_LIBRARIES = ("smarketing", "scikit-learn", "numpy", "pandas", "skops", "skrub")


@dataclass(frozen=True)
class ModelCard(Result):
    """What a saved model is, readable without loading it.

    Parameters
    ----------
    model : str
        Its name in :data:`smarketing.scoring.models.registry.SAVED`.
    features : dict of str to str
        ``number``, ``boolean`` or ``category`` per feature, in the order it learned them.
    fingerprint : str
        Of the data it learned from (:attr:`smarketing.warehouse.warehouse.Warehouse.fingerprint`).
    agreement_version : int
    months : tuple of str
        Local months of the rows it learned from; empty without dates.
    metrics : dict of str to float
        As measured on rows it did not learn from.
    importance : dict of str to float
        Per feature, the largest first. The rows it learned from are not saved.
    versions : dict of str to str
        Of Python and the libraries.
    known_until : str
        The moment by which the outcomes it learned from were known, naive UTC; empty if not said.
    contents : str
        SHA-256 over the model's contents and all of the above: a seal against accidents and
        careless edits, no signature.
    """

    model: str
    features: dict[str, str]
    fingerprint: str
    agreement_version: int
    months: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)
    importance: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    known_until: str = ""
    contents: str = ""

    def frame(self) -> pd.DataFrame:
        """Return ``part`` and ``value``, a row for each fact a reader wants."""
        named = {
            "model": self.model,
            "agreement version": self.agreement_version,
            "data": self.fingerprint[:12],
            "known until": self.known_until[:10] or "not said",
            "months": f"{self.months[0]} to {self.months[-1]}" if self.months else "no dates",
            "features": len(self.features),
            **{f"metric {name}": f"{value:.4g}" for name, value in self.metrics.items()},
            **{f"version of {name}": value for name, value in self.versions.items()},
        }
        return pd.DataFrame({"part": list(named), "value": list(map(str, named.values()))})


def save_model(
    model: Model,
    folder: Path,
    features: FeatureSet,
    fingerprint: str,
    agreement_version: int,
    months: Sequence[str] = (),
    metrics: Mapping[str, float] | None = None,
    known_until: str = "",
) -> ModelCard:
    """Write a fitted model to ``model.skops`` and its card to ``model.json`` in a folder.

    Neither file holds a row of the data. Saving the same model twice gives the same card.

    Parameters
    ----------
    model : Model
        Fitted.
    folder : Path
        Made if absent; a model that stands there is replaced.
    features : FeatureSet
        What the model learned from, in its order.
    fingerprint : str
    agreement_version : int
    months : sequence of str
    metrics : mapping of str to float, optional
    known_until : str

    Raises
    ------
    SmarketingError
        If the features are not those the model learned from.

    Examples
    --------
    >>> save_model(model, Path("models/2026-10"), population.features,
    ...            warehouse.fingerprint, agreement.version)  # doctest: +SKIP
    """
    _same_features(features.kinds, {name: features.kinds.get(name, "") for name in model.features_})
    ranks, state = model.importance(), model.state()
    card = ModelCard(
        model=model.name,
        features={name: features.kinds[name] for name in model.features_},
        fingerprint=fingerprint,
        agreement_version=agreement_version,
        months=tuple(sorted(set(months))),
        metrics={name: float(value) for name, value in sorted((metrics or {}).items())},
        importance={r.feature: float(r.importance) for r in ranks.itertuples()},
        versions={"python": platform.python_version(), **{x: version(x) for x in _LIBRARIES}},
        known_until=known_until,
    )
    card = _sealed(card, state)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(card.to_dict(), indent=2, ensure_ascii=False) + "\n"
    skops.io.dump(state, folder / ".model.skops.new")
    (folder / ".model.json.new").write_text(text, encoding="utf-8")
    for name in ("model.skops", "model.json"):
        (folder / f".{name}.new").replace(folder / name)
    return card


def load_model(folder: Path, features: FeatureSet | None = None) -> tuple[Model, ModelCard]:
    """Read a saved model; it predicts and gives reasons as it did when it was saved.

    Only types that a model of ours is made of are built; no code in the file is run.

    Parameters
    ----------
    folder : Path
    features : FeatureSet, optional
        The features at hand; the model must have learned from the same, of the same kinds.

    Raises
    ------
    SmarketingError
        If a file is missing or was changed, holds other types, was written by another minor
        version of scikit-learn or skrub, or the model learned from other features; with the
        difference.

    Examples
    --------
    >>> model, card = load_model(Path("models/2026-10"), population.features)  # doctest: +SKIP
    """
    card = read_card(folder / "model.json")
    for library in ("scikit-learn", "skrub"):
        wrote, reads = card.versions.get(library, ""), version(library)
        if wrote.split(".")[:2] != reads.split(".")[:2]:
            raise _refused(f"was saved by another {library}", wrote or "none", reads)
    if features is not None:
        _same_features(features.kinds, card.features)
    path = folder / "model.skops"
    try:
        strangers = sorted(set(skops.io.get_untrusted_types(file=path)) - _TRUSTED)
        if strangers:
            raise _refused("holds types that no model of ours is made of", ", ".join(strangers))
        state = skops.io.load(path, trusted=sorted(_TRUSTED))
    except FileNotFoundError:
        raise _refused("is not there", file=path.name) from None
    except (BadZipFile, ValueError, KeyError, TypeError, AttributeError, EOFError, OSError):
        raise _refused("cannot be read: it was changed or is not whole", file=path.name) from None
    if not isinstance(state, dict) or card.model not in SAVED:
        raise _refused("is of no kind known here", card.model, ", ".join(SAVED))
    contents = _sealed(card, state).contents
    if contents != card.contents:
        raise _refused("was changed after it was saved", contents[:12], card.contents[:12])
    model = SAVED[card.model]().restore(state)
    model.saved_importance_ = card.importance
    return model, card


def _sealed(card: ModelCard, state: Mapping[str, Any]) -> ModelCard:
    facts = {name: value for name, value in card.to_dict().items() if name != "contents"}
    return replace(card, contents=digest([_FORM, facts, dict(state)]))


def read_card(path: Path) -> ModelCard:
    """Read what a saved model is from its ``model.json``, without the model.

    Examples
    --------
    >>> read_card(Path("models/champion/model.json")).model  # doctest: +SKIP
    """
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        card = ModelCard(**{**facts, "months": tuple(facts["months"])})
        dict(card.features), dict(card.versions)
    except FileNotFoundError:
        raise _refused("is not there", file=path.name) from None
    except (ValueError, TypeError, KeyError):
        raise _refused("cannot be read: it was changed", file=path.name) from None
    return card


def _same_features(at_hand: Mapping[str, str], learned: Mapping[str, str]) -> None:
    both = [name for name in learned if name in at_hand]
    differences = {
        "missing": [name for name in learned if name not in at_hand],
        "unknown": [name for name in at_hand if name not in learned],
        "of another kind": [
            f"{name} was {learned[name]}, is {at_hand[name]}"
            for name in both
            if at_hand[name] != learned[name]
        ],
    }
    if any(differences.values()):
        texts = (f"{what}: {', '.join(names)}" for what, names in differences.items() if names)
        raise _refused("learned from other features", "; ".join(texts))


def _refused(
    what: str, found: str | None = None, allowed: str | None = None, file: str | None = None
) -> SmarketingError:
    subject, todo = "the file" if file else "the model", "Train the model again and save it."
    return SmarketingError(f"{subject} {what}", file, found=found, allowed=allowed, todo=todo)
