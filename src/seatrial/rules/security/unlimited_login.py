"""Passwords can be guessed without end

## What it finds
A route that signs users in, in a backend that limits nothing.

## Why it bites
A list of a million leaked passwords is tried against one account in hours, or one password against all accounts;
every try costs a password hash, so that it is a way to stop the server too.

## What is flagged
A `POST` to `/login`, `/signin`, `/token` and their kin, where no file of the backend speaks of limits, attempts or
locks.

## What is not
A library for limits (slowapi, fastapi-limiter, asgi-ratelimit), counting of the backend's own, and a proxy's file
in the repository that limits requests.

## Fix safety
Never: where tries are counted is a decision. In memory each worker counts for itself; with several of them it takes
Redis or the database.

## Reference
https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html#protect-against-automated-attacks
https://slowapi.readthedocs.io/en/latest/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Related, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_LOGIN = re.compile(
    r"(?:/[\w{}.-]+)*/(?:login|log-in|signin|sign-in|token|access-token|authenticate)(?:/access-token)?/?"
)
_LIMITS = re.compile(
    r"slowapi|limiter|rate.?limit|throttl|attempts|lockout|too.?many|\b429\b|limit_req|captcha|turnstile", re.I
)


def check(case: Case) -> Iterator[Finding]:
    """One finding, at the first route."""
    routes = [it for it in case.timeline.routes if it.included and "POST" in it.methods and _LOGIN.fullmatch(it.path)]
    papers = (
        path for path in case.tree.files if path.endswith((".conf", "Caddyfile", "requirements.txt", "pyproject.toml"))
    )
    if not routes or any(_LIMITS.search(case.code.text(path) or "") for path in (*case.code.names, *papers)):
        return
    first, *others = routes
    yield Finding(
        location=first.location,
        reach=Reach.REQUEST,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"POST {first.path} may be tried as often as anybody likes.",
        cause="Nothing in the backend counts requests or failed tries.",
        no_fix_reason="Where tries are counted is a decision: each worker's memory, Redis, or the database.",
        related=tuple(Related(route.location, f"POST {route.path} too") for route in others),
    )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI, HTTPException\nfrom pydantic import BaseModel\n\n"
        "app = FastAPI()\n\n\n"
        "class Login(BaseModel):\n    name: str\n    password: str\n\n\n"
        '@app.post("/login")\n'
        "def login(given: Login) -> None:\n"
        '    raise HTTPException(status_code=401, detail="Wrong name or password")\n'
    ),
}
_LIMITED = "from collections import Counter\n\n" + _PROJECT["main.py"].replace(
    "app = FastAPI()\n", "app = FastAPI()\nattempts: Counter[str] = Counter()\n"
).replace(
    "-> None:\n",
    "-> None:\n    attempts[given.name] += 1\n    if attempts[given.name] > 5:\n"
    '        raise HTTPException(status_code=429, detail="Too many attempts")\n',
)

RULE = Rule(
    code="SEC015",
    name="unlimited-login",
    summary="Passwords can be guessed without end",
    check=check,
    fix="never",
    requirements=("B10",),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _LIMITED},
    expect=Expectation(
        "main.py",
        12,
        stage=Stage.PRODUCTION,
        observation=Answers(
            Request("/login", "POST", body='{"name": "alice", "password": "guess-{n}"}'.replace("{n}", "{}"), times=30),
            status=401,
        ),
    ),
)
