"""Drivers name addresses in their logs: they are silent while we ask, everybody else is not."""

from __future__ import annotations

import logging

import pytest

from smarketing.warehouse.sources.secrets import unlogged


def test_drivers_are_silent_and_others_are_not(caplog):
    with caplog.at_level(logging.DEBUG), unlogged():
        logging.getLogger("psycopg").critical("postgresql://ann:pa55@db")
        logging.getLogger("ibis.backends.postgres").critical("postgresql://ann:pa55@db")
        logging.getLogger("somebody.else").debug("heard")
    assert [record.getMessage() for record in caplog.records] == ["heard"]


@pytest.mark.parametrize("level", [logging.NOTSET, logging.INFO])
def test_levels_are_as_before_even_after_an_error(level):
    logger = logging.getLogger("psycopg")
    before = logger.level
    logger.setLevel(level)
    try:
        with pytest.raises(OSError, match="refused"), unlogged():
            raise OSError("refused")
        assert logger.level == level
    finally:
        logger.setLevel(before)
