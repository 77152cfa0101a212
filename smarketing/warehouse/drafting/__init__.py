"""Drafting: a proposal of sources.yml for exports nobody has described yet."""

from smarketing.warehouse.drafting.draft import Draft, Line, draft_sources

__all__ = ["Draft", "Line", "draft_sources"]
