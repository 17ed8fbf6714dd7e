"""Why a stage failed: the audit's own issue where it names the cause, with its fix, instead of the bare failure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from seatrial.issue import Evidence, Issue, Location, Severity, Stage
from seatrial.proof.building.values import Built, Mark, Step

# A stage of a build, and the stages of a boot whose blockers explain its failure.
_EXPLAINED_BY = {
    "resolve": (Stage.INSTALL,),
    "lock": (Stage.INSTALL,),
    "install": (Stage.INSTALL,),
    "compatibility": (Stage.INSTALL,),
    "byte-compile": (Stage.IMPORT,),
    "import": (Stage.IMPORT, Stage.INSTALL),
    "start": (Stage.STARTUP, Stage.REQUEST),
    "production": (Stage.IMPORT, Stage.STARTUP, Stage.REQUEST),
    "container": (Stage.IMPORT, Stage.STARTUP, Stage.REQUEST),
}


def explained(built: Built, audit: Sequence[Issue]) -> Built:
    """The same build, with every failure led back to the issue of the audit that names its cause."""
    return replace(built, steps=tuple(_explained(step, audit) for step in built.steps))


def _explained(step: Step, audit: Sequence[Issue]) -> Step:
    if step.name in ("image", "container"):
        step = replace(step, issues=tuple(dict.fromkeys(_of_image(it, audit) for it in step.issues)))
    if step.mark is not Mark.FAIL or step.name not in _EXPLAINED_BY:
        return step
    found: list[Issue] = []
    for issue in step.issues:
        cause = _cause(issue, step, audit)
        found.append(_seen(cause, issue) if cause is not None else issue)
    return replace(step, issues=tuple(dict.fromkeys(found)))


def _of_image(issue: Issue, audit: Iterable[Issue]) -> Issue:
    """The audit's own issue of what the image shows, which has the line and the fix; else what was seen."""
    code = _OF_IMAGES.get(issue.code)
    if code is None or (issue.code == "BLD017" and ".env` is in" not in issue.problem):
        return issue
    same = next((it for it in audit if it.code == code and it.location.path == issue.location.path), None)
    return _seen(same, issue) if same is not None else issue


# What the engine sees of an image, and the rule that reads it in the Dockerfile.
_OF_IMAGES = {"BLD011": "DPL001", "BLD014": "DPL007", "BLD015": "DPL009", "BLD017": "DPL008"}


def _cause(issue: Issue, step: Step, audit: Iterable[Issue]) -> Issue | None:
    """The issue at the very line, else the first blocker of that stage; None where the failure is of another kind."""
    if issue.severity not in (Severity.BLOCKER, Severity.ERROR) or issue.code in _OWN:
        return None
    candidates = [it for it in audit if it.stage in _EXPLAINED_BY[step.name]]
    places = {(issue.location.path, issue.location.line)}
    at = [it for it in candidates if places & {(here.path, here.line) for here in _places(it)}]
    blockers = [it for it in candidates if it.severity is Severity.BLOCKER]
    anywhere = blockers if step.name not in ("byte-compile", "lock", "compatibility") else []
    return next(iter([*at, *anywhere]), None)


# What the audit cannot know: how the process listens and ends.
_OWN = frozenset(("BLD009", "BLD010", "BLD011", "BLD021"))


def _places(issue: Issue) -> list[Location]:
    return [issue.location, *(related.location for related in issue.related)]


def _seen(cause: Issue, failure: Issue) -> Issue:
    """The cause, with what the clean room saw of it."""
    seen = Evidence(f"{failure.problem} {failure.cause}"[:600], "seen in the clean room")
    return replace(cause, evidence=(*cause.evidence, seen))
