"""The ground: canonical tables, sources and ingest, spells, the demo company."""

from smarketing.warehouse.drafting import Draft, draft_sources
from smarketing.warehouse.forgetting import Forgetting, forget
from smarketing.warehouse.ingesting import IngestReport, ingest
from smarketing.warehouse.sources import Sources, load_sources
from smarketing.warehouse.spells import spells
from smarketing.warehouse.tables import ACTORS, ENDINGS, STAGES, TABLES
from smarketing.warehouse.warehouse import Warehouse

__all__ = [
    "ACTORS",
    "ENDINGS",
    "STAGES",
    "TABLES",
    "Draft",
    "Forgetting",
    "IngestReport",
    "Sources",
    "Warehouse",
    "draft_sources",
    "forget",
    "ingest",
    "load_sources",
    "spells",
]
