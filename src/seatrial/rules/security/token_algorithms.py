"""A token's algorithm is not fixed

## What it finds
`jwt.decode` without `algorithms`, or with one that leaves the choice to whoever made the token.

## Why it bites
PyJWT refuses to decode without `algorithms`, so that nobody can sign in; python-jose takes the algorithm that the
token itself names. `none` means a token without signature, and a list with both HS256 and RS256 lets the public key
be used as the secret.

## What is flagged
A call without the argument, and a literal list that has `none` in it or mixes HS with RS, ES or PS.

## What is not
Algorithms from a setting, and calls that do not verify at all (SEC017).

## Fix safety
Safe where the backend signs its tokens itself, with an algorithm that is written there: the same is asked for. Else
review.

## Reference
https://pyjwt.readthedocs.io/en/stable/api.html#jwt.decode
https://auth0.com/blog/critical-vulnerabilities-in-json-web-token-libraries/
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.tokens import TokenCall, literal_of, token_calls


def check(case: Case) -> Iterator[Finding]:
    """One finding for each call."""
    loaded = {module.path for module in case.timeline.loaded}
    for call in token_calls(case, "decode"):
        given = call.argument(2, "algorithms")
        names = _names(given)
        if call.expands or _is_blind(call) or (given is not None and not _is_open(names)):
            continue
        refused = given is None and call.library == "jwt"
        problem = _problem(call, names, given)
        yield Finding(
            location=call.file.place(call.node),
            reach=case.reach_of(call.file.path, call.node.lineno),
            stage=Stage.REQUEST if refused else Stage.PRODUCTION,
            severity=Severity.ERROR if call.file.path in loaded else Severity.NOTE,
            problem=problem,
            cause="PyJWT decodes nothing without them."
            if refused
            else "Whoever makes the token chooses how it is checked.",
            fix=_fix(case, call, given),
        )


def _names(given: ast.expr | None) -> list[str]:
    values = given.elts if isinstance(given, ast.List | ast.Tuple | ast.Set) else [given]
    return [value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def _is_open(names: list[str]) -> bool:
    families = {name[:2].upper() for name in names}
    return any(name.lower() == "none" for name in names) or ("HS" in families and bool(families & {"RS", "ES", "PS"}))


def _is_blind(call: TokenCall) -> bool:
    return any(
        keyword.arg in ("options", "verify") and "False" in ast.unparse(keyword) for keyword in call.node.keywords
    )


def _problem(call: TokenCall, names: list[str], given: ast.expr | None) -> str:
    if given is not None:
        return f"Tokens may be signed by {', '.join(names)}, as their maker likes."
    return "No token is accepted: `algorithms` is missing." if call.library == "jwt" else "`algorithms` is missing."


def _fix(case: Case, call: TokenCall, given: ast.expr | None) -> Fix:
    known = _signed_with(case)
    value = f'["{known or "HS256"}"]'
    safe = Applicability.SAFE if known and given is None else Applicability.REVIEW
    file = call.file
    if given is not None:
        edit = Edit(file.path, file.start(given), file.end(given), value)
    else:
        last = max(
            (*call.node.args, *(it.value for it in call.node.keywords)), key=lambda it: (it.lineno, it.col_offset)
        )
        edit = Edit(file.path, file.end(last), file.end(last), f", algorithms={value}")
    return Fix(safe, f"Accept {value[2:-2]} and nothing else.", (edit,))


def _signed_with(case: Case) -> str:
    """The one algorithm that the backend signs with; "" where it signs nothing, or with more than one."""
    found: set[str] = set()
    for call in token_calls(case, "encode"):
        given = call.argument(2, "algorithm")
        literal = literal_of(case, call.file, given) if given is not None else None
        found.add("HS256" if given is None else str(literal[1].value) if literal else "")
    return found.pop() if len(found) == 1 else ""


_VALID = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.MAcWyUKVZ5fgTI-eMBH6Fnu3sLD86eQ53lVwJMsjk2Q"
_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npyjwt\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "import os\n\nimport jwt\nfrom fastapi import FastAPI, Header, HTTPException\n\n"
        'KEY = os.environ["JWT_SECRET"]\n'
        "app = FastAPI()\n\n\n"
        '@app.get("/me")\n'
        "def me(authorization: str = Header()) -> dict[str, str]:\n"
        "    try:\n"
        '        return jwt.decode(authorization.removeprefix("Bearer "), KEY)\n'
        "    except jwt.PyJWTError:\n"
        '        raise HTTPException(status_code=401, detail="Not signed in") from None\n'
    ),
    ".env.example": "# openssl rand -hex 32\nJWT_SECRET=change-me-openssl-rand-hex-32\n",
}

RULE = Rule(
    code="SEC018",
    name="token-algorithms",
    summary="A token's algorithm is not fixed",
    check=check,
    fix="always",
    requirements=("D3",),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _PROJECT["main.py"].replace(", KEY)", ', KEY, algorithms=["HS256"])')},
    environment={"JWT_SECRET": "kept-out-of-the-code-0123456789abcdef"},
    expect=Expectation(
        "main.py",
        13,
        stage=Stage.REQUEST,
        observation=Answers(Request("/me", headers=(("Authorization", f"Bearer {_VALID}"),)), status=401),
    ),
)
