"""The values that every leg speaks in: where, how bad, why, and how to mend it.

Frozen values only; nothing here reads, runs or prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """When a fault bites, in the order in which a deployment meets them."""

    INSTALL = "install"
    IMPORT = "import"
    STARTUP = "startup"
    REQUEST = "request"
    PRODUCTION = "production"


class Severity(StrEnum):
    """How bad it is; the same scale for rules and live probes, worst first."""

    BLOCKER = "blocker"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Applicability(StrEnum):
    """Whether a fix may be applied as it stands (`safe`) or a person has to choose (`review`)."""

    SAFE = "safe"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two characters of a decoded file: line and column, both from 1, in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span of one file. `path` is relative to the audited PATH, with forward slashes."""

    path: str
    line: int
    column: int = 1
    end_line: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text between two positions of one file; a file that does not exist is created.

    `text` uses `\\n`; the file's own line ending is kept when the edit is applied.
    """

    path: str
    start: Position
    end: Position
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """Rename one file. Both paths are relative to the audited PATH."""

    source: str
    destination: str


@dataclass(frozen=True, slots=True)
class Fix:
    """The smallest change that mends one issue."""

    applicability: Applicability
    explanation: str
    edits: tuple[Edit, ...] = ()
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that the same root cause shows at."""

    location: Location
    message: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something that an issue says comes from: a file and line, or a distribution and its version."""

    claim: str
    source: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One root cause, with everything a person needs to mend it.

    `needs` are distributions with the specifier that a version must meet for the backend to work.
    """

    code: str
    name: str
    category: str
    severity: Severity
    stage: Stage
    location: Location
    problem: str
    cause: str
    requirements: tuple[str, ...] = ()
    fix: Fix | None = None
    no_fix_reason: str | None = None
    related: tuple[Related, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()


class Verdict(StrEnum):
    """What was found when a requirement was looked for."""

    HOLDS = "holds"
    FAILS = "fails"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Measure:
    """A requirement of the mission that was looked for, and what was found."""

    requirement: str
    verdict: Verdict
    statement: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """A file that could not be judged, and why. Never the same thing as a broken file."""

    path: str
    reason: str
