"""Ingest thousands of broken exports: no traceback, no hang, no row lost, no formula let out.

python -m benchmarks.ingest_fuzz [NUMBER] [FIRST_SEED]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzzing import faults


def main(number: int, first: int) -> int:
    """Run them, print what they came to, and return how many were answered wrongly."""
    seen: Counter[str] = Counter()
    bad = 0
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + number):
            ended, wrong = faults(seed, Path(folder) / "w")
            seen[ended] += 1
            if wrong:
                bad += 1
                print(f"seed {seed}, {ended}: {'; '.join(wrong[:3])}", flush=True)
            if (seed - first) % 500 == 499:
                took = time.monotonic() - start
                print(f"{seed - first + 1} inputs, {bad} bad, {took:.0f} s", flush=True)
    for ended, n in sorted(seen.items()):
        print(f"{ended:28} {n:6}")
    print(f"{number} broken inputs, {bad} answered wrongly, {time.monotonic() - start:.0f} s")
    return bad


if __name__ == "__main__":
    options = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*(options + [10_000, 0][len(options) :])) > 0)
