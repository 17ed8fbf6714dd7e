"""Variables that code and papers spell differently."""

from __future__ import annotations

import difflib

from seatrial.issue import Location
from seatrial.project.settings_facts import EnvDocumented, Source
from seatrial.rules.case import Case

_CUTOFF = 0.86
_PAPERS = (Source.TEMPLATE, Source.COMPOSE, Source.DOCKERFILE, Source.PLATFORM)


def misspelt(case: Case, name: str) -> EnvDocumented | None:
    """What the papers call the variable that the code reads by this name; None where they mean no other."""
    unread = {
        item.name: item
        for item in reversed(case.papers.documented)
        if item.source in _PAPERS and item.active and not case.settings.of(item.name)
    }
    folded = {_folded(other): other for other in unread}
    if _folded(name) in folded:
        return unread[folded[_folded(name)]]
    bare = _without_prefix(case, name)
    if bare in unread:
        return unread[bare]
    near = difflib.get_close_matches(_folded(name), folded, n=2, cutoff=_CUTOFF)
    return unread[folded[near[0]]] if len(near) == 1 and _same_numbers(name, near[0]) else None


def _without_prefix(case: Case, name: str) -> str:
    """The variable as it would be called if the prefix of its settings class were left out; "" where it has none."""
    owners = {read.owner for read in case.settings.of(name)}
    prefixes = [it.prefix for it in case.settings.classes if it.name in owners and it.prefix]
    lengths = [len(prefix) for prefix in prefixes if name.lower().startswith(prefix.lower())]
    return name[lengths[0] :] if lengths else ""


def _folded(name: str) -> str:
    return name.upper().replace("_", "").replace("-", "")


def _same_numbers(name: str, other: str) -> bool:
    """`DB_1` and `DB_2` are two variables, however near they are."""
    digits = ["".join(c for c in text if c.isdigit()) for text in (name, other)]
    return digits[0] == digits[1]


def place_of(item: EnvDocumented) -> Location:
    """Where a paper names it."""
    return item.location
