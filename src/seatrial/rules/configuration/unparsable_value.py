"""A documented value cannot be read

## What it finds
A value in the example, compose or another paper that the settings class cannot make anything of.

## Why it bites
pydantic-settings reads lists and mappings as JSON: `a,b` raises a SettingsError where the field is a `list[str]`,
before any validator of the class sees it. Numbers and switches have to be written as such, without a comment behind
them.

## What is flagged
Where the settings are made, with the field; the paper's line is named too.

## What is not
Fields with `NoDecode`, a validator that takes the text, or `str` among their types.

## Fix safety
Safe where the value is a list with commas in a dotenv file: it is written as JSON there. Else, as where other
signs stand between the items, a person has to say what is meant.

## Reference
https://docs.pydantic.dev/latest/concepts/pydantic_settings/#parsing-environment-variable-values
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Related
from seatrial.project.settings_facts import EnvDocumented
from seatrial.rules.case import Case
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.templates import value_edit
from seatrial.simulation.timeline import Refusal

_KINDS = frozenset({"unparsable", "list_type", "set_type", "dict_type", "enum", "literal_error"})


def check(case: Case) -> Iterator[Finding]:
    """One finding for each field."""
    for group in grouped(case.timeline, Refusal, lambda fault: fault.subject if _is_ours(fault) else None):
        yield _finding(case, group)


def _is_ours(fault: Refusal) -> bool:
    named = fault.library == "pydantic_settings"
    return named and (fault.kind in _KINDS or fault.kind.endswith(("_parsing", "_parsing_size")))


def _finding(case: Case, group: Group[Refusal]) -> Finding:
    item = _documented(case, group.fault)
    listed = item.value if item is not None else None
    fix = _fix(case, item, group.fault) if item is not None else None
    names = f"`{item.name}={listed}`" if item is not None else f"the value of `{group.fault.subject}`"
    return Finding(
        location=group.location,
        reach=group.reach,
        certain=group.first.certain,
        problem=f"{names[:1].upper() + names[1:]} cannot be read.",
        cause=_cause(group),
        fix=fix,
        no_fix_reason=None if fix else "What is meant by the value is for a person to say.",
        related=(*group.related, *((Related(item.location, "documented here"),) if item is not None else ())),
    )


def _cause(group: Group[Refusal]) -> str:
    if group.fault.kind == "unparsable":
        return "The field holds more than one value, and the text is no JSON."
    lines = group.first.failure.message.split("\n")
    return lines[2].strip().partition(" [")[0] + "." if len(lines) > 2 else lines[0]


def _documented(case: Case, fault: Refusal) -> EnvDocumented | None:
    key = dict(fault.details).get("key", "") or fault.subject.split(",")[0].partition(".")[0]
    reads = [read for read in case.settings.reads if key.lower() in (read.field.lower(), read.name.lower())]
    found = (
        it
        for it in case.papers.documented
        if it.value is not None and it.active and any(read.accepts(it.name) for read in reads)
    )
    return next(found, None)


def _fix(case: Case, item: EnvDocumented, fault: Refusal) -> Fix | None:
    value, path = item.value or "", item.location.path
    if path.startswith("..") or value.lstrip().startswith(("[", "{")):
        return None
    written = _default(case, item.name)
    if value.strip() and fault.kind == "unparsable" and not re.search(r"[;|\n]", value):
        written = json.dumps([part.strip() for part in value.split(",") if part.strip()])
    elif value.strip() or not written:
        return None
    edit = value_edit(path, case.code.documents.text(path) or "", item.name, written)
    return Fix(Applicability.SAFE, f"Write `{item.name}={written}` in {path}.", (edit,)) if edit else None


def _default(case: Case, name: str) -> str:
    """The field's own default as the environment would have it; "" where it has none, or one that is no literal."""
    defaults = [read.default for read in case.settings.of(name) if read.default]
    plain = [it for it in defaults if re.fullmatch(r"-?\d+(?:\.\d+)?|True|False|\[[^()]*\]", it)]
    return plain[0].replace("'", '"') if plain else ""


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings\n\n\n"
        "class Settings(BaseSettings):\n    allowed_origins: list[str]\n\n\n"
        "settings = Settings()\napp = FastAPI(title=settings.allowed_origins[0])\n"
    ),
    ".env.example": "ALLOWED_ORIGINS=http://localhost:3000,https://app.example.com\n",
}

RULE = Rule(
    code="CFG004",
    name="unparsable-value",
    summary="A documented value cannot be read",
    check=check,
    fix="sometimes",
    requirements=("A10", "B4"),
    bad=_PROJECT,
    good={
        **_PROJECT,
        ".env.example": 'ALLOWED_ORIGINS=["http://localhost:3000", "https://app.example.com"]\n',
    },
    expect=Expectation("main.py", 9, exception="SettingsError"),
)
