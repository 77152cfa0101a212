"""A plan in other languages: nothing of it stays English, and Danish reads as Danes write."""

from __future__ import annotations

from datetime import date
from html import escape
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace as Bag

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from pseudo import speaking_pseudo, untranslated

from smarketing.agreement.reviews import review_reminder
from smarketing.errors import CannotAnswer
from smarketing.folder import Folder
from smarketing.language.numbers import SPACE
from smarketing.language.speaker import speaking
from smarketing.planning.goals.smart import check_goals
from smarketing.planning.lines.choice import ChosenLines
from smarketing.planning.lines.line_reasons import notes_on, verdict
from smarketing.planning.lines.margin import Money, Terms
from smarketing.planning.lines.whatif import LineWhatIf
from smarketing.planning.people.sales_half import sales_half
from smarketing.planning.people.speed import worth_of_speed
from smarketing.planning.people.staffing import people_needed
from smarketing.planning.recommendation import recommend
from smarketing.planning.volumes.bottleneck import find_bottleneck
from smarketing.planning.volumes.rate import Rate
from smarketing.planning.volumes.rules_of_thumb import cross_check
from smarketing.planning.volumes.simulate import Outlook, fixed
from smarketing.planning.volumes.sla_volumes import promise_volumes
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import KNOWN, made_up_company, write_warehouse

MONDAY = pd.Timestamp("2026-10-05 07:00")
CONTACT = Bag(share=0.95, within_hours=48, clock="business")
GOAL = {
    "name": "Alpha", "owner": "sales", "measure": "sales_ready", "target": 9, "by": "2027-09-30",
}  # fmt: skip
CARD = {
    "fit": {
        "cap": 50,
        "rules": [{"name": "Decides", "when": {"field": "job_role", "is": "cto"}, "points": 30}],
    },
    "engagement": {
        "cap": 50,
        "half_life_days": 30,
        "rules": [{"name": "Pricing", "event": "page_view", "points": 10, "at_most": 4}],
    },
}


def plain_words(texts: list[str], data: tuple[str, ...] = ()) -> list[str]:
    assert all(texts)
    return untranslated("<p>".join(escape(text) for text in texts), data)


def texts_of(picture) -> list[str]:
    picture.savefig(BytesIO())
    texts = [text.get_text() for text in picture.figure.findobj(Text)]
    return [picture.alt_text, *filter(None, texts)]


@pytest.mark.filterwarnings("ignore:Glyph")  # wide letters are not in the figures' font
def test_a_whole_recommendation_has_no_word_of_english_left(demo: Path):
    place = Folder.open(demo)
    agreement = place.agreement
    with speaking_pseudo(), place.warehouse() as warehouse:
        found = recommend(warehouse, agreement, by="persona", grades=True, resamples=2, draws=500)
        half = sales_half(warehouse, agreement)
        lines, volumes, groups = found.thresholds, found.volumes, found.groups
        asked = LineWhatIf.of(lines, agreement.currency)
        texts = [
            found.sentence, lines.why, *lines.notes, *lines.nearby["lines"],
            *volumes.sentences.values(), *volumes.words, *volumes.notes, *found.cannot.values(),
            *found.goals["words"], *found.smart.goals["words"],
            found.bottleneck.sentence, *found.bottleneck.rates["label"],
            *(t for c in ("form", "formula", "leaves_out") for t in found.cross_checks.checks[c]),
            found.forecast_backtest.sentence, groups.sentence, found.grades.sentence,
            *found.grades.policies["mql"], *found.grades.policies["sql"],
            *half.words, *half.staffing.notes, *half.speed.buckets["contacted"],
            asked.ask(mql=40, sql=70).words, asked.ask(mql=0, sql=0, closing=1).words,
            *texts_of(found.plot()), *texts_of(volumes.plot()),
        ]  # fmt: skip
    names = [*(goal.name for goal in agreement.goals), *groups.lines["group"], "persona"]
    assert found.forecast_backtest.enough
    assert plain_words(texts, names) == []


def company(tmp_path: Path, lacks: str) -> Path:
    """Write a small company's warehouse that lacks something."""
    tables = made_up_company(300, 9)
    if lacks == "dates":
        won = tables["stages"].query("stage == 'customer'")["lead_id"]
        leads = tables["leads"].drop(columns="created_at")
        tables = {"leads": leads.assign(outcome=leads["lead_id"].isin(won))}
    if lacks == "stages":
        tables["stages"] = tables["stages"].query("stage not in ['accepted', 'sales_ready']")
    return write_warehouse(tmp_path / "w.duckdb", tables, KNOWN, timezone="Europe/Copenhagen")


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("lacks", ["dates", "stages", "history"])
def test_what_cannot_be_answered_is_said_in_the_language_too(tmp_path, lacks):
    agreement = example_agreement(scorecard=CARD, valid_from=date(2026, 1, 1))
    at = pd.Timestamp("2025-02-10") if lacks == "history" else None
    with Warehouse.open(company(tmp_path, lacks)) as warehouse, speaking_pseudo():
        found = recommend(
            warehouse, agreement, as_of=at, resamples=0, draws=200, by="persona", grades=True
        )
        lines, volumes = found.thresholds, found.volumes
        texts = [
            *found.cannot.values(),
            *([] if lines is None else [*lines.notes, lines.why, *texts_of(lines.plot())]),
            *([] if volumes is None else [*volumes.notes, *volumes.words]),
        ]
    assert found.cannot
    assert plain_words(texts, ["persona"]) == []


def refused(ask, *args) -> str:
    with pytest.raises(CannotAnswer) as refusal:
        ask(*args)
    return str(refusal.value)


def quarter(leads: int = 20, rate: float = 0.25, **more) -> Outlook:
    return Outlook(fixed(leads), Rate.known(rate), amounts=np.array([40_000.0]), **more)


def sla(**sales) -> Bag:
    promised = {"customers_per_month": 5, "revenue_per_month": None, "first_contact": CONTACT}
    marketing = Bag(mqls_per_month=None, sales_ready_per_month=20, acceptance_rate=None)
    return Bag(
        currency="DKK", sla=Bag(confidence=0.8, marketing=marketing, sales=Bag(**promised | sales))
    )


def volumes(outlook: Outlook, **sales) -> list[str]:
    found = promise_volumes(outlook, sla(**sales), draws=200)
    return [*found.sentences.values(), *found.words]


def goal(chance: float | None, months_left: int = 3, **more) -> list[str]:
    agreement = example_agreement(goals=[GOAL | more])
    judged = pd.DataFrame([{"name": "Alpha", "chance": chance, "months_left": months_left}])
    return list(check_goals(agreement, judged, date(2026, 11, 1)).goals["words"])


def speed(*hours: float, won: tuple[bool, ...] = (True, False)) -> list[str]:
    return [worth_of_speed(pd.Series(hours), pd.Series(won)).sentence]


def staffing(**sales) -> list[str]:
    found = people_needed(pd.Series([MONDAY] * 40), example_agreement(sla__sales=sales))
    return [found.sentence, *found.notes]


def reasons(gain: float, fits: bool = True, dated: bool = True, low: float = 1) -> str:
    ones = np.ones((2, 2))
    money = Money(100 * ones, ones * fits, ones * fits)
    terms = Terms(1.0, 0, 0, 9, 9, dated=dated)
    choice = ChosenLines((0, 0), (1, 1), ((0.0, 0.0), (0.0, 0.0)), 0, gain, low, low)
    return verdict(choice, np.arange(2), money, terms, "DKK")[1]


CONTACTED = {"share": 0.9, "within_hours": 2}
FOLLOWED = {"share": 0.9, "attempts": 1, "within_days": 7}


@pytest.mark.parametrize(
    "say",
    [
        lambda: volumes(quarter(20, closing=20)),
        lambda: volumes(quarter(20, 0.0), first_contact=None),
        lambda: volumes(quarter(0)),
        lambda: volumes(quarter(26), revenue_per_month=1e6),
        lambda: goal(0.9),
        lambda: goal(0.3, owner="closing", by="2026-10-30"),
        lambda: goal(None),
        lambda: goal(None, 99, by="2026-10-01"),
        lambda: list(check_goals(OF_NOBODY, pd.DataFrame(), date(2026, 11, 1)).goals["words"]),
        lambda: [find_bottleneck(quarter(n, closing=n)).sentence for n in (0, 1, 20)],
        lambda: [find_bottleneck(quarter(closing=0)).sentence],
        lambda: list(cross_check(quarter(), 2e5, 4, 12, "DKK").checks["formula"]),
        lambda: [*speed(1, 2), *speed(90, 99), *speed(1, 99, won=(False, True))],
        lambda: [*speed(*[1] * 90, *[99] * 90, won=(True,) * 90 + (False,) * 90)],
        lambda: staffing(first_contact=CONTACTED | {"clock": "business"}),
        lambda: staffing(first_contact=CONTACTED, follow_up=FOLLOWED),
        lambda: [refused(staffing), refused(speed)],
        lambda: [reasons(9.0), reasons(9.0, dated=False), reasons(0.1)],
        lambda: [reasons(9.0, low=-1), reasons(-9.0, fits=False), reasons(9.0, fits=False)],
        lambda: [*notes_on(Terms(1, 0, 0, 9, 9, dated=False), (0, 2), 2)],
        lambda: [*notes_on(Terms(1, 0, 0, 9, 0), (0, 2), 2), *notes_on(ROOMY, (2, 2), 2)],
        lambda: [review_reminder(example_agreement(), date(2027, 1, day)) for day in (2, 15)],
    ],
)  # fmt: skip
def test_every_way_to_say_it_is_in_the_language(say):
    with speaking_pseudo():
        texts = say()
    assert plain_words(texts, ["Alpha", "nobody"]) == []


TWICE = Bag(**GOAL | {"owner": "nobody", "by": date(2026, 10, 2)})
OF_NOBODY = Bag(
    goals=(TWICE, TWICE), owners={}, sla=Bag(confidence=0.8), valid_from=date(2026, 12, 5)
)
ROOMY = Terms(1, 0, 0, np.inf, np.inf)


@pytest.mark.parametrize(
    ("say", "danish"),
    [
        (
            lambda: volumes(quarter(26))[0],
            (
                "Hver måned overdrager marketing mindst 26 salgsklare leads, og salg kontakter "
                "95 % af dem inden for 48 arbejdstimer; salg vinder 5 kunder til en gennemsnitlig "
                "værdi af 40.000 kr. i 8 ud af 10 måneder."
            ),
        ),
        (
            lambda: find_bottleneck(quarter(25, 0.125), None, 0.8, 24_000, "DKK").sentence,
            (
                "Flaskehalsen er vundne overdragelser: et procentpoint mere end 12,5 % giver 0,25 "
                "kunder mere om måneden, 6.000 kr. i dækningsbidrag."
            ),
        ),
        (
            lambda: goal(0.31, by="2027-09-30", measure="mqls")[0],
            "Alpha er ikke SMART: det nås med en sandsynlighed på 31 %, 80 % er aftalt.",
        ),
        (
            lambda: staffing(first_contact=CONTACTED, follow_up=FOLLOWED)[0],
            (
                "90 % kontaktet inden for 2 timer og 1 forsøg på 7 dage for 90 % kræver 37 "
                "medarbejdere; 4 er aftalt: 33 for lidt."
            ),
        ),
        (
            lambda: reasons(12_345.0, low=1),
            "De anbefalede grænser giver 12.300 kr. mere om måneden end de nuværende.",
        ),
        (
            lambda: review_reminder(example_agreement(), date(2027, 1, 2)),
            "Aftalen skulle have været gennemgået senest 2027-01-01: det er 1 dag for sent.",
        ),
    ],
)
def test_danish_sentences_read_as_danes_write(say, danish):
    with speaking("da"):
        assert say().replace(SPACE, " ") == danish


def test_words_on_promises_and_on_the_goal_are_apart_in_any_language():
    with speaking("da"):
        found = promise_volumes(quarter(20), sla(), draws=200)
    assert [text.split(" om måneden")[0] for text in found.of_promises] == [
        "20 salgsklare leads",
        "5 kunder",
    ]
    assert found.of_goal == (found.words[-1],)
    assert "kræver 26 salgsklare leads" in found.of_goal[0]
