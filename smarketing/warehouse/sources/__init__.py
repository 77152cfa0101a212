"""sources.yml: which export holds what, as a typed and checked model."""

from smarketing.warehouse.sources.model import (
    Attribute,
    FileOptions,
    KnownAt,
    Lookup,
    Source,
    Sources,
    load_sources,
)

__all__ = ["Attribute", "FileOptions", "KnownAt", "Lookup", "Source", "Sources", "load_sources"]
