"""What text reports have in common."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.report.page import Page


def joined(blocks: Sequence[list[str]]) -> str:
    """Blocks of lines as one text that ends in a newline; empty blocks are left out."""
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block) + "\n"


def limits(limits: Sequence[str], page: Page) -> list[str]:
    """What this run could not do, each in a sentence."""
    return [page.paint(line, "yellow") for limit in limits for line in page.prose(limit, "  ")]


def next_command(command: str, purpose: str, page: Page) -> str:
    """What to do next, and what for."""
    return f"Next: {page.paint(command, 'bold')}  {page.paint(f'({purpose})', 'dim')}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 fix`, `2 fixes`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
