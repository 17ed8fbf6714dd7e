"""docs/rules/, from the rules themselves."""

from __future__ import annotations

import inspect
from itertools import groupby

from seatrial.report.manual import FIXES, example
from seatrial.rules.registry import all_rules
from seatrial.rules.rule import Rule

_MADE = "<!-- Made by `make docs` from the rules below src/seatrial/rules/. -->"


def pages() -> dict[str, str]:
    """The text of each page by its path below docs/: one for each rule and a list of them."""
    rules = all_rules()
    return {"rules/README.md": _list(rules), **{f"rules/{rule.name}.md": _page(rule) for rule in rules}}


def _list(rules: tuple[Rule, ...]) -> str:
    parts = ["# Rules", _MADE]
    for category, members in groupby(sorted(rules, key=lambda it: (it.category, it.code)), key=lambda it: it.category):
        rows = [f"| {it.code} | [{it.name}]({it.name}.md) | {it.summary} | {it.fix} |" for it in members]
        parts.append(
            "\n".join([f"## {category}\n", "| code | rule | finds | fix |", "| --- | --- | --- | --- |", *rows])
        )
    return "\n\n".join(parts) + "\n"


def _page(rule: Rule) -> str:
    title, _, body = inspect.cleandoc(rule.documentation).partition("\n\n")
    bears = f" Bears on {', '.join(rule.requirements)}." if rule.requirements else ""
    facts = f"Category {rule.category}; {FIXES[rule.fix]}.{bears}"
    diff = "\n".join(["```diff", *example(rule), "```"])
    return "\n\n".join([f"# {rule.code} {rule.name}", _MADE, title, facts, body, "## Example", diff]) + "\n"
