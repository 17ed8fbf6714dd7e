"""The audit as JUnit XML, which CI servers show as tests: one test for each rule and place, failed from the fail level.

Rules that found nothing are tests that passed, so that a server can tell "nothing found" from "nothing looked for".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.report.page import Page
from seatrial.report.places import from_here
from seatrial.report.results import Entry, rank, ranked
from seatrial.report.xml import xml_quoted, xml_text

if TYPE_CHECKING:
    from seatrial.report.results import Audit


def audit(result: Audit, page: Page) -> str:
    """One document with one suite."""
    return audits((result,), page)


def audits(results: Sequence[Audit], page: Page) -> str:
    """One document with a suite for each backend."""
    suites = "".join(_suite(result, page) for result in results)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="seatrial">\n{suites}</testsuites>\n'


def _suite(result: Audit, page: Page) -> str:
    from seatrial.rules.registry import all_rules

    found = {entry.issue.code for entry in result.entries}
    silent = [rule for rule in all_rules() if rule.code not in found]
    cases = [_case(entry, result, page) for entry in ranked(result.entries)]
    cases += [
        f"    <testcase classname={xml_quoted(it.category)} name={xml_quoted(f'{it.code} {it.name}')}/>\n"
        for it in silent
    ]
    failed = sum(1 for entry in result.entries if rank(entry.issue.severity) <= rank(result.fail_level))
    counts = f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="0" time="{result.duration_s:.3f}"'
    return (
        f"  <testsuite name={xml_quoted(from_here(result.backend, page))} {counts}>\n{''.join(cases)}  </testsuite>\n"
    )


def _case(entry: Entry, result: Audit, page: Page) -> str:
    issue = entry.issue
    place = f"{from_here(issue.location.path, page)}:{issue.location.line}"
    name = f"{issue.code} {issue.name} {place}"
    fix = (
        f"\nFix: {issue.fix.explanation}\n{entry.readable_diff}"
        if issue.fix
        else f"\nNo fix: {issue.no_fix_reason or ''}"
    )
    text = f"{place}\n{issue.problem}\n{issue.cause}{fix}"
    head = f"    <testcase classname={xml_quoted(issue.category)} name={xml_quoted(name)}>\n"
    if rank(issue.severity) <= rank(result.fail_level):
        kind, message = xml_quoted(issue.severity.value), xml_quoted(issue.problem)
        inner = f"      <failure type={kind} message={message}>{xml_text(text)}</failure>\n"
    else:  # told, and no reason to stop
        inner = f"      <system-out>{xml_text(f'{issue.severity}: {text}')}</system-out>\n"
    return f"{head}{inner}    </testcase>\n"
