"""Strangers type the data: whatever they type stays text, on pages, in figures, in lists."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from smarketing.reporting.pages.index import write_index
from smarketing.reporting.runs.batch import render_reports
from smarketing.row_files import write_rows
from tests.agreements import EXAMPLE
from tests.builders import KNOWN, made_up_company, write_warehouse

pytestmark = pytest.mark.xdist_group("attacked")  # rendered once

HIT = "window.hit=1"
BARE = (
    f"<script>{HIT}</script>",
    f"<img src=x onerror={HIT}>",
    f"<svg onload={HIT}>",
    f"<svg><script>{HIT}</script></svg>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    f"<details open ontoggle={HIT}>",
    f"<a href='javascript:{HIT}'>x</a>",
    f"<math><mi xlink:href='javascript:{HIT}'>",
    f"<body onload={HIT}>",
    f"<input autofocus onfocus={HIT}>",
    "<style>main{display:none}</style>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<base href=http://127.0.0.1:9/>",
    "<form action=http://127.0.0.1:9/><button>x",
    "<img src=http://127.0.0.1:9/x.png>",
    '=HYPERLINK("http://127.0.0.1:9/","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "$\\int_{hit}$ {{7*7}} ${7*7} <%= 7*7 %>",
    "# heading [x](javascript:window.hit=1) `code` | cell |",
    "\u202egnp.exe\u202c \u0000\u0007 &lt;b&gt; &#x3c;",
    "' ; DROP TABLE leads; --",
    "%s %(x)s {0} \\N{BULLET} \\u003cscript\\u003e",
)
AROUND = ("", '">', "'>", "</title>", "</style>", "-->", "]]>", "</svg></script>")
PAYLOADS = [start + bare for start in AROUND for bare in BARE]
FIXED = {"lead_id", "deal_id", "account_id", "stage", "actor", "status", "currency", "outcome"}


def attacked(tables):
    """Put a payload of its own before each distinct text of every free-text column."""
    used = []

    def dressed(text):
        payload = PAYLOADS[len(used) % len(PAYLOADS)]
        used.append(payload)
        return f"{payload} {text}".replace("\u0000", "")

    for name, frame in tables.items():
        for column in frame.columns:
            words = [w for w in frame[column].dropna().unique() if isinstance(w, str)]
            if column in FIXED or not words:
                continue
            if name == "events" and column in {"kind", "actor_kind", "outcome", "direction"}:
                continue  # the funnel reads these
            names = {word: dressed(word) for word in words} if len(words) < 40 else None
            tables[name][column] = frame[column].map(
                lambda w, names=names: (
                    w if not isinstance(w, str) else names[w] if names else dressed(w)
                )
            )
    return used


@pytest.fixture(scope="module")
def attack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked") / "acme"
    folder.mkdir()
    tables = made_up_company(leads=400)
    tables["leads"]["job_title"] = [f"title {number}" for number in range(400)]
    used = attacked(tables)
    (folder / "sources.yml").write_text("company: x\n")
    lines = EXAMPLE.replace("2026-10-01", "2025-01-01").splitlines(keepends=True)
    (folder / "agreement.yml").write_text("".join(x for x in lines if "email_domain" not in x))
    write_warehouse(
        folder / "warehouse.duckdb",
        tables,
        {**KNOWN, "job_title": "at_creation"},
        timezone="Europe/Copenhagen",
        company=PAYLOADS[0] + PAYLOADS[-3],
    )
    monthly = render_reports(folder, "2025-11")[0]
    weekly = render_reports(folder, week="2025-W48", kind="weekly")[0]
    return {
        "used": used,
        "monthly": monthly.html,
        "weekly": weekly.html,
        "index": write_index(folder / "reports"),
    }


def test_two_hundred_payloads_stand_in_the_data(attack):
    assert len(PAYLOADS) == 200
    assert set(attack["used"]) == set(PAYLOADS)


@pytest.mark.parametrize("kind", ["monthly", "weekly", "index"])
def test_payloads_stay_text_in_a_browser(chromium, attack, kind):
    context = chromium.new_context(bypass_csp=True)  # escaping must hold without the policy too
    page = context.new_page()
    asked, dialogs = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(attack[kind].as_uri())
    page.wait_for_timeout(200)
    assert page.evaluate("window.hit") is None
    assert asked == [attack[kind].as_uri()]
    assert dialogs == []
    assert page.locator("iframe, object, embed, base, form, link, math, img").count() == 0
    assert page.locator("script").count() == (1 if kind == "index" else 0)
    assert page.locator("style:not(svg style)").count() == 1
    assert page.locator("main").is_visible()
    seen = page.locator("body").inner_text()
    shown = [bare for bare in BARE if bare[:20] in seen]
    assert len(shown) >= (1 if kind == "index" else 3), "the page shows what was typed"
    context.close()


def test_lists_for_a_spreadsheet_start_no_formula(tmp_path):
    path = write_rows(
        pd.DataFrame({"name": PAYLOADS, "n": range(len(PAYLOADS))}), tmp_path / "x.csv"
    )
    with path.open(newline="", encoding="utf-8") as file:
        cells = [row["name"] for row in csv.DictReader(file)]
    assert len(cells) == len(PAYLOADS)
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r"]
