"""The script of screenshots takes each screen and the paper, and none is blank."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image

from smarketing.reporting.pages.index import write_index
from tests.conftest import ONE_WORKER
from tests.screenshots import LAPTOP, PHONE, take

pytestmark = ONE_WORKER


@pytest.fixture(scope="module")
def pictures(chromium, monthly, monthly_danish, weekly, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    pages = {"monthly-en": monthly, "monthly-da": monthly_danish, "weekly-en": weekly}
    for made in pages.values():
        for file in (made.html, made.manifest):
            shutil.copy(file, folder / file.name)
    named = {name: folder / made.html.name for name, made in pages.items()}
    named["index-da"] = write_index(folder, "da")
    taken = take(chromium, named, folder / "pictures")
    return {path.stem: Image.open(path).convert("RGB") for path in taken}


def test_every_page_is_taken_on_every_screen_and_on_paper(pictures):
    for page in ("monthly-en", "monthly-da", "weekly-en", "index-da"):
        assert pictures[f"{page}-first"].size == tuple(LAPTOP.values())
        assert pictures[f"{page}-dark"].size == tuple(LAPTOP.values())
        assert pictures[f"{page}-phone"].size == tuple(2 * side for side in PHONE.values())
        width, height = pictures[f"{page}-print-1"].size
        assert height / width == pytest.approx(297 / 210, abs=0.01)
    assert "monthly-en-print-4" in pictures
    assert "monthly-en-print-5" not in pictures


def test_no_picture_is_blank(pictures):
    for name, picture in pictures.items():
        (paper, n), *others = sorted(
            ((colour, n) for n, colour in picture.getcolors(1 << 24)), key=lambda pair: -pair[1]
        )
        assert n < 0.999 * picture.width * picture.height, name  # something stands on the paper
        assert len(others) > 20, name  # of smooth letters, not a bar
        assert (sum(paper) < 3 * 60) == name.endswith("-dark"), name
