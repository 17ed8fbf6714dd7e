"""The report as one HTML page that needs nothing else: no network, no fonts, no second file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

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
from seatrial.report.page import clean

_CODE = re.compile(r"`([^`\n]+)`")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
_ASSETS = ("report.css", "report.js")
_DIFF = {"+": "add", "-": "del", "@": "at"}


def page(report: Report) -> str:
    """One report as a whole page."""
    return pages((report,))


def pages(reports: Sequence[Report]) -> str:
    """Reports one below another in a single page."""
    style, script = (resources.files("seatrial.report.assets").joinpath(it).read_text("utf-8") for it in _ASSETS)
    title = reports[0].title if len(reports) == 1 else "Sea trials"
    prefixes = [f"b{number}-" if len(reports) > 1 else "" for number in range(1, len(reports) + 1)]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<link rel="icon" href="data:,">',
            tag("title", plain(title)),
            f"<style>\n{style}</style>\n</head>\n<body>",
            '<a class="skip" href="#content">Skip to the report</a>',
            tag("main", "\n".join(map(_report, reports, prefixes)), id="content"),
            tag("footer", "Made by seatrial from what its commands left; nothing in this page asks any network."),
            f"<script>\n{script}</script>\n</body>\n</html>\n",
        ]
    )


def tag(name: str, content: str, **attributes: str | bool | None) -> str:
    """An element around what is HTML already. `class_` is `class`, `aria_label` is `aria-label`; None leaves out."""
    listed = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    given = ((key, value) for key, value in listed if value is not None and value is not False)
    written = "".join(f" {key}" if value is True else f' {key}="{plain(str(value))}"' for key, value in given)
    return f"<{name}{written}>{content}</{name}>"


def _report(report: Report, prefix: str) -> str:
    links = "".join(tag("a", plain(it.title), href=f"#{prefix}{it.anchor}") for it in report.chapters)
    button = "" if prefix not in ("", "b1-") else tag("button", "Light or dark", id="theme", type="button", hidden=True)
    parts = [
        tag("h1", plain(report.title), id=f"{prefix}top"),
        tag("p", _inline((report.verdict,), prefix), class_=f"verdict {report.tone}"),
        tag("p", _inline(("; ".join(report.facts).rstrip(".") + ".",), prefix), class_="facts"),
        tag("nav", links + button, aria_label=f"Chapters of {report.title}"),
    ]
    chapters = "\n".join(_chapter(it, prefix) for it in report.chapters)
    return tag("div", "\n".join(parts), class_="head") + "\n" + chapters


def _chapter(chapter: Chapter, prefix: str) -> str:
    anchor = f"{prefix}{chapter.anchor}"
    heading = tag("h2", plain(chapter.title), id=anchor)
    return tag("section", f"\n{heading}\n{_blocks(chapter.blocks, prefix)}\n", aria_labelledby=anchor)


def _blocks(blocks: Iterable[Block], prefix: str) -> str:
    return "\n".join(_block(block, prefix) for block in blocks)


def _block(block: Block, prefix: str) -> str:
    match block:
        case Prose(text, lead):
            return tag("p", _inline(text, prefix), class_="lead" if lead else None)
        case Listing(items):
            return tag("ul", "".join(tag("li", _inline(item, prefix)) for item in items))
        case Table():
            return _table(block, prefix)
        case Source():
            return _source(block)
        case Folded(summary, inner):
            return tag("details", f"{tag('summary', plain(summary))}\n{_blocks(inner, prefix)}\n")
        case Card():
            return _card(block, prefix)
        case Picture():
            return _picture(block)
        case Figures(pairs):
            cells = (tag("div", tag("dt", plain(it)) + tag("dd", plain(n)), class_=tone) for n, it, tone in pairs)
            return tag("dl", "".join(cells), class_="figures")


def _card(card: Card, prefix: str) -> str:
    anchor = f"{prefix}{card.anchor}"
    head = tag("h3", " ".join(_inline((it,), prefix) for it in card.title), id=anchor)
    return tag(
        "article", f"\n{head}\n{_blocks(card.blocks, prefix)}\n", class_=f"card {card.tone}", aria_labelledby=anchor
    )


def _table(table: Table, prefix: str) -> str:
    head = "".join(tag("th", plain(it), scope="col") for it in table.head)
    rows = (tag("tr", "".join(tag("td", _inline(cell, prefix)) for cell in row)) for row in table.rows)
    parts = [tag("caption", plain(table.caption)), tag("thead", tag("tr", head)), tag("tbody", "\n".join(rows))]
    return tag(
        "div", tag("table", "".join(parts)), class_="table", role="group", aria_label=table.caption, tabindex="0"
    )


def _source(source: Source) -> str:
    lines = (_line(it) if source.language == "diff" else plain(it) for it in source.text.split("\n"))
    label = source.label or source.language or "code"
    shown = tag("pre", tag("code", "\n".join(lines)), tabindex="0", role="group", aria_label=label)
    return tag(
        "div", shown + tag("button", "copy", type="button", hidden=True, aria_label=f"copy {label}"), class_="code"
    )


def _line(line: str) -> str:
    kind = "at" if line.startswith(("---", "+++")) else _DIFF.get(line[:1])
    return tag("span", plain(line), class_=kind) if kind else plain(line)


_ACTS = (("in", "Zoom in"), ("out", "Zoom out"), ("fit", "Fit"), ("all", "All edges"))
_LEGEND = (
    "Importers stand above what they import. Filled: loaded by the start. Dashed: not executed by it. Red: a circle. "
    "A click on a module shows its neighbours; Ctrl and the wheel zoom. The same as text stands below."
)


def _picture(picture: Picture) -> str:
    search = (
        '<input type="search" placeholder="Find a module" aria-label="Find a module in the graph" autocomplete="off">'
    )
    buttons = (
        tag("button", said, type="button", data_act=act, aria_pressed="false" if act == "all" else None)
        for act, said in _ACTS
    )
    tools = tag("div", search + "".join(buttons) + tag("output", "", aria_live="polite"), class_="tools", hidden=True)
    label = f"{picture.label}; plus, minus and 0 zoom, arrows scroll"
    view = tag("div", picture.svg, class_="view", tabindex="0", role="group", aria_label=label)
    figure = tag("figure", f"{tools}\n{view}{tag('figcaption', _LEGEND, class_='legend')}", class_="picture")
    diagram = _source(Source(picture.mermaid, "mermaid", "the Mermaid diagram"))
    return f"{figure}\n{tag('details', tag('summary', 'The graph for Mermaid') + diagram)}"


def _inline(text: Text, prefix: str) -> str:
    return "".join(_piece(piece, prefix) for piece in text)


def _piece(piece: str | Code | Link | Mark, prefix: str) -> str:
    match piece:
        case Code(text):
            return tag("code", plain(text))
        case Mark(text, tone):
            return tag("span", plain(text), class_=f"mark {tone}")
        case Link(text, target):
            return tag("a", plain(text), href=f"#{prefix}{target[1:]}" if target.startswith("#") else target)
        case str():
            parts = _CODE.split(piece)
            return "".join(tag("code", plain(it)) if n % 2 else plain(it) for n, it in enumerate(parts))


def plain(text: str) -> str:
    """Any text, so that nothing of it is markup and nothing unprintable is left."""
    return escape(clean(text.encode("utf-8", "replace").decode("utf-8")))
