"""The rendered pages in a real browser: nothing runs, nothing is fetched, nothing is cut off."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape

import pytest
from PIL import Image

from tests.conftest import ONE_WORKER, absent


@pytest.fixture(scope="session")
def browse(tmp_path_factory):
    """Return a function that opens a page in headless Chromium and gives (stdout, stderr)."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        absent("there is no Chromium; install Debian's package chromium")
    profile = tmp_path_factory.mktemp("profile")

    def open_page(page, *options: str) -> tuple[str, str]:
        done = subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",  # Chromium's own needs a user namespace, which CI may lack
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--enable-logging=stderr",
                f"--user-data-dir={profile}",
                *options,
                page.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout, done.stderr

    return open_page


@ONE_WORKER
@pytest.mark.parametrize("kind", ["monthly", "weekly"])
def test_the_browser_shows_the_page_without_complaint(kind, request, browse):
    page = request.getfixturevalue(kind).html
    shown, log = browse(page, "--dump-dom")
    assert "<main" in shown
    assert "CONSOLE" not in log, log


@ONE_WORKER
def test_a_campaign_named_like_a_script_stays_text(monthly, browse):
    shown, _ = browse(monthly.html, "--dump-dom")
    assert not re.search(r"<script", shown)
    assert "<script>alert(1)</script> & Søn" in unescape(shown)


@ONE_WORKER
@pytest.mark.parametrize("width", [360, 1280])
def test_the_first_screen_is_drawn_and_not_cut_at_the_side(monthly, browse, tmp_path, width):
    # Chromium's window is never narrower than 500 px, so the phone is a frame in a page
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<body style="margin:0"><iframe src="{monthly.html.as_uri()}" width="{width}"'
        ' height="900" style="border:0"></iframe>'
    )
    picture = tmp_path / "first.png"
    browse(frame, f"--screenshot={picture}", "--window-size=1300,900")
    image = Image.open(picture).convert("L").crop((0, 0, width, 900))
    low, high = image.getextrema()
    assert high - low > 150, "nothing is drawn"
    edge = image.crop((width - 4, 0, width, 900)).getextrema()
    assert edge[1] - edge[0] < 40, "text runs into the right edge"
