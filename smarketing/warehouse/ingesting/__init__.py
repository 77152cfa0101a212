"""Ingest: raw exports become one warehouse, all or nothing."""

from smarketing.warehouse.ingesting.report import IngestReport
from smarketing.warehouse.ingesting.run import ingest

__all__ = ["IngestReport", "ingest"]
