"""The shape of `--format json`, field by field and in order: a promise to the programs that read it.

These types are what `report/json.py` builds, and what the published JSON Schemas are made from. Paths are relative
to the audited PATH, with forward slashes; lines and columns count from 1.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

OutcomeName = Literal["serves", "fails", "unknown"]
StageName = Literal["install", "import", "startup", "request", "production"]
SeverityName = Literal["blocker", "error", "warning", "note"]
VerdictName = Literal["holds", "fails", "cannot tell"]


class BootDocument(TypedDict):
    """How far a start got and why it stopped."""

    outcome: OutcomeName
    stage: Annotated[StageName | None, "Where the start stopped; null unless the outcome is `fails`."]
    exception: Annotated[str | None, "The exception as a traceback spells it."]
    message: Annotated[str | None, "The exception's text; for `unknown`, why it cannot be told."]
    path: Annotated[str | None, "The file of the failing frame, the innermost one of the backend."]
    line: int | None


class TargetDocument(TypedDict):
    """What starts the server."""

    value: Annotated[str, "Such as `src.main:app`."]
    path: Annotated[str | None, "The file that says so; null when given by hand or found by convention."]
    line: int | None
    resolves: Annotated[bool | None, "Whether it leads to an application; null when that cannot be told."]


class PredictionDocument(TypedDict):
    """What would happen when the server is started."""

    predicted: BootDocument


class FixDocument(TypedDict):
    """The smallest change that mends an issue."""

    applicability: Annotated[Literal["safe", "review"], "`safe` can be applied as it stands; `review` needs a choice."]
    explanation: str
    diff: Annotated[str, "A unified diff that `git apply` takes in PATH."]


class RelatedDocument(TypedDict):
    """Another place at which the same root cause shows."""

    path: str
    line: int
    message: str


class EvidenceDocument(TypedDict):
    """Where something that an issue says comes from."""

    claim: str
    source: Annotated[str, "A file and line, or a distribution and its version."]


class IssueDocument(TypedDict):
    """One root cause."""

    code: str
    name: str
    category: str
    severity: SeverityName
    stage: StageName
    path: str
    line: int
    column: int
    end_line: int | None
    problem: str
    cause: str
    requirements: Annotated[list[str], "Ids of the requirements that the issue bears on."]
    fix: FixDocument | None
    no_fix_reason: Annotated[str | None, "Why there is no fix; null when there is one."]
    related: list[RelatedDocument]
    evidence: list[EvidenceDocument]


class MeasureDocument(TypedDict):
    """A requirement that was looked for, and what was found."""

    requirement: str
    verdict: VerdictName
    statement: str
    path: str | None
    line: int | None


class DependencyDocument(TypedDict):
    """One distribution; null where a place does not name it."""

    name: str
    declared: Annotated[str | None, "The manifest's specifier; empty for any version."]
    locked: str | None
    installed: str | None
    resolved: str | None
    required: Annotated[str | None, "The specifier that the backend needs, where a rule knows one."]


class EdgeDocument(TypedDict):
    """One import, module to module."""

    importer: str
    imported: str
    path: str
    line: int
    executed: Annotated[bool, "Whether the start executes it; otherwise it only stands in the file."]


class ImportsDocument(TypedDict):
    """The import graph of the backend's own modules."""

    modules: Annotated[list[str], "Those that the start loads."]
    edges: list[EdgeDocument]
    cycles: Annotated[list[list[str]], "The modules of each cycle in order, without the repeated first."]
    unreached: Annotated[list[str], "Modules that the start does not load."]


class RouteDocument(TypedDict):
    """One route of the source."""

    path: Annotated[str, "The URL path, such as `/tasks/{id}`."]
    methods: list[str]
    endpoint: str
    file: str
    line: int
    included: Annotated[bool, "Whether the application would serve it."]
    guards: Annotated[list[str], "The security schemes asked before it runs, as far as the text tells."]


class PlaceDocument(TypedDict):
    """A line of a file."""

    path: str
    line: int


class SettingDocument(TypedDict):
    """One environment variable that the backend reads."""

    name: str
    required: bool
    default: str | None
    path: str
    line: int
    documented: PlaceDocument | None


class NotAnalysedDocument(TypedDict):
    """A file that could not be judged, which is not the same as a broken one."""

    path: str
    reason: str


class SummaryDocument(TypedDict):
    """The counts, and what this run could and could not do."""

    issues: int
    blocker: int
    error: int
    warning: int
    note: int
    fixes: Annotated[dict[str, int], "Issues by what mends them: `safe`, `review`, `none`."]
    measures: Annotated[dict[str, int], "Measures by verdict."]
    files: Annotated[int, "Source files read."]
    environment: Annotated[str, "Where the packages came from: `own`, `resolved` or `none`."]
    limits: Annotated[list[str], "What could not be done, in a sentence each."]
    fail_level: SeverityName
    failed: Annotated[bool, "Whether an issue is at or above the fail level."]


class AuditDocument(TypedDict):
    """What `seatrial audit --format json` prints."""

    schema: Literal["seatrial/audit/1"]
    backend: Annotated[str, "The backend's folder; `.` when it is PATH itself."]
    target: TargetDocument | None
    python: Annotated[str, "The version of Python that the backend was judged for."]
    boot: PredictionDocument
    issues: Annotated[list[IssueDocument], "Worst first; of one kind, in the order in which they would bite."]
    measures: list[MeasureDocument]
    manifest: list[DependencyDocument]
    imports: ImportsDocument
    routes: list[RouteDocument]
    settings: list[SettingDocument]
    not_analysed: list[NotAnalysedDocument]
    summary: SummaryDocument
    duration_s: float


class EvidenceOfExchange(TypedDict):
    """One request and its answer, without secrets."""

    by: Annotated[str, "Who asked: `A`, `B` or `nobody`."]
    note: str
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: str
    status: int
    headers: dict[str, str]
    body: Annotated[str, "At most its first 600 characters."]
    seconds: float
    curl: Annotated[str, "A shell line that sends it again; tokens are variables such as `$TOKEN_B`."]


class ProbeDocument(TypedDict):
    """What one probe found."""

    id: str
    name: str
    group: str
    severity: SeverityName
    verdict: Literal["pass", "fail", "inconclusive", "skipped"]
    reason: str
    cause: Annotated[str, "Why it fails; empty unless it does."]
    fix: Annotated[str, "What mends it; empty unless it fails."]
    settle: Annotated[str, "What would settle it; empty for a pass and a failure."]
    facts: list[str]
    evidence: list[EvidenceOfExchange]
    controls: Annotated[list[EvidenceOfExchange], "What proves that a refusal was no accident."]
    same_as: Annotated[str | None, "The id of an earlier probe that failed of the same flaw."]
    reference: str
    requirements: list[str]
    requests: int
    duration_s: float


class VerificationDocument(TypedDict):
    """What `seatrial verify --format json` prints."""

    schema: Literal["seatrial/verify/1"]
    url: str
    frontend: str | None
    source: Annotated[str, "Where the operations came from."]
    identities: Annotated[str, "How the two users came about; empty where there are none."]
    probes: Annotated[list[ProbeDocument], "In the order in which they were asked."]
    verdicts: Annotated[dict[str, int], "Probes by verdict."]
    flaws: Annotated[list[str], "The ids of the failed probes, each flaw once, worst first."]
    failed: Annotated[bool, "Whether a flaw is at or above the fail level."]
    fail_level: SeverityName
    unjudged: Annotated[list[str], "The required groups that could not be judged."]
    created: list[str]
    deleted: list[str]
    left: list[str]
    journal: Annotated[str | None, "What `--cleanup` takes; null where nothing is left."]
    limits: Annotated[list[str], "What could not be done, in a sentence each."]
    interrupted: bool
    requests: int
    waited_s: float
    first_answer_s: float
    duration_s: float


class AuditsDocument(TypedDict):
    """What `seatrial audit --all --format json` prints."""

    schema: Literal["seatrial/audits/1"]
    audits: list[AuditDocument]


class RoutesDocument(TypedDict):
    """Routes as `GET /tasks/{id}`."""

    expected: Annotated[list[str], "Those of the source."]
    served: Annotated[list[str], "Those that the running backend served."]


class TrialDocument(TypedDict):
    """What `seatrial boot --format json` prints."""

    schema: Literal["seatrial/boot/1"]
    before: Annotated[BootDocument, "The start as the backend stands."]
    after: Annotated[BootDocument, "The last start, with every fix of `applied`."]
    applied: Annotated[list[str], "The codes of the issues whose fixes were applied, in order."]
    patch: Annotated[str, "The fixes applied, as a unified diff that `git apply` takes in PATH."]
    routes: RoutesDocument
    unexplained: Annotated[list[IssueDocument], "Failures that the audit did not predict."]
    duration_s: float


MarkName = Literal["pass", "fail", "inconclusive", "skipped"]


class BuildStageDocument(TypedDict):
    """One stage of a build."""

    name: str
    verdict: MarkName
    duration_s: float
    evidence: Annotated[list[str], "What was run and seen, line by line."]


class ChoiceDocument(TypedDict):
    """One thing that a platform decides by itself."""

    subject: Annotated[str, "Such as `provider`, `installer`, `python`, `start command`."]
    value: str
    rule: Annotated[str, "The rule that decides it, in a sentence."]
    source: Annotated[str, "Where the rule is published."]
    path: Annotated[str | None, "The file of the backend that it goes by."]
    line: int | None


class RateDocument(TypedDict):
    """How many of several builds succeeded."""

    attempts: int
    built: Annotated[int, "Builds that ran through."]
    served: Annotated[int, "Builds whose starts all served."]
    seconds: list[float]


class MendedBuildDocument(TypedDict):
    """The second build, with the audit's fixes."""

    verdict: MarkName
    applied: Annotated[list[str], "The codes of the issues whose fixes were applied, in order."]
    patch: Annotated[str, "The fixes applied, as a unified diff that `git apply` takes in PATH."]
    stages: list[BuildStageDocument]


class LimitsDocument(TypedDict):
    """The limits that the build ran under; null where there were none."""

    memory: Annotated[int | None, "Bytes."]
    cpus: float | None


class BuildDocument(TypedDict):
    """What `seatrial build --format json` prints."""

    schema: Literal["seatrial/build/1"]
    backend: Annotated[str, "The backend's folder; `.` when it is PATH itself."]
    target: TargetDocument | None
    python: Annotated[str, "The version of Python that it was built for."]
    platform: Annotated[str | None, "The platform whose rules it was built by, such as `railway`."]
    verdict: MarkName
    stages: list[BuildStageDocument]
    choices: list[ChoiceDocument]
    issues: list[IssueDocument]
    measures: list[MeasureDocument]
    mended: Annotated[MendedBuildDocument | None, "With `--fix`, where something failed that the audit can mend."]
    rate: Annotated[RateDocument | None, "With `--repeat`."]
    artefacts: Annotated[dict[str, int], "What the build leaves, by name, in bytes."]
    limits: LimitsDocument
    duration_s: float


class KnownDocument(TypedDict):
    """One issue that is known."""

    fingerprint: Annotated[str, "Its rule, file and line's text; it outlives a move of the line."]
    code: str
    path: str
    problem: str


class BaselineDocument(TypedDict):
    """What `seatrial audit --baseline FILE --update-baseline` writes."""

    schema: Literal["seatrial/baseline/1"]
    issues: list[KnownDocument]


class PaperDocument(TypedDict):
    """How one paper stands."""

    name: Annotated[str, "The kind of paper."]
    path: str
    state: Annotated[
        Literal["missing", "stale", "in step", "yours"], "`yours`: a person wrote or changed it, and it is left alone."
    ]


class PreparationDocument(TypedDict):
    """What `seatrial prepare --format json` prints."""

    schema: Literal["seatrial/prepare/1"]
    backend: str
    papers: list[PaperDocument]
    out_of_step: Annotated[bool, "Whether anything would be written; with `--check` the command exits with 1 then."]
    written: Annotated[list[str], "The files that `--write` changed."]
    applied: Annotated[list[str], "Codes of the audit's fixes that are part of the patch."]
    patch: Annotated[str, "A unified diff that `git apply` takes in PATH."]
    notes: Annotated[list[str], "What was left out, and why."]
    duration_s: float
