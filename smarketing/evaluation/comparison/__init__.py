"""All models on the same later leads, with intervals and a verdict."""
