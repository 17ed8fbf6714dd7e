"""A build as JUnit XML: a test for each stage, which fails, or is skipped with the reason, as the stage does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.proof.building.values import Mark
from seatrial.report.places import from_here
from seatrial.report.xml import xml_quoted, xml_text

if TYPE_CHECKING:
    from seatrial.proof.building.values import Step
    from seatrial.report.page import Page
    from seatrial.report.results import Build


def build(result: Build, page: Page) -> str:
    """One document with one suite, and a second one for the build with the fixes."""
    suites = _suite(from_here(result.backend, page), result.stages, result.duration_s)
    if result.mended is not None:
        name = f"{from_here(result.backend, page)} with {', '.join(result.mended.applied)}"
        suites += _suite(name, result.mended.stages, sum(step.seconds for step in result.mended.stages))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="seatrial build">\n{suites}</testsuites>\n'


def _suite(name: str, stages: tuple[Step, ...], seconds: float) -> str:
    failed = sum(step.mark is Mark.FAIL for step in stages)
    skipped = sum(step.mark in (Mark.SKIPPED, Mark.INCONCLUSIVE) for step in stages)
    counts = f'tests="{len(stages)}" failures="{failed}" errors="0" skipped="{skipped}" time="{seconds:.3f}"'
    cases = "".join(map(_case, stages))
    return f"  <testsuite name={xml_quoted(name)} {counts}>\n{cases}  </testsuite>\n"


def _case(step: Step) -> str:
    told = "\n".join(step.evidence)
    first = step.evidence[0] if step.evidence else "nothing more is known"
    if step.mark is Mark.FAIL:
        message = step.issues[0].problem if step.issues else first
        kind = step.issues[0].code if step.issues else "stage"
        inner = f"      <failure type={xml_quoted(kind)} message={xml_quoted(message)}>{xml_text(told)}</failure>\n"
    elif step.mark is Mark.PASS:
        inner = f"      <system-out>{xml_text(told)}</system-out>\n"
    else:
        inner = f"      <skipped message={xml_quoted(f'{step.mark}: {told or first}')}/>\n"
    head = f'    <testcase classname="build" name={xml_quoted(step.name)} time="{step.seconds:.3f}">\n'
    return f"{head}{inner}    </testcase>\n"
