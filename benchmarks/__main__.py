"""`make bench`: how long the gap is, and what a call costs, on this machine.

make bench                             everything, as a table and as a page
make bench ARGS=--json                 JSON instead of the table
make bench ARGS="--rounds 40"          more questions
make bench ARGS="--only gap curve"     these parts alone

The page is `build/bench/report.html`; `build/bench/figures.json` has the same figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.page import page
from benchmarks.parts import PARTS, Extent, machine
from benchmarks.report import lines

FOLDER = Path("build/bench")


def measure(names: list[str], extent: Extent) -> dict[str, Any]:
    figures: dict[str, Any] = {"run": {**machine(), "command": " ".join(_command())}}
    took: dict[str, int] = {}
    for name in names:
        print(f"Measuring: {name}", file=sys.stderr)
        began = time.monotonic()
        figures |= PARTS[name](extent)
        took[name] = round(time.monotonic() - began)
    return {**figures, "seconds taken": {**took, "in all": sum(took.values())}}


def _command() -> list[str]:
    arguments = " ".join(sys.argv[1:])
    return ["make", "bench", *([f'ARGS="{arguments}"'] if arguments else [])]


def keep(figures: dict[str, Any]) -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    report = FOLDER / "report.html"
    report.write_text(page(figures), encoding="utf-8")
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], prog="make bench")
    parser.add_argument("--rounds", type=int, default=20, help="questions asked")
    parser.add_argument("--calls", type=int, default=20, help="simultaneous calls of `load`")
    parser.add_argument("--most", type=int, default=200, help="calls at which `curve` ends")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    extent = Extent(options.rounds, options.calls, options.most)
    figures = measure(options.only, extent)
    report = keep(figures)
    print(json.dumps(figures, indent=2) if options.json else "\n".join(lines(figures)))
    print(f"The report is {report.resolve()}", file=sys.stderr)


if __name__ == "__main__":
    main()
