"""Texts, plurals and numbers in the language that is spoken."""

import math

import pandas as pd
import pytest
from pseudo import speaking_pseudo, untranslated

from smarketing.errors import UsageError
from smarketing.language.catalogue import tr
from smarketing.language.numbers import (
    SPACE,
    chance,
    count,
    day,
    fixed,
    listed,
    money,
    month_name,
    number,
    percent,
    points,
    short_month,
    signed,
)
from smarketing.language.plurals import trn
from smarketing.language.speaker import in_its_language, speaking, spoken


@pytest.mark.parametrize(
    ("write", "english", "danish"),
    [
        (lambda: count(1234567), "1,234,567", "1.234.567"),
        (lambda: number(1234.56), "1,234.6", "1.234,6"),
        (lambda: number(-0.04), "0", "0"),
        (lambda: fixed(0.7, 3), "0.700", "0,700"),
        (lambda: percent(0.0123), "1.2 %", "1,2 %"),
        (lambda: percent(-0.5), "−50 %", "−50 %"),
        (lambda: points(-0.021), "−2.1", "−2,1"),
        (lambda: signed(1200), "+1,200", "+1.200"),
        (lambda: money(171_000, "DKK"), "171,000 kr.", "171.000 kr."),
        (lambda: day(pd.Timestamp("2026-10-31")), "31 Oct 2026", "31. okt. 2026"),
        (lambda: month_name("2026-10"), "October 2026", "oktober 2026"),
        (lambda: short_month("2026-10"), "Oct", "okt"),
        (lambda: listed(["a", "b", "c"]), "a, b and c", "a, b og c"),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_does(write, english, danish):
    assert write().replace(SPACE, " ") == english
    with speaking("da"):
        assert write().replace(SPACE, " ") == danish


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, pd.NA, pd.NaT])
@pytest.mark.parametrize("write", [count, number, percent, money, signed, points, day])
def test_what_is_missing_is_a_dash(write, missing):
    assert write(missing) == "–"


@pytest.mark.parametrize(("n", "said"), [(0, "0 leads"), (1, "1 lead"), (2.5, "3 leads"),
                                         (None, "– leads"), (math.nan, "– leads")])  # fmt: skip
def test_a_count_has_its_noun_in_the_right_number(n, said):
    assert trn("{n} lead", "{n} leads", n) == said


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda: money(186_500, "DKK"), "187,000 kr."),  # never the nearest even thousand
        (lambda: money(223_500, "DKK"), "224,000 kr."),
        (lambda: money(-186_500, "DKK"), "−187,000 kr."),
        (lambda: money(1_245_000, "EUR"), "1.25 M EUR"),
        (lambda: count(2.5), "3"),
        (lambda: number(0.25), "0.3"),
        (lambda: fixed(2.675, 2), "2.68"),
        (lambda: percent(0.285), "29 %"),
        (lambda: points(0.0025), "+0.3"),
        (lambda: signed(-2.5), "−3"),
        (lambda: count(10**17), "100,000,000,000,000,000"),
        (lambda: money(12.3456, "KWD"), "12.346 KWD"),  # a thousand fils make a dinar
        (lambda: money(12.3456, "EUR"), "12 EUR"),
        (lambda: money(12_345.678, "BHD"), "12,000 BHD"),
    ],
)
def test_a_half_is_rounded_up_as_people_do(write, said):
    assert write().replace(SPACE, " ") == said


def test_a_chance_is_never_said_to_be_certain_when_it_is_not():
    assert [chance(p).replace(SPACE, " ") for p in (0.0, 0.004, 0.5, 0.996, 1.0)] == [
        "0 %", "under 1 %", "50 %", "over 99 %", "100 %"]  # fmt: skip


def test_a_language_ends_with_its_block_even_after_an_error():
    with pytest.raises(ZeroDivisionError), speaking("da"):
        raise ZeroDivisionError
    assert spoken() == "en"


def test_a_language_without_a_catalogue_is_refused_and_the_others_named():
    with pytest.raises(UsageError, match="'tlh'; allowed: en, da"), speaking("tlh"):
        pass


def test_a_report_is_written_in_its_own_language():
    class Report:
        language = "da"

    assert in_its_language(lambda _: number(1.5))(Report()) == "1,5"


def test_values_with_braces_stay_as_they_are():
    assert tr("{goal} of {target}", goal="{target}", target="3") == "{target} of 3"


def test_what_no_translation_passed_is_seen_in_the_made_up_language():
    with speaking_pseudo():
        html = (
            f'<p title="Forgotten">{tr("{share} accepted", share="Acme")}</p><style>plain</style>'
        )
    assert untranslated(html, ["Acme"]) == ["Forgotten"]
