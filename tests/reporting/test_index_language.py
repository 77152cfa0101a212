"""The index in other languages, and its links to each page's languages."""

from __future__ import annotations

import re
import shutil

import pytest
from pseudo import LANGUAGE, speaking_pseudo, untranslated

from smarketing.language.numbers import SPACE
from smarketing.reporting.pages.index import write_index
from tests.conftest import ONE_WORKER

pytestmark = ONE_WORKER


@pytest.fixture
def published(monthly, weekly, tmp_path):
    """Return a folder with both pages, and a Danish copy of the monthly one's manifest."""
    for page_ in (monthly, weekly):
        for file in (page_.html, page_.manifest):
            shutil.copy(file, tmp_path / file.name)
    danish = monthly.manifest.read_text(encoding="utf-8")
    danish = danish.replace('"language": "en"', '"language": "da"')
    (tmp_path / "monthly-2026-10.da.manifest.json").write_text(danish, encoding="utf-8")
    shutil.copy(monthly.html, tmp_path / "monthly-2026-10.da.html")
    return tmp_path


def test_the_index_speaks_the_workspaces_language_and_links_the_others(published):
    english = write_index(published).read_text(encoding="utf-8")
    assert english.count("<tr data-text") == 2  # a row per period, whatever its languages
    assert 'href="monthly-2026-10.da.html" hreflang="da" lang="da">Dansk</a>' in english
    danish = write_index(published, "da").read_text(encoding="utf-8").replace(SPACE, " ")
    assert '<html lang="da">' in danish
    assert '<a href="monthly-2026-10.da.html">Oktober 2026</a>' in danish
    assert "2 rapporter, de nyeste først" in danish
    assert "data til 31. okt. 2026<br>aftale 3" in danish
    assert 'data-says="{k} af {n}"' in danish


def test_the_index_is_translated_whole(published):
    with speaking_pseudo():
        shown = write_index(published, LANGUAGE).read_text(encoding="utf-8")
    shown = re.sub(r'<td class="says".*?</td>', "", shown, flags=re.DOTALL)  # of the pages
    assert untranslated(shown, ["Nordlys Software", "English", "Dansk"]) == []
