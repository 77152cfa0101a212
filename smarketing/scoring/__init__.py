"""Which leads are good: snapshots, features, the agreed scorecard, models, scores."""
