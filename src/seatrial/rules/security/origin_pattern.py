"""A pattern of origins lets strangers in

## What it finds
`allow_origin_regex` that matches origins which are not yours.

## Why it bites
The pattern is matched against the whole origin, but a dot that is not escaped stands for any character, and `.*`
for any text, a dot and a slash included: whoever registers the domain that fits is then allowed in.

## What is flagged
A pattern that matches an origin made up here: `https://evil.example`, or one with the pattern's own domain behind a
foreign name or before a foreign ending. The issue names the origin.

## What is not
A pattern that fits only names below a domain of its own (`https://[\\w-]+\\.example\\.com`), and one that is not
known before the start.

## Fix safety
Review: dots are escaped, and `.*` is narrowed to one name without dots. Which domains are yours is for you to say.

## Reference
https://www.starlette.io/middleware/#corsmiddleware
https://owasp.org/www-community/attacks/CORS_OriginHeaderScrutiny
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import Written, argument, middleware, put_keyword
from seatrial.rules.rule import Expectation, Finding, Rule

_DOMAIN = re.compile(r"(?:[a-z0-9-]+(?:\\?\.))+[a-z]{2,}")
_SHARED = re.compile(r"vercel\\?\.app|netlify\\?\.app|pages\\?\.dev|onrender\\?\.com|railway\\?\.app|herokuapp\\?\.com")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each middleware."""
    for found in middleware(case, "CORSMiddleware"):
        pattern = argument(found.call, "allow_origin_regex")
        stranger = stranger_to(pattern) if isinstance(pattern, str) else None
        if isinstance(pattern, str) and stranger is not None:
            trusted = argument(found.call, "allow_credentials") is True
            fix = _fix(found, pattern)
            yield Finding(
                location=found.place,
                reach=found.call.reach,
                stage=Stage.PRODUCTION,
                severity=Severity.ERROR if trusted else Severity.WARNING,
                problem=f"The pattern `{pattern}` allows {stranger}.",
                cause="Anybody can register a name that it matches"
                + (", and is then sent the user's credentials." if trusted else "."),
                fix=fix,
                no_fix_reason=None if fix else "Which origins are meant cannot be told from the pattern.",
            )


def stranger_to(pattern: str) -> str | None:
    """An origin of somebody else's that the pattern matches; None where none of those tried does."""
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError):
        return None
    return next((origin for origin in _strangers(pattern) if compiled.fullmatch(origin)), None)


def _strangers(pattern: str) -> Iterator[str]:
    yield "https://evil.example"
    for domain in dict.fromkeys(match.replace("\\", "") for match in _DOMAIN.findall(pattern)):
        name, _, ending = domain.rpartition(".")
        yield f"https://{domain}.evil.example"
        yield f"https://evil{domain}"
        yield f"https://x.evil.example/.{domain}"
        yield f"https://{name}x{ending}.evil.example"
        yield f"https://{name}x{ending}" if "." in name else f"https://a.{name}x{ending}.io"
    if _SHARED.search(pattern):
        yield from (f"https://evil.{host}" for host in ("vercel.app", "netlify.app", "pages.dev", "onrender.com"))


def _fix(found: Written, pattern: str) -> Fix | None:
    narrow = re.sub(r"(?<!\\)\.\*", r"[\\w-]+", pattern)
    narrow = re.sub(r"(?<=[a-z0-9\]+])(?<!\\)\.(?=[a-z0-9-])", r"\\.", narrow)
    narrow = re.sub(r"(?<=//)\[\\w-\]\+(?=[a-z0-9])", r"[\\w-]+\\.", narrow)
    if narrow == pattern or stranger_to(narrow) is not None:
        return None
    edit = put_keyword(found, "allow_origin_regex", f'r"{narrow}"') if '"' not in narrow else None
    return Fix(Applicability.REVIEW, f"Match `{narrow}` instead.", (edit,)) if edit else None


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\n"
        "app = FastAPI()\n"
        "app.add_middleware(\n"
        "    CORSMiddleware,\n"
        '    allow_origin_regex=r"https://.*example.com",\n'
        "    allow_credentials=True,\n"
        ")\n"
    ),
}
_EVIL = "https://evilexample.com"

RULE = Rule(
    code="SEC011",
    name="origin-pattern",
    summary="A pattern of origins lets strangers in",
    check=check,
    fix="sometimes",
    requirements=("A5", "C4", "D4"),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _PROJECT["main.py"].replace(".*example.com", r"[\w-]+\.example\.com")},
    expect=Expectation(
        "main.py",
        5,
        stage=Stage.PRODUCTION,
        observation=Answers(
            Request("/openapi.json", headers=(("Origin", _EVIL),)), header=("access-control-allow-origin", _EVIL)
        ),
    ),
)
