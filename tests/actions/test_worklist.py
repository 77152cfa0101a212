"""The week's work lists, checked line by line on a company worked out by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from smarketing.actions.work_lists import file_stem, for_open_leads, work_lists
from smarketing.cli import main
from smarketing.errors import CannotAnswer, SmarketingError, UsageError
from smarketing.scoring.scores import score_leads
from smarketing.warehouse.warehouse import Warehouse
from tests.scoring_cases import agreement
from tests.worlds.worklist_company import AGREED, EVIL, RULES, WEEK, write_company


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return write_company(tmp_path_factory.mktemp("work") / "warehouse.duckdb")


@pytest.fixture
def warehouse(path):
    with Warehouse.open(path) as opened:
        yield opened


FIRST = """\
lead_id,stage,grade,score,probability,expected_value,reasons_for,reasons_against,age_days,attempts,last_outcome,record_url
a,sales_ready,A1,85,0.9707,23296.51,Demo request +30; Pricing page ×3 +24; IT decision maker +20,over the cap of engagement -4,6.5,2,call: connected,https://crm.example/a
b,sales_ready,B2,50,0.5,12000.0,Demo request +30; IT decision maker +20,,1.0,0,,https://crm.example/b
d,sales_ready,A3,35,0.1824,4378.21,IT decision maker +20; Mid-sized company +15,,3.0,0,,https://crm.example/d
"""  # noqa: E501
OTHER = """\
lead_id,stage,grade,score,probability,expected_value,reasons_for,reasons_against,age_days,attempts,last_outcome,record_url
e,opportunity,A2,65,0.8176,19621.79,Demo request +30; IT decision maker +20; Mid-sized company +15,,2.0,1,letter,https://crm.example/e
f,lead,A2,65,0.8176,19621.79,Demo request +30; IT decision maker +20; Mid-sized company +15,,11.0,0,,'=HYPERLINK(1)
"""  # noqa: E501


def test_two_lists_line_by_line(warehouse, tmp_path):
    answer = work_lists(warehouse, AGREED, WEEK)
    assert answer.as_of == pd.Timestamp("2026-01-11 23:00")
    assert answer.per_rep == 3
    assert list(answer.lists) == [EVIL, "R-1", "unassigned"]
    assert answer.left_out == {EVIL: 0, "R-1": 1, "unassigned": 0}  # c, worth 264 kr.
    files = answer.write(tmp_path)
    other, first, nobody = (file.read_text() for file in files)
    assert first == FIRST
    assert other == OTHER
    assert [row["lead_id"] for row in csv.DictReader(nobody.splitlines())] == ["u"]
    assert [file.parent for file in files] == [tmp_path] * 3
    assert sorted(tmp_path.iterdir()) == sorted(files), "nothing half written is left"
    assert len(answer.frame()) == 6
    assert answer.frame().columns[0] == "rep"
    assert answer.summary().leads.tolist() == [2, 3, 1]
    json.dumps(answer.to_dict(), allow_nan=False)


def test_what_nobody_has_is_listed_up_to_what_all_reps_can_work(warehouse):
    one = agreement(RULES, capacity__closing={"people": 1, "leads_per_person_per_month": 4})
    answer = work_lists(warehouse, one, WEEK)
    assert answer.per_rep == 1
    assert answer.frame().lead_id.tolist() == ["e", "a", "u"]
    assert answer.left_out == {EVIL: 1, "R-1": 3, "unassigned": 0}


def test_the_reasons_are_those_known_when_the_week_began(warehouse):
    answer = work_lists(warehouse, AGREED, WEEK)
    scores = score_leads(warehouse, for_open_leads(AGREED), as_of=answer.as_of).frame()
    known = scores.set_index("lead_id").loc[answer.frame().lead_id]
    assert answer.frame().score.tolist() == known.score.tolist()
    assert answer.frame().probability.tolist() == known.probability.tolist()


def test_the_value_is_a_customers_whatever_the_line_aims_at():
    lines = {
        "mql": {"score": 40, "fit_at_least": 15, "target": "sql", "window_days": 45},
        "sql": {"score": 65, "fit_at_least": 20, "target": "sql", "window_days": 90},
    }
    judged = for_open_leads(agreement(RULES, lines=lines))
    assert judged.lines.sql.target == "customer"
    assert judged.scorecard.calibration is None
    assert judged.snapshots.until == "end"
    assert for_open_leads(AGREED).scorecard.calibration == AGREED.scorecard.calibration


@pytest.mark.parametrize(
    ("week", "error"),
    [("2026-3", UsageError), ("2026-W60", UsageError), ("2026-W20", CannotAnswer),
     ("2025-W20", CannotAnswer)],
)  # fmt: skip
def test_weeks_that_are_none_or_not_covered_are_told(warehouse, week, error):
    with pytest.raises(error):
        work_lists(warehouse, AGREED, week)


@pytest.mark.parametrize("rep", ["../../etc/passwd", "a/b", "a:b", "..", "", "=1+1", "Søren", "A"])
def test_a_files_name_is_safe_and_the_reps_own(rep):
    stem = file_stem(rep)
    assert stem
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
    assert stem not in {file_stem(other) for other in ("a", "a-b", "etc-passwd", "1-1", "s-ren")}
    assert len(file_stem(rep * 200)) < 80


def test_a_folder_that_cannot_be_made_is_told(warehouse, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SmarketingError, match="folder cannot be made"):
        work_lists(warehouse, AGREED, WEEK).write(tmp_path / "file" / "lists")


def test_the_command_writes_one_file_per_rep(path, tmp_path, monkeypatch, capsys):
    space = tmp_path / "space"
    space.mkdir()
    (space / "sources.yml").write_text("")
    (space / "warehouse.duckdb").symlink_to(path)
    monkeypatch.setattr("smarketing.folder.Folder.agreement", AGREED)
    lists = tmp_path / "lists"
    monkeypatch.setattr(
        "sys.argv",
        ["smarketing", "worklist", str(space), "--week", WEEK, "-o", str(lists), "--json"],
    )
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    told = json.loads(capsys.readouterr().out)
    assert told["week"] == WEEK
    assert [row["lead_id"] for row in told["lists"]["R-1"]] == ["a", "b", "d"]
    assert sorted(told["files"]) == sorted(str(file) for file in lists.iterdir())
