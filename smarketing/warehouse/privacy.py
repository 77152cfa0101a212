"""Personal data: what counts as such, and what little of it is kept."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import unicodedata

from smarketing.errors import SmarketingError
from smarketing.warehouse.personal_labels import LABELS

KEY_VARIABLE = "SMARKETING_HASH_KEY"
LEAST_KEY = 16
"""Characters of a key that nobody guesses."""

EMAIL_PATTERN = r"[^@\s<>,;]+@[^@\s<>,;]+\.[A-Za-z]{2,}"
"""What an e-mail address looks like inside a cell; read by DuckDB and by Python alike."""

PHONE_PATTERN = r"^\+\d[\d\s()./-]{6,}$"

_KINDS = {
    kind: re.compile(re.sub(r"\s*\n\s*", "", labels).replace("_", "(.* )?"))
    for kind, labels in LABELS.items()
}
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "đ": "d"})


def folded(label: str) -> str:
    """Return a label as words in small letters, without accents.

    Examples
    --------
    >>> folded("Fødselsdato"), folded("MobilePhone"), folded("Prénom (2)")
    ('fodselsdato', 'mobile phone', 'prenom 2')
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label.removesuffix("__c"))
    words = unicodedata.normalize("NFKD", words.lower().translate(_FOLDED))
    words = "".join(one for one in words if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", " ", words).strip()


def personal_kind(label: str) -> str | None:
    """Return what personal data a column's label announces, or None.

    Examples
    --------
    >>> personal_kind("Work email"), personal_kind("MobilePhone"), personal_kind("Do Not Email")
    ('e-mail', 'phone', None)
    >>> personal_kind("FirstName"), personal_kind("Company name"), personal_kind("Email Domain")
    ('name', None, None)
    >>> personal_kind("Prénom"), personal_kind("Handy"), personal_kind("Fødselsdato")
    ('name', 'phone', 'birth')
    """
    words = folded(label)
    if words.startswith(("do not", "has opted", "opted out")):
        return None
    return next((kind for kind, form in _KINDS.items() if form.fullmatch(words)), None)


def hash_key(public_key: str | None) -> bytes | None:
    """Return the key for hashes: from the environment, else the public one of made-up data.

    Raises
    ------
    SmarketingError
        If the environment's is so short that it could be guessed.
    """
    secret = os.environ.get(KEY_VARIABLE)
    if secret and len(secret) < LEAST_KEY:
        raise SmarketingError(
            f"the key in the environment variable {KEY_VARIABLE} is too short to keep a secret",
            found=f"{len(secret)} characters",
            allowed=f"{LEAST_KEY} or more",
            todo="Take a long random text, and keep it: another key gives other hashes.",
        )
    key = secret or public_key
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
