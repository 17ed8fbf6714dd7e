"""Required variable that no paper names

## What it finds
An environment variable without which the backend does not start, or does not answer, and which neither an example
(`.env.example`), nor compose, Dockerfile, platform files or README give a value.

## Why it bites
The author's own `.env` has it, and is rightly not committed. Everyone else meets a `ValidationError`, a `KeyError`
or a `raise ValueError`, one variable after the other, at the first start: on a colleague's machine, in CI, on the
platform.

## What is flagged
The place where it bites, once for each settings class or check, with every variable that it wants: the whole list
at once. Each is found by playing the start without it and with it. Those that wait behind another failure are named
too.

## What is not
A variable with a default, one that the code can do without, and one that any committed paper names with a value.

## Fix safety
Safe: lines are added to the example that is there, or to a new `.env.example`, with values that have the right form
and plainly stand for real ones. All variables that the start meets are named at once, those that are only mentioned
in a README (see `unlisted-variable`) too. No code changes.

## Reference
https://docs.pydantic.dev/latest/concepts/pydantic_settings/
https://12factor.net/config
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Evidence, Measure, Verdict
from seatrial.rules.case import Case
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.wanted import Want, listed, named_by, readers, unknown


def check(case: Case) -> Iterator[Finding]:
    """One finding for each settings class or check."""
    for want in unknown(case):
        yield _finding(case, want)


def _finding(case: Case, want: Want) -> Finding:
    verb = "is" if len(want.names) == 1 else "are"
    return Finding(
        location=want.location,
        reach=want.reach,
        certain=want.certain,
        problem=f"{listed(want.names)} {verb} required, and no paper says so.",
        cause=_cause(want),
        fix=named_by(case, want),
        related=tuple(readers(case, want)),
        evidence=tuple(_evidence(case)),
    )


def _cause(want: Want) -> str:
    if not want.mishaps:
        place = f"{want.location.path}:{want.location.line}"
        return f"The code cannot do without it where {place} is used; only its author's own environment has it."
    failure = want.mishaps[0].failure
    first = failure.message.split("\n")[0]
    return f"Without it the start ends here: {failure.exception.rpartition('.')[2]}: {first}"


def _evidence(case: Case) -> Iterator[Evidence]:
    papers = dict.fromkeys(item.location.path for item in case.papers.documented)
    if papers:
        yield Evidence("papers that were read for variables", ", ".join(papers))


def measure(case: Case) -> Iterator[Measure]:
    """Each variable that the backend cannot do without, and where it is documented."""
    papers = {it.name.lower(): it.location for it in case.papers.documented}
    for name in dict.fromkeys(read.name for read in case.settings.reads if read.required):
        if name.lower() in papers:
            yield Measure("A10", Verdict.HOLDS, f"{name} is required and documented", papers[name.lower()])


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings\n\n\n"
        "class Settings(BaseSettings):\n    greeting: str\n    jwt_secret: str\n    page_size: int = 20\n\n\n"
        "settings = Settings()\napp = FastAPI(title=settings.greeting)\n"
    ),
}

RULE = Rule(
    code="CFG001",
    name="required-variable",
    summary="A variable is required, and no paper names it",
    check=check,
    measure=measure,
    fix="always",
    requirements=("A1", "A10", "B4", "B5"),
    bad=_PROJECT,
    good={**_PROJECT, ".env.example": "GREETING=Tasks\n# openssl rand -hex 32\nJWT_SECRET=change-me\n"},
    expect=Expectation("main.py", 11, exception="ValidationError"),
)
