"""Reading sources.yml: every mistake at once, each with its line."""

from __future__ import annotations

from pathlib import Path

from smarketing.warehouse.sources.brand_file import logo_problems
from smarketing.warehouse.sources.checks import source_problems
from smarketing.warehouse.sources.model import Sources
from smarketing.yamlfile import check_yaml, read_yaml


def load_sources(path: Path, home: str | None = None) -> Sources:
    """Read and check a sources.yml; the exports themselves are looked at by ingest.

    Parameters
    ----------
    path : Path
        The file.
    home : str, optional
        The company's time zone, if not that of the file.

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
    sources._marks, sources._home = data, home
    return sources
