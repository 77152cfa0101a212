"""Lists that come along: currencies in use and free mail, and what stands near a misspelt name."""

from __future__ import annotations

import pytest
from babel.core import get_global

from smarketing.agreement.conditions import free_mail, parse_condition
from smarketing.agreement.consistency import currencies
from smarketing.errors import SmarketingError
from tests.agreements import example_agreement

NOT_SOLE_TENDER = {"SVC", "VED"}
"""Codes of ISO 4217 in use whose countries pay in another currency as well."""


def test_the_currencies_are_those_that_somebody_pays_in_today():
    tender = {
        code
        for of_country in get_global("territory_currencies").values()
        for code, _, end, is_tender in of_country
        if end is None and is_tender
    }
    assert currencies() == tender | NOT_SOLE_TENDER


@pytest.mark.parametrize("code", ["DEM", "dkk", "XXX", "EURO"])
def test_a_currency_that_is_not_in_use_is_refused(code):
    with pytest.raises(SmarketingError, match="the currency is not known"):
        example_agreement(currency=code)


def test_a_currency_in_small_letters_is_hinted_at():
    with pytest.raises(SmarketingError, match="did you mean DKK"):
        example_agreement(currency="dkk")


def test_free_mail_holds_domains_in_small_letters_each_once():
    assert len(set(free_mail())) == len(free_mail())
    assert all(domain == domain.lower() and "." in domain for domain in free_mail())


@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        ({"field": "x", "atleast": 5}, "atleast: atleast is not a test; did you mean at_least?"),
        ({"al": []}, "al: al is not a test; did you mean all?"),
        ({"field": "x", "in": "$fre_mail"}, "in: the list is not known; did you mean $free_mail?"),
    ],
)
def test_the_nearest_name_is_told(raw, hint):
    with pytest.raises(SmarketingError) as caught:
        parse_condition(raw)
    assert hint in str(caught.value)


def test_a_list_is_written_by_its_name_and_compared_by_its_members():
    condition = parse_condition({"field": "d", "not_in": "$ours"}, {"ours": ["a.example"]})
    assert condition.value == ("a.example",)
    assert condition.to_dict() == {"field": "d", "not_in": "$ours"}


def test_a_condition_names_every_field_it_asks_for():
    either = {"any": [{"field": "b", "missing": True}, {"field": "a", "is": 2}]}
    neither = {"not": {"field": "c", "like": "x*"}}
    condition = parse_condition({"all": [{"field": "a", "is": 1}, either, neither]})
    assert condition.fields() == {"a", "b", "c"}
