"""What a build is made of: stages, each with a verdict and what was seen. Frozen values, nothing here runs anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from seatrial.issue import Evidence, Issue, Location, Severity, Stage
from seatrial.options import BuildOptions
from seatrial.platforms.railpack import Choice


class Mark(StrEnum):
    """What came of one stage. `inconclusive` has a reason among the evidence, and so has `skipped`."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One stage that was carried out: its verdict, its time in seconds, what was seen, and the issues it raises."""

    name: str
    mark: Mark
    evidence: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of several builds ran through, and how many of their starts served; seconds of each build."""

    attempts: int
    built: int
    served: int
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """One whole build. `artefacts` are what it leaves, by name, in bytes; `choices` are the platform's.

    `python` is the version that it was built for.
    """

    steps: tuple[Step, ...]
    choices: tuple[Choice, ...] = ()
    artefacts: Mapping[str, int] = field(default_factory=dict)
    python: str = ""
    rate: Rate | None = None

    @property
    def failed(self) -> bool:
        """Whether a stage failed."""
        return any(step.mark is Mark.FAIL for step in self.steps)

    @property
    def undecided(self) -> bool:
        """Whether a stage could not be judged."""
        return any(step.mark is Mark.INCONCLUSIVE for step in self.steps)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The issues of all stages, each once."""
        return tuple(dict.fromkeys(issue for step in self.steps for issue in step.issues))


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of failure that only a build sees. `requirements` are ids of the mission."""

    code: str
    name: str
    severity: Severity
    stage: Stage
    requirements: tuple[str, ...]

    def issue(
        self, location: Location, problem: str, cause: str, evidence: tuple[str, ...] = (), way_out: str = ""
    ) -> Issue:
        """The issue of one such failure. `way_out` says what a person can do, as no exact fix can be known."""
        return Issue(
            code=self.code,
            name=self.name,
            category="build",
            severity=self.severity,
            stage=self.stage,
            location=location,
            problem=problem,
            cause=cause,
            requirements=self.requirements,
            no_fix_reason=way_out or "What has to change depends on what the program said.",
            evidence=tuple(Evidence(line, "seen in the clean room") for line in evidence),
        )


UNRESOLVED = Fault("BLD001", "unresolved-dependencies", Severity.BLOCKER, Stage.INSTALL, ("B1", "B2"))
OUT_OF_STEP = Fault("BLD002", "lock-out-of-step", Severity.ERROR, Stage.INSTALL, ("B2",))
NOT_INSTALLED = Fault("BLD003", "install-failed", Severity.BLOCKER, Stage.INSTALL, ("B1",))
INCOMPATIBLE = Fault("BLD004", "incompatible-packages", Severity.ERROR, Stage.INSTALL, ("B2",))
NOT_COMPILED = Fault("BLD005", "does-not-compile", Severity.ERROR, Stage.IMPORT, ("B3",))
NOT_IMPORTED = Fault("BLD006", "does-not-import", Severity.BLOCKER, Stage.IMPORT, ("B3",))
NOT_STARTED = Fault("BLD007", "does-not-start", Severity.BLOCKER, Stage.STARTUP, ("B3",))
NOT_IN_PRODUCTION = Fault("BLD008", "not-in-production", Severity.BLOCKER, Stage.PRODUCTION, ("B3", "C1"))
NOT_STOPPED = Fault("BLD009", "ignores-sigterm", Severity.ERROR, Stage.PRODUCTION, ("B3", "C1"))
CUT_OFF = Fault("BLD010", "cuts-requests-off", Severity.WARNING, Stage.PRODUCTION, ("C1",))
WRONG_PORT = Fault("BLD011", "ignores-port", Severity.ERROR, Stage.PRODUCTION, ("C1",))
NO_IMAGE = Fault("BLD012", "image-does-not-build", Severity.BLOCKER, Stage.INSTALL, ("B6",))
NO_CONTAINER = Fault("BLD013", "container-does-not-serve", Severity.BLOCKER, Stage.STARTUP, ("B6",))
ROOT_USER = Fault("BLD014", "runs-as-root", Severity.WARNING, Stage.PRODUCTION, ("B6", "B12"))
NO_HEALTH_CHECK = Fault("BLD015", "no-health-check", Severity.NOTE, Stage.PRODUCTION, ("B6",))
UNHEALTHY = Fault("BLD016", "unhealthy", Severity.ERROR, Stage.PRODUCTION, ("B6",))
SECRET_IN_IMAGE = Fault("BLD017", "secret-in-image", Severity.ERROR, Stage.PRODUCTION, ("B5", "B12"))
NO_STACK = Fault("BLD018", "stack-does-not-come-up", Severity.BLOCKER, Stage.STARTUP, ("B6",))
NO_PLAN = Fault("BLD019", "platform-cannot-build", Severity.BLOCKER, Stage.INSTALL, ("B1", "C2"))
UNSTEADY = Fault("BLD020", "not-every-time", Severity.ERROR, Stage.STARTUP, ("B1", "B3"))
OVER_LIMIT = Fault("BLD021", "over-the-limit", Severity.ERROR, Stage.PRODUCTION, ("B11",))


def limits_in_words(options: BuildOptions) -> str:
    """The platform's limits, such as `256 MiB and 0.5 CPU`; "" where none are set."""
    memory = f"{options.memory // (1 << 20)} MiB" if options.memory else ""
    processors = f"{options.cpus:g} CPU" if options.cpus else ""
    return " and ".join(part for part in (memory, processors) if part)
