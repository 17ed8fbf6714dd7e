"""What a run found, as frozen values: the one thing that every report of it reads."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.issue import Severity
from seatrial.verification.evidence import Evidence
from seatrial.verification.probe import Probe, Verdict

_SEVERITIES = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Result:
    """What one probe found. `evidence` shows it, `controls` prove that a refusal was no accident.

    `same_as` is the id of an earlier probe that failed of the same flaw; the flaw is reported there.
    """

    probe: Probe
    verdict: Verdict
    reason: str
    severity: Severity
    evidence: tuple[Evidence, ...] = ()
    controls: tuple[Evidence, ...] = ()
    cause: str = ""
    fix: str = ""
    settle: str = ""
    facts: tuple[str, ...] = ()
    root: str = ""
    same_as: str = ""
    requests: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Verification:
    """A whole run against one URL.

    `source` says where the operations came from, `identities` how the two users came about. `created`, `deleted` and
    `left` name what the run made, removed and could not remove; `journal` is the file that can remove it, "" where
    nothing is left but what was allowed to stay. `limits` says what this run could not do, in a sentence each.
    `waited_s` is how long it took until the service was healthy, `first_s` how long its first answer took.
    """

    url: str
    results: tuple[Result, ...]
    frontend: str = ""
    source: str = ""
    identities: str = ""
    created: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    journal: str = ""
    limits: tuple[str, ...] = ()
    requests: int = 0
    duration_s: float = 0.0
    waited_s: float = 0.0
    first_s: float = 0.0
    interrupted: bool = False
    require: tuple[str, ...] = ()
    fail_level: Severity = Severity.ERROR

    @property
    def flaws(self) -> tuple[Result, ...]:
        """The failures, each flaw once, worst first."""
        found = [it for it in self.results if it.verdict is Verdict.FAIL and not it.same_as]
        return tuple(sorted(found, key=lambda it: _SEVERITIES.index(it.severity)))

    @property
    def failed(self) -> bool:
        """Whether a failure is at or above the fail level."""
        return any(_SEVERITIES.index(it.severity) <= _SEVERITIES.index(self.fail_level) for it in self.flaws)

    @property
    def unjudged(self) -> tuple[str, ...]:
        """The required groups that were not judged: a core probe of theirs is neither passed nor failed."""
        return tuple(group for group in self.require if not self._judged(group))

    def _judged(self, group: str) -> bool:
        core = [it for it in self.results if it.probe.group == group and it.probe.core]
        return bool(core) and all(it.verdict in (Verdict.PASS, Verdict.FAIL) for it in core)
