"""What a build is made of: stages, each with a verdict and what was seen. Frozen values, nothing here runs anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from seatrial.fault import Fault
from seatrial.issue import Issue, Severity, Stage
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


UNRESOLVED = Fault(
    "BLD001",
    "unresolved-dependencies",
    Severity.BLOCKER,
    Stage.INSTALL,
    ("B1", "B2"),
    "What is declared cannot be resolved",
    "No set of releases meets every declared requirement, so that no installer installs anything.",
    "Widen or drop the requirement that the resolver names; its words are in the evidence.",
)
OUT_OF_STEP = Fault(
    "BLD002",
    "lock-out-of-step",
    Severity.ERROR,
    Stage.INSTALL,
    ("B2",),
    "The lock file is not in step with what is declared",
    "A platform refuses the lock, or installs something else than what was developed with.",
    "Lock again with the tool that wrote the file, and commit the result.",
)
NOT_INSTALLED = Fault(
    "BLD003",
    "install-failed",
    Severity.BLOCKER,
    Stage.INSTALL,
    ("B1",),
    "What is declared cannot be installed",
    "The installer stops, so that there is nothing to start.",
    (
        "The evidence has the installer's last words. Most often a package has no wheel for this Python and "
        "needs a compiler, or a release is not there any more."
    ),
)
INCOMPATIBLE = Fault(
    "BLD004",
    "incompatible-packages",
    Severity.ERROR,
    Stage.INSTALL,
    ("B2",),
    "Installed packages do not fit together",
    "A package asks for another release of one that is installed: it may fail as soon as it is used.",
    "Declare releases that fit together, and lock again.",
)
NOT_COMPILED = Fault(
    "BLD005",
    "does-not-compile",
    Severity.ERROR,
    Stage.IMPORT,
    ("B3",),
    "A source file does not compile",
    "Its import fails, whenever it is reached.",
    "Mend the syntax at the place, or declare the newer Python that it is written for.",
)
NOT_IMPORTED = Fault(
    "BLD006",
    "does-not-import",
    Severity.BLOCKER,
    Stage.IMPORT,
    ("B3",),
    "The launch target cannot be imported in the clean room",
    (
        "The server stops before it listens. On the author's machine something is installed or set that is "
        "declared nowhere."
    ),
    (
        "`seatrial audit` names the cause where it can be read from the source; `seatrial build --fix` "
        "applies and proves it."
    ),
)
NOT_STARTED = Fault(
    "BLD007",
    "does-not-start",
    Severity.BLOCKER,
    Stage.STARTUP,
    ("B3",),
    "The application does not start in its documented environment",
    "Its startup fails: the platform restarts it again and again.",
    "`seatrial audit` names the cause where it can be read from the source; else the evidence has the exception.",
)
NOT_IN_PRODUCTION = Fault(
    "BLD008",
    "not-in-production",
    Severity.BLOCKER,
    Stage.PRODUCTION,
    ("B3", "C1"),
    "It does not start as a platform starts it",
    "By the platform's command, `$PORT` and production settings, it stops where development did not.",
    (
        "The evidence has the command and the exception. Give production's own variables with --env-file to "
        "have those judged."
    ),
)
NOT_STOPPED = Fault(
    "BLD009",
    "ignores-sigterm",
    Severity.ERROR,
    Stage.PRODUCTION,
    ("B3", "C1"),
    "The server does not end at SIGTERM",
    "Platforms send SIGTERM and kill what is left after some seconds: requests and writes of that moment are lost.",
    (
        "Let the server be the process that gets the signal (`exec` in scripts, the exec form of CMD), and "
        "end what runs in the background at shutdown."
    ),
)
CUT_OFF = Fault(
    "BLD010",
    "cuts-requests-off",
    Severity.WARNING,
    Stage.PRODUCTION,
    ("C1",),
    "A request under way is cut off at SIGTERM",
    "Each deployment fails the requests of that moment.",
    "Give the server time to finish: uvicorn's --timeout-graceful-shutdown, and a platform that waits as long.",
)
WRONG_PORT = Fault(
    "BLD011",
    "ignores-port",
    Severity.ERROR,
    Stage.PRODUCTION,
    ("C1",),
    "The server does not listen where the platform sends requests",
    "Platforms route to `$PORT` on all addresses; whatever listens elsewhere is taken for dead.",
    "Start with `--host 0.0.0.0 --port $PORT`.",
)
NO_IMAGE = Fault(
    "BLD012",
    "image-does-not-build",
    Severity.BLOCKER,
    Stage.INSTALL,
    ("B6",),
    "The image does not build",
    "Without an image there is nothing to deploy.",
    "The evidence has the step that failed and its last words.",
)
NO_CONTAINER = Fault(
    "BLD013",
    "container-does-not-serve",
    Severity.BLOCKER,
    Stage.STARTUP,
    ("B6",),
    "The container does not serve",
    "The image builds, and what it starts ends, or answers nobody.",
    (
        "The evidence has what the container said. Compare with the stage `production`, which starts the "
        "same without an image."
    ),
)
ROOT_USER = Fault(
    "BLD014",
    "runs-as-root",
    Severity.WARNING,
    Stage.PRODUCTION,
    ("B6", "B12"),
    "The image runs as root",
    "Whoever breaks into the service is root in its container.",
    "Add a user to the Dockerfile and a USER instruction behind what needs root.",
)
NO_HEALTH_CHECK = Fault(
    "BLD015",
    "image-has-no-health-check",
    Severity.NOTE,
    Stage.PRODUCTION,
    ("B6",),
    "The image has no health check",
    "An engine or compose cannot tell a server that hangs from one that serves.",
    "Add a HEALTHCHECK that asks the health endpoint.",
)
UNHEALTHY = Fault(
    "BLD016",
    "unhealthy",
    Severity.ERROR,
    Stage.PRODUCTION,
    ("B6",),
    "A health check fails, though the server answers",
    "The engine takes the service for dead: what depends on it is not started, and it may be restarted for ever.",
    "Run the check's command inside the container: mostly its tool, its port or its path is not there.",
)
SECRET_IN_IMAGE = Fault(
    "BLD017",
    "secret-in-image",
    Severity.ERROR,
    Stage.PRODUCTION,
    ("B5", "B12"),
    "The image holds a secret",
    "Whoever can pull the image can read it, from every layer, for ever.",
    "Keep it out by .dockerignore or a build secret, and replace it: it has been given away.",
)
NO_STACK = Fault(
    "BLD018",
    "stack-does-not-come-up",
    Severity.BLOCKER,
    Stage.STARTUP,
    ("B6",),
    "The compose stack does not come up",
    "What the compose file describes does not run as it is described.",
    "The evidence has the service that stopped and its last words.",
)
NO_PLAN = Fault(
    "BLD019",
    "platform-cannot-build",
    Severity.BLOCKER,
    Stage.INSTALL,
    ("B1", "C2"),
    "The platform cannot build this repository",
    "By its documented rules the platform finds nothing to build or to start here.",
    "`seatrial prepare --for railway` writes the papers that it looks for.",
)
UNSTEADY = Fault(
    "BLD020",
    "not-every-time",
    Severity.ERROR,
    Stage.STARTUP,
    ("B1", "B3"),
    "It does not come out the same each time",
    "Some builds or starts succeed and some fail: so will deployments.",
    "The evidence has the stage that differs; mostly it waits for something for a fixed time.",
)
OVER_LIMIT = Fault(
    "BLD021",
    "over-the-limit",
    Severity.ERROR,
    Stage.PRODUCTION,
    ("B11",),
    "It needs more than the platform gives",
    "The platform kills what needs more memory than it has.",
    "Fewer workers, smaller pools and caches, or a larger plan.",
)

FAULTS = tuple(it for it in list(globals().values()) if isinstance(it, Fault))
"""All of them, in the order of their codes."""


def limits_in_words(options: BuildOptions) -> str:
    """The platform's limits, such as `256 MiB and 0.5 CPU`; "" where none are set."""
    memory = f"{options.memory // (1 << 20)} MiB" if options.memory else ""
    processors = f"{options.cpus:g} CPU" if options.cpus else ""
    return " and ".join(part for part in (memory, processors) if part)
