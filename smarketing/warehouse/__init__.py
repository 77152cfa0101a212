"""The ground: canonical tables, sources and ingest, spells, the demo company."""
