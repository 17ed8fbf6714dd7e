"""What a report is made of: chapters of blocks, as frozen values. `html` and `twin` are the two ways to show them.

A text is a tuple of pieces: a plain string, in which `backticks` mark code, or one of the values below.
"""

from __future__ import annotations

from dataclasses import dataclass

Tone = str
"""How a mark looks: `good`, `bad`, `warn`, `info` or `plain`."""


@dataclass(frozen=True, slots=True)
class Code:
    """Text as it stands in a file."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to a place of this report (`#imports`) or to a file beside it."""

    text: str
    target: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word that carries a verdict, such as `blocker` or `holds`."""

    text: str
    tone: Tone


Text = tuple[str | Code | Link | Mark, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """One paragraph."""

    text: Text
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Items without an order of their own."""

    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head. `caption` says what it lists."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Lines of code, a diff or a command, which a person may want to copy."""

    text: str
    language: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks that are shown when they are asked for."""

    summary: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Something with a title of its own inside a chapter, such as one issue."""

    anchor: str
    title: Text
    blocks: tuple[Block, ...]
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, and the blocks that say the same in words."""

    svg: str
    mermaid: str
    label: str


@dataclass(frozen=True, slots=True)
class Figures:
    """A few numbers to see at a glance, each with what it counts."""

    pairs: tuple[tuple[str, str, Tone], ...]


Block = Prose | Listing | Table | Source | Folded | Card | Picture | Figures


@dataclass(frozen=True, slots=True)
class Chapter:
    """One part of the report under a heading."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it. `verdict` comes before everything else."""

    title: str
    verdict: str
    tone: Tone
    facts: tuple[str, ...]
    chapters: tuple[Chapter, ...]
