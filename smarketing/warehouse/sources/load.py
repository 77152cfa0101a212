"""Reading sources.yml: every mistake at once, each with its line."""

from __future__ import annotations

from pathlib import Path

from smarketing.errors import SmarketingError
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
    problems = []
    sources = None
    try:
        sources = check_yaml(data, Sources, path.name)
    except SmarketingError as error:
        problems += error.problems
    problems += source_problems(data, path.name)
    problems += logo_problems(data, path.parent, path.name)
    if problems or sources is None:
        raise SmarketingError(sorted(problems, key=lambda problem: problem.line or 0))
    sources._marks = data
    return sources
