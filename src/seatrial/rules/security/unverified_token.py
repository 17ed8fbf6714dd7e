"""A token is read without being verified

## What it finds
Code that takes the claims of a JSON Web Token and does not check its signature.

## Why it bites
A token is then a form that anybody fills in: `{"sub": "admin"}`, no key needed. It is the shortest way into an
account.

## What is flagged
`verify_signature: False` or `verify=False` of `jwt.decode`, and `get_unverified_claims` of python-jose.

## What is not
A header read before the key is known (`get_unverified_header`), and claims read unverified in a function that
verifies the same token too.

## Fix safety
Review where the call has a key and algorithms, so that only the exception from verifying has to go: tokens that
were accepted until now are refused.

## Reference
https://pyjwt.readthedocs.io/en/stable/usage.html#reading-the-claimset-without-validation
https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/06-Session_Management_Testing/10-Testing_JSON_Web_Tokens
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.tokens import TokenCall, token_calls


def check(case: Case) -> Iterator[Finding]:
    """One finding for each call."""
    loaded = {module.path for module in case.timeline.loaded}
    decoding = list(token_calls(case, "decode"))
    verifying = {call.file.sites.function_of(call.node) for call in decoding if _off(call) is None}
    unread = [call for name in ("get_unverified_claims", "decode_complete") for call in token_calls(case, name)]
    for call in (*decoding, *unread):
        off = _off(call)
        blind = isinstance(call.node.func, ast.Attribute | ast.Name) and "unverified" in ast.unparse(call.node.func)
        if (off is None and not blind) or call.file.sites.function_of(call.node) in verifying:
            continue
        fix = _fix(call, off)
        yield Finding(
            location=call.file.place(call.node),
            reach=case.reach_of(call.file.path, call.node.lineno),
            stage=Stage.PRODUCTION,
            severity=Severity.ERROR if call.file.path in loaded else Severity.NOTE,
            problem="The token's claims are taken without checking its signature.",
            cause="Whoever can make a request can write the token themselves.",
            fix=fix,
            no_fix_reason=None if fix else "The call does not say with which key and algorithm to verify.",
        )


def _off(call: TokenCall) -> ast.expr | None:
    """What turns verification off: the whole argument."""
    for keyword in call.node.keywords:
        if keyword.arg == "verify" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False:
            return keyword.value
        if keyword.arg == "options" and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                is_key = isinstance(key, ast.Constant) and key.value == "verify_signature"
                if is_key and isinstance(value, ast.Constant) and value.value is False:
                    return value
    return None


def _fix(call: TokenCall, off: ast.expr | None) -> Fix | None:
    key = call.key
    is_key = key is not None and not (isinstance(key, ast.Constant) and not key.value)
    if off is None or not is_key or call.argument(2, "algorithms") is None:
        return None
    edit = Edit(call.file.path, call.file.start(off), call.file.end(off), "True")
    return Fix(Applicability.REVIEW, "Verify the signature.", (edit,))


_FORGED = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.kIN3zQ9q1l0MzN-uOhu419kvyqcwg-dYh_qm6cigLtg"
_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npyjwt\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "# openssl rand -hex 32\nJWT_SECRET=change-me-openssl-rand-hex-32\n",
    "main.py": (
        "import os\n\nimport jwt\nfrom fastapi import FastAPI, Header, HTTPException\n\n"
        'KEY = os.environ["JWT_SECRET"]\n'
        "app = FastAPI()\n\n\n"
        '@app.get("/me")\n'
        "def me(authorization: str = Header()) -> dict[str, str]:\n"
        '    token = authorization.removeprefix("Bearer ")\n'
        "    try:\n"
        '        return jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_signature": False})\n'
        "    except jwt.PyJWTError:\n"
        '        raise HTTPException(status_code=401, detail="Not signed in") from None\n'
    ),
}

RULE = Rule(
    code="SEC017",
    name="unverified-token",
    summary="A token is read without being verified",
    check=check,
    fix="sometimes",
    requirements=("D3",),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _PROJECT["main.py"].replace(": False}", ": True}")},
    expect=Expectation(
        "main.py",
        14,
        stage=Stage.PRODUCTION,
        observation=Answers(Request("/me", headers=(("Authorization", f"Bearer {_FORGED}"),)), status=200),
    ),
)
