"""The rules as a person reads them: one in full, or all of them in a list."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from seatrial.report.page import Page

if TYPE_CHECKING:
    from seatrial.rules.rule import Rule

_FIXES = {
    "always": "has an exact fix whenever it is raised",
    "sometimes": "has an exact fix where one can be known",
    "never": "has no automatic fix",
}


def explain(rule: Rule, page: Page) -> str:
    """The documentation of one rule, with a small project that has the fault and the same one without it."""
    lines = [page.paint(f"{rule.code} {rule.name}", "bold"), *page.prose(rule.summary, "  ")]
    lines += [f"  {rule.category}; {_FIXES[rule.fix]}{_requirements(rule)}", ""]
    lines += inspect.cleandoc(rule.documentation).splitlines()
    return "\n".join(lines).rstrip() + "\n"


def _requirements(rule: Rule) -> str:
    return f"; bears on {', '.join(rule.requirements)}" if rule.requirements else ""


def rules(every: Iterable[Rule], page: Page) -> str:
    """Code, name and summary of each rule, under its category."""
    blocks = []
    for category, members in groupby(sorted(every, key=lambda it: (it.category, it.code)), key=lambda it: it.category):
        lines = [page.paint(category, "bold")]
        for rule in members:
            lines += page.prose(f"{rule.name}: {rule.summary}", " " * 10, f"  {rule.code}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n" if blocks else "There are no rules yet.\n"
