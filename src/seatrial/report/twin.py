"""The report as Markdown: the twin of the page, for a repository or a comment. Same chapters, same words."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.report.blocks import (
    Block,
    Card,
    Chapter,
    Code,
    Figures,
    Folded,
    Link,
    Listing,
    Mark,
    Picture,
    Prose,
    Report,
    Source,
    Table,
    Text,
)
from seatrial.report.markdown import block as fenced
from seatrial.report.markdown import code, prose


def twin(report: Report) -> str:
    """The whole report."""
    links = " · ".join(f"[{prose(it.title)}](#{_slug(it.title)})" for it in report.chapters)
    parts = [f"# {prose(report.title)}", f"**{prose(report.verdict)}**", f"{prose('; '.join(report.facts))}.", links]
    return "\n\n".join([*parts, *(_chapter(it) for it in report.chapters)]) + "\n"


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


def _chapter(chapter: Chapter) -> str:
    return "\n\n".join([f"## {prose(chapter.title)}", *_blocks(chapter.blocks)])


def _blocks(blocks: Iterable[Block]) -> list[str]:
    return [_block(block) for block in blocks]


def _block(block: Block) -> str:
    match block:
        case Prose(text, lead):
            return f"**{_inline(text)}**" if lead else _inline(text)
        case Listing(items):
            return "\n".join(f"- {_inline(item)}" for item in items)
        case Table():
            return _table(block)
        case Source(text, language):
            return fenced(text, "" if language == "text" else language)
        case Folded(summary, inner):
            body = "\n\n".join(_blocks(inner))
            return f"<details><summary>{prose(summary)}</summary>\n\n{body}\n\n</details>"
        case Card(_, title, inner):
            return "\n\n".join([f"### {' '.join(_inline((it,)) for it in title)}", *_blocks(inner)])
        case Picture(_, mermaid):
            return fenced(mermaid, "mermaid")
        case Figures(pairs):
            return "\n".join(f"- {prose(number)} {prose(what)}" for number, what, _ in pairs)


def _table(table: Table) -> str:
    head = f"| {' | '.join(map(prose, table.head))} |\n|{' --- |' * len(table.head)}"
    rows = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in table.rows]
    return "\n".join([f"*{prose(table.caption)}*\n", head, *rows])


def _cell(text: Text) -> str:
    return _inline(text).replace("\n", " ").replace("|", "\\|").replace("\\\\|", "\\|")


def _inline(text: Text) -> str:
    return "".join(_piece(piece) for piece in text)


def _piece(piece: str | Code | Link | Mark) -> str:
    match piece:
        case Code(text):
            return code(text)
        case Mark(text):
            return f"**{prose(text)}**"
        case Link(text, target):
            return f"[{prose(text)}](<{target}>)"
        case str():
            lead = " " if piece[:1].isspace() else ""
            tail = " " if piece[-1:].isspace() and piece.strip() else ""
            return f"{lead}{prose(piece)}{tail}"
