"""The same expressions on other engines than the laptop's: PostgreSQL, Spark, another DuckDB."""

from smarketing.scoring.engines.batches import judged_by
from smarketing.scoring.engines.carry import EngineWarehouse, on_engine

__all__ = ["EngineWarehouse", "judged_by", "on_engine"]
