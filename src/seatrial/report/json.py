"""What JSON documents are made of, in the order of the contract; `report/contract.py` says what each field means."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from seatrial.issue import Severity, Verdict
from seatrial.report.results import count, ranked

if TYPE_CHECKING:
    from seatrial.boot import Boot
    from seatrial.issue import Fix, Measure
    from seatrial.report import contract
    from seatrial.report.results import Audit, Dependency, Endpoint, Entry, Imports, LaunchTarget, Setting
    from seatrial.simulation.timeline import ImportEdge


def text(document: Mapping[str, object]) -> str:
    """A document as text, which ends in a newline."""
    # ASCII only: such a text survives every pipe and console encoding, and names of files that are not UTF-8.
    return json.dumps(document, indent=2) + "\n"


def audit_document(result: Audit) -> contract.AuditDocument:
    """One audit as plain values, in the order of the contract."""
    return {
        "schema": "seatrial/audit/1",
        "backend": result.backend,
        "target": target_document(result.target) if result.target else None,
        "python": result.python,
        "boot": {"predicted": boot_document(result.predicted)},
        "issues": [issue_document(entry) for entry in ranked(result.entries)],
        "measures": [measure_document(measure) for measure in result.measures],
        "manifest": [_dependency(dependency) for dependency in result.manifest],
        "imports": _imports(result.imports),
        "routes": [_route(route) for route in result.routes],
        "settings": [_setting(setting) for setting in result.settings],
        "not_analysed": [{"path": it.path, "reason": it.reason} for it in result.not_analysed],
        "summary": _summary(result),
        "duration_s": round(result.duration_s, 3),
    }


def target_document(target: LaunchTarget) -> contract.TargetDocument:
    """What starts the server."""
    place = target.location
    return {
        "value": target.value,
        "path": place.path if place else None,
        "line": place.line if place else None,
        "resolves": target.resolves,
    }


def boot_document(boot: Boot) -> contract.BootDocument:
    """How far a start got."""
    failure = boot.failure
    frame = failure.frames[-1] if failure and failure.frames else None
    return {
        "outcome": boot.outcome.value,
        "stage": failure.stage.value if failure else None,
        "exception": failure.exception if failure else None,
        "message": failure.message if failure else boot.reason or None,
        "path": frame.path if frame else None,
        "line": frame.line if frame else None,
    }


def issue_document(entry: Entry) -> contract.IssueDocument:
    """One issue with the diff of its fix."""
    issue = entry.issue
    return {
        "code": issue.code,
        "name": issue.name,
        "category": issue.category,
        "severity": issue.severity.value,
        "stage": issue.stage.value,
        "path": issue.location.path,
        "line": issue.location.line,
        "column": issue.location.column,
        "end_line": issue.location.end_line,
        "problem": issue.problem,
        "cause": issue.cause,
        "requirements": list(issue.requirements),
        "fix": _fix(issue.fix, entry.diff) if issue.fix else None,
        "no_fix_reason": issue.no_fix_reason,
        "related": [
            {"path": it.location.path, "line": it.location.line, "message": it.message} for it in issue.related
        ],
        "evidence": [{"claim": it.claim, "source": it.source} for it in issue.evidence],
    }


def _fix(fix: Fix, diff: str) -> contract.FixDocument:
    return {"applicability": fix.applicability.value, "explanation": fix.explanation, "diff": diff}


def measure_document(measure: Measure) -> contract.MeasureDocument:
    """One measure."""
    place = measure.location
    return {
        "requirement": measure.requirement,
        "verdict": measure.verdict.value,
        "statement": measure.statement,
        "path": place.path if place else None,
        "line": place.line if place else None,
    }


def _dependency(dependency: Dependency) -> contract.DependencyDocument:
    return {
        "name": dependency.name,
        "declared": dependency.declared,
        "locked": dependency.locked,
        "installed": dependency.installed,
        "resolved": dependency.resolved,
        "required": dependency.required,
    }


def _imports(imports: Imports) -> contract.ImportsDocument:
    return {
        "modules": list(imports.modules),
        "edges": [
            *(_edge(edge, executed=True) for edge in imports.edges),
            *(_edge(edge, executed=False) for edge in imports.dormant),
        ],
        "cycles": [list(cycle) for cycle in imports.cycles],
        "unreached": list(imports.unreached),
    }


def _edge(edge: ImportEdge, *, executed: bool) -> contract.EdgeDocument:
    return {
        "importer": edge.importer,
        "imported": edge.imported,
        "path": edge.location.path,
        "line": edge.location.line,
        "executed": executed,
    }


def _route(endpoint: Endpoint) -> contract.RouteDocument:
    route = endpoint.route
    return {
        "path": route.path,
        "methods": list(route.methods),
        "endpoint": route.endpoint,
        "file": route.location.path,
        "line": route.location.line,
        "included": route.included,
        "guards": list(endpoint.guards),
    }


def _setting(setting: Setting) -> contract.SettingDocument:
    documented = setting.documented
    return {
        "name": setting.name,
        "required": setting.required,
        "default": setting.default,
        "path": setting.location.path,
        "line": setting.location.line,
        "documented": {"path": documented.path, "line": documented.line} if documented else None,
    }


def _summary(result: Audit) -> contract.SummaryDocument:
    counts = count(result.entries)
    fixes = Counter(it.issue.fix.applicability.value if it.issue.fix else "none" for it in result.entries)
    verdicts = Counter(measure.verdict.value for measure in result.measures)
    return {
        "issues": len(result.entries),
        "blocker": counts[Severity.BLOCKER],
        "error": counts[Severity.ERROR],
        "warning": counts[Severity.WARNING],
        "note": counts[Severity.NOTE],
        "fixes": {kind: fixes[kind] for kind in ("safe", "review", "none")},
        "measures": {verdict.value: verdicts[verdict.value] for verdict in Verdict},
        "files": result.files,
        "environment": result.environment,
        "limits": list(result.limits),
        "fail_level": result.fail_level.value,
        "failed": result.failed,
    }
