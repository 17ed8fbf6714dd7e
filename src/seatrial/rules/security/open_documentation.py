"""The interactive documentation is open in production

## What it finds
An application that serves `/docs`, `/redoc` and `/openapi.json` to everybody, wherever it runs.

## Why it bites
Every route, parameter and model is listed for whoever asks, those of administrators included, with a button to try
each. Three of four public FastAPI backends leave it so.

## What is flagged
`FastAPI(...)` whose `openapi_url` is left out or a plain text. Without it the pages of the documentation are gone
too.

## What is not
An `openapi_url` that is `None` or that a setting decides, and code that sets or guards it elsewhere.

## Fix safety
Review: the address comes from `OPENAPI_URL`, and there is none where that is not set. Set it to `/openapi.json`
where you develop, or leave the documentation open where the API is meant for everybody.

## Reference
https://fastapi.tiangolo.com/how-to/conditional-openapi/
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Measure, Severity, Stage, Verdict
from seatrial.rules.case import Case
from seatrial.rules.edits import imported
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import Written, put_keyword, written
from seatrial.rules.rule import Expectation, Finding, Rule

_ELSEWHERE = re.compile(r"\.(?:openapi_url|docs_url)\s*=[^=]|get_swagger_ui_html|[\"']/docs[\"']")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each application."""
    for found in written(case, "fastapi.applications.FastAPI"):
        if _is_open(found) and not _ELSEWHERE.search(found.file.text):
            edits = [put_keyword(found, "openapi_url", 'os.environ.get("OPENAPI_URL")')]
            edits.append(imported(found.file, "import os"))
            fix = Fix(
                Applicability.REVIEW,
                "Serve the documentation only where OPENAPI_URL is set (to /openapi.json).",
                tuple(edit for edit in edits if edit is not None),
            )
            yield Finding(
                location=found.place,
                reach=found.call.reach,
                stage=Stage.PRODUCTION,
                severity=Severity.WARNING,
                problem="The API's documentation is served to everybody, in production too.",
                cause="FastAPI serves it unless `openapi_url` is None.",
                fix=fix if edits[0] is not None else None,
                no_fix_reason=None if edits[0] is not None else "The call is written in a way that is not edited.",
            )


def _is_open(found: Written) -> bool:
    keywords = {keyword.arg: keyword.value for keyword in found.node.keywords}
    if None in keywords:
        return False
    url = keywords.get("openapi_url", ast.Constant("/openapi.json"))
    decided = [keywords[name] for name in ("docs_url", "redoc_url") if name in keywords]
    by_setting = any(not isinstance(value, ast.Constant) for value in decided)
    return isinstance(url, ast.Constant) and bool(url.value) and not by_setting


def measure(case: Case) -> Iterator[Measure]:
    """The applications that do not serve their documentation to everybody."""
    for found in written(case, "fastapi.applications.FastAPI"):
        if _is_open(found) or _ELSEWHERE.search(found.file.text):
            yield Measure("C6", Verdict.CANNOT_TELL, "the code serves the documentation in its own way", found.place)
        else:
            yield Measure("C6", Verdict.HOLDS, "the documentation can be switched off, or is", found.place)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "import os\n\nfrom fastapi import FastAPI\n\n"
        'app = FastAPI(title=os.environ.get("TITLE", "Tasks"), openapi_url="/openapi.json")\n'
    ),
}

RULE = Rule(
    code="SEC013",
    name="open-documentation",
    summary="The interactive documentation is open in production",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("C6",),
    bad=_PROJECT,
    good={
        **_PROJECT,
        "main.py": _PROJECT["main.py"].replace('"/openapi.json"', 'os.environ.get("OPENAPI_URL")'),
    },
    expect=Expectation(
        "main.py", 5, stage=Stage.PRODUCTION, observation=Answers(Request("/docs"), status=200, contains="swagger")
    ),
)
