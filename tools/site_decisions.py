"""A hook of MkDocs: the decision records, which lie outside docs/, become pages of the site, with a list of them."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from seatrial.project.decisions import Decisions, read_decisions

ROOT = Path(__file__).parents[1]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each record, and the list."""
    known = read_decisions(ROOT, ())
    for record in known.records:
        name = Path(record.path).name
        files.append(File.generated(config, f"decisions/{name}", abs_src_path=str(ROOT / record.path)))
    template = ROOT / known.folder / "template.md"
    files.append(File.generated(config, "decisions/template.md", abs_src_path=str(template)))
    files.append(File.generated(config, "decisions/README.md", content=listing(known)))
    return files


def listing(known: Decisions) -> str:
    """The list as a page."""
    rows = [f"| {it.label} | [{it.title}]({Path(it.path).name}) | {it.status} | {it.date} |" for it in known.records]
    lead = "Every decision that someone may question has a record: what was the case, what was chosen, what it costs."
    return "\n".join(
        ["# Decisions", "", lead, "", "| record | decision | status | date |", "| --- | --- | --- | --- |", *rows, ""]
    )
