"""Draws the life of a reply, from the table by which it is decided, into a page of the docs.

python -m repartee.testing.diagram docs/conversation.md
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from repartee.conversation.reply import REPLY_TABLE, ReplyPhase

_DRAWN = re.compile(r"(<!-- drawn from REPLY_TABLE -->\n).*?(<!-- end -->)", re.DOTALL)


def reply_diagram() -> str:
    """A state diagram in Mermaid: one arrow per pair of phases, with the steps that lead there."""
    arrows: dict[tuple[ReplyPhase, ReplyPhase], list[str]] = {}
    for (before, step), after in REPLY_TABLE.items():
        arrows.setdefault((before, after), []).append(step)
    ends = [phase for phase in ReplyPhase if phase not in {before for before, _ in REPLY_TABLE}]
    lines = [
        "stateDiagram-v2",
        f"[*] --> {ReplyPhase.TENTATIVE.value}",
        *(f"{before.value} --> {after.value}: {', '.join(steps)}"
          for (before, after), steps in arrows.items()),
        *(f"{phase.value} --> [*]" for phase in ends),
    ]  # fmt: skip
    return "\n    ".join(lines)


def drawn_into(page: str) -> str:
    """The page, with the diagram drawn anew between its two marks."""
    diagram = f"```mermaid\n{reply_diagram()}\n```\n"
    return _DRAWN.sub(lambda marks: f"{marks[1]}{diagram}{marks[2]}", page)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(drawn_into(path.read_text(encoding="utf-8")), encoding="utf-8")
