"""Rules, probes, faults and requirements as a person reads them: one in full, or all rules in a list."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from seatrial.report.page import Page

if TYPE_CHECKING:
    from seatrial.fault import Fault
    from seatrial.rules.rule import Rule
    from seatrial.verification.probe import Probe

FIXES = {
    "always": "has an exact fix whenever it is raised",
    "sometimes": "has an exact fix where one can be known",
    "never": "has no automatic fix",
}


def told(code: str, page: Page) -> str | None:
    """What there is to say of anything that a command prints under a code, a name or an id; None for what is none."""
    from seatrial.report.requirements import REQUIREMENTS
    from seatrial.rules.registry import find_rule
    from seatrial.verification.registry import find_probe

    if rule := find_rule(code):
        return explain(rule, page)
    if probe := find_probe(code):
        return explain_probe(probe, page)
    if fault := next((it for it in all_faults() if code.casefold() in (it.code.casefold(), it.name)), None):
        return explain_fault(fault, page)
    return explain_requirement(code.upper(), page) if code.upper() in REQUIREMENTS else None


def all_faults() -> tuple[Fault, ...]:
    """What is told under a code without a rule of its own, in the order of the codes."""
    from seatrial.proof.building.values import FAULTS
    from seatrial.report.assemble_trial import UNPREDICTED
    from seatrial.rules.suppression import IDLE

    return (*FAULTS, UNPREDICTED, IDLE)


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


def explain_fault(fault: Fault, page: Page) -> str:
    """The documentation of what is told without a rule of its own."""
    facts = f"In {fault.category}; severity {fault.severity}; bears on {', '.join(fault.requirements)}."
    parts = (f"## Why it bites\n{fault.why}", f"## How to mend it\n{fault.mend}")
    blocks = [[page.paint(f"{fault.code} {fault.name}", "bold"), *page.prose(fault.summary)], page.prose(facts)]
    blocks += [_part(part, page) for part in parts]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def explain_requirement(name: str, page: Page) -> str:
    """One requirement of the mission, and everything that looks for it."""
    from seatrial.report.requirements import GROUPS, REQUIREMENTS
    from seatrial.rules.registry import all_rules
    from seatrial.verification.registry import all_probes

    blocks = [[page.paint(f"{name} {GROUPS[name[0]]}", "bold"), *page.prose(f"{REQUIREMENTS[name]}.")]]
    bearing = (
        ("Rules", [f"{it.code} {it.name}" for it in all_rules() if name in it.requirements]),
        ("Without a rule", [f"{it.code} {it.name}" for it in all_faults() if name in it.requirements]),
        ("Probes", [it.id for it in all_probes() if name in it.requirements]),
    )
    blocks += [[page.paint(title, "bold"), *(f"  {it}" for it in names)] for title, names in bearing if names]
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
