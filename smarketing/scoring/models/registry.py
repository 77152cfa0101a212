"""The models by their names."""

from __future__ import annotations

from collections.abc import Callable

from smarketing.scoring.models.base import Model
from smarketing.scoring.models.boosted import Boosted
from smarketing.scoring.models.card import Card
from smarketing.scoring.models.logistic import Logistic
from smarketing.scoring.models.status_quo import StatusQuo

MODELS: dict[str, Callable[[], Model]] = {"card": Card, "logistic": Logistic, "boosted": Boosted}
"""Learned models by the name that ``--model`` takes; they learn from a population's features."""

SAVED: dict[str, Callable[[], Model]] = {**MODELS, "status_quo": StatusQuo}
"""All models that can be kept in files."""
