"""Ingest: raw exports become one warehouse, all or nothing."""
