"""Hold what the tests reach to a floor for each room: ``python -m tests.coverage_floors FILE``.

FILE is what ``pytest --cov --cov-report=json:FILE`` writes; ``make coverage`` does both. Notebooks
run in kernels of their own and are not counted: a floor is what tests of a room reach directly.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

FLOORS = {
    "actions": 85,
    "agreement": 90,
    "cli": 85,
    "demo": 90,
    "evaluation": 90,
    "funnel": 90,
    "interactive": 80,
    "language": 90,
    "planning": 90,
    "reporting": 85,
    "scoring": 90,
    "warehouse": 90,
    "(ground)": 90,
}
"""Least share of lines that is run, in percent; the files of no room are the ground."""


def room_of(file: str) -> str:
    """Return the room of a file of the package.

    Examples
    --------
    >>> room_of("smarketing/planning/lines/search.py"), room_of("smarketing/clock.py")
    ('planning', '(ground)')
    """
    parts = Path(file).parts
    return parts[1] if len(parts) > 2 else "(ground)"


def shares(files: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[str, float]:
    """Return the share of each room's lines that were run, in percent.

    Examples
    --------
    >>> summary = {"covered_lines": 9, "num_statements": 12}
    >>> shares({"smarketing/cli/shared.py": {"summary": summary}})
    {'cli': 75.0}
    """
    run: dict[str, int] = defaultdict(int)
    lines: dict[str, int] = defaultdict(int)
    for file, counted in files.items():
        run[room_of(file)] += counted["summary"]["covered_lines"]
        lines[room_of(file)] += counted["summary"]["num_statements"]
    return {room: 100 * run[room] / lines[room] for room in sorted(lines) if lines[room]}


def below(found: Mapping[str, float]) -> list[str]:
    """Return what is wrong: rooms below their floor, rooms without one, floors without a room.

    Examples
    --------
    >>> below({room: 100.0 for room in FLOORS} | {"cli": 2.0, "attic": 99.0})
    ['cli: 2.0 %, and its floor is 85 %', 'attic: it has no floor yet']
    """
    return [
        *(
            f"{room}: {found[room]:.1f} %, and its floor is {floor} %"
            for room, floor in FLOORS.items()
            if room in found and found[room] < floor
        ),
        *(f"{room}: it has no floor yet" for room in found if room not in FLOORS),
        *(f"{room}: there is no such room" for room in FLOORS if room not in found),
    ]


def main(file: str) -> int:
    """Print each room's share; return 1 where one is below its floor."""
    found = shares(json.loads(Path(file).read_text(encoding="utf-8"))["files"])
    for room, share in found.items():
        sys.stdout.write(f"{room:12} {share:5.1f} %  (floor {FLOORS.get(room, '–')} %)\n")
    wrong = below(found)
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
