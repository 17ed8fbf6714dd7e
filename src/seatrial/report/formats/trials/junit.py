"""A trial as JUnit XML: a test for the start as it stands, one for the start after each fix, one for the routes.

The start as it stands and the routes fail as the command does. A fix is told in the output: it is a step on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.boot import Outcome
from seatrial.report import verdict
from seatrial.report.page import Page
from seatrial.report.places import from_here
from seatrial.report.xml import xml_quoted, xml_text

if TYPE_CHECKING:
    from seatrial.boot import Boot
    from seatrial.report.results import Step, Trial


def trial(result: Trial, page: Page) -> str:
    """One document with one suite."""
    plain = Page(width=10_000)
    told = "\n".join(verdict.observed(result.before, result.target, plain))
    cases = [_case("it starts as it stands", result.before, told)]
    cases += [_step(number, step, page) for number, step in enumerate(result.steps, 1)]
    if result.steps:
        cases.append(_case("it serves with all fixes", result.after, result.patch))
    cases.append(_routes(result))
    failed = sum("<failure" in case for case in cases)
    skipped = sum("<skipped" in case for case in cases)
    counts = f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}" time="{result.duration_s:.3f}"'
    name = xml_quoted(from_here(result.backend, page))
    suite = f"  <testsuite name={name} {counts}>\n{''.join(cases)}  </testsuite>\n"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="seatrial boot">\n{suite}</testsuites>\n'


def _case(name: str, boot: Boot, told: str) -> str:
    if boot.outcome is Outcome.SERVES:
        return _test(name, "")
    if boot.outcome is Outcome.UNKNOWN:
        return _test(name, f"      <skipped message={xml_quoted(boot.reason)}/>\n")
    message = f"{boot.failure.exception}: {boot.failure.message}" if boot.failure else "it fails"
    return _test(name, f"      <failure message={xml_quoted(message)}>{xml_text(told)}</failure>\n")


def _step(number: int, step: Step, page: Page) -> str:
    place = f"{from_here(step.location.path, page)}:{step.location.line}"
    said = [step.explanation]
    if step.boot.failure:
        said += [
            f"Now {verdict.STOPS[step.boot.failure.stage]}.",
            *verdict.failure(step.boot.failure, Page(width=10_000)),
        ]
    told = "\n".join(said)
    return _test(f"fix {number}: {step.code} {place}", f"      <system-out>{xml_text(told)}</system-out>\n")


def _routes(result: Trial) -> str:
    name, missing = "every route of the source is served", result.routes.missing
    if result.after.outcome is not Outcome.SERVES:
        return _test(name, '      <skipped message="it does not serve"/>\n')
    if missing:
        return _test(name, f"      <failure message={xml_quoted(', '.join(missing))}/>\n")
    return _test(name, "")


def _test(name: str, inner: str) -> str:
    return f'    <testcase classname="boot" name={xml_quoted(name)}>\n{inner}    </testcase>\n'
