"""A verification as JUnit XML: one test for each probe, grouped as the probes are.

A flaw at the fail level is a failure, a milder one is told in the output. What could not be judged is skipped, with the
reason, and so is what failed of a flaw that another test has told already.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from seatrial.report.results import rank
from seatrial.report.xml import xml_quoted, xml_text
from seatrial.verification.probe import Verdict

if TYPE_CHECKING:
    from seatrial.report.page import Page
    from seatrial.verification.evidence import Evidence
    from seatrial.verification.results import Result, Verification


def verification(result: Verification, _page: Page | None = None) -> str:
    """One document with a suite for each group of probes."""
    ordered = sorted(result.results, key=lambda it: it.probe.group)
    groups = ((name, list(members)) for name, members in groupby(ordered, key=lambda it: it.probe.group))
    suites = "".join(_suite(name, members, result) for name, members in groups)
    name = xml_quoted(f"seatrial verify {result.url}")
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name={name}>\n{suites}</testsuites>\n'


def _suite(name: str, members: list[Result], whole: Verification) -> str:
    failed = sum(1 for it in members if _fails(it, whole))
    skipped = sum(1 for it in members if _skipped(it))
    seconds = sum(it.seconds for it in members)
    counts = f'tests="{len(members)}" failures="{failed}" errors="0" skipped="{skipped}" time="{seconds:.3f}"'
    cases = "".join(_case(it, whole) for it in members)
    return f"  <testsuite name={xml_quoted(name)} {counts}>\n{cases}  </testsuite>\n"


def _fails(it: Result, whole: Verification) -> bool:
    return it.verdict is Verdict.FAIL and not it.same_as and rank(it.severity) <= rank(whole.fail_level)


def _skipped(it: Result) -> bool:
    return it.verdict in (Verdict.INCONCLUSIVE, Verdict.SKIPPED) or bool(it.same_as)


def _case(it: Result, whole: Verification) -> str:
    name = f"{it.probe.id}: {it.probe.name}"
    head = f'    <testcase classname={xml_quoted(it.probe.group)} name={xml_quoted(name)} time="{it.seconds:.3f}"'
    inner = _inner(it, whole)
    return f"{head}>\n{inner}    </testcase>\n" if inner else f"{head}/>\n"


def _inner(it: Result, whole: Verification) -> str:
    if it.same_as:
        return f"      <skipped message={xml_quoted(f'the same flaw as {it.same_as}')}/>\n"
    if _skipped(it):
        settle = f"; {it.settle}" if it.settle else ""
        return f"      <skipped message={xml_quoted(f'{it.verdict}: {it.reason}{settle}')}/>\n"
    if it.verdict is Verdict.PASS:
        return f"      <system-out>{xml_text(_facts(it))}</system-out>\n" if it.facts else ""
    if _fails(it, whole):
        kind, message = xml_quoted(it.severity.value), xml_quoted(it.reason)
        return f"      <failure type={kind} message={message}>{xml_text(_told(it))}</failure>\n"
    return f"      <system-out>{xml_text(f'{it.severity}: {_told(it)}')}</system-out>\n"


def _told(it: Result) -> str:
    lines = [it.reason, f"Cause: {it.cause}", f"Fix: {it.fix}", f"Reference: {it.probe.reference}", _facts(it)]
    return "\n".join([line for line in lines if line] + [_exchange(evidence) for evidence in it.evidence])


def _facts(it: Result) -> str:
    return "\n".join(it.facts)


def _exchange(evidence: Evidence) -> str:
    note = f" ({evidence.note})" if evidence.note else ""
    return f"{evidence.by}{note}:\n{evidence.curl}\n{evidence.status} {evidence.body}"
