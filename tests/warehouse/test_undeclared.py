"""Columns that nobody declared: no wording is kept, and the audit can judge them all the same."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pytest

from smarketing.errors import SmarketingError
from smarketing.warehouse.ingesting.run import ingest
from smarketing.warehouse.telling_words import OWN_TEXT, only_telling
from smarketing.warehouse.warehouse import Warehouse
from tests.exports import leads_only, workspace

LABELS = {
    "en": ("Full name", "Mobile", "Home address", "Birthday", "Call notes"),
    "da": ("Fulde navn", "Mobil", "Hjemmeadresse", "Fødselsdag", "Noter fra samtale"),
    "sv": ("Namn på person", "Mobilnr", "Hemadress", "Födelsedag", "Anteckningar"),
    "nb": ("Fullt navn", "Mobilnummer", "Hjemmeadresse", "Fødselsdag", "Notater"),
    "fi": ("Koko nimi", "Matkapuhelin", "Kotiosoite", "Syntymäpäivä", "Muistiinpanot"),
    "de": ("Ihr Name", "Handynr.", "Privatanschrift", "Geburtstag", "Gesprächsnotiz"),
    "nl": ("Volledige naam", "Mobiel nr", "Woonadres", "Verjaardag", "Gespreksnotitie"),
    "fr": ("Nom du contact", "Portable", "Domicile", "Né le", "Compte rendu"),
    "es": ("Persona", "Móvil", "Domicilio", "Cumpleaños", "Notas de llamada"),
    "it": ("Nominativo", "Cellulare", "Residenza", "Nato il", "Note sulla chiamata"),
    "pt": ("Nome da pessoa", "Telemóvel", "Residência", "Nascimento", "Notas da chamada"),
    "pl": ("Imię osoby", "Komórka", "Zamieszkanie", "Urodziny", "Notatki z rozmowy"),
}
"""Labels for a name, a telephone, an address, a birthday and a note; some that no list knows."""

FORMS = (
    "{}", "{} 2", "Person - {}", "x_{}", "{} (privat)", "Feld {}", "LEAD {}", "{}?", "c.{}",
    "{}__c", "Kontakt: {}", "{} / alt",
)  # fmt: skip


def cell(kind: int, who: int, form: int) -> str:
    """Return a made-up name, telephone, address, birthday or note of one of many people."""
    name = f"Zyx{who}ander Qwort{who}sen"
    phone = ("+45 99 {0:02d} 55 {0:02d}", "01 99 {0:02d} 55 {0:02d}", "0199{0:02d}55{0:02d}")[
        form % 3
    ]
    birth = ("19{0:02d}-03-12", "12.03.19{0:02d}", "03/12/19{0:02d}")[form % 3]
    return (
        name,
        phone.format(who % 100),
        f"Qwortstræde {who}, 9{who:03d} Zyxby",
        birth.format(40 + who % 50),
        f"{name} called back, wants a call on Friday",
    )[kind]


def people(seed: int) -> str:
    """Return an export whose every column but two is about people, each often or once."""
    draw = random.Random(seed)  # noqa: S311 - made-up data
    labels = [(form.format(label), kind, n) for own in LABELS.values()
              for kind, label in enumerate(own) for n, form in enumerate(FORMS)]  # fmt: skip
    unique = {label: (kind, n) for label, kind, n in labels}
    rows = ["\t".join(["Id", "Created", *unique])]
    often = {label: draw.choice([1, 10, 60]) for label in unique}
    for lead in range(120):
        cells = [
            cell(kind, lead // often[label], n) if draw.random() < 0.9 else ""
            for label, (kind, n) in unique.items()
        ]
        rows.append("\t".join([f"L{lead}", "2026-01-05", *cells]))
    return "\n".join(rows) + "\n"


def test_nothing_that_people_are_called_is_stored_whatever_the_label(tmp_path: Path) -> None:
    sources = leads_only().replace("file: raw/leads.csv", "file: raw/leads.csv\n    delimiter: tab")
    folder = workspace(tmp_path, sources, leads=people(0))
    ingest(folder)
    content = b"".join(
        file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "raw" not in file.parts
    )
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as con:
        text = str(con.execute("SELECT leads::VARCHAR FROM leads").fetchall())
        n = len(con.execute("FROM leads").description)
    assert n > 400
    wordings = {cell(kind, who, n) for kind in range(5) for who in range(120) for n in range(12)}
    wordings |= {"Zyxby", "Qwort", "ander", "Friday"}
    for stored in (text, content.decode("latin-1")):
        assert [wording for wording in sorted(wordings) if wording in stored] == []


def kept(tmp_path: Path, *cells: str, created: str = "2026-01-05") -> list[str | None]:
    """Return what is kept of the cells of an undeclared column."""
    rows = "".join(f'L{n},{created},"{one}"\n' for n, one in enumerate(cells))
    folder = workspace(tmp_path, leads_only(), leads=f"Id,Created,Anything\n{rows}")
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        leads = warehouse.table("leads").order_by("lead_id").execute()
    return [None if one != one or one is None else one for one in leads.Anything]


@pytest.mark.parametrize(
    "cells",
    [
        ("1200", "7", "-3.5"),
        ("12000000", "5000000", "250000000"),  # round: amounts, not telephones
        ("yes", "no", "yes"),
        ("2026-01-03", "2025-12-24", "2026-02-01"),
    ],
    ids=["numbers", "amounts", "answers", "dates"],
)
def test_numbers_answers_and_dates_are_kept(tmp_path, cells):
    assert kept(tmp_path, *cells) == list(cells)


@pytest.mark.parametrize(
    "cells",
    [
        ("12345678", "87654321", "12341234"),
        ("01 99 00 00 67", "01 99 00 00 68", "01 99 00 00 69"),
        ("1980-03-12", "1975-11-30", "1991-07-01"),
        ("Anna", "Bo", "Carla"),
    ],
    ids=["telephones", "with spaces", "birthdays", "names"],
)
def test_what_looks_like_a_person_is_not(tmp_path, cells):
    assert kept(tmp_path, *cells) == [OWN_TEXT] * 3


def test_a_text_that_comes_again_is_a_code_the_most_frequent_first(tmp_path):
    cells = ["Odense", "Aarhus", "Odense", "", "Odense", "Aarhus", "Vejle", "Vejle"]
    assert kept(tmp_path, *cells) == [
        "value 1", "value 2", "value 1", None, "value 1", "value 2", "value 3", "value 3",
    ]  # fmt: skip


def test_of_a_value_that_tells_only_the_words_that_tell_are_kept(tmp_path):
    cells = ["Closed by Anna Ekman"] * 3 + ["Anna's own words"] * 2
    assert kept(tmp_path, *cells) == ["value 1: Closed by …"] * 3 + ["value 2"] * 2


@pytest.mark.parametrize(
    ("wording", "left"),
    [
        ("Anna Ekman called back", "… called …"),
        ("won", "won"),
        ("Lost to EINS, see a.b@c.example", "Lost to …"),
        ("{x} not sure", "… not sure"),
    ],
)
def test_words_that_are_not_ours_are_dots(wording, left):
    assert only_telling(wording) == left


def test_two_exports_of_leads_share_their_codes(tmp_path):
    sources = """company: Made up
timezone: UTC
tables:
  leads:
    - {reader: csv, file: raw/leads.csv, columns: {lead_id: Id, created_at: Created}}
    - {reader: csv, file: raw/more.csv, columns: {lead_id: Id, created_at: Created}}
"""
    first = "Id,Created,City\nA,2026-01-01,Odense\nB,2026-01-01,Odense\nC,2026-01-01,Vejle\n"
    first += "D,2026-01-01,Vejle\n"
    second = "Id,Created,City\nE,2026-01-01,Vejle\nF,2026-01-01,Vejle\nG,2026-01-01,Ribe\n"
    second += "H,2026-01-01,Ribe\n"
    folder = workspace(tmp_path, sources, leads=first)
    (folder / "raw" / "more.csv").write_text(second)
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        city = warehouse.table("leads").execute().set_index("lead_id").City
    assert city["C"] == city["E"] == "value 2"
    assert city["A"] == "value 1"
    assert city["G"] == "value 3"


def test_a_declared_text_that_differs_everywhere_is_refused_unless_it_is_about_no_person(tmp_path):
    rows = "Id,Created,Page\n" + "".join(f"L{n},2026-01-01,page {n}\n" for n in range(30))
    sources = leads_only(attributes="{page: {column: Page, known: at_creation}}")
    folder = workspace(tmp_path, sources, leads=rows)
    with pytest.raises(SmarketingError, match="differs for nearly every lead") as error:
        ingest(folder)
    assert error.value.problems[0].line is not None
    assert not (folder / "warehouse.duckdb").exists()
    said = sources.replace("known: at_creation", "known: at_creation, personal: false")
    (folder / "sources.yml").write_text(said)
    ingest(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        assert warehouse.table("leads").execute().page.nunique() == 30


def test_a_declared_column_that_looks_like_people_is_refused(tmp_path):
    sources = leads_only(attributes="{who: {column: Prénom, known: at_creation}}")
    folder = workspace(tmp_path, sources, leads="Id,Created,Prénom\nL1,2026-01-01,Anna\n")
    with pytest.raises(SmarketingError, match=r"looks like personal data \(name\)"):
        ingest(folder)


def test_attributes_may_not_be_called_as_columns_of_the_ingest_nor_alike(tmp_path):
    attributes = "{_state: {column: A}, Role: {column: B}, role: {column: C}}"
    folder = workspace(
        tmp_path, leads_only(attributes=attributes), leads="Id,Created,A,B,C\nL1,2026-01-01,x,y,z\n"
    )
    with pytest.raises(SmarketingError) as error:
        ingest(folder)
    assert '"_state" is a name that the ingest needs' in str(error.value)
    assert '"role" and "Role" differ by case only' in str(error.value)


def test_undeclared_columns_called_as_columns_of_the_ingest_are_renamed(tmp_path):
    rows = "Id,Created,_state,_person,_ID\nL1,2026-01-01,1,2,3\nL2,2026-01-01,4,5,6\n"
    folder = workspace(tmp_path, leads_only(), leads=rows)
    assert ingest(folder).counts.accepted.tolist() == [2]
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        leads = warehouse.table("leads").order_by("lead_id").execute()
    assert leads["_state (2)"].tolist() == ["1", "4"]
    assert leads["_person (2)"].tolist() == ["2", "5"]
    assert leads["_ID (2)"].tolist() == ["3", "6"]


def test_a_short_key_keeps_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("SMARKETING_HASH_KEY", "short")
    sources = leads_only(attributes="{who: {column: Email, take: hash}}")
    folder = workspace(tmp_path, sources, leads="Id,Created,Email\nL1,2026-01-01,a@b.example\n")
    with pytest.raises(SmarketingError, match="too short to keep a secret") as error:
        ingest(folder)
    assert "short" not in str(error.value).replace("too short", "")
