"""Pictures of pages as readers see them: first screen, phone, dark, print.

``python -m tests.screenshots OUT`` renders the demo's latest month and week in each language,
and the index, and takes them all.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2
from playwright.sync_api import Browser

from smarketing.language.speaker import LANGUAGES
from smarketing.reporting.pages.index import write_index
from smarketing.reporting.runs.batch import render_reports
from smarketing.reporting.runs.pdf import write_pdf
from tests.chromium import started

LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 780}
SCREENS: dict[str, dict[str, Any]] = {
    "first": {"viewport": LAPTOP},
    "dark": {"viewport": LAPTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "is_mobile": True, "device_scale_factor": 2},
}
"""How each screen is set up; pictures are of what is seen without scrolling."""
DPI = 96
MOST_PAGES = 4


def take(browser: Browser, pages: Mapping[str, Path], out: Path) -> list[Path]:
    """Take pictures of pages on every screen and on paper.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    pages : mapping of str to Path
        Name -> HTML file.
    out : Path
        Folder for ``NAME-first.png``, ``NAME-dark.png``, ``NAME-phone.png`` and
        ``NAME-print-1.png`` to at most ``-4``.

    Returns
    -------
    list of Path
    """
    out.mkdir(parents=True, exist_ok=True)
    taken = []
    for name, page in pages.items():
        for screen, how in SCREENS.items():
            target = out / f"{name}-{screen}.png"
            context = browser.new_context(**how)
            shown = context.new_page()
            shown.goto(page.as_uri())
            shown.screenshot(path=target)
            context.close()
            taken.append(target)
        taken += printed(page, out / f"{name}-print")
    return taken


def printed(page: Path, start: Path) -> list[Path]:
    """Write the first pages of a page's PDF as pictures, ``START-1.png`` and so on."""
    with TemporaryDirectory() as folder:
        copy = Path(folder, page.name)
        copy.write_bytes(page.read_bytes())
        document = pypdfium2.PdfDocument(write_pdf(copy))
        taken = []
        for number in range(min(len(document), MOST_PAGES)):
            target = start.with_name(f"{start.name}-{number + 1}.png")
            document[number].render(scale=DPI / 72).to_pil().save(target)
            taken.append(target)
        document.close()
    return taken


def main(out: Path) -> None:
    """Render the demo into ``OUT/pages`` where it is not there unchanged; take all pictures."""
    pages, folder = {}, out / "pages"
    for kind, period in (("monthly", {"month": "2026-10"}), ("weekly", {"week": "2026-W44"})):
        made = render_reports("data/demo", kind=kind, language=LANGUAGES, out=folder, **period)
        for language, each in zip(LANGUAGES, made, strict=True):
            pages[f"{kind}-{language}"] = each.html
    with started() as browser:
        taken = take(browser, pages, out)
        for language in LANGUAGES:
            taken += take(browser, {f"index-{language}": write_index(folder, language)}, out)
    sys.stdout.write("\n".join(map(str, taken)) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
