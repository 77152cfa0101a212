"""Privacy: no person reaches the warehouse's file, whatever the columns are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.privacy import keyed_hash, personal_kind
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import leads_only, workspace

KINDS = {
    "e-mail": ["Email", "E-mail", "Work email", "email_address", "EMAIL"],
    "phone": ["Phone Number", "MobilePhone", "Mobile Phone Number", "Fax", "phone__c", "Telefon"],
    "name": ["First Name", "LASTNAME", "Name", "Full Name", "Efternavn", "contact_name"],
    "address": ["Street Address", "Street", "MailingStreet", "Address"],
    "birth": ["Date of birth"],
    "profile": ["LinkedIn", "LinkedIn Bio", "Skype", "Twitter handle"],
    "free text": ["Message", "Notes", "Description", "Notes (internal)", "Bemærkninger"],
    None: [
        "Company Name", "Campaign name", "Email Domain", "Do Not Email", "Marketing emails opened",
        "Last marketing email name", "Job Title", "Country", "Number of Employees", "Record ID",
        "Opted out of email: One to One", "City", "Buying signal", "Facebook Click Id",
        "Nom de l'entreprise", "Nombre de la empresa", "Firmenname", "Owner",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("label", "kind"), [(label, kind) for kind, labels in KINDS.items() for label in labels]
)
def test_labels_that_announce_personal_data(label: str, kind: str | None) -> None:
    assert personal_kind(label) == kind


ROWS = (
    "Id,Created,First Name,Email,Phone Number,Custom 7,Custom 8,City\n"
    "L1,2026-01-01,Annabella,Annabella.Jensen@North.example,+45 12345678,,,Odense\n"
    "L2,2026-01-02,Bertramina,,,write to bertramina@south.example,+45 87 65 43 21,Aarhus\n"
)
PEOPLE = (b"Annabella", b"annabella", b"ertramina", b"12345678", b"87 65 43")
ATTRIBUTES = (
    "{email_domain: {column: Email, take: domain, known: at_creation},"
    " person: {column: Email, take: hash, known: undeclared},"
    " phone_known: {column: Phone Number, take: present, type: boolean, known: at_creation}}"
)


def test_no_person_is_in_the_file(tmp_path: Path) -> None:
    folder = workspace(tmp_path, leads_only(attributes=ATTRIBUTES), leads=ROWS)
    report = ingest(folder)
    content = (folder / "warehouse.duckdb").read_bytes()
    assert b"Odense" not in content
    assert not [person for person in PEOPLE if person in content]
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        leads = warehouse.table("leads").execute()
    assert leads.email_domain.fillna("").tolist() == ["north.example", ""]
    assert leads.phone_known.tolist() == [True, False]
    assert leads.person[0] == keyed_hash("annabella.jensen@north.example", b"test")
    told = " ".join(report.notes)
    for label in ("First Name (name)", "Custom 7 (e-mail)", "Custom 8 (e-mail)"):
        assert label in told


def test_an_address_as_id_becomes_its_hash(tmp_path: Path) -> None:
    sources = leads_only().replace("lead_id: Id", "lead_id: Email")
    rows = ROWS.replace("2026-01-02,Bertramina,,", "2026-01-02,Bertramina,b@south.example,")
    folder = workspace(tmp_path, sources, leads=rows)
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        ids = set(warehouse.table("leads").lead_id.execute())
    assert keyed_hash("b@south.example", b"test") in ids


def test_a_hash_needs_a_key_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMARKETING_HASH_KEY", raising=False)
    sources = leads_only(attributes=ATTRIBUTES)
    folder = workspace(tmp_path, sources.replace("public_hash_key: test\n", ""), leads=ROWS)
    with pytest.raises(SmarketingError, match=r"sources\.yml, line \d+: .*SMARKETING_HASH_KEY"):
        ingest(folder)
    monkeypatch.setenv("SMARKETING_HASH_KEY", "a long random secret")
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        person = warehouse.table("leads").execute().person[0]
    assert person == keyed_hash("annabella.jensen@north.example", b"a long random secret")


def test_addresses_in_free_text_of_events_are_blotted_out(tmp_path: Path) -> None:
    sources = leads_only() + (
        "  events:\n    reader: csv\n    file: raw/calls.csv\n"
        "    columns: {lead_id: Id, occurred_at: At, subject: Subject}\n"
        "    constants: {actor: sales, kind: call}\n"
    )
    calls = "Id,At,Subject\nL1,2026-01-03,Called bo@south.example again\n"
    folder = workspace(tmp_path, sources, leads=ROWS, calls_csv=calls)
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        subjects = warehouse.table("events").subject.execute().tolist()
    assert subjects == ["Called (e-mail address) again"]
