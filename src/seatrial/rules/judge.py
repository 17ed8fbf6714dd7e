"""Every rule asked about one case: findings become issues."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seatrial.issue import Issue
from seatrial.rules.case import Case
from seatrial.rules.registry import all_rules
from seatrial.rules.rule import Finding, Rule, severity_of, stage_of


def judge(case: Case, rules: Sequence[Rule] | None = None) -> tuple[Issue, ...]:
    """The issues of one backend, rule by rule, in the order in which each rule's would bite."""
    return tuple(issue(rule, finding) for rule in (rules or all_rules()) for finding in rule.check(case))


def selected(rules: Iterable[Rule], select: Sequence[str], ignore: Sequence[str]) -> tuple[Rule, ...]:
    """Those of the rules that `--select` and `--ignore` leave; both hold codes or their beginnings."""
    wanted = tuple(code.upper() for code in select) or ("",)
    unwanted = tuple(code.upper() for code in ignore)
    return tuple(rule for rule in rules if rule.code.startswith(wanted) and not rule.code.startswith(unwanted or "\0"))


def issue(rule: Rule, finding: Finding) -> Issue:
    """One finding with what its rule says of every such fault."""
    return Issue(
        code=rule.code,
        name=rule.name,
        category=rule.category,
        severity=finding.severity or severity_of(finding.reach, finding.certain),
        stage=finding.stage or stage_of(finding.reach),
        location=finding.location,
        problem=finding.problem,
        cause=finding.cause,
        requirements=rule.requirements,
        fix=finding.fix,
        no_fix_reason=finding.no_fix_reason,
        related=finding.related,
        evidence=finding.evidence,
    )
