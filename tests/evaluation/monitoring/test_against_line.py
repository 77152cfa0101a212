"""CRM against line, two by two, on the company of the work lists."""

from __future__ import annotations

import json

import pytest

from smarketing.errors import CannotAnswer, UsageError
from smarketing.evaluation.monitoring.crm_against_line import against_line
from smarketing.warehouse.warehouse import Warehouse
from tests.scoring_cases import agreement
from tests.worlds.worklist_company import RULES, write_company

# The SQL line is 65 points with a fit of 20. Handed over in January: a 85, h 85 and e 65 above
# it; b 50, d 35, i 35, u 35, c 5 and j -10, made 0 or not, below. Not handed over: f 65, g 50.
AGREED = agreement(RULES)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_company(tmp_path_factory.mktemp("line") / "warehouse.duckdb")


@pytest.fixture
def warehouse(path):
    with Warehouse.open(path) as opened:
        yield opened


def test_the_two_by_two_of_a_month(warehouse):
    answer = against_line(warehouse, AGREED, "2026-01")
    assert answer.frame().to_dict("records") == [
        {"line": "above the line", "handed_over": 3, "not_handed_over": 1, "leads": 4},
        {"line": "below the line", "handed_over": 6, "not_handed_over": 1, "leads": 7},
    ]
    assert answer.handed_below == ["b", "c", "d", "i", "j", "u"]
    assert answer.missed_above == ["f"]
    scores = answer.leads.set_index("lead_id").score
    assert scores[["a", "b", "d", "e", "f", "g"]].tolist() == [85, 50, 35, 65, 65, 50]
    assert answer.frame().leads.sum() == len(answer.leads) == answer.leads.lead_id.nunique()
    json.dumps(answer.to_dict(), allow_nan=False)


@pytest.mark.parametrize(("score", "above"), [(86, 0), (85, 2), (65, 4), (50, 6), (36, 6)])
def test_a_higher_line_has_fewer_above(warehouse, score, above):
    lines = {
        "mql": {"score": 30, "fit_at_least": 15, "target": "sql", "window_days": 45},
        "sql": {"score": score, "fit_at_least": 20, "target": "customer", "window_days": 90},
    }
    answer = against_line(warehouse, agreement(RULES, lines=lines), "2026-01")
    assert answer.frame().leads.tolist() == [above, 11 - above]


@pytest.mark.parametrize(("month", "error"), [("2026-1", UsageError), ("2025-06", CannotAnswer)])
def test_months_that_are_none_or_empty_are_told(warehouse, month, error):
    with pytest.raises(error):
        against_line(warehouse, AGREED, month)
