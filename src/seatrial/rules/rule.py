"""What a rule is: a frozen value with a function, whose module's docstring is its documentation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from seatrial.issue import Evidence, Fix, Location, Measure, Related, Severity, Stage
from seatrial.rules.observation import Observation
from seatrial.simulation.timeline import Reach

if TYPE_CHECKING:
    from seatrial.rules.case import Case

SECTIONS = ("What it finds", "Why it bites", "What is flagged", "What is not", "Fix safety", "Reference")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: an issue without what the rule itself already says.

    `severity` is left out wherever it follows from `reach`, which is nearly everywhere. Either `fix` or
    `no_fix_reason` is given.
    """

    location: Location
    reach: Reach
    problem: str
    cause: str
    stage: Stage | None = None
    fix: Fix | None = None
    no_fix_reason: str | None = None
    related: tuple[Related, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    certain: bool = True
    severity: Severity | None = None
    needs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """Where `bad` is flagged, and how it really fails when started.

    `path` and `line` are those of the issue. `exception` is spelt as in a traceback; None where the server reports
    the failure in its own words. Where the start succeeds, the fault shows when `target` is started instead of what
    the project names, in the answer to `GET request`, which is an error of HTTP, or by an `observation`. With
    `database` the examples run beside the PostgreSQL that their papers name, else beside none; if `pooled`, behind a
    PgBouncer in transaction mode. `also` are the codes of rules that such a fault cannot but set off as well.
    `installed` is put into the environment of `bad` over what its manifest gives. With `image_python` the examples are
    judged for the Python of their Dockerfile, and installed with the one that there is, or that a version file names.
    """

    path: str
    line: int
    stage: Stage = Stage.IMPORT
    exception: str | None = None
    target: str | None = None
    request: str | None = None
    observation: Observation | None = None
    database: bool = False
    pooled: bool = False
    also: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()
    image_python: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of fault, with everything that is known of it.

    `fix` says how often an exact fix exists. `bad` and `good` are whole small projects, path to text; each
    starts by its own launch command after its own manifest is installed. A rule that is asked `last` sees in
    `Case.told` what the others have told. `measure` is asked where the rule found nothing that bears on its
    requirements: what shows that they hold, with its place, or why that cannot be told. Silence alone shows nothing.
    """

    code: str
    name: str
    summary: str
    check: Callable[[Case], Iterable[Finding]]
    fix: Literal["always", "sometimes", "never"]
    bad: Mapping[str, str]
    good: Mapping[str, str]
    expect: Expectation
    requirements: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    last: bool = False
    measure: Callable[[Case], Iterable[Measure]] | None = None

    @property
    def category(self) -> str:
        """The folder that the rule's file lies in."""
        return self.check.__module__.split(".")[-2]

    @property
    def documentation(self) -> str:
        """The docstring of the rule's file: a title, then the sections of `SECTIONS`."""
        return sys.modules[self.check.__module__].__doc__ or ""


def severity_of(reach: Reach, certain: bool = True) -> Severity:
    """How bad a fault is that is reached from there; what may or may not stop the start is a warning."""
    if reach is Reach.UNREACHED:
        return Severity.NOTE
    if not certain:
        return Severity.WARNING
    return Severity.ERROR if reach is Reach.REQUEST else Severity.BLOCKER


def stage_of(reach: Reach) -> Stage:
    """The stage at which a fault bites that is reached from there."""
    return {Reach.BOOT: Stage.IMPORT, Reach.STARTUP: Stage.STARTUP}.get(reach, Stage.REQUEST)
