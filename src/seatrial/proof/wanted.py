"""Which services a backend wants beside it: by its documented environment, its defaults, and its served code itself."""

from __future__ import annotations

import ast
import re

from seatrial.project.settings_environment import is_apart
from seatrial.proof.databases import Services, is_address_part, named
from seatrial.simulation.gather import Facts, texts_of

_ADDRESS = re.compile(r"""(["'])((?:postgres(?:ql)?(?:\+\w+)?|rediss?)://[^\s"'{}<>]+)\1""")


def services_of(facts: Facts) -> Services:
    """The databases that have to run wherever this backend is started; what is documented comes before a default."""
    documented = {value.name: value.value for value in facts.documented.values}
    return named({**literals(facts), **defaults(facts), **documented, **facts.documented.process})


def defaults(facts: Facts) -> dict[str, str]:
    """What the code takes where no variable is set: a database that only a default names is a configured one too."""
    found: dict[str, str] = {}
    for read in facts.settings.reads:
        try:
            value = ast.literal_eval(read.default or "None")
        except (ValueError, SyntaxError):
            continue
        if isinstance(value, str) and "://" in value:
            found[read.name] = value
        elif isinstance(value, str | int) and is_address_part(read.name):
            found[read.name] = str(value)
    return found


def literals(facts: Facts) -> dict[str, str]:
    """The services whose addresses stand in the served code itself, by where they stand."""
    found: dict[str, str] = {}
    for path, text in texts_of(facts.trees).items():
        if "://" in text and not is_apart(path):
            found.update({f"{path}:{match.start()}": match[2] for match in _ADDRESS.finditer(text)})
    return found
