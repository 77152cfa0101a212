"""Reading sources.yml: every mistake at once, each with its line."""

from __future__ import annotations

from pathlib import Path

from smarketing.warehouse.sources.brand_file import logo_problems
from smarketing.warehouse.sources.checks import source_problems
from smarketing.warehouse.sources.model import Sources
from smarketing.yamlfile import check_yaml, read_yaml


def load_sources(path: Path) -> Sources:
    """Read and check a sources.yml; the exports themselves are looked at by ingest.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    SmarketingError
        With every mistake at once, each with its line.

    Examples
    --------
    >>> load_sources(Path("data/demo/sources.yml")).company  # doctest: +SKIP
    'Nordlys Software'
    """
    data = read_yaml(path, path.name)
    problems = source_problems(data, path.name) + logo_problems(data, path.parent, path.name)
    sources = check_yaml(data, Sources, path.name, problems)
    sources._marks = data
    return sources
