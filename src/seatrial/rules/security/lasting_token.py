"""A token never expires

## What it finds
A JSON Web Token that is signed without an `exp` claim.

## Why it bites
Whoever gets hold of it once, from a log, a proxy, a browser's storage or a phone that was sold, is that user for
good. The only way to end it is a new key, which signs everybody out.

## What is flagged
`jwt.encode` in a file that does not mention `exp` anywhere.

## What is not
Claims that come from elsewhere with their own expiry, and files in which `exp` is set or required.

## Fix safety
Review: the token expires after an hour. How long a session lasts is for you to say.

## Reference
https://pyjwt.readthedocs.io/en/stable/usage.html#expiration-time-claim-exp
https://datatracker.ietf.org/doc/html/rfc8725
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.edits import imported
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.tokens import TokenCall, token_calls

_EXPIRES = re.compile(r"[\"']exp[\"']|\bexp\s*=|expire|lifetime|\bttl\b", re.I)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each call."""
    loaded = {module.path for module in case.timeline.loaded}
    for call in token_calls(case, "encode"):
        if call.expands or _EXPIRES.search(call.file.text):
            continue
        fix = _fix(call)
        yield Finding(
            location=call.file.place(call.node),
            reach=case.reach_of(call.file.path, call.node.lineno),
            stage=Stage.PRODUCTION,
            severity=Severity.WARNING if call.file.path in loaded else Severity.NOTE,
            problem="The token is valid for ever.",
            cause="Its claims have no `exp`.",
            fix=fix,
            no_fix_reason=None if fix else "The claims are put together elsewhere: give them an `exp` there.",
        )


def _fix(call: TokenCall) -> Fix | None:
    claims, file = call.argument(0, "payload"), call.file
    if not isinstance(claims, ast.Dict) or not claims.values:
        return None
    end = file.end(claims.values[-1])
    hour = Edit(file.path, end, end, ', "exp": datetime.now(timezone.utc) + timedelta(hours=1)')
    names = imported(file, "from datetime import datetime, timedelta, timezone")
    return Fix(Applicability.REVIEW, "Let it expire after an hour.", (hour, *((names,) if names else ())))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npyjwt\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "# openssl rand -hex 32\nJWT_SECRET=change-me-openssl-rand-hex-32\n",
    "main.py": (
        "import os\n\nimport jwt\nfrom fastapi import FastAPI, Header\n\n"
        'KEY = os.environ["JWT_SECRET"]\n'
        "app = FastAPI()\n\n\n"
        '@app.post("/guests")\n'
        "def guest() -> dict[str, str]:\n"
        '    return {"token": jwt.encode({"sub": "guest"}, KEY, algorithm="HS256")}\n\n\n'
        '@app.get("/claims")\n'
        "def claims(authorization: str = Header()) -> int:\n"
        '    return len(jwt.decode(authorization.removeprefix("Bearer "), KEY, algorithms=["HS256"]))\n'
    ),
}
_SIGNED_IN = (("Authorization", "Bearer {token}"),)

RULE = Rule(
    code="SEC016",
    name="lasting-token",
    summary="A token never expires",
    check=check,
    fix="sometimes",
    requirements=("B10", "D3"),
    bad=_PROJECT,
    good={
        **_PROJECT,
        "main.py": _PROJECT["main.py"]
        .replace("import os\n", "import os\nfrom datetime import datetime, timedelta, timezone\n")
        .replace('"guest"}', '"guest", "exp": datetime.now(timezone.utc) + timedelta(hours=1)}'),
    },
    expect=Expectation(
        "main.py",
        12,
        stage=Stage.PRODUCTION,
        observation=Answers(
            Request("/claims", headers=_SIGNED_IN), 200, contains="1", before=(Request("/guests", "POST", body=""),)
        ),
    ),
)
