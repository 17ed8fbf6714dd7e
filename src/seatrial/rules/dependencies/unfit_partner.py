"""A client library and a newer httpx that do not go together

## What it finds
A client of OpenAI or Groq of the time before httpx 0.28, with an httpx from then on. What is declared allows both:
these releases ask for `httpx>=0.23,<1`.

## Why it bites
They hand their client of httpx the argument `proxies`, which it no longer takes: where the client is made, the start
ends in a TypeError about an argument that the backend never gave.

## What is flagged
The first place that makes such a client while the backend starts.

## What is not
Clients that are given an `http_client` of their own.

## Fix safety
Safe: `httpx<0.28` is what these releases were made with. The other way out is a newer release of the client.

## Reference
https://github.com/encode/httpx/blob/master/CHANGELOG.md#0280-28th-november-2024
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Evidence, Fix
from seatrial.rules.case import Case
from seatrial.rules.declaring import declare
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.installing import need_of, respecified
from seatrial.rules.outside import release_of
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Refusal

_WANTED = "httpx<0.28"


def check(case: Case) -> Iterator[Finding]:
    """One finding for each library."""
    groups = grouped(case.timeline, Refusal, lambda fault: fault.subject if fault.kind == "httpx-proxies" else None)
    for group in groups:
        yield _finding(case, group)


def _finding(case: Case, group: Group[Refusal]) -> Finding:
    fix = _fix(case)
    library, partner = release_of(case, group.fault.subject), release_of(case, "httpx")
    return Finding(
        location=group.location,
        reach=group.reach,
        certain=group.first.certain,
        problem=f"{library} cannot make its client with {partner}.",
        cause="It hands httpx the argument `proxies`, which is gone since 0.28.",
        fix=fix,
        no_fix_reason=None if fix else "The manifest is written in a way that no other release can be asked for.",
        related=group.related,
        evidence=(Evidence("What is declared leads to both", f"{library}, {partner}"),),
        needs=(need_of(_WANTED),),
    )


def _fix(case: Case) -> Fix | None:
    declared = case.manifest.declares("httpx")
    if declared:
        edit = respecified(case, declared[0], "<0.28")
        edits: tuple[Edit, ...] = (edit,) if edit else ()
        path, then = declared[0].location.path, ""
    else:
        added = declare(case, _WANTED)
        edits, path, then = (added.edits, added.path, added.then) if added else ((), "", "")
    return Fix(Applicability.SAFE, f"Ask for {_WANTED} in {path}. {then}".strip(), edits) if edits else None


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "OPENAI_API_KEY=\n",
    "main.py": "from fastapi import FastAPI\nfrom openai import OpenAI\n\nclient = OpenAI()\napp = FastAPI()\n",
}
_LINES = "fastapi\nuvicorn\nopenai==1.50.2\n"

RULE = Rule(
    code="DEP022",
    name="unfit-partner",
    summary="A client library and a newer httpx do not go together",
    check=check,
    fix="sometimes",
    requirements=("A3",),
    bad={**_PROJECT, "requirements.txt": _LINES},
    good={**_PROJECT, "requirements.txt": f"{_LINES}{_WANTED}\n"},
    expect=Expectation("main.py", 4, exception="TypeError"),
)
