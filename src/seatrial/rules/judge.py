"""Every rule asked about one case: findings become issues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from seatrial.errors import UsageError
from seatrial.issue import Issue, Measure, Severity, Verdict
from seatrial.rules.case import Case
from seatrial.rules.registry import all_rules
from seatrial.rules.rule import Finding, Rule, severity_of, stage_of


def judge(case: Case, rules: Sequence[Rule] | None = None) -> tuple[Issue, ...]:
    """The issues of one backend, rule by rule, in the order in which each rule's would bite."""
    wanted = all_rules() if rules is None else tuple(rules)
    found = [issue(rule, finding) for rule in wanted if not rule.last for finding in rule.check(case)]
    if any(rule.last for rule in wanted):
        # What a rule would tell that was not asked for is told all the same: silenced is not unexplained.
        others = [it for it in all_rules() if it not in wanted and not it.last]
        silent = [issue(rule, finding) for rule in others for finding in rule.check(case)]
        informed = replace(case, told=frozenset(_places([*found, *silent])))
        found += [issue(rule, finding) for rule in wanted if rule.last for finding in rule.check(informed)]
    return tuple(found)


def measured(case: Case, issues: Iterable[Issue], rules: Sequence[Rule]) -> tuple[Measure, ...]:
    """What the rules have to say of the mission's requirements: what fails by their issues, else what they measure."""
    found: dict[str, list[Issue]] = {}
    for it in issues:
        if it.severity is not Severity.NOTE:
            found.setdefault(it.code, []).append(it)
    return tuple(
        dict.fromkeys(measure for rule in rules for measure in _measures(case, rule, found.get(rule.code, [])))
    )


def _measures(case: Case, rule: Rule, issues: Sequence[Issue]) -> Iterator[Measure]:
    for it in issues:
        for requirement in rule.requirements:
            yield Measure(requirement, Verdict.FAILS, f"{rule.code}: {it.problem}", it.location)
    if not issues and rule.measure is not None:
        yield from rule.measure(case)


def _places(issues: Iterable[Issue]) -> Iterator[tuple[str, int]]:
    for it in issues:
        for place in (it.location, *(related.location for related in it.related)):
            yield place.path, place.line


def selected(codes: Iterable[str], select: Sequence[str], ignore: Sequence[str]) -> tuple[str, ...]:
    """Those of the rule codes that `--select` and `--ignore` leave; both hold codes or their beginnings."""
    wanted = tuple(code.upper() for code in select) or ("",)
    unwanted = tuple(code.upper() for code in ignore)
    return tuple(code for code in codes if code.startswith(wanted) and not (unwanted and code.startswith(unwanted)))


def check_codes(codes: Iterable[str], known: Iterable[str]) -> None:
    """Raises UsageError when something is asked for by a code that no rule's begins with: likely a misspelling."""
    known = tuple(known)
    for code in codes:
        if not any(each.startswith(code.upper()) for each in known):
            raise UsageError(f"no rule has the code {code!r} or one that begins so; `seatrial rules` lists them all")


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
        needs=finding.needs,
    )
