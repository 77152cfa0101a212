"""What the funnel's room says is said in the language of the page, and only the data is not."""

from __future__ import annotations

from html import escape

import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.folder import Folder
from smarketing.funnel.claims.growth import bar_moves
from smarketing.funnel.closed_loop import closed_loop
from smarketing.funnel.flow.loss_reasons import GROUPS, NO_REASON, reasons
from smarketing.funnel.flow.nurture import nurture
from smarketing.funnel.wording import in_text
from smarketing.language.catalogue import tr
from smarketing.language.numbers import SPACE
from smarketing.language.speaker import speaking
from smarketing.measures.reading import read_facts
from smarketing.scoring.population import build_population, grades_of
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import made_up_company, write_warehouse
from tests.figure_texts import texts_of
from tests.pseudo import speaking_pseudo, untranslated

FILES = ["sources.yml", "agreement.yml", "country, hours, days", "elapsed", "DKK", "sales_ready"]
MONTH = "2026-10"


@pytest.fixture(scope="module")
def place(demo):
    return Folder.open(demo)


@pytest.fixture(scope="module")
def grades(place):
    with place.warehouse() as warehouse:
        return grades_of(build_population(warehouse, place.agreement))


def told_by(place, grades, month=MONTH):
    with place.warehouse() as warehouse:
        return closed_loop(warehouse, place.agreement_for(month), month, grades)


@pytest.fixture(scope="module")
def pseudo(place, grades):
    with speaking_pseudo():
        return told_by(place, grades)


@pytest.fixture(scope="module")
def danish(place, grades):
    with speaking("da"):
        return told_by(place, grades)


def words(texts, data=()):
    return untranslated("<p>" + escape("\n".join(map(str, texts)).replace("_", " ")) + "</p>", data)


def names_of(loop):
    told = loop.campaigns.table
    return [*told.name, *told.campaign_id, *told.channel.dropna()]


def sentences_of(loop):
    """Return all that a closed loop says in words, but for figures."""
    yield from loop.cannot.values()
    yield from [*loop.stages.left_out.values(), *loop.stages.notes]
    yield from (promise.note for promise in loop.sla.promises)
    for claim in loop.claims.claims:
        yield from (claim.claim, claim.sentence)
    yield from loop.claims.cannot.values()
    yield loop.growth.sentence
    yield from loop.key_figures.table.counted
    yield from loop.key_figures.cannot.values()
    yield from [*loop.campaigns.notes, *loop.campaigns.table.remark]
    yield from [*loop.campaigns.attributed().name, *loop.campaigns.models.table.remark]
    for content in (loop.content, loop.nurture_content):
        yield from (content.who, content.others, *content.table.remark)
    yield from [*loop.oddities.what, *loop.oddities.answer]
    yield from [*loop.losses.table.what, *loop.losses.cannot.values()]


def test_a_whole_month_of_the_demo_is_translated(pseudo):
    with speaking_pseudo():
        assert words(sentences_of(pseudo), [*names_of(pseudo), *FILES]) == []
    assert {claim.verdict for claim in pseudo.claims.claims} <= {
        "supported", "contradicted", "cannot tell"}  # fmt: skip


@pytest.mark.parametrize("part", ["stages", "trend", "sla", "campaigns"])
def test_figures_are_translated_to_the_last_tick(pseudo, part):
    with speaking_pseudo():
        assert words(texts_of(getattr(pseudo, part).plot()), names_of(pseudo)) == []


def test_codes_stay_as_they_are_in_every_language(pseudo, danish):
    for loop in (pseudo, danish):
        assert set(loop.stages.counts.stage) >= {"lead", "mql", "sales_ready", "customer"}
        assert {promise.verdict for promise in loop.sla.promises} <= {
            "kept", "broken", "pending", "not agreed", "no data"}  # fmt: skip
        assert set(loop.key_figures.table.unit) <= {"share", "days", "DKK"}
    assert pseudo.campaigns.attribution == danish.campaigns.attribution


def test_groups_without_a_name_have_words_to_be_shown_by():
    with speaking("da"):
        shown = [tr(name) for name in [*GROUPS.values(), NO_REASON]]
    assert shown == [
        "(ingen kilde)", "(ingen kampagne)", "(ingen persona)", "(ingen karakter)", "(ingen ejer)",
        "(ingen grund)",
    ]  # fmt: skip


def cannot(ask, *args):
    with pytest.raises(CannotAnswer) as reason:
        ask(*args)
    return str(reason.value)


def test_what_bare_tables_cannot_say_is_translated(tmp_path):
    whole = made_up_company()
    leads = {"leads": whole["leads"].assign(campaign_id=None)}
    stages = whole["stages"]
    agreement = example_agreement()
    said = []
    with speaking_pseudo():
        for place, tables in enumerate(
            [
                leads | {"stages": stages[stages.stage == "lead"]},
                leads | {"stages": stages[stages.stage.isin(["lead", "customer"])]},
                whole,
            ]
        ):
            file = write_warehouse(tmp_path / f"{place}.duckdb", tables)
            with Warehouse.open(file) as warehouse:
                loop = closed_loop(warehouse, agreement)
                facts = read_facts(warehouse, agreement)
                said += [*loop.cannot.values(), *loop.stages.left_out.values()]
                said += [promise.note for promise in loop.sla.promises]
                said += [*loop.key_figures.cannot.values()]
                said += [] if loop.claims is None else [*loop.claims.cannot.values()]
                if "mql" not in facts.recorded:
                    said += [cannot(bar_moves, facts), cannot(nurture, facts)]
        assert len(said) > 25
        assert words(said, [*FILES, *whole, "visits", "spend", "deals", "campaigns"]) == []


def test_leads_without_dates_say_what_they_cannot_in_the_language_of_the_page(tmp_path):
    leads = pd.DataFrame({"lead_id": ["1", "2"], "outcome": [True, False]})
    file = write_warehouse(tmp_path / "w.duckdb", {"leads": leads}, has_time="false")
    with Warehouse.open(file) as warehouse:
        with speaking_pseudo():
            assert words(closed_loop(warehouse, example_agreement()).cannot.values()) == []
        with speaking("da"):
            loop = closed_loop(warehouse, example_agreement())
    assert loop.cannot["velocity"] == (
        "Det kan ikke siges, hvor lang tid leads er om det: leadene har ingen datoer."
    )


def test_reasons_are_not_sought_in_months_without_any(place):
    with place.warehouse() as warehouse:
        facts = read_facts(warehouse, place.agreement)
    with speaking("da"):
        assert cannot(reasons, facts, "1999-01", "1999-02") == (
            "intet lead blev givet tilbage, og ingen handel tabt, fra 1999-01 til 1999-02."
        )


def test_danish_sentences_have_danish_order_and_numbers(danish):
    with speaking("da"):
        assert in_text("mql") == "MQL'er"
        assert in_text("sales_ready") == "salgsklare leads"
        claims = {claim.name: claim for claim in danish.claims.claims}
        assert claims["leads_got_worse"].claim == "Leadene er blevet dårligere"
        said = claims["leads_got_worse"].sentence.replace(SPACE, " ")
        assert "overdragelser (jun.–sep. 2026) blev " in said
        assert "for alle kilder under ét" in said
        assert "," in said.split("%")[0]
        assert danish.growth.sentence.startswith("MQL'er ")
        message = texts_of(danish.stages.plot())
    assert any(text.startswith("Tragten for leads fra 2026-10: Leads ") for text in message)
