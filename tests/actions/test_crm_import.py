"""Import files: what HubSpot and Salesforce take, line by line."""

from __future__ import annotations

import csv
import json
import re
import shutil

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

from smarketing.actions.crm_import import CRMS, LONGEST, crm_import
from smarketing.cli.shared import app
from smarketing.errors import CannotAnswer
from smarketing.folder import Folder
from smarketing.row_files import write_rows
from smarketing.scoring.scores import Scores
from smarketing.warehouse.crm_ids import crm_ids

HEADERS = {
    "hubspot": [
        "Record ID",
        "Smarketing score",
        "Smarketing grade",
        "Smarketing reasons for",
        "Smarketing reasons against",
    ],
    "salesforce": [
        "Id",
        "Smarketing_Score__c",
        "Smarketing_Grade__c",
        "Smarketing_Reasons_For__c",
        "Smarketing_Reasons_Against__c",
    ],
}
IDS = {"hubspot": r"\d{6}", "salesforce": r"00Q[A-Za-z0-9]{15}"}


@pytest.fixture(scope="module")
def space(demo):
    return Folder.open(demo)


def scored(*rows: tuple) -> Scores:
    columns = ["lead_id", "score", "grade", "reasons_for", "reasons_against"]
    return Scores(pd.DataFrame(rows, columns=columns), "agreed", None)


def in_salesforce(demo) -> dict[str, str]:
    """Return each Salesforce id with the HubSpot id that the export writes beside it."""
    with duckdb.connect() as con:
        path = demo / "raw" / "salesforce" / "Lead.csv.gz"
        rows = con.execute(
            f"SELECT Id, HubSpot_Contact_Id__c FROM read_csv('{path}', all_varchar = true)"
        )
        return dict(rows.fetchall())


@pytest.mark.parametrize("crm", list(CRMS))
def test_every_line_is_one_the_crm_takes(demo, space, tmp_path, crm):
    path, rows = tmp_path / "import.csv", tmp_path / "rows.parquet"
    said = CliRunner().invoke(
        app, ["score", str(demo), "--for", crm, "-o", str(path), "--json"], catch_exceptions=False
    )
    CliRunner().invoke(app, ["score", str(demo), "-o", str(rows)], catch_exceptions=False)
    leads = pd.read_parquet(rows).set_index("lead_id")
    text = path.read_bytes()
    assert not text.startswith(b"\xef\xbb\xbf")  # Salesforce's loader takes it for a header
    assert b"\r" not in text
    header, *lines = csv.reader(text.decode("utf-8").splitlines())
    assert header == HEADERS[crm]
    own = in_salesforce(demo)
    seen = set()
    for record, score, grade, good, bad in lines:
        assert re.fullmatch(IDS[crm], record)
        assert record not in seen
        seen.add(record)
        lead = leads.loc[record if crm == "hubspot" else own[record]]
        assert (int(score), grade) == (lead.score, lead.grade)
        assert lead.reasons_for.startswith(good)
        assert lead.reasons_against.startswith(bad)
        assert max(len(good), len(bad)) <= LONGEST
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in (good, bad))
    told = json.loads(said.stdout)["import"]
    assert told["n"] == len(lines) > 200
    assert len(lines) + sum(told["left_out"].values()) == len(leads)
    assert bool(told["left_out"]) == (crm == "salesforce")


def test_left_out_are_leads_without_a_record(demo, space):
    own = in_salesforce(demo)
    record, known = next(iter(own.items()))
    file = crm_import(
        space, scored((known, 7, "C3", "", ""), ("1", 50, "A1", "", "")), "salesforce"
    )
    assert file.frame()["Id"].tolist() == [record]
    assert file.left_out == {"no record of salesforce is known for them": 1}


def test_no_lead_at_all_is_an_answer_too(space):
    with pytest.raises(CannotAnswer, match="known as a record of salesforce"):
        crm_import(space, scored(("1", 50, "A1", "", "")), "salesforce")


def test_long_reasons_end_with_a_whole_one_and_formulas_are_neutralised(space, demo, tmp_path):
    known = next(iter(in_salesforce(demo).values()))
    many = "; ".join(f"Reason number {i} +1" for i in range(30))
    file = crm_import(space, scored((known, 7, "C3", many, "=HYPERLINK(1) -3")), "hubspot")
    row = file.frame().iloc[0]
    assert many.startswith(row["Smarketing reasons for"] + "; ")
    assert LONGEST - 25 < len(row["Smarketing reasons for"]) < LONGEST
    text = write_rows(file.frame(), tmp_path / "f.csv").read_text()
    assert "'=HYPERLINK(1) -3" in text


class TestRecords:
    @pytest.fixture
    def joined(self, demo, tmp_path):
        """Return a workspace in which HubSpot's contacts meet Salesforce's leads."""
        for name in ("sources.yml", "agreement.yml", "warehouse.duckdb"):
            shutil.copy(demo / name, tmp_path / name)
        raw = tmp_path / "raw" / "salesforce"
        raw.mkdir(parents=True)
        with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
            a, b, c = (r[0] for r in con.execute("SELECT lead_id FROM leads LIMIT 3").fetchall())
            con.execute("CREATE TABLE IF NOT EXISTS _merged(gone VARCHAR, kept VARCHAR)")
            con.execute("INSERT INTO _merged VALUES ('999', ?)", [c])
        lines = [
            ("00Q00000000000a", a, "false", "false"),  # 15 letters
            ("00Q00000000000BEAQ", a, "false", "true"),
            ("00Q00000000000CEAQ", b, "true", "false"),
            ("00Q00000000000DEAQ", "999", "false", "false"),  # merged into c
        ]
        pd.DataFrame(
            lines, columns=["Id", "HubSpot_Contact_Id__c", "IsDeleted", "IsConverted"]
        ).to_csv(raw / "Lead.csv.gz", index=False)
        return Folder.open(tmp_path), (a, b, c)

    def test_are_found_by_look_up_with_what_became_of_them(self, joined):
        space, (a, b, c) = joined
        with space.warehouse() as warehouse:
            ids = crm_ids(space.path, space.sources, "salesforce", warehouse)
        found = {
            row.record_id: (row.lead_id, row.deleted, row.converted) for row in ids.itertuples()
        }
        assert found == {
            "00Q00000000000aEAA": (a, False, False),
            "00Q00000000000BEAQ": (a, False, True),
            "00Q00000000000CEAQ": (b, True, False),
            "00Q00000000000DEAQ": (c, False, False),
        }

    def test_deleted_ones_are_left_out(self, joined):
        space, (a, b, c) = joined
        rows = [(lead, 7, "C3", "", "") for lead in (a, b, c)]
        file = crm_import(space, scored(*rows), "salesforce")
        assert file.frame()["Id"].tolist() == ["00Q00000000000DEAQ", "00Q00000000000aEAA"]
        assert file.left_out == {"deleted in salesforce": 1}


def test_a_file_is_needed(demo):
    said = CliRunner().invoke(app, ["score", str(demo), "--for", "hubspot"])
    assert said.exit_code != 0
