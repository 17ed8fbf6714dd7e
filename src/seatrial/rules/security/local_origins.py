"""Only origins of a developer's machine may call

## What it finds
`CORSMiddleware` whose origins all lie on localhost, written into the code.

## Why it bites
The front end of production lives elsewhere: its browser refuses every answer, which shows as a "CORS error" there and
as nothing at all in the log. And any program on a user's own machine may call with that user's credentials.

## What is flagged
A literal list of origins that are all on `localhost`, `127.0.0.1` or `0.0.0.0`.

## What is not
A list with another origin in it, and origins that come from a setting, an environment variable or an `if`.

## Fix safety
Review: the origins come from `ALLOWED_ORIGINS`, with those that are written now for where it is not set.

## Reference
https://fastapi.tiangolo.com/tutorial/cors/
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.edits import imported
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import Written, argument, middleware, put_keyword
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.templates import Line, added

_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d+)?/?")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each middleware."""
    for found in middleware(case, "CORSMiddleware"):
        origins = argument(found.call, "allow_origins")
        if not isinstance(origins, list | tuple) or argument(found.call, "allow_origin_regex", None) is not None:
            continue
        texts = [origin for origin in origins if isinstance(origin, str)]
        if texts and len(texts) == len(origins) and all(map(_LOCAL.fullmatch, texts)) and _is_literal(found):
            fix = _fix(case, found, texts)
            yield Finding(
                location=found.place,
                reach=found.call.reach,
                stage=Stage.PRODUCTION,
                severity=Severity.WARNING,
                problem=f"Only {', '.join(texts)} may call from a browser, in production too.",
                cause="The origins are written into the code, where the deployment cannot set them.",
                fix=fix,
                no_fix_reason=None if fix else "The list is not written in the call itself.",
            )


def _is_literal(found: Written) -> bool:
    """Whether the list stands in the call, or is a name that the module binds to a literal once."""
    keyword = found.keyword("allow_origins")
    value = keyword.value if keyword is not None else None
    if isinstance(value, ast.Name):
        bound = [node.value for node in found.file.tree.body if _binds(node, value.id)]  # type: ignore[attr-defined]
        mentions = len(re.findall(rf"\b{value.id}\b", found.file.text))
        return len(bound) == 1 and isinstance(bound[0], ast.List | ast.Tuple) and mentions == 2
    return isinstance(value, ast.List | ast.Tuple) and all(isinstance(it, ast.Constant) for it in value.elts)


def _binds(node: ast.stmt, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _fix(case: Case, found: Written, origins: list[str]) -> Fix | None:
    keyword = found.keyword("allow_origins")
    if keyword is None or not isinstance(keyword.value, ast.List | ast.Tuple):
        return None
    listed = ",".join(origins)
    value = f'os.environ.get("ALLOWED_ORIGINS", "{listed}").split(",")'
    edits = [put_keyword(found, "allow_origins", value), imported(found.file, "import os")]
    line = Line("ALLOWED_ORIGINS", listed, "origins of the front end, with commas between them")
    return Fix(
        Applicability.REVIEW,
        "Take the origins from ALLOWED_ORIGINS; set it to your front end's before you deploy.",
        (*(edit for edit in edits if edit is not None), *added(case, [line], "Origins that may call from a browser.")),
    )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "import os\n\nfrom fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\n"
        "app = FastAPI()\n"
        'app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])\n'
    ),
}
_FROM_ENVIRONMENT = _PROJECT["main.py"].replace(
    '["http://localhost:3000"]', 'os.environ.get("ALLOWED_ORIGINS", "http://localhost:3000").split(",")'
)
_FRONT = "https://app.example.com"

RULE = Rule(
    code="SEC012",
    name="local-origins",
    summary="Only origins of a developer's machine may call",
    check=check,
    fix="sometimes",
    requirements=("A5", "C4", "D4"),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _FROM_ENVIRONMENT},
    environment={"ALLOWED_ORIGINS": _FRONT},
    expect=Expectation(
        "main.py",
        7,
        stage=Stage.PRODUCTION,
        observation=Answers(
            Request("/openapi.json", headers=(("Origin", _FRONT),)), lacks=("access-control-allow-origin",)
        ),
    ),
)
