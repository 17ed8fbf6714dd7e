"""Any origin may call with the user's credentials

## What it finds
`CORSMiddleware` that allows every origin and credentials at once.

## Why it bites
Browsers refuse the combination `*` with credentials, so Starlette answers with the origin that asked instead: every
site that a signed-in user opens can then read and write that user's data, with the cookies of your API.

## What is flagged
`allow_origins` with `*` in it, as the start is played, together with `allow_credentials=True`. A warning where a
variable holds the origins, and only the example sets it to `*`.

## What is not
`*` without credentials (an API for everybody, or one whose tokens travel in a header), a list of origins, and
origins that the documented environment narrows down.

## Fix safety
Review: the origins come from the variable `ALLOWED_ORIGINS`, since only you know where your front end lives.

## Reference
https://fastapi.tiangolo.com/tutorial/cors/
https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS/Errors/CORSNotSupportingCredentials
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from seatrial.issue import Applicability, Fix, Measure, Severity, Stage, Verdict
from seatrial.rules.case import Case
from seatrial.rules.edits import imported
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import Written, argument, middleware, put_keyword
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.templates import Line, added

_ORIGINS = 'os.environ.get("ALLOWED_ORIGINS", "").split(",")'


def check(case: Case) -> Iterator[Finding]:
    """One finding for each middleware."""
    for found in middleware(case, "CORSMiddleware"):
        origins = argument(found.call, "allow_origins")
        everyone = isinstance(origins, list | tuple | set | frozenset) and "*" in _texts(origins)
        if everyone and argument(found.call, "allow_credentials") is True:
            fix = _fix(case, found)
            yield Finding(
                location=found.place,
                reach=found.call.reach,
                stage=Stage.PRODUCTION,
                severity=Severity.WARNING if _is_set_by_example(case) else Severity.ERROR,
                problem="Every origin may make requests with the user's credentials.",
                cause="With `*` and credentials, Starlette allows whichever origin asks.",
                fix=fix,
                no_fix_reason=None if fix else "The list of origins is made elsewhere: narrow it down there.",
            )


def _is_set_by_example(case: Case) -> bool:
    """Whether the origins come from a variable, to which only the example gives `*`."""
    return any(
        re.search(r"ORIGIN|CORS", item.name, re.I) and "*" in (item.value or "") and case.settings.of(item.name)
        for item in case.papers.documented
    )


def _texts(origins: Iterable[object]) -> list[str]:
    return [origin for origin in origins if isinstance(origin, str)]


def _fix(case: Case, found: Written) -> Fix | None:
    keyword = found.keyword("allow_origins")
    if keyword is None or not isinstance(keyword.value, ast.List | ast.Tuple | ast.Constant):
        return None
    edits = [put_keyword(found, "allow_origins", _ORIGINS), imported(found.file, "import os")]
    line = Line("ALLOWED_ORIGINS", "http://localhost:3000", "origins of the front end, with commas between them")
    return Fix(
        Applicability.REVIEW,
        "Take the origins from ALLOWED_ORIGINS; set it to your front end's before you deploy.",
        (*(edit for edit in edits if edit is not None), *added(case, [line], "Origins that may call from a browser.")),
    )


def measure(case: Case) -> Iterator[Measure]:
    """The origins that may call, where they are listed."""
    found = list(middleware(case, "CORSMiddleware"))
    for it in found:
        origins = argument(it.call, "allow_origins")
        texts = _texts(origins) if isinstance(origins, list | tuple | set | frozenset) else []
        if texts and "*" not in texts:
            yield Measure("C4", Verdict.HOLDS, f"{len(texts)} origins may call, and no other", it.place)
        else:
            yield Measure("C4", Verdict.CANNOT_TELL, "which origins may call is not plain to see", it.place)
    if not found:
        yield Measure("C4", Verdict.CANNOT_TELL, "no middleware allows any other origin, the front end's included")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\n"
        "app = FastAPI()\n"
        'app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)\n'
    ),
}
_EVIL = "https://evil.example"

RULE = Rule(
    code="SEC010",
    name="any-origin-with-credentials",
    summary="Any origin may call with the user's credentials",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("A5", "C4", "D4"),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _PROJECT["main.py"].replace("*", "https://app.example.com")},
    expect=Expectation(
        "main.py",
        5,
        stage=Stage.PRODUCTION,
        observation=Answers(
            Request("/openapi.json", headers=(("Origin", _EVIL), ("Cookie", "session=1"))),
            header=("access-control-allow-origin", _EVIL),
        ),
    ),
)
