"""Which Python a project asks for, in each of the spellings that projects use."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seatrial.issue import Location

Version = tuple[int, int, int]
SUPPORTED = ((3, 8), (3, 14))

_CLAUSE = re.compile(r"(===|==|~=|!=|<=|>=|<|>|\^|~|=)?\s*v?(\d+(?:\.\d+)*)(\.\*|\.x)?[0-9A-Za-z.+-]*$")
_NAMED = re.compile(r"(?:cpython|python|py)[-: ]*(?=\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """A Python that a file of the backend asks for, as it is spelt there, and where.

    `specifier` may be `>=3.11,<3.13`, `^3.9`, `3.12`, `3.11.4`, `python-3.11.4` (runtime.txt) or the tag of an
    image (`3.12-slim`).
    """

    specifier: str
    source: Location


def satisfies(version: Version, specifier: str) -> bool | None:
    """Whether an interpreter of this version is what `specifier` asks for; None where that cannot be read.

    A bare `3.12` asks for any 3.12; a bare `3.12.1` asks for that release.
    """
    alternatives = [part for part in specifier.split("||") if part.strip()]
    answers = [_satisfies_all(version, part) for part in alternatives]
    if True in answers:
        return True
    return None if None in answers or not answers else False


def _satisfies_all(version: Version, specifier: str) -> bool | None:
    text = _NAMED.sub("", specifier.strip().strip("\"'"))
    clauses = [clause.strip() for clause in re.split(r"[,\s]+(?![\d])|,", text) if clause.strip()]
    answers = [_clause_holds(version, clause) for clause in clauses]
    if False in answers:
        return False
    return None if None in answers or not answers else True


def _clause_holds(version: Version, clause: str) -> bool | None:
    if clause in ("*", "latest"):
        return True
    match = _CLAUSE.match(clause)
    if match is None:
        return None
    release = tuple(int(part) for part in match[2].split("."))[:3]
    return _compare(version, match[1] or "", release, wildcard=bool(match[3]))


def _compare(version: Version, operator: str, release: tuple[int, ...], *, wildcard: bool) -> bool:
    head = version[: len(release)]
    padded = (*release, 0, 0)[:3]
    match operator:
        case ">=":
            return version >= padded
        case "<=":
            return (head if wildcard else version) <= (release if wildcard else padded)
        case ">":
            return version > padded
        case "<":
            return version < padded
        case "!=":
            return head != release if wildcard else version != padded
        case "==" | "===":
            return head == release if wildcard else version == padded
        case "~=":
            return version >= padded and version[: max(1, len(release) - 1)] == release[:-1]
        case "^":
            return version >= padded and version[0] == release[0]
        case "~":
            return version >= padded and version[: min(2, len(release))] == release[:2]
    return head == release


def exact_minor(specifier: str) -> tuple[int, int] | None:
    """The one minor version that a wish such as `3.12`, `==3.11.*` or `python-3.11.4` names, if it names one."""
    match = _CLAUSE.match(_NAMED.sub("", specifier.strip().strip("\"'")))
    if match is None or match[1] not in (None, "==", "===", "=", "~"):
        return None
    parts = match[2].split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) > 1 else None


def first_minor(specifier: str) -> tuple[int, int] | None:
    """The first minor version that a wish mentions: where to look near when none that it asks for is there."""
    match = re.search(r"(\d+)\.(\d+)", specifier)
    return (int(match[1]), int(match[2])) if match else None


def spell(version: tuple[int, ...]) -> str:
    """`(3, 12, 1)` as `3.12.1`."""
    return ".".join(str(part) for part in version)
