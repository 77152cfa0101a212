"""Drafting: a proposal of sources.yml for exports nobody has described yet."""
