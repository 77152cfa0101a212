"""The ground: canonical tables, sources and ingest, spells, the demo company."""

from smarketing.warehouse.spells import spells
from smarketing.warehouse.tables import ACTORS, ENDINGS, STAGES, TABLES
from smarketing.warehouse.warehouse import Warehouse

__all__ = ["ACTORS", "ENDINGS", "STAGES", "TABLES", "Warehouse", "spells"]
