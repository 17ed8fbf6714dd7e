"""What would stop an installation, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from seatrial.issue import Location

Kind = Literal[
    "conflict",
    "no-such-version",
    "no-such-distribution",
    "no-wheel",
    "python-mismatch",
    "build-needed",
    "unreachable-index",
    "invalid-requirement",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One declared requirement as it is written, and where."""

    text: str
    name: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class InstallProblem:
    """One reason for which the declared dependencies cannot be installed as they stand.

    `lines` are the declared requirements that have to do with it, the one that was changed to go on first;
    `explanation` is uv's own. `instead` is what was resolved in their place "as if mended": the version by name,
    or an empty string for one that was left out. `pythons` are the versions of Python (`3.9`) for which the
    distribution that has no wheel here does have one. `broken` says why its source does not compile here, where that
    is known.
    """

    kind: Kind
    message: str
    requirements: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    explanation: str = ""
    instead: tuple[tuple[str, str], ...] = ()
    pythons: tuple[str, ...] = ()
    broken: str = ""

    @property
    def is_final(self) -> bool:
        """Whether no compiler and no library of the system gets an installation past it on this Python."""
        return bool(self.broken) or self.kind in ("no-wheel", "python-mismatch")


def problem_to(problem: InstallProblem) -> dict[str, Any]:
    """As JSON, for the cache."""
    return asdict(problem)


def problem_from(stored: Mapping[str, Any]) -> InstallProblem:
    """From JSON; raises KeyError, TypeError or ValueError for what is no problem of ours."""
    lines = tuple(
        Line(line["text"], line["name"], Location(**line["location"]) if line["location"] else None)
        for line in stored["lines"]
    )
    return InstallProblem(
        kind=stored["kind"],
        message=stored["message"],
        requirements=tuple(stored["requirements"]),
        lines=lines,
        explanation=stored["explanation"],
        instead=tuple((name, version) for name, version in stored["instead"]),
        pythons=tuple(stored["pythons"]),
        broken=stored["broken"],
    )
