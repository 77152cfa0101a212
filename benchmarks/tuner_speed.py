"""How fast the tuner follows a slider at 100,000 leads, in a real JupyterLab in Chromium.

Each move is a key pressed on a slider's handle. Timed in the page itself, from the key's own time
stamp to the moment at which numbers *and* figure have changed in the page, and to the next frame
drawn after that.

    python -m benchmarks.tuner_speed --moves 40
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from tests.chromium import started
from tests.jupyter_lab import opened_notebook
from tests.tuner_world import N, write_agreement

SLIDERS = ("sql", "mql", "closing", "cost-worked", "fit-sql")
WATCH = """
window.pressed = null; window.moves = [];
document.addEventListener('keydown', (e) => {
  window.pressed = {at: e.timeStamp, numbers: null, figure: null};
}, true);
for (const part of ['numbers', 'figure']) {
  new MutationObserver(() => {
    const move = window.pressed;
    if (!move || move[part] !== null) return;
    move[part] = performance.now() - move.at;
    if (move.numbers === null || move.figure === null) return;
    requestAnimationFrame(() => setTimeout(() => {
      move.drawn = performance.now() - move.at;
      window.moves.push(move);
    }));
  }).observe(document.querySelector('.tuner-' + part), {subtree: true, childList: true});
}
"""


def measure(moves: int) -> pd.DataFrame:
    """Return one row a move: slider, milliseconds until numbers, figure, and the frame drawn."""
    rows = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = write_agreement(Path(name) / "company")
        source = f"from tests.tuner_world import tuner_of\ntuner_of({str(folder)!r})"
        with started() as browser, opened_notebook(browser, Path(name), source) as page:
            page.wait_for("!!document.querySelector('.tuner-figure svg')", 120)
            page.tell(WATCH)
            done = 0
            for slider in SLIDERS:
                page.click(f".tuner-{slider} .noUi-handle")
                for n in range(moves):
                    # There and back: every move is one that a person may make.
                    page.press("ArrowRight" if n % 4 < 2 else "ArrowLeft")
                    done += 1
                    page.wait_for(f"window.moves.length === {done}", 30)
                found = page.tell(f"window.moves.slice(-{moves})")
                rows += [{"slider": slider, **move} for move in found]
    return pd.DataFrame(rows).drop(columns="at")


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return n, median, 95 % quantile and maximum per slider and over all, in milliseconds."""
    changed = rows.assign(changed=rows[["numbers", "figure"]].max(axis=1))
    out = []
    for name, part in [*changed.groupby("slider", sort=False), ("all", changed)]:
        row: dict[str, object] = {"slider": name, "n": len(part)}
        for what in ("numbers", "changed", "drawn"):
            middle, most = np.quantile(part[what], [0.5, 0.95])
            row |= {what: round(middle), f"{what}_95": round(most)}
        out.append(row | {"slowest": round(part["drawn"].max())})
    return pd.DataFrame(out)


def main() -> None:
    """Run and print; with ``--out`` keep every move."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--moves", type=int, default=40, help="of each slider")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    rows = measure(asked.moves)
    print(f"{N:,} leads; milliseconds from the key to the page")
    print(summary(rows).to_string(index=False))
    if asked.out:
        asked.out.write_text(json.dumps(rows.to_dict("records"), indent=1))


if __name__ == "__main__":
    main()
