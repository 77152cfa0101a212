"""Which leads are good: snapshots, features, the agreed scorecard, models, scores."""

from smarketing.scoring.calibration import PointsToProbability, calibrate
from smarketing.scoring.conditions import to_ibis
from smarketing.scoring.export import export_scorecard
from smarketing.scoring.feature_set import FeatureSet, feature_frame, feature_set
from smarketing.scoring.features import features
from smarketing.scoring.models import MODELS, Boosted, Logistic, Model, Reason
from smarketing.scoring.population import Population, build_population
from smarketing.scoring.saved import ModelCard, load_model, save_model
from smarketing.scoring.scorecard import breakdown, score_card
from smarketing.scoring.scores import Scores, known_rows, score_leads
from smarketing.scoring.snapshots import open_spells, snapshot_counts, snapshots
from smarketing.scoring.targets import label, reached_at

__all__ = [
    "MODELS",
    "Boosted",
    "FeatureSet",
    "Logistic",
    "Model",
    "ModelCard",
    "PointsToProbability",
    "Population",
    "Reason",
    "Scores",
    "breakdown",
    "build_population",
    "calibrate",
    "export_scorecard",
    "feature_frame",
    "feature_set",
    "features",
    "known_rows",
    "label",
    "load_model",
    "open_spells",
    "reached_at",
    "save_model",
    "score_card",
    "score_leads",
    "snapshot_counts",
    "snapshots",
    "to_ibis",
]
