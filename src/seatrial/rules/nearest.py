"""The nearest right answer to a name that is not there: by where things really live, then by how they are spelt."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from seatrial.rules.codebase import Codebase

_ALIKE = 0.8  # how alike two names must be to be taken for one misspelt
_LEAD = 0.02  # how far the best candidate must be ahead to be the only one


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that may have been meant. `why` continues the sentence "… is meant: it "."""

    name: str
    score: float
    why: str


def likeness(one: str, other: str) -> float:
    """How alike two names are, 1.0 for equal ones; separators and case count little."""
    from difflib import SequenceMatcher  # needed only where something is wrong

    left, right = (name.casefold().replace("_", "") for name in (one, other))
    return 0.5 * SequenceMatcher(None, one, other).ratio() + 0.5 * SequenceMatcher(None, left, right).ratio()


def nearest_name(wanted: str, names: Iterable[str]) -> str | None:
    """The one of the names that `wanted` most probably misspells; None when none or several are near."""
    scored = sorted(((likeness(wanted, name), name) for name in set(names) - {wanted}), reverse=True)
    near = [(score, name) for score, name in scored if score >= _ALIKE]
    if not near or (len(near) > 1 and near[0][0] - near[1][0] < _LEAD):
        return None
    return near[0][1]


def nearest_modules(code: Codebase, wanted: str, symbols: Collection[str]) -> tuple[Candidate, ...]:
    """Modules of the backend that an import of `wanted` may mean, best first.

    A candidate offers every one of the symbols asked for, and does not ask for them in the same place itself. Where
    names say nothing, the only module that defines them all is taken.
    """
    scored = [_scored(code, name, wanted, symbols) for name in sorted({*code.modules, *code.packages})]
    found = [candidate for candidate in scored if candidate is not None]
    if not found:
        found = _by_definition(code, symbols)
    return tuple(sorted(found, key=lambda candidate: -candidate.score))


def leader(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """The best candidate where it is clearly ahead of the next."""
    if not candidates or (len(candidates) > 1 and candidates[0].score - candidates[1].score < _LEAD):
        return None
    return candidates[0]


def _scored(code: Codebase, name: str, wanted: str, symbols: Collection[str]) -> Candidate | None:
    if name == wanted or not all(code.offers(name, symbol) for symbol in symbols):
        return None
    if any(_is_from(code, name, symbol, wanted) for symbol in symbols):
        return None
    alike = likeness(name, wanted)
    if name.casefold() == wanted.casefold():
        return Candidate(name, 2.0, "differs only in case")
    if name.endswith("." + wanted):
        return Candidate(name, 1.8 + 0.1 * alike, f"is the same path below `{name[: -len(wanted) - 1]}`")
    if wanted.endswith("." + name):
        return Candidate(name, 1.8 + 0.1 * alike, f"is the same path without `{wanted[: -len(name) - 1]}`")
    if shared := _shared_tail(name, wanted):
        return Candidate(name, 1.0 + 0.1 * shared + 0.3 * alike, "has the same last part")
    last = likeness(name.rpartition(".")[2], wanted.rpartition(".")[2])
    if alike >= _ALIKE or (last >= _ALIKE and (symbols or alike >= 0.7)):
        return Candidate(name, 0.5 * alike + 0.5 * last, "is spelt nearly the same")
    return None


def _is_from(code: Codebase, name: str, symbol: str, wanted: str) -> bool:
    """Whether the module `name` itself imports the symbol from the module that is wanted and not there."""
    file = code.module(name)
    binding = file.bindings.get(symbol) if file is not None else None
    if file is None or binding is None or binding.kind != "import":
        return False
    dots = len(binding.source) - len(binding.source.lstrip("."))
    parent = binding.source[dots:].rpartition(".")[0]
    return code.absolute(file.path, "." * dots + parent) == wanted if parent or dots else False


def _shared_tail(one: str, other: str) -> int:
    """How many parts of two dotted names agree, counted from the end."""
    count = 0
    for left, right in zip(reversed(one.split(".")), reversed(other.split(".")), strict=False):
        if left.casefold() != right.casefold():
            break
        count += 1
    return count


def _by_definition(code: Codebase, symbols: Collection[str]) -> list[Candidate]:
    homes: set[str] | None = None
    for symbol in symbols:
        found = {name for name, _ in code.definitions(symbol)}
        homes = found if homes is None else homes & found
    what = ", ".join(f"`{symbol}`" for symbol in symbols)
    return [Candidate(name, 0.4, f"alone defines {what}") for name in sorted(homes or ())]
