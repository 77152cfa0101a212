"""Scores as of month ends: nothing later, in local months, with their trend."""

import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.scoring.card_trials import explain_scores
from smarketing.scoring.score_history import score_history
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import write_warehouse
from tests.scoring_cases import agreement

KNOWN = {"job_role": "at_creation", "employees": "at_creation"}


def company(path, events=(), stages=(), **meta):
    leads = pd.DataFrame(
        {
            "lead_id": ["a", "b", "c"],
            "created_at": pd.to_datetime(["2026-01-05", "2026-01-06", "2026-03-07"]),
            "job_role": ["cto", "cto", "student"],
            "employees": 10.0,
        }
    )
    done = pd.DataFrame(
        [(x, pd.Timestamp(t), "lead", False, kind, None, None, None) for x, t, kind in events],
        columns=[
            "lead_id", "occurred_at", "actor", "automatic", "kind", "subject", "outcome", "value",
        ],
    )  # fmt: skip
    gone = pd.DataFrame(
        [(x, 1, stage, pd.Timestamp(t), None, None) for x, stage, t in stages],
        columns=["lead_id", "spell", "stage", "entered_at", "reason", "actor"],
    )
    meta = {"data_until": "2026-03-15T12:00:00", **meta}
    tables = {"leads": leads, "events": done, "stages": gone}
    tables = {name: frame for name, frame in tables.items() if len(frame)}
    return Warehouse.open(write_warehouse(path, tables, KNOWN, **meta))


EVENTS = [
    ("a", "2026-01-10", "page"),
    ("b", "2026-01-20", "demo_request"),
    ("a", "2026-02-20", "demo_request"),
    ("a", "2026-03-12", "demo_request"),
    ("c", "2026-03-08", "demo_request"),
]


def test_each_month_end_sees_what_was_known_then(tmp_path):
    stages = [("b", "disqualified", "2026-03-02")]
    with company(tmp_path / "w.duckdb", EVENTS, stages) as warehouse:
        history = score_history(warehouse, agreement())
        rows = history.frame()
        now = explain_scores(warehouse, agreement()).frame()
    assert rows[rows.lead_id == "a"].month.tolist() == ["2026-01", "2026-02", "2026-03"]
    assert rows[rows.lead_id == "b"].month.tolist() == ["2026-01", "2026-02"]  # ended in March
    # The end of a month in Copenhagen; the last one ends with the data.
    assert rows.as_of.unique().tolist() == [
        pd.Timestamp("2026-01-31 22:59:59.999999"),
        pd.Timestamp("2026-02-28 22:59:59.999999"),
        pd.Timestamp("2026-03-15 12:00:00"),
    ]
    of_a = rows[rows.lead_id == "a"].score.tolist()
    assert of_a[0] == 20  # the role alone: its demos were still to come
    assert of_a == sorted(of_a)
    assert of_a[-1] == round(now[now.lead_id == "a"].points.sum())
    trends = history.trends.set_index("lead_id")
    assert trends.trend.to_dict() == {"a": "rising", "b": "falling", "c": "new"}
    assert trends.points_per_month["a"] == pytest.approx((of_a[-1] - of_a[0]) / 2)
    assert pd.isna(trends.points_per_month["c"])
    assert history.to_dict()["trends"] == {"falling": 1, "new": 1, "rising": 1}
    assert "2026-01 " in history.plot().alt_text


def test_later_events_leave_earlier_months_as_they_were(tmp_path):
    found = []
    for name, events in (("less", EVENTS[:2]), ("more", EVENTS)):
        with company(tmp_path / f"{name}.duckdb", events) as warehouse:
            rows = score_history(warehouse, agreement()).frame()
        found.append(rows[rows.month == "2026-01"].reset_index(drop=True))
    pd.testing.assert_frame_equal(*found)


def test_leads_and_months_can_be_chosen(tmp_path):
    with company(tmp_path / "w.duckdb", EVENTS) as warehouse:
        rows = score_history(warehouse, agreement(), leads=["a", "nobody"], months=2).frame()
        assert rows.lead_id.unique().tolist() == ["a"]
        assert rows.month.tolist() == ["2026-02", "2026-03"]
        with pytest.raises(CannotAnswer, match="no lead was open"):
            score_history(warehouse, agreement(), leads=["nobody"])


def test_without_dates_there_is_no_history(tmp_path):
    with (
        company(tmp_path / "w.duckdb", has_time="false") as warehouse,
        pytest.raises(CannotAnswer, match="no dates"),
    ):
        score_history(warehouse, agreement())
