"""Personal data: what counts as such, and what little of it is kept."""

from __future__ import annotations

import hashlib
import hmac
import os
import re

from smarketing.errors import SmarketingError

KEY_VARIABLE = "SMARKETING_HASH_KEY"

EMAIL_PATTERN = r"[^@\s<>,;]+@[^@\s<>,;]+\.[A-Za-z]{2,}"
"""What an e-mail address looks like inside a cell; read by DuckDB and by Python alike."""

PHONE_PATTERN = r"^\+\d[\d\s()./-]{6,}$"

_KINDS = {
    "e-mail": r"(.* )?(e ?mail|e ?mail address|mail address|epost|e post)",
    "phone": r"(.* )?(phone|telephone|mobile|mobile phone|cell|cell phone|fax|tel|telefon|mobil)"
    r"( (number|no|nr))?",
    "name": r"name|full name|navn|(.* )?(first|last|middle|given|family|sur|maiden|contact|fore)"
    r" ?name|username|salutation|fornavn|efternavn|vorname|nachname|(.* )?username",
    "address": r"(.* )?(street|street address|address|postal address|adresse|strasse|straße"
    r"|ip address|latitude|longitude)",
    "birth": r"date of birth|birth ?date|birthday",
    "free text": r"message|messages|notes?|comments?|description|bio|.* bio",
}


def personal_kind(label: str) -> str | None:
    """Return what personal data a column's label announces, or None.

    Examples
    --------
    >>> personal_kind("Work email"), personal_kind("MobilePhone"), personal_kind("Do Not Email")
    ('e-mail', 'phone', None)
    >>> personal_kind("FirstName"), personal_kind("Company name"), personal_kind("Email Domain")
    ('name', None, None)
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    words = re.sub(r"[\W_]+", " ", words.removesuffix("__c")).strip().lower()
    if words.startswith(("do not", "has opted", "opted out")):
        return None
    return next((kind for kind, form in _KINDS.items() if re.fullmatch(form, words)), None)


def hash_key(public_key: str | None) -> bytes | None:
    """Return the key for hashes: from the environment, else the public one of made-up data."""
    key = os.environ.get(KEY_VARIABLE) or public_key
    return key.encode() if key else None


def keyed_hash(value: str, key: bytes) -> str:
    """Return the first 32 hex digits of HMAC-SHA-256 (RFC 2104) of a value, case ignored.

    Without the key nobody can tell an address from its hash by trying addresses.

    Examples
    --------
    >>> keyed_hash("Anna@Example.com ", b"key") == keyed_hash("anna@example.com", b"key")
    True
    """
    return hmac.new(key, value.strip().lower().encode(), hashlib.sha256).hexdigest()[:32]


def missing_key(line: int | None) -> SmarketingError:
    """Return the error for a hash that is asked for without a key."""
    return SmarketingError(
        f"a hash is asked for, but no key is in the environment variable {KEY_VARIABLE}",
        "sources.yml",
        line,
        todo=f"Set {KEY_VARIABLE} to a long random text and keep it: "
        "another key gives other hashes.",
    )
