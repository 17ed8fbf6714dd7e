"""A secret is committed

## What it finds
A key of a known service, a private key, or the address of a database elsewhere with its password, in a paper of the
repository (README, compose, an example, a script, a committed `.env`), in its code, or in a commit of the past.

## Why it bites
Whoever can read the repository, now or in a clone of years ago, can use it. To delete the line helps nobody: it
stays in the history. Robots find such keys within minutes.

## What is flagged
What detect-secrets knows by its form, and passwords of databases that are not on the same machine. Once for each
file; of past commits, what no file holds any more.

## What is not
Examples (`user:password@`, `AKIA…EXAMPLE`), files that git leaves out, and texts that only may be secrets. A history
that git cannot read, or not within two seconds, is said to be not analysed.

## Fix safety
Never: the key has to be replaced where it was issued first, and only you can do that. Then it goes into the
environment.

## Reference
https://github.com/Yelp/detect-secrets
https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository
"""

from __future__ import annotations

import codecs
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Location, NotAnalysed, Related, Severity, Stage
from seatrial.project.files import Source, decode, read_bytes
from seatrial.project.settings_templates import ENV_FILE, TEMPLATE, find_env_files
from seatrial.rules.case import Case
from seatrial.rules.known_secrets import kind_of, lines_worth_a_look, may_hold_one
from seatrial.rules.observation import Refused
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_APART = re.compile(
    r"(?:^|/)(?:tests?|fixtures|examples?|docs/reference|node_modules)/|\.lock$|lock\.json$|lock\.yaml$"
)
_MOST = 400_000  # bytes of a file that is looked through


@dataclass(frozen=True, slots=True)
class _Secret:
    kind: str
    value: str
    location: Location


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file, and one for the past."""
    known: set[str] = set()
    for path in _papers(case):
        found = list(_in_text(path, _text(case, path)))
        known.update(secret.value for secret in found)
        if found:
            yield _finding(found)
    past = [secret for secret in _past(case) if secret[1].value not in known]
    if past:
        yield _of_the_past(case, past)


def _papers(case: Case) -> Iterator[str]:
    """The files that others get. The code itself is SEC001's where it holds an address, and ours for keys."""
    files = {file.path: file.tracked for file in find_env_files(case.code.documents, case.tree.files, case.base)}
    for path in dict.fromkeys((*case.tree.files, *files)):
        name = posixpath.basename(path)
        own = ENV_FILE.fullmatch(name) and not TEMPLATE.fullmatch(name)
        if not _APART.search(path) and not (own and files.get(path) is False):
            yield path


def _text(case: Case, path: str) -> str:
    """The text of a file that may hold one, else nothing. It is not kept: of a front end there may be thousands."""
    try:
        if os.stat(os.path.join(case.code.root, path)).st_size > _MOST:
            return ""
    except OSError:
        return ""
    raw = read_bytes(case.code.root, path)
    if isinstance(raw, NotAnalysed):
        return ""
    if not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not may_hold_one(raw):
        return ""
    source = decode(path, raw)
    return source.text if isinstance(source, Source) else ""


def _in_text(path: str, text: str) -> Iterator[_Secret]:
    for number, line in lines_worth_a_look(text):
        found = kind_of(line)
        if found is not None and not (path.endswith(".py") and "://" in found[1]):
            yield _Secret(*found, Location(path, number))


def _past(case: Case) -> Iterator[tuple[str, _Secret]]:
    for line in case.code.history.lines:
        found = kind_of(line.text)
        if found is not None and not _APART.search(line.path):
            yield line.commit, _Secret(*found, Location(line.path, line.line))


def _finding(found: list[_Secret]) -> Finding:
    first, *others = found
    return Finding(
        location=first.location,
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR,
        problem=f"{first.kind} is committed" + (f", and {len(others)} more in this file." if others else "."),
        cause="Whoever reads the repository can use it.",
        no_fix_reason="It has to be replaced where it was issued: it stays in the history.",
        related=tuple(Related(secret.location, secret.kind) for secret in others),
    )


def _of_the_past(case: Case, past: list[tuple[str, _Secret]]) -> Finding:
    commit, first = past[0]
    present = first.location.path in case.tree.files
    place = Location(first.location.path, 1) if present else Location(_somewhere(case), 1)
    return Finding(
        location=place,
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR,
        problem=f"{first.kind} is in the history: commit {commit}, {first.location.path}:{first.location.line}"
        + (f", and {len(past) - 1} more." if len(past) > 1 else "."),
        cause="To delete it from the files did not delete it from the repository.",
        no_fix_reason="It has to be replaced where it was issued.",
    )


def _somewhere(case: Case) -> str:
    return next(
        (path for path in (".gitignore", "README.md", "pyproject.toml") if path in case.tree.files), "README.md"
    )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="SEC005",
    name="committed-secret",
    summary="A secret is committed",
    check=check,
    fix="never",
    requirements=("B5", "B12"),
    bad={**_PROJECT, "deploy.sh": "export AWS_ACCESS_KEY_ID=AKIAZX3LQ7RPT2M5KDNB\nexec uvicorn main:app\n"},
    good={**_PROJECT, "deploy.sh": "export AWS_ACCESS_KEY_ID=$KEY_FROM_VAULT\nexec uvicorn main:app\n"},
    expect=Expectation(
        "deploy.sh", 1, stage=Stage.PRODUCTION, observation=Refused("deploy.sh", "detect-secrets", "AWS Access Key")
    ),
)
