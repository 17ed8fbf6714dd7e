"""Required variable that is only mentioned

## What it finds
An environment variable without which the backend does not start, of which a README or a workflow of CI tells, and
which nothing sets that a newcomer or a platform would copy: no example (`.env.example`), no compose file, Dockerfile
or file of a platform.

## Why it bites
Whoever copies the example, or has none to copy, starts the backend without it: `ValidationError`, `KeyError`. Prose
goes out of date unseen, and no tool compares it with the code.

## What is flagged
The place that reads it, first; the others are its related places. All such variables are one issue.

## What is not
A variable of which no paper tells at all, which stops the start (see `required-variable`), and one that any file
sets.

## Fix safety
Safe: lines are added to the example that is there, or to a new `.env.example`, with values that have the right form
and plainly stand for real ones. No code changes.

## Reference
https://12factor.net/config
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Evidence, Severity, Stage
from seatrial.project.settings_facts import EnvDocumented
from seatrial.rules.case import Case
from seatrial.rules.observation import Starts
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.templates import example_path
from seatrial.rules.wanted import Want, listed, named_by, readers, unlisted


def check(case: Case) -> Iterator[Finding]:
    """One finding for all of them: the example lacks them together."""
    want = unlisted(case)
    if want is None:
        return
    yield Finding(
        location=want.location,
        reach=want.reach,
        severity=Severity.WARNING,
        stage=Stage.PRODUCTION,
        problem=f"{listed(want.names)} {'is' if len(want.names) == 1 else 'are'} required, and only mentioned.",
        cause=_cause(case, want),
        fix=named_by(case, want),
        related=tuple(readers(case, want)),
        evidence=tuple(Evidence(f"`{it.name}` is mentioned", _place(it)) for it in want.told[:5]),
    )


def _cause(case: Case, want: Want) -> str:
    papers = " and ".join(dict.fromkeys(item.location.path for item in want.told))
    verb = "tells" if " and " not in papers else "tell"
    path = example_path(case)
    if path in case.tree.files:
        return f"{papers} {verb} of what is needed, and {path}, which is what people copy, does not."
    return f"{papers} {verb} of what is needed, and there is no example of the environment to copy."


def _place(item: EnvDocumented) -> str:
    return f"{item.location.path}:{item.location.line}"


_MAIN = (
    "from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n\n\n"
    "class Settings(BaseSettings):\n"
    '    model_config = SettingsConfigDict(env_file=".env")\n\n'
    "    title: str\n    greeting: str\n\n\n"
    "settings = Settings()\napp = FastAPI(title=settings.title, description=settings.greeting)\n"
)
_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": _MAIN,
    "README.md": "# Tasks\n\nSet `GREETING` to what the front page says.\n",
    ".env.example": "TITLE=Tasks\n",
}

RULE = Rule(
    code="CFG007",
    name="unlisted-variable",
    summary="A required variable is mentioned, and no example lists it",
    check=check,
    fix="always",
    requirements=("A10", "B5"),
    bad=_PROJECT,
    good={**_PROJECT, ".env.example": "TITLE=Tasks\nGREETING=Hello\n"},
    expect=Expectation(
        "main.py",
        9,
        stage=Stage.PRODUCTION,
        observation=Starts(copied=(".env.example", ".env"), exception="ValidationError"),
    ),
)
