"""What the commands found, as frozen values: the one thing that every report format reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from seatrial.boot import Boot
from seatrial.issue import Issue, Location, Measure, NotAnalysed, Severity, Stage
from seatrial.platforms.railpack import Choice
from seatrial.proof.building.values import Rate
from seatrial.proof.building.values import Step as BuildStage
from seatrial.simulation.timeline import ImportEdge, Route

SEVERITIES = tuple(Severity)
STAGES = tuple(Stage)


@dataclass(frozen=True, slots=True)
class LaunchTarget:
    """What starts the server (`src.main:app`) and the file that says so.

    `location` is None when the target was given by hand or found by convention. `resolves` says whether it
    leads to an application; None where that cannot be told.
    """

    value: str
    location: Location | None = None
    resolves: bool | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One issue and the unified diff of its fix. The diff is empty where the issue has no fix."""

    issue: Issue
    diff: str = ""

    @property
    def readable_diff(self) -> str:
        """The diff for a person's eyes: of a file in UTF-16, as PowerShell writes one, without the empty bytes."""
        return self.diff.replace("\0", "")


@dataclass(frozen=True, slots=True)
class Dependency:
    """One distribution of the backend, as the several places know it; None where a place does not name it.

    `declared` is the specifier of the manifest (`>=0.110`, or empty for any), the others are versions but for
    `required`: the specifier that a version must meet for the backend to work, where a rule knows one.
    """

    name: str
    declared: str | None = None
    locked: str | None = None
    installed: str | None = None
    resolved: str | None = None
    required: str | None = None


@dataclass(frozen=True, slots=True)
class Imports:
    """The import graph of the backend's own modules. A cycle lists its modules in order, without the repeated first.

    `modules` and `edges` are what the start executed, `unreached` the modules that it does not load, and `dormant` the
    imports that stand in files without being executed by it.
    """

    modules: tuple[str, ...] = ()
    edges: tuple[ImportEdge, ...] = ()
    cycles: tuple[tuple[str, ...], ...] = ()
    unreached: tuple[str, ...] = ()
    dormant: tuple[ImportEdge, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route and what guards it, as far as the text tells; middleware is not looked into."""

    route: Route
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: where it is read, and where it is documented."""

    name: str
    location: Location
    required: bool
    default: str | None = None
    documented: Location | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that `audit` found in one backend. Every path is relative to the audited PATH.

    `backend` is the backend's folder (`.` when it is PATH itself). `python` is the version it was judged for.
    `entries` of one severity and stage are in the order in which they would bite. `patch` is the one diff of
    all fixes that can be applied as they stand. `environment` says where the packages came from (`own`,
    `resolved`, `none`) and `limits` what could not be done, in a sentence each. `sources` holds the text of the
    files that entries lie in, for excerpts. `files` counts the source files read.
    """

    backend: str
    target: LaunchTarget | None
    python: str
    predicted: Boot
    entries: tuple[Entry, ...] = ()
    measures: tuple[Measure, ...] = ()
    manifest: tuple[Dependency, ...] = ()
    imports: Imports = field(default=Imports())
    routes: tuple[Endpoint, ...] = ()
    settings: tuple[Setting, ...] = ()
    not_analysed: tuple[NotAnalysed, ...] = ()
    patch: str = ""
    environment: str = "none"
    limits: tuple[str, ...] = ()
    files: int = 0
    fail_level: Severity = Severity.ERROR
    duration_s: float = 0.0
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether an issue is at or above the fail level."""
        return any(rank(entry.issue.severity) <= rank(self.fail_level) for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Step:
    """One start of the trial, after the fix of one issue was applied on top of the earlier ones."""

    code: str
    location: Location
    explanation: str
    boot: Boot


@dataclass(frozen=True, slots=True)
class Answer:
    """One request that the running backend answered."""

    method: str
    path: str
    status: int


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes of the source and those that the running backend served, each as `GET /tasks/{id}`."""

    expected: tuple[str, ...] = ()
    served: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The routes of the source that are not served, in the order of the source."""
        served = frozenset(self.served)
        return tuple(route for route in self.expected if route not in served)


@dataclass(frozen=True, slots=True)
class Trial:
    """What `boot` saw: the start as it stands, one more for each fix, and the last of them.

    `after` is the last start. `patch` is the diff of the fixes applied. `unexplained` holds the failures that
    the audit did not predict. `answers` are the requests that the last start answered. `limits` says what this
    machine could not do, in a sentence each. `sources` is as in `Audit`.
    """

    backend: str
    target: LaunchTarget | None
    python: str
    before: Boot
    after: Boot
    steps: tuple[Step, ...] = ()
    patch: str = ""
    routes: Routes = field(default=Routes())
    unexplained: tuple[Entry, ...] = ()
    answers: tuple[Answer, ...] = ()
    limits: tuple[str, ...] = ()
    duration_s: float = 0.0
    sources: Mapping[str, str] = field(default_factory=dict)


def rank(severity: Severity) -> int:
    """The place of a severity on its scale, 0 for the worst."""
    return SEVERITIES.index(severity)


def ranked(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Worst first, then in the order in which a deployment meets them; the given order where both are equal."""
    return tuple(sorted(entries, key=lambda it: (rank(it.issue.severity), STAGES.index(it.issue.stage))))


def count(entries: Iterable[Entry]) -> dict[Severity, int]:
    """How many issues there are of each severity, worst first, the absent ones with 0."""
    severities = [entry.issue.severity for entry in entries]
    return {severity: severities.count(severity) for severity in SEVERITIES}


@dataclass(frozen=True, slots=True)
class Mended:
    """A second build with the audit's fixes: their codes, their diff, and what became of the stages."""

    applied: tuple[str, ...]
    patch: str
    stages: tuple[BuildStage, ...] = ()
    verdict: str = "pass"


@dataclass(frozen=True, slots=True)
class Build:
    """What `build` saw. `verdict` is `pass`, `fail`, or `inconclusive` where a stage could not be judged.

    `stages` are all stages in order, `choices` what the platform decides by itself, `artefacts` sizes in bytes by name.
    `memory` (bytes) and `cpus` are the limits that it ran under. `sources` is as in `Audit`.
    """

    backend: str
    target: LaunchTarget | None
    python: str
    platform: str
    verdict: str
    stages: tuple[BuildStage, ...]
    choices: tuple[Choice, ...] = ()
    entries: tuple[Entry, ...] = ()
    measures: tuple[Measure, ...] = ()
    mended: Mended | None = None
    rate: Rate | None = None
    artefacts: Mapping[str, int] = field(default_factory=dict)
    memory: int | None = None
    cpus: float | None = None
    duration_s: float = 0.0
    sources: Mapping[str, str] = field(default_factory=dict)
