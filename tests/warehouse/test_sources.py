"""sources.yml: every mistake at once, each with its line and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.sources.load import load_sources
from tests.exports import SOURCES

GOOD = SOURCES
MISTAKES = {
    # replaced text, its replacement -> line, what the answer says
    "an unknown time zone": ("Europe/Copenhagen", "Danish", 2, ["timezone", "'Danish'"]),
    "an unknown reader": ("reader: csv", "reader: cvs", 6, ["reader", "csv, excel"]),
    "an unknown key": ("file: raw/leads.csv", "path: raw/leads.csv", 7, ["path", "not known"]),
    "an unknown table": ("  stages:", "  stage:", 12, ["stage", "did you mean stages"]),
    "a column we do not have": (
        "created_at: Created", "create_at: Created", 8,
        ['leads has no column "create_at"', 'Did you mean "created_at"?', "`attributes`"],
    ),
    "a needed column left out": (
        "stage: Stage, ", "", 12, ["stages needs the column stage", "Add it to `columns`"],
    ),
    "a stage we do not know": (
        "Qualified: sql", "Qualified: sqls", 16,
        ['stage cannot be "sqls"; allowed: lead, mql', 'Did you mean "sql"?'],
    ),
    "an address kept whole": (
        "take: domain, ", "", 11, ['"Email" looks like personal data (e-mail)', "take: hash"],
    ),
    "an attribute named like a column": (
        "employees: {", "owner_id: {", 10, ['"owner_id" is a column of leads already'],
    ),
    "a share above one": (
        "public_hash_key: test", "max_reject_share: 2", 3, ["max_reject_share", "found 2"],
    ),
    "history without its reason": (
        "public_hash_key: test", "history_from: 2026-01-01", 3, ["history_from needs its reason"],
    ),
    "no leads": ("  leads:", "  visits:", 4, ["a workspace needs the table leads"]),
    "values of a column that is not there": (
        "values: {stage:", "values: {stag:", 16,
        ['stages has no column "stag"', 'Did you mean "stage"?'],
    ),
    "leads' words in another table": (
        "    values: {stage", "    same_person: Lead\n    values: {stage", 16,
        ["`same_person` belongs to leads only"],
    ),
    "an exclude rule without a test": (
        "    attributes:", "    exclude: [{column: Email, reason: test}]\n    attributes:", 9,
        ["either `like` or `in`"],
    ),
    "a reason for a table that is not": (
        "public_hash_key: test", "cannot: {deal.amount: none}", 3, ['"deal.amount"'],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, says: list[str]
) -> None:
    assert old in GOOD
    (tmp_path / "sources.yml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(SmarketingError) as caught:
        load_sources(tmp_path / "sources.yml")
    told = [str(problem) for problem in caught.value.problems if problem.line == line]
    assert told, str(caught.value)
    for part in says:
        assert any(part in one for one in told), told


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("Copenhagen", "Nowhere").replace("created_at", "born_at")
    text = text.replace("Qualified: sql", "Qualified: sqls").replace("take: domain", "take: all")
    (tmp_path / "sources.yml").write_text(text)
    with pytest.raises(SmarketingError) as caught:
        load_sources(tmp_path / "sources.yml")
    # leads' own mapping cannot be judged while its type is wrong; all else is
    assert [problem.line for problem in caught.value.problems] == [2, 11, 16]


def test_cells_are_text_whatever_yaml_makes_of_them(tmp_path: Path) -> None:
    text = GOOD.replace("{New: lead, Qualified: sql}", "{0: lead, true: sql, No: null}")
    text = text.replace("public_hash_key: test", "missing: [0, No]")
    (tmp_path / "sources.yml").write_text(text)
    sources = load_sources(tmp_path / "sources.yml")
    assert sources.tables["stages"][0].values == {"stage": {"0": "lead", "true": "sql", "No": None}}
    assert sources.missing == ("0", "No")


def test_one_source_or_several_are_the_same_to_the_program(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text(GOOD)
    sources = load_sources(tmp_path / "sources.yml")
    assert [len(entries) for entries in sources.tables.values()] == [1, 1, 1]
    assert sources.line("tables", "leads", 0, "columns", "lead_id") == 8


@pytest.mark.parametrize("name", ["demo", "xeducation", "olist", "bpi12"])
def test_the_workspaces_of_this_project_are_sound(name: str) -> None:
    path = Path(__file__).parents[2] / "data" / name / "sources.yml"
    assert load_sources(path).tables["leads"]
