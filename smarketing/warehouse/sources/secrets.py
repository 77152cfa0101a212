"""Addresses of databases: credentials come from the environment and are shown to nobody."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from string import Template
from urllib.parse import quote, unquote, urlsplit

from smarketing.errors import SmarketingError

_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_QUERY_SECRET = re.compile(
    r"(?i)([\w.%-]*(?:pass|pwd|token|secret|key|credential|signature|auth)[\w.%-]*)=([^&#]+)"
)
HIDDEN = "***"
_DRIVERS = (
    "clickhouse_connect", "databricks", "google", "ibis", "impala", "oracledb", "psycopg", "py4j",
    "pyspark", "snowflake", "trino",
)  # fmt: skip
"""Loggers of what connects to a database: they name addresses, and what is run there."""


def has_password(address: str) -> bool:
    """Return whether an address holds a password or token in clear.

    Examples
    --------
    >>> has_password("postgresql://ann:pa55@db/crm"), has_password("postgresql://ann:$PW@db/crm")
    (True, False)
    >>> has_password("snowflake://ann@acc/db?token=abc"), has_password("postgresql:///crm")
    (True, False)
    >>> has_password("postgresql://ann:a/b@db/crm"), has_password("postgresql:///crm?passphrase=a")
    (True, True)
    """
    secrets = [match.group(2) for match in _QUERY_SECRET.finditer(address)]
    # up to the last @, though a password with a slash or a question mark should be quoted
    login, at, _ = address.partition("://")[2].rpartition("@")
    if at and ":" in login:
        secrets.append(login.partition(":")[2])
    return any(_NAME.sub("", value) for value in secrets)


def filled(address: str, place: str = "sources.yml") -> str:
    """Return an address with every ``$NAME`` replaced from the environment, quoted for a URL.

    `place` is where the address stands, for the message.

    Raises
    ------
    SmarketingError
        If the environment lacks one of the names.
    """
    names = [one or other for one, other in _NAME.findall(address)]
    if absent := [name for name in names if name not in os.environ]:
        raise SmarketingError(
            f"the environment lacks {', '.join(absent)}",
            place,
            found=address,
            todo="Set it where smarketing runs; it belongs into no file.",
        )
    return Template(address).substitute({name: quote(os.environ[name], safe="") for name in names})


def scrubbed(text: str, address: str) -> str:
    """Return a text without any value that the environment gave to an address, or its password.

    Drivers repeat what they were called with when they fail.
    """
    full = filled(address)
    names = [one or other for one, other in _NAME.findall(address)]
    secrets = {os.environ[name] for name in names}
    secrets |= {match.group(2) for match in _QUERY_SECRET.finditer(full)}
    try:
        secrets.add(urlsplit(full).password or "")
    except ValueError:
        secrets.add("")
    text = text.replace(full, address)
    for secret in sorted(secrets | {quote(s, safe="") for s in secrets}, key=len, reverse=True):
        for form in {secret, unquote(secret)} - {""}:
            text = text.replace(form, HIDDEN)
    return text


@contextmanager
def unlogged() -> Iterator[None]:
    """Keep the loggers of ibis and the drivers silent inside a ``with`` block; no others.

    Examples
    --------
    >>> with unlogged():
    ...     logging.getLogger("psycopg").isEnabledFor(logging.CRITICAL)
    False
    """
    loggers = [logging.getLogger(name) for name in _DRIVERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
