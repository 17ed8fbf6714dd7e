"""docs/probes/, from the live probes themselves."""

from __future__ import annotations

import inspect
from itertools import groupby

from seatrial.report.manual import facts_of_probe
from seatrial.verification.probe import Probe
from seatrial.verification.registry import GROUPS, all_probes

_MADE = "<!-- Made by `make docs` from the probes below src/seatrial/verification/probes/. -->"


def pages() -> dict[str, str]:
    """The text of each page by its path below docs/: one for each probe and a list of them."""
    probes = all_probes()
    return {"probes/README.md": _list(probes), **{f"probes/{probe.id}.md": _page(probe) for probe in probes}}


def _list(probes: tuple[Probe, ...]) -> str:
    parts = ["# Probes", _MADE, f"`seatrial verify` asks a live service these {len(probes)} questions."]
    ordered = sorted(probes, key=lambda it: (GROUPS.index(it.group) if it.group in GROUPS else 99, it.id))
    for group, members in groupby(ordered, key=lambda it: it.group):
        rows = [f"| [{it.id}]({it.id}.md) | {it.name} | {it.severity} |" for it in members]
        parts.append(
            "\n".join(
                [f"## {group}\n", "| probe | what holds when it passes | severity |", "| --- | --- | --- |", *rows]
            )
        )
    return "\n\n".join(parts) + "\n"


def _page(probe: Probe) -> str:
    title, _, body = inspect.cleandoc(probe.documentation).partition("\n\n")
    text = body.replace("\n## ", "\n\n## ").replace("\n\n\n", "\n\n")
    return "\n\n".join([f"# {probe.id}", _MADE, f"{title.rstrip('.')}.", facts_of_probe(probe), _spaced(text)]) + "\n"


def _spaced(body: str) -> str:
    """A blank line behind each heading, as Markdown has it."""
    lines: list[str] = []
    for line in body.splitlines():
        lines.append(line)
        if line.startswith("## "):
            lines.append("")
    return "\n".join(lines).replace("\n\n\n", "\n\n")
