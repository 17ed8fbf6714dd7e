"""Every rule there is, found by walking this folder: adding a rule touches no list."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from seatrial import rules
from seatrial.rules.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of their codes. Raises LookupError when two have the same code or name."""
    found: dict[str, Rule] = {}
    names: set[str] = set()
    for module in _modules():
        rule = getattr(importlib.import_module(module), "RULE", None)
        if not isinstance(rule, Rule):
            continue
        if rule.code in found or rule.name in names:
            raise LookupError(f"{module}: another rule has the code {rule.code} or the name {rule.name}")
        found[rule.code] = rule
        names.add(rule.name)
    return tuple(found[code] for code in sorted(found))


def find_rule(code: str) -> Rule | None:
    """The rule with this code or name, in any case."""
    wanted = code.casefold()
    return next((rule for rule in all_rules() if wanted in (rule.code.casefold(), rule.name)), None)


def _modules() -> list[str]:
    """Dotted names of the files one folder down; the files beside this one are the framework."""
    folders = [info.name for info in pkgutil.iter_modules(rules.__path__, f"{rules.__name__}.") if info.ispkg]
    return [info.name for folder in folders for info in pkgutil.iter_modules(_path(folder), f"{folder}.")]


def _path(package: str) -> list[str]:
    return list(importlib.import_module(package).__path__)
