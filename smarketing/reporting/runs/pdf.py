"""A published page as PDF, for those who file or print it: the same HTML, through WeasyPrint."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from smarketing.errors import Problem, SmarketingError
from smarketing.reporting.html.page import template_text


def write_pdf(page: Path) -> Path:
    """Write a published page as PDF beside it; whole or not at all.

    Nothing is fetched: the page is self-contained, and what is not is left out.

    Parameters
    ----------
    page : Path
        ``monthly-2026-10.html``, say.

    Returns
    -------
    Path
        ``monthly-2026-10.pdf``.

    Raises
    ------
    SmarketingError
        If WeasyPrint, or a library of the system it needs, is not there.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:  # OSError: Pango is not on the system
        raise SmarketingError(
            Problem(
                f"the page cannot be written as PDF: {str(error).splitlines()[0]}",
                todo="pip install 'smarketing[pdf]', and Pango from the system's packages "
                "(Debian: libpango-1.0-0 libpangoft2-1.0-0).",
            )
        ) from error
    text = print_colours(page.read_text(encoding="utf-8"))
    target = page.with_suffix(".pdf")
    handle, name = tempfile.mkstemp(dir=page.parent, prefix=f".{target.name}.")
    os.close(handle)
    try:
        nothing = URLFetcher(allowed_protocols=("data",))
        HTML(string=text, url_fetcher=nothing).write_pdf(name, pdf_variant="pdf/ua-1")
        Path(name).chmod(0o644)
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
    return target


def print_colours(html: str) -> str:
    """Return a page whose figures name the colours of print: WeasyPrint knows no variables there.

    Examples
    --------
    >>> print_colours("<svg style='fill: var(--ink,var(--of-a-notebook,#123))'></svg> var(--ink)")
    "<svg style='fill: #000'></svg> var(--ink)"
    """
    css = template_text("page.css")
    # the screen's colours first, so that those of print win
    colours = dict(re.findall(r"--(\w+): (#\w+)", css[: css.index("@media")]))
    colours |= dict(re.findall(r"--(\w+): (#\w+)", css[css.index("@media print") :]))

    def named(match: re.Match[str]) -> str:
        return colours.get(match[1], match[0])

    return re.sub(
        r"<svg.*?</svg>",
        lambda svg: re.sub(r"var\(--(\w+)(?:,(?:[^()]|\([^()]*\))*)?\)", named, svg[0]),
        html,
        flags=re.DOTALL,
    )
