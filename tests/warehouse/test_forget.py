"""Forgetting people, and letting go of those silent for too long."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.forgetting import forget
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import LEADS, SOURCES, STAGES, workspace

EVENTS = (
    "  events:\n    reader: csv\n    file: raw/visits.csv\n"
    "    columns: {lead_id: Lead, occurred_at: At}\n"
    "    constants: {actor: lead, kind: page_view}\n"
)
VISITS = "Lead,At\nL2,2026-01-06 11:00\nL5,2026-01-08 11:00\nL1,2026-01-08 12:00\n"
TWICE = LEADS + "L5,2026-01-08 09:00,web,BO@south.example,250\n"


def _long(text: str) -> str:
    """Make ids that come about nowhere by chance."""
    return re.sub(r"\bL(\d)\b", r"Lead-0000000\1", text)


def _space(folder: Path, long: bool = False) -> Path:
    sources = SOURCES.replace("    attributes:", "    same_person: Email\n    attributes:")
    change = _long if long else str
    return workspace(
        folder,
        sources + EVENTS,
        leads=change(TWICE),
        stages=change(STAGES),
        visits_csv=change(VISITS),
    )


def _ids(folder: Path, table: str = "leads") -> list[str]:
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        return sorted(set(warehouse.table(table).lead_id.execute()))


@pytest.mark.parametrize("named", ["L2", "L5"])
def test_a_person_is_gone_with_all_their_ids_and_stays_so(tmp_path: Path, named: str) -> None:
    folder = _space(tmp_path, long=True)
    ingest(folder)
    kept = [_long(one) for one in ("L1", "L3", "L4")]
    assert _ids(folder, "events") == [_long("L1"), _long("L2")]
    done = forget(folder, _long(named))
    assert done.to_dict()["removed"] == {"leads": 1, "events": 2, "stages": 1}
    for _ in range(2):  # at once, and after the next ingest
        assert _ids(folder) == kept
        assert _ids(folder, "events") == kept[:1]
        content = (folder / "warehouse.duckdb").read_bytes()
        assert b"Lead-00000001" in content
        assert not [one for one in (b"Lead-00000002", b"Lead-00000005") if one in content]
        ingest(folder)
    # not even when the merge that tied the ids is gone from the exports
    (folder / "sources.yml").write_text(SOURCES + EVENTS)
    report = ingest(folder)
    assert _ids(folder) == kept
    assert "a person who asked to be forgotten" in set(report.left_out.reason)


def test_the_list_names_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _space(tmp_path)
    ingest(folder)
    monkeypatch.setenv("SMARKETING_HASH_KEY", "a long random secret")
    forget(folder, "L2")
    forget(folder, "L3")
    content = (folder / "forgotten.csv").read_text()
    assert len(content.splitlines()) == 1 + 3
    for word in ("L2", "L5", "L3", "secret"):
        assert word not in content
    ingest(folder)
    monkeypatch.delenv("SMARKETING_HASH_KEY")
    with pytest.raises(SmarketingError, match="another SMARKETING_HASH_KEY"):
        ingest(folder)
    (folder / "forgotten.csv").write_text("L2\n")
    with pytest.raises(SmarketingError, match="changed by hand"):
        ingest(folder)


def test_models_go_and_reports_that_name_the_lead_are_told(tmp_path: Path) -> None:
    folder = _space(tmp_path)
    ingest(folder)
    (folder / "models" / "2026-01").mkdir(parents=True)
    (folder / "models" / "2026-01" / "model.json").write_text("{}")
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "a.html").write_text("<td>L2</td>")
    (reports / "b.html").write_text("<td>XL21</td>")
    done = forget(folder, "L2", [reports])
    assert done.models == ("models/2026-01",)
    assert not (folder / "models" / "2026-01" / "model.json").exists()
    assert [Path(name).name for name in done.named_in] == ["a.html"]


def test_an_unknown_id_changes_nothing(tmp_path: Path) -> None:
    folder = _space(tmp_path)
    with pytest.raises(SmarketingError, match="no warehouse yet"):
        forget(folder, "L2")
    ingest(folder)
    with pytest.raises(SmarketingError, match="no lead of the warehouse has this id"):
        forget(folder, "L9")
    assert not (folder / "forgotten.csv").exists()
    assert _ids(folder) == ["L1", "L2", "L3", "L4"]


RETAINED = {
    # months agreed -> leads kept; data end 2026-01-19, L1 was active on 2026-01-09
    "none": (None, ["L0", "L1", "L2", "L3", "L4"]),
    "one year": (12, ["L1", "L2", "L3", "L4"]),
    "long": (40, ["L0", "L1", "L2", "L3", "L4"]),
}


@pytest.mark.parametrize(("months", "kept"), RETAINED.values(), ids=RETAINED.keys())
def test_silent_leads_go_after_the_months_agreed(
    tmp_path: Path, months: int | None, kept: list[str]
) -> None:
    old = "L0,2023-06-01,web,old@north.example,5\n"
    folder = workspace(tmp_path, leads=LEADS + old, stages=STAGES + "L0,New,2023-06-01\n")
    if months:
        (folder / "agreement.yml").write_text(f"privacy: {{retention_months: {months}}}\n")
    ingest(folder)
    assert _ids(folder) == kept
    assert ("L0" in _ids(folder, "stages")) == ("L0" in kept)


def test_retention_that_is_no_number_is_told_with_its_line(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    (folder / "agreement.yml").write_text("privacy:\n  retention_months: two years\n")
    with pytest.raises(SmarketingError, match=r"agreement\.yml, line 2.*two years"):
        ingest(folder)
