"""How a backend stands to each requirement: what was looked for, by whom, and what was found.

A requirement fails when anything that bears on it fails, holds when something bears on it and nothing fails, and
cannot be told otherwise: silence of what was never asked proves nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.issue import Severity, Verdict
from seatrial.report.dossier import Document, Dossier
from seatrial.report.requirements import REQUIREMENTS

_VERDICTS = {
    "holds": Verdict.HOLDS,
    "pass": Verdict.HOLDS,
    "passed": Verdict.HOLDS,
    "fails": Verdict.FAILS,
    "fail": Verdict.FAILS,
    "failed": Verdict.FAILS,
}
_VERIFY_LIMIT_S = 60  # D5
_FAILING = frozenset({"blocker", "error", "warning"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that bears on a requirement. `place` is a file and line, empty where there is none."""

    requirement: str
    verdict: Verdict
    statement: str
    by: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One requirement with everything that bears on it, what fails first."""

    requirement: str
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def sentence(self) -> str:
        """What the requirement asks."""
        return REQUIREMENTS[self.requirement]


def standings(dossier: Dossier) -> tuple[Standing, ...]:
    """Every requirement, in order."""
    found: dict[str, list[Finding]] = {name: [] for name in REQUIREMENTS}
    for finding in _findings(dossier):
        if finding.requirement in found:
            found[finding.requirement].append(finding)
    return tuple(_standing(name, findings) for name, findings in found.items())


def _standing(requirement: str, findings: list[Finding]) -> Standing:
    verdicts = [finding.verdict for finding in findings]
    order = (Verdict.FAILS, Verdict.HOLDS, Verdict.CANNOT_TELL)
    worst = next((verdict for verdict in order if verdict in verdicts), Verdict.CANNOT_TELL)
    unique = dict.fromkeys(sorted(findings, key=lambda it: order.index(it.verdict)))
    return Standing(requirement, worst, tuple(unique))


def _findings(dossier: Dossier) -> Iterator[Finding]:
    yield from _of_audit(dossier.audit)
    for command in ("boot", "build", "verify"):
        document = dossier.document(command)
        if document is not None:
            yield from _OF[command](document)
    yield from _of_decisions(dossier)
    yield from _of_report(dossier)


def _of_audit(audit: Document) -> Iterator[Finding]:
    issues = audit["issues"]
    yield from _issues(issues, "audit")
    yield from _measures((it for it in audit["measures"] if not _is_of_an_issue(it, issues)), "audit")
    yield from _silence(issues)
    yield from _of_seatrial(audit)


def _is_of_an_issue(measure: Mapping[str, Any], issues: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a failing measure says again what an issue says."""
    here = (measure.get("path"), measure.get("line"))
    alike = (it for it in issues if (it["path"], it["line"]) == here and measure["requirement"] in it["requirements"])
    return measure["verdict"] == Verdict.FAILS.value and any(alike)


def _issues(issues: Iterable[Mapping[str, Any]], by: str) -> Iterator[Finding]:
    for issue in issues:
        verdict = Verdict.FAILS if issue["severity"] in _FAILING else Verdict.CANNOT_TELL
        for requirement in issue["requirements"]:
            place = f"{issue['path']}:{issue['line']}"
            yield Finding(requirement, verdict, f"{issue['code']}: {issue['problem']}", by, place)


def _measures(measures: Iterable[Mapping[str, Any]], by: str) -> Iterator[Finding]:
    for measure in measures:
        place = f"{measure['path']}:{measure['line']}" if measure.get("path") else ""
        verdict = _VERDICTS.get(measure["verdict"], Verdict.CANNOT_TELL)
        yield Finding(measure["requirement"], verdict, measure["statement"], by, place)


def _silence(issues: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """The rules that looked for a breach of a requirement and found none: worth knowing, and no proof."""
    from seatrial.rules.registry import all_rules

    raised = {issue["code"] for issue in issues}
    silent: dict[str, list[str]] = {}
    for rule in all_rules():
        for requirement in rule.requirements if rule.code not in raised else ():
            silent.setdefault(requirement, []).append(rule.code)
    for requirement, codes in silent.items():
        noun = "rule" if len(codes) == 1 else "rules"
        statement = f"{len(codes)} {noun} looked for a breach and found none: {', '.join(sorted(codes))}"
        yield Finding(requirement, Verdict.CANNOT_TELL, statement, "audit")


def _of_seatrial(audit: Document) -> Iterator[Finding]:
    """The requirements on the audit itself, each seen in the document that it made."""
    summary, issues, target = audit["summary"], audit["issues"], audit["target"]
    left = len(audit["not_analysed"])
    read = f"{summary['files']} files were read" + (f", {left} could not be judged" if left else "")
    yield Finding("A1", Verdict.CANNOT_TELL if left else Verdict.HOLDS, read, "audit")
    if issues:
        yield _complete(issues)
        yield _ranked(issues)
    parts = f"{len(issues)} issues, {len(audit['manifest'])} dependencies, {len(audit['imports']['modules'])} modules"
    yield Finding("A14", _holds(audit["imports"]["modules"]), f"{parts} are chapters of this report", "report")
    if target and target["resolves"]:
        place = f"{target['path']}:{target['line']}" if target["path"] else ""
        yield Finding("A7", Verdict.HOLDS, f"{target['value']} leads to an application", "audit", place)


def _holds(evidence: object) -> Verdict:
    """That it holds where there is something to show, else that nobody can tell."""
    return Verdict.HOLDS if evidence else Verdict.CANNOT_TELL


def _complete(issues: Sequence[Mapping[str, Any]]) -> Finding:
    """Whether each issue has what it takes to act on it."""
    for it in issues:
        if not (it["path"] and it["line"] and it["problem"] and it["cause"] and (it["fix"] or it["no_fix_reason"])):
            return Finding("A11", Verdict.FAILS, f"{it['code']} lacks a place, a cause or a fix", "audit")
    fixable = sum(1 for it in issues if it["fix"])
    told = f"all {len(issues)} issues have a place and a cause, {fixable} a fix and the others why there is none"
    return Finding("A11", Verdict.HOLDS, told, "audit")


def _ranked(issues: Sequence[Mapping[str, Any]]) -> Finding:
    """Whether the worst come first."""
    order = [severity.value for severity in Severity]
    ranks = [order.index(it["severity"]) for it in issues]
    first, last = issues[0]["severity"], issues[-1]["severity"]
    verdict = Verdict.HOLDS if ranks == sorted(ranks) else Verdict.FAILS
    return Finding(
        "A12", verdict, f"the first of {len(issues)} issues is of severity {first}, the last {last}", "audit"
    )


def _of_boot(boot: Document) -> Iterator[Finding]:
    before, after = boot["before"], boot["after"]
    if after["outcome"] == "serves":
        how = f"after {len(boot['applied'])} fixes" if boot["applied"] else "as it stands"
        yield Finding("A15", Verdict.HOLDS, f"a real start served requests {how}", "boot")
        if before["outcome"] == "serves":
            yield Finding("A5", Verdict.HOLDS, "a real start served requests", "boot")
    else:
        place = f"{after['path']}:{after['line']}" if after["path"] else ""
        said = f"{after['exception'] or after['outcome']}: {after['message']}"
        yield Finding("A15", Verdict.FAILS, f"a real start with every known fix does not serve: {said}", "boot", place)
    yield from _issues(boot["unexplained"], "boot")


def _of_build(build: Document) -> Iterator[Finding]:
    yield from _issues(build.get("issues", ()), "build")
    yield from _measures(build.get("measures", ()), "build")


def _of_verify(verify: Document) -> Iterator[Finding]:
    for probe in verify.get("probes", ()):
        verdict = _VERDICTS.get(probe["verdict"], Verdict.CANNOT_TELL)
        said = f"{probe['id']}: {probe.get('reason') or probe['name']}"
        for requirement in probe.get("requirements", ()):
            yield Finding(requirement, verdict, said, "verify")
    yield _told(verify["probes"])
    yield _quick_and_clean(verify)


def _quick_and_clean(verify: Document) -> Finding:
    """D5. A run that was broken off was quick for no merit."""
    left, took = verify["left"], float(verify["duration_s"])
    said = f"it took {took:.1f} s and left {len(left)} things behind"
    if left or took > _VERIFY_LIMIT_S:
        return Finding("D5", Verdict.FAILS, said, "verify")
    if verify["interrupted"] or not verify["requests"]:
        return Finding("D5", Verdict.CANNOT_TELL, f"{said}, but it was broken off or asked nothing", "verify")
    return Finding("D5", Verdict.HOLDS, said, "verify")


def _told(probes: Sequence[Mapping[str, Any]]) -> Finding:
    """Whether each probe has a verdict, and what did not pass a reason."""
    silent = [it["id"] for it in probes if it["verdict"] not in _VERDICTS and not it.get("reason")]
    if silent:
        return Finding("D1", Verdict.FAILS, f"{silent[0]} has no verdict and no reason", "verify")
    counted = Counter(it["verdict"] for it in probes)
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counted.items()))
    return Finding("D1", _holds(probes), f"{len(probes)} probes were told: {told}", "verify")


_OF = {"boot": _of_boot, "build": _of_build, "verify": _of_verify}


def _of_decisions(dossier: Dossier) -> Iterator[Finding]:
    """E1, as `adr check` judges it: links that lead nowhere, and what was decided without a record."""
    decisions = dossier.decisions
    if decisions is None or not decisions.records:
        yield Finding("E1", Verdict.FAILS, "no decision is recorded: `seatrial adr new` makes a record", "report")
        return
    said = f"{len(decisions.records)} decisions are recorded"
    yield Finding("E1", Verdict.HOLDS, said, "report", decisions.folder)
    for it in dossier.complaints:
        yield Finding("E1", Verdict.FAILS, it.text, "adr check", f"{it.location.path}:{it.location.line}")


def _of_report(dossier: Dossier) -> Iterator[Finding]:
    """What the report itself shows: that nothing was changed by it, and what it is gathered from."""
    if dossier.unchanged is not None:
        verdict = Verdict.HOLDS if dossier.unchanged else Verdict.FAILS
        said = "are as they were" if dossier.unchanged else "have changed meanwhile"
        yield Finding("A16", verdict, f"the files of the backend {said}: held against their state before", "report")
    missing = [command for command in ("boot", "build", "verify") if dossier.document(command) is None]
    audit = dossier.audit
    told = f"{len(audit['routes'])} endpoints, {len(audit['settings'])} variables, {len(audit['measures'])} measures"
    if missing:
        told += f"; not gathered: {', '.join(missing)}"
    yield Finding("E2", _holds(not missing), told, "report")
