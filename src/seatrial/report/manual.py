"""The rules as a person reads them: one in full, or all of them in a list."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from seatrial.report.page import Page

if TYPE_CHECKING:
    from seatrial.rules.rule import Rule
    from seatrial.verification.probe import Probe

FIXES = {
    "always": "has an exact fix whenever it is raised",
    "sometimes": "has an exact fix where one can be known",
    "never": "has no automatic fix",
}


def explain(rule: Rule, page: Page) -> str:
    """The documentation of one rule, and the change that mends a small project which has the fault."""
    title, *parts = inspect.cleandoc(rule.documentation).split("\n\n")
    facts = f"In {rule.category}; {FIXES[rule.fix]}{_requirements(rule)}."
    blocks = [[page.paint(f"{rule.code} {rule.name}", "bold"), *page.prose(_joined(title))], page.prose(facts)]
    blocks += [_part(part, page) for part in parts]
    blocks.append([page.paint("Example", "bold")] + [f"  {page.diff_line(line)}" for line in example(rule)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def markdown_of(rule: Rule) -> str:
    """The documentation of one rule, as it is written."""
    return inspect.cleandoc(rule.documentation)


def explain_probe(probe: Probe, page: Page) -> str:
    """The documentation of one live probe."""
    title, _, body = inspect.cleandoc(probe.documentation).partition("\n\n")
    blocks = [[page.paint(probe.id, "bold"), *page.prose(_joined(title))], page.prose(facts_of_probe(probe))]
    blocks += [_part(part, page) for part in body.split("\n\n")]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def facts_of_probe(probe: Probe) -> str:
    """What a probe is, in a sentence."""
    needs = f"; needs {', '.join(probe.needs)}" if probe.needs else ""
    writes = "; writes, and removes what it wrote" if probe.writes else ""
    requirements = f"; bears on {', '.join(probe.requirements)}" if probe.requirements else ""
    plural = "" if probe.requests == 1 else "s"
    facts = f"In {probe.group}; severity {probe.severity}; at most {probe.requests} request{plural}"
    return f"{facts}{needs}{writes}{requirements}."


def _part(part: str, page: Page) -> list[str]:
    """One paragraph of the docstring, with its heading where it has one; lists and code keep their lines."""
    heading, *rest = part.split("\n") if part.startswith("#") else ("", *part.split("\n"))
    lines = [page.paint(heading.lstrip("# "), "bold")] if heading else []
    if any(line.startswith((" ", "-", "*", "|", "`" * 3)) for line in rest):
        return lines + [f"  {line}" for line in rest]
    return lines + page.prose(_joined("\n".join(rest)), "  ")


def _joined(text: str) -> str:
    return " ".join(text.split())


def _requirements(rule: Rule) -> str:
    return f"; bears on {', '.join(rule.requirements)}" if rule.requirements else ""


def example(rule: Rule) -> list[str]:
    """The lines of a diff that leads from the rule's `bad` project to its `good` one."""
    return [line for path in sorted({*rule.bad, *rule.good}) for line in _change(path, rule.bad, rule.good)]


def _change(path: str, bad: Mapping[str, str], good: Mapping[str, str]) -> list[str]:
    before, after = bad.get(path), good.get(path)
    return list(
        difflib.unified_diff(
            (before or "").splitlines(),
            (after or "").splitlines(),
            "/dev/null" if before is None else f"a/{path}",
            "/dev/null" if after is None else f"b/{path}",
            lineterm="",
        )
    )


def rules(every: Iterable[Rule], page: Page) -> str:
    """Code, name and summary of each rule, under its category."""
    blocks = []
    for category, members in groupby(sorted(every, key=lambda it: (it.category, it.code)), key=lambda it: it.category):
        lines = [page.paint(category, "bold")]
        for rule in members:
            lines += page.prose(f"{rule.name}: {rule.summary}", " " * (len(rule.code) + 4), f"  {rule.code}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"
