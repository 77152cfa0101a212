"""Reading the agreement: what is right loads, what is wrong is told all at once, by line."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from smarketing.agreement.conditions import FieldTest, free_mail
from smarketing.agreement.load import check_agreement, load_agreement
from smarketing.errors import SmarketingError
from smarketing.yamlfile import plain_types
from tests.agreements import EXAMPLE, example_agreement


def load(tmp_path, text):
    path = tmp_path / "agreement.yml"
    path.write_text(text, encoding="utf-8")
    return load_agreement(path)


def problems_of(tmp_path, *changes):
    text = EXAMPLE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    with pytest.raises(SmarketingError) as caught:
        load(tmp_path, text)
    return caught.value.problems, text


def line_of(text, part):
    return text[: text.index(part)].count("\n") + 1


def test_the_example_reads_as_written(tmp_path):
    agreement = load(tmp_path, EXAMPLE)
    assert agreement.version == 3
    assert agreement.valid_from == date(2026, 10, 1)
    assert agreement.calendar.opens == timedelta(hours=9)
    assert agreement.calendar.closes == timedelta(hours=17)
    assert agreement.capacity.closing.leads_per_month == 48
    assert agreement.grades.engagement == {1: 35, 2: 15}
    assert agreement.scorecard.fit.rules[0].name == "IT decision maker"
    assert agreement.scorecard.fit.rules[2].when == FieldTest(
        "email_domain", "in", free_mail(), "free_mail"
    )
    assert list(agreement.scorecards) == ["agreed"]
    assert agreement.snapshots.first_after_hours == 24
    assert agreement.snapshots.every_days == 7
    assert agreement.snapshots.until == "handover"


def test_what_was_read_is_written_in_the_same_form():
    agreement = example_agreement()
    written = agreement.to_dict()
    assert check_agreement(written) == agreement
    assert "snapshots" not in written
    assert written["scorecard"]["fit"]["rules"][2]["when"] == {
        "field": "email_domain",
        "in": "$free_mail",
    }
    assert written["scorecard"]["engagement"]["rules"][0] == {
        "name": "Pricing page",
        "points": 8,
        "event": "page_view",
        "subject": "/pricing*",
        "at_most": 3,
    }


def test_several_scorecards_stand_by_name():
    card = example_agreement().scorecard.to_dict()
    agreement = example_agreement(scorecard=None, scorecards={"crm": card, "erp": card})
    assert list(agreement.scorecards) == ["crm", "erp"]
    assert agreement.scorecard == agreement.scorecards["crm"]
    assert check_agreement(agreement.to_dict()) == agreement


def test_a_learned_card_has_no_caps_and_a_calibration():
    card = {
        "fit": {
            "cap": None,
            "rules": [{"name": "a", "when": {"field": "x", "is": 1}, "points": 3}],
        },
        "engagement": {"cap": None, "rules": []},
        "calibration": {"intercept": -3.5, "slope": 0.1},
    }
    agreement = example_agreement(scorecard=card)
    assert agreement.scorecard.to_dict() == card


def test_blocks_that_a_company_has_no_answer_to_are_left_out():
    optional = ("calendar", "review", "stages", "handover", "recycle", "buying_group", "personas")
    agreement = example_agreement(
        **dict.fromkeys((*optional, "sla", "goals")), capacity__qualification=None
    )
    assert agreement.sla.confidence == 0.8
    assert agreement.sla.sales is None
    assert agreement.sla.marketing is None
    assert agreement.capacity.qualification is None
    assert agreement.handover.reject_reasons == ()
    assert agreement.stages == {}


def test_five_mistakes_are_five_problems_each_with_its_line(tmp_path):
    problems, text = problems_of(
        tmp_path,
        ("currency: DKK", "currency: KRONER"),
        ("max_days: 5}", "max_day: 5}"),
        ("between: [50, 500]", "betwen: [50, 500]"),  # codespell:ignore
        ("score: 65,", "score: 35,"),
        ("share: 0.95,", "share: 95,"),
    )
    marks = (
        "currency: KRONER",
        "max_day: 5}",
        "betwen:",  # codespell:ignore
        "score: 35,",
        "share: 95,",
    )
    assert [problem.line for problem in problems] == [line_of(text, mark) for mark in marks]
    assert all(problem.file == "agreement.yml" for problem in problems)
    assert "did you mean max_days?" in problems[1].what
    assert "did you mean between?" in problems[2].what
    assert "below the MQL line" in problems[3].what
    assert problems[4].allowed == "at most 1.0"


MISTAKES = [
    ("version: 3", "version: three", "a whole number is needed", "'three'"),
    ("version: 3", "version: true", "a whole number is needed", "True"),
    ("version: 3", "version: 0", "too small", "0"),
    ("version: 3\n", "", "version: this key is missing", None),
    ("valid_from: 2026-10-01", "valid_from: soon", "a date is needed", "'soon'"),
    (
        "timezone: Europe/Copenhagen",
        "timezone: Europe/Copenhagn",
        "Europe/Copenhagen?",
        "'Europe/Copenhagn'",
    ),
    (
        "timezone: Europe/Copenhagen",
        "timezone: ../etc/passwd",
        "time zone is not known",
        "'../etc/passwd'",
    ),
    ("country: DK", "country: DEN", "holidays are not known", "'DEN'"),
    ('"09:00-17:00"', '"9-17"', "hours cannot be read", "'9-17'"),
    ('"09:00-17:00"', '"17:00-09:00"', "ends before it starts", "'17:00-09:00'"),
    ("thu, fri]", "thu, friday]", "not known", "'friday'"),
    ("thu, fri]", "thu, thu]", "twice", "['mon', 'tue', 'wed', 'thu', 'thu']"),
    ("language: en", "language: dk", "not known", "'dk'"),
    ("mql:         {owner: qualification", "mqll: {owner: qualification", "mean mql?", "'mqll'"),
    ("{owner: qualification,", "{owner: qualifiers,", "mean qualification?", "'qualifiers'"),
    ("measure: revenue", "measure: revenu", "not known", "'revenu'"),
    ("name: Revenue, owner: sales", "name: Revenue, owner: boss", "no team or desk", "'boss'"),
    ("recycle: {cool_down_days: 60}", "recycle: 60", "keys and values are needed", "60"),
    (
        "name: Mid-sized company",
        "name: IT decision maker",
        "another rule has this name",
        "'IT decision maker'",
    ),
    ("points: 15}", "points: ten}", "a whole number is needed", "'ten'"),
    ("points: 15}", "points: 1.5}", "whole number", "1.5"),
    ("points: 15}", "points: 15, persona: boss}", "no persona has this name", "'boss'"),
    ("at_most: 3}", "at_most: 0}", "too small", "0"),
    ('"/pricing*"', '"/pri*ing"', "* only at its start", "'/pri*ing'"),
    ("event: demo_request, ", "", "does neither", "'Demo request'"),
    (
        "event: demo_request, ",
        "event: demo_request, when: {field: a, is: 1}, ",
        "not both",
        "'Demo request'",
    ),
    (
        "when: {field: employees, between: [50, 500]}",
        "event: visit",
        "engagement, not fit",
        "'visit'",
    ),
    ("when: {field: employees, between: [50, 500]}", "when: yes", "keys and values", "'yes'"),
    ("between: [50, 500]", "between: [500, 50]", "wrong way round", "[500, 50]"),
    ("between: [50, 500]", "at_least: .nan", "takes a number", "nan"),
    ("in: $free_mail", "in: $freemail", "mean $free_mail?", "'$freemail'"),
    ("    cap: 50\n    half_life_days: 14", "    cap: 50\n    half_life_days: 0", "small", "0"),
    (
        "    cap: 50\n    half_life_days: 14",
        "    half_life_days: 14",
        "cap: this key is missing",
        None,
    ),
    ("target: sql,", "target: mql,", "comes after the MQL line", "'mql'"),
    ("target: sql,", "target: sqll,", "not known", "'sqll'"),
    ("fit_at_least: 20,", "fit_at_least: 51,", "fit is capped", "51"),
    ("fit_at_least: 20,", "fit_at_least: 10,", "below the MQL line", "10"),
    ("score: 65,", "score: 101,", "caps add up to 100", "101"),
    ("{A: 35, B: 20}", "{A: 20, B: 35}", "do not fall", "35"),
    ("{A: 35, B: 20}", "{A: 35}", "bound of B is missing", None),
    ("{A: 35, B: 20}", "{A: 35, b: 20}", "not known", "'b'"),
    ("{1: 35, 2: 15}", '{"1": 35, 2: 15}', "not known", "'1'"),
    ("{1: 35, 2: 15}", "{1: 55, 2: 15}", "engagement is capped", "55"),
    ("margin_share: 0.6", "margin_share: 60", "too large", "60"),
    ("  confidence: 0.8\n", "  confidence: 1\n", "too large", "1"),
    ("clock: business", "clock: office", "not known", "'office'"),
    ("  confidence: 0.8\n", "  confidence: .nan\n", "a number is needed", "nan"),
    ('"qualify or give back"', "qualify, or give back", "a comma in it needs quotes", None),
    ("review: {", "on: {", "on: this key is not known", None),
    ("{within_days: 90}", "{within_days: -1}", "too small", "-1"),
    ("  closing:       {people: 4,", "  closing:       {people: 0,", "too small", "0"),
    ("marketing: Marketing operations lead", "marketing: 3", "a text is needed", "3"),
]


@pytest.mark.parametrize(("old", "new", "what", "found"), MISTAKES)
def test_one_mistake_is_one_problem_on_its_line(tmp_path, old, new, what, found):
    problems, _ = problems_of(tmp_path, (old, new))
    assert len(problems) == 1, "\n".join(map(str, problems))
    assert what in str(problems[0])
    assert problems[0].found == found
    if "this key is missing" not in what:
        first = line_of(EXAMPLE, old)
        assert first <= problems[0].line <= first + old.count("\n")


def test_yaml_reads_no_and_numbers_as_a_person_means_them(tmp_path):
    text = EXAMPLE.replace("in: [it_manager, cto]}, points: 20", "in: [no, yes, 7]}, points: 20")
    rule = load(tmp_path, text).scorecard.fit.rules[0]
    assert rule.when.value == ("no", "yes", 7)
    assert load(tmp_path, EXAMPLE.replace("country: DK", "country: NO")).calendar.country == "NO"


def test_one_scorecard_or_several_but_one_of_them(tmp_path):
    with pytest.raises(SmarketingError, match="the scorecard is missing"):
        example_agreement(scorecard=None)
    card = example_agreement().scorecard.to_dict()
    with pytest.raises(SmarketingError, match="not both"):
        example_agreement(scorecards={"a": card})


def test_business_hours_need_a_calendar():
    with pytest.raises(SmarketingError, match="the business clock needs a calendar"):
        example_agreement(calendar=None)


def test_own_lists_are_known_to_conditions():
    rules = [{"name": "a", "when": {"field": "country", "in": "$nordic"}, "points": 60}]
    agreement = example_agreement(
        lists={"nordic": ["DK", "SE"]}, scorecard__fit={"cap": 50, "rules": rules}
    )
    assert agreement.scorecard.fit.rules[0].when.value == ("DK", "SE")


def test_a_mistake_in_a_list_is_told_once():
    rules = [{"name": "a", "when": {"field": "country", "in": "$nordic"}, "points": 60}]
    with pytest.raises(SmarketingError) as caught:
        example_agreement(lists={"nordic": ["DK", 46]}, scorecard__fit={"cap": 50, "rules": rules})
    assert [problem.what for problem in caught.value.problems] == [
        "lists.nordic.1: a text is needed"
    ]


@pytest.mark.parametrize("content", [{}, {"version": 3}, {"lines": 5, "grades": [], "sla": "x"}])
def test_anything_at_all_is_answered_with_problems(content):
    with pytest.raises(SmarketingError) as caught:
        check_agreement(content)
    assert len(caught.value.problems) > 5


@pytest.mark.parametrize(
    "text", ["a: &a [*a]\n", "? [a, b]\n: 1\n", "{? {a: 1} : 2}\n", "3: 1\n", "lists: {$a: [1]}\n"]
)
def test_odd_yaml_is_answered_with_problems(tmp_path, text):
    with pytest.raises(SmarketingError):
        load(tmp_path, text)


def places(content, path=()):
    yield path
    items = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in items if isinstance(content, (dict, list)) else ():
        if isinstance(value, (dict, list)):
            yield from places(value, (*path, key))
        else:
            yield (*path, key)


CONTENT = plain_types(YAML().load(EXAMPLE))
SCALARS = [None, True, -1, 0, 3, 10**9, 0.5, float("nan"), "", "x", "$x", date(2026, 1, 1)]
BLOCKS = [[], ["a"], [1, 2], [None], [[]], {}, {"a": 1}, {1: 2}, {"all": [{}]}, {"name": None}]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([p for p in places(CONTENT) if p]), st.sampled_from(SCALARS + BLOCKS))
def test_whatever_stands_anywhere_there_is_no_traceback(path, odd):
    content = plain_types(CONTENT)
    block = content
    for key in path[:-1]:
        block = block[key]
    block[path[-1]] = odd
    try:
        agreement = check_agreement(content)
    except SmarketingError as error:
        number = len(error.problems)
        assert 1 <= number <= 8
    else:
        assert check_agreement(agreement.to_dict()) == agreement
