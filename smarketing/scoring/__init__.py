"""Which leads are good: snapshots, features, the agreed scorecard, models, scores."""

from smarketing.scoring.accounts import AccountScores, score_accounts
from smarketing.scoring.calibration import PointsToProbability, calibrate
from smarketing.scoring.card_yaml import card_yaml
from smarketing.scoring.cards import (
    Breakdown,
    SideBySide,
    WhatIf,
    change_rule,
    explain_scores,
    score_cards,
    what_if,
)
from smarketing.scoring.champion import keep_model, kept_card, kept_model
from smarketing.scoring.conditions import to_ibis
from smarketing.scoring.export import export_scorecard
from smarketing.scoring.feature_set import FeatureSet, feature_frame, feature_set
from smarketing.scoring.features import features
from smarketing.scoring.history import ScoreHistory, score_history
from smarketing.scoring.lead import LeadScore, explain_lead
from smarketing.scoring.learning import LearnedCard, known_rows, learn, learn_scorecard
from smarketing.scoring.lint import CardLint, lint_card
from smarketing.scoring.models import MODELS, Boosted, Card, Logistic, Model, Reason, StatusQuo
from smarketing.scoring.points import PointsScorecard
from smarketing.scoring.population import Population, build_population
from smarketing.scoring.saved import ModelCard, load_model, save_model
from smarketing.scoring.scorecard import breakdown, score_card
from smarketing.scoring.scores import Scores, score_leads
from smarketing.scoring.snapshots import open_spells, snapshot_counts, snapshots
from smarketing.scoring.targets import label, reached_at

__all__ = [
    "MODELS",
    "AccountScores",
    "Boosted",
    "Breakdown",
    "Card",
    "CardLint",
    "FeatureSet",
    "LeadScore",
    "LearnedCard",
    "Logistic",
    "Model",
    "ModelCard",
    "PointsScorecard",
    "PointsToProbability",
    "Population",
    "Reason",
    "ScoreHistory",
    "Scores",
    "SideBySide",
    "StatusQuo",
    "WhatIf",
    "breakdown",
    "build_population",
    "calibrate",
    "card_yaml",
    "change_rule",
    "explain_lead",
    "explain_scores",
    "export_scorecard",
    "feature_frame",
    "feature_set",
    "features",
    "keep_model",
    "kept_card",
    "kept_model",
    "known_rows",
    "label",
    "learn",
    "learn_scorecard",
    "lint_card",
    "load_model",
    "open_spells",
    "reached_at",
    "save_model",
    "score_accounts",
    "score_card",
    "score_cards",
    "score_history",
    "score_leads",
    "snapshot_counts",
    "snapshots",
    "to_ibis",
    "what_if",
]
