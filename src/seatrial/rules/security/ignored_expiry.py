"""A token is taken after it has expired

## What it finds
`verify_exp: False` where a token decides who is asking.

## Why it bites
The token says until when it is good, and nobody looks. Whoever gets hold of one, from a log, a proxy or a phone that
was sold, is that user for good; the only way to end it is a new key, which signs everybody out.

## What is flagged
`options={"verify_exp": False}` of `jwt.decode`, by PyJWT or python-jose.

## What is not
Functions that are about expired tokens by their name: to refresh, to revoke, to sign out.

## Fix safety
Review: the expiry is verified. Clients that never fetched a new token are signed out.

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
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.tokens import TokenCall, token_calls

_ABOUT_EXPIRED = re.compile(r"expir|refresh|renew|revoke|log_?out|sign_?out|blacklist|block_?list", re.IGNORECASE)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each call."""
    loaded = {module.path for module in case.timeline.loaded}
    for call in token_calls(case, "decode"):
        off = _off(call)
        function = call.file.sites.function_of(call.node)
        if off is None or (function is not None and _ABOUT_EXPIRED.search(function.name)):
            continue
        edit = Edit(call.file.path, call.file.start(off), call.file.end(off), "True")
        yield Finding(
            location=call.file.place(off),
            reach=case.reach_of(call.file.path, off.lineno),
            stage=Stage.PRODUCTION,
            severity=Severity.ERROR if call.file.path in loaded else Severity.NOTE,
            problem="A token is taken for as long as the key lives, whatever its `exp` says.",
            cause="The library is told not to look at it.",
            fix=Fix(Applicability.REVIEW, "Refuse tokens that have expired.", (edit,)),
        )


def _off(call: TokenCall) -> ast.Constant | None:
    """The value that turns the check of the expiry off."""
    options = next((keyword.value for keyword in call.node.keywords if keyword.arg == "options"), None)
    for key, value in zip(options.keys, options.values, strict=True) if isinstance(options, ast.Dict) else ():
        named = isinstance(key, ast.Constant) and key.value == "verify_exp"
        if named and isinstance(value, ast.Constant) and value.value is False:
            return value
    return None


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npyjwt\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "# openssl rand -hex 32\nJWT_SECRET=change-me-openssl-rand-hex-32\nTOKEN_MINUTES=15\n",
    "main.py": (
        "import os\nfrom datetime import datetime, timedelta, timezone\n\n"
        "import jwt\nfrom fastapi import FastAPI, Header, HTTPException\n\n"
        'KEY = os.environ["JWT_SECRET"]\n'
        'LIFETIME = timedelta(minutes=int(os.environ["TOKEN_MINUTES"]))\n'
        "app = FastAPI()\n\n\n"
        '@app.post("/guests")\n'
        "def guest() -> dict[str, str]:\n"
        '    claims = {"sub": "guest", "exp": datetime.now(timezone.utc) + LIFETIME}\n'
        '    return {"token": jwt.encode(claims, KEY, algorithm="HS256")}\n\n\n'
        '@app.get("/me")\n'
        "def me(authorization: str = Header()) -> str:\n"
        '    token = authorization.removeprefix("Bearer ")\n'
        "    try:\n"
        '        claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False})\n'
        "    except jwt.PyJWTError:\n"
        '        raise HTTPException(status_code=401, detail="Sign in again") from None\n'
        '    return str(claims["sub"])\n'
    ),
}
_SIGNED_IN = (("Authorization", "Bearer {token}"),)

RULE = Rule(
    code="SEC023",
    name="ignored-expiry",
    summary="A token is taken after it has expired",
    check=check,
    fix="always",
    requirements=("B10", "D3"),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _PROJECT["main.py"].replace(": False}", ": True}")},
    environment={"TOKEN_MINUTES": "-1"},
    expect=Expectation(
        "main.py",
        22,
        stage=Stage.PRODUCTION,
        observation=Answers(
            Request("/me", headers=_SIGNED_IN), 200, contains="guest", before=(Request("/guests", "POST", body=""),)
        ),
    ),
)
