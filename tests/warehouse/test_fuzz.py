"""Some hundred broken exports; benchmarks/ingest_fuzz.py runs ten thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzzing import KINDS, broken_input, faults

BATCHES = 4
EACH = 30
# found by earlier runs: a lone carriage return in the header, a zero byte in a label, a file
# that only says it is packed, rows that end in a carriage return with a cell of 1.5 M lines
FOUND = (9, 46, 70, 181, 8835, 9634)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_broken_exports_are_answered_in_words_and_no_row_is_lost(
    batch: int, tmp_path: Path
) -> None:
    wrong = {}
    for seed in range(1_000_000 + batch * EACH, 1_000_000 + (batch + 1) * EACH):
        ended, found = faults(seed, tmp_path / "w")
        if found:
            wrong[seed, ended] = found
    assert not wrong


@pytest.mark.parametrize("seed", FOUND)
def test_what_was_found_stays_mended(seed: int, tmp_path: Path) -> None:
    assert faults(seed, tmp_path / "w")[1] == []


def test_every_kind_of_breakage_comes_up() -> None:
    kinds = {broken_input(seed)[0] for seed in range(1_000_000, 1_000_000 + BATCHES * EACH)}
    assert kinds == {kind.__name__ for kind, _ in KINDS}
