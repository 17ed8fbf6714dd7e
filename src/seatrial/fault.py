"""Kinds of failure that no rule reads from the source: a real start or build shows them, or the audit itself."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.issue import Evidence, Issue, Location, Severity, Stage


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind. `requirements` are ids of the mission; `summary`, `why` and `mend` are its documentation."""

    code: str
    name: str
    severity: Severity
    stage: Stage
    requirements: tuple[str, ...]
    summary: str
    why: str
    mend: str
    category: str = "build"

    def issue(
        self, location: Location, problem: str, cause: str, evidence: tuple[str, ...] = (), way_out: str = ""
    ) -> Issue:
        """The issue of one such failure. `way_out` says what a person can do here, as no exact fix can
        be known; else it is what mends this kind.
        """
        return Issue(
            code=self.code,
            name=self.name,
            category=self.category,
            severity=self.severity,
            stage=self.stage,
            location=location,
            problem=problem,
            cause=cause,
            requirements=self.requirements,
            no_fix_reason=way_out or self.mend,
            evidence=tuple(Evidence(line, "seen in the clean room") for line in evidence),
        )
