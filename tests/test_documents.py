"""What documents, docstrings and the release say of each other holds."""

import doctest
import re
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import smarketing

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
METHOD = sorted((ROOT / "docs" / "method").glob("*.md"))
DOCUMENTS = [*PAGES, *ROOT.glob("*.md"), *ROOT.glob("data/*/README.md")]
SOURCES = [
    path for room in ("smarketing", "tests", "benchmarks") for path in (ROOT / room).rglob("*.py")
]
CITATION = re.compile(r'(docs/[\w/-]+\.md), ((?:"[^"]+")(?:(?: and |, )"[^"]+")*)')
OUR_PATHS = re.compile(r"`((?:smarketing|tests|benchmarks|docs|notebooks)/[\w./-]*\w)`")


def headings(page: Path) -> set[str]:
    """Return what a page can be cited by: its headings, without their marks."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return {line.lstrip("# ") for line in lines if re.match(r"#+ ", line)}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def cited() -> set[tuple[str, str, str]]:
    """Return who cites which heading of which page, wherever the line breaks."""
    found = set()
    for path in SOURCES:
        text = re.sub(r"\s*\n\s*#?\s*", " ", path.read_text(encoding="utf-8"))
        for page, titles in CITATION.findall(text):
            found |= {(named(path), page, title) for title in re.findall(r'"([^"]+)"', titles)}
    return found


def test_code_cites_the_pages_on_method():
    by_page = {page for _, page, _ in cited()}
    assert {f"docs/method/{name}.md" for name in ("time", "scores", "thresholds", "volumes")} <= (
        by_page
    )


@pytest.mark.parametrize(("source", "page", "title"), sorted(cited()))
def test_what_code_cites_is_there(source, page, title):
    assert (ROOT / page).is_file(), f"{source} cites {page}"
    assert title in headings(ROOT / page), f"{source} cites {page}, {title!r}"


def test_no_code_cites_a_page_that_is_not_in_the_project():
    loose = re.compile(r"(?<![\w/-])(?:methods|measures|architecture)\.md")
    own = Path(__file__)
    assert [named(p) for p in SOURCES if p != own and loose.search(p.read_text())] == []


@pytest.mark.parametrize("page", DOCUMENTS, ids=named)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", DOCUMENTS, ids=named)
def test_paths_that_documents_name_exist(page):
    for path in OUR_PATHS.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", METHOD, ids=lambda page: page.stem)
def test_links_between_pages_on_method_name_a_heading_that_is_there(page):
    text = page.read_text(encoding="utf-8")
    for target, title in re.findall(r'\]\(([\w./-]+\.md)\), "([^"]+)"', text):
        assert title in headings(page.parent / target), (target, title)


@pytest.mark.parametrize("page", METHOD, ids=lambda page: page.stem)
def test_worked_answers_come_out(page):
    failed, _ = doctest.testfile(str(page), module_relative=False)
    assert failed == 0


def test_most_pages_on_method_have_answers_to_run():
    worked = [page for page in METHOD if ">>> " in page.read_text(encoding="utf-8")]
    assert len(worked) >= 7


def test_every_page_is_found_from_the_readme_or_another_page():
    linked = {
        (page.parent / target).resolve()
        for page in DOCUMENTS
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    }
    assert [named(page) for page in PAGES if page not in linked] == []


def test_version_is_the_same_everywhere():
    citation = YAML(typ="safe").load(ROOT / "CITATION.cff")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert str(citation["version"]) == project["version"]
    assert smarketing.__version__ == project["version"]


def test_changelog_begins_with_what_is_not_released():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert versions[0] == "Unreleased"
    for version in versions[1:]:
        assert re.fullmatch(r"\d+\.\d+\.\d+ – \d{4}-\d\d-\d\d", version)


def test_contributing_names_every_room():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "smarketing").glob("*/__init__.py")}
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    assert rooms <= {name for row in rows for name in row.split("`")}


def test_what_is_stable_lists_the_whole_face_and_no_more():
    text = (ROOT / "docs" / "stable.md").read_text(encoding="utf-8")
    python = text[text.index("## Python") : text.index("Of a result you may rely")]
    rows = [row.split("|") for row in python.splitlines() if row.startswith("| ")]
    names = {name for row in rows for cell in row[1:3] for name in re.findall(r"`(\w+)`", cell)}
    face = {*smarketing.__all__, "__version__"}
    methods = {name for name in dir(smarketing.Workspace) if not name.startswith("_")}
    assert names == face | methods
