"""Manifests that do not say the same

## What it finds
A second manifest (pyproject.toml beside requirements.txt, a Pipfile) that declares what the installed one lacks, or
of which no version goes with the installed one's.

## Why it bites
Each tool reads another file. The author adds a dependency to the one, the platform installs the other; sooner or
later the code needs what only the first has.

## What is flagged
The installed manifest's line, once for each other manifest. Where the start needs something that is missing,
`missing-distribution` says so and is a blocker; this is a note of where it comes from.

## What is not
Manifests for development and tests, and files that are generated one from the other (`stale-lock` has an eye on those).

## Fix safety
For review: the missing lines are added to the manifest that is installed. Which of the versions is right is for a
person to say.

## Reference
https://railpack.com/languages/python/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seatrial.issue import Applicability, Edit, Fix, Related, Severity, Stage
from seatrial.project.manifest.compare import disagreements
from seatrial.project.manifest.stale import stale_locks
from seatrial.project.manifest.values import Disagreement
from seatrial.rules.case import Case
from seatrial.rules.declaring import declare
from seatrial.rules.distributions import normalised
from seatrial.rules.missing import felt_missing
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each manifest that is not installed."""
    felt = felt_missing(case)
    compiled = {stale.document.path for stale in stale_locks(case.tree.root, case.manifest)}  # `stale-lock` says so
    found: dict[str, list[Disagreement]] = {}
    for it in disagreements(case.manifest):
        if it.kind in ("missing", "version") and normalised(it.name) not in felt and it.other.path not in compiled:
            found.setdefault(it.other.path, []).append(it)
    for path, differences in found.items():
        installed = ", ".join(document.path for document in case.manifest.installed)
        fix = _fix(case, differences)
        yield Finding(
            location=differences[0].location,
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.NOTE,
            problem=f"{installed} and {path} do not declare the same: {_named(differences)}.",
            cause=f"{installed} is what is installed ({_reason(case)}).",
            fix=fix,
            no_fix_reason=None if fix else "Which of the two is right is for a person to say.",
            related=tuple(Related(it.other, f"{it.message[:1].upper()}{it.message[1:]}") for it in differences),
        )


def _named(differences: Sequence[Disagreement]) -> str:
    names = list(dict.fromkeys(it.name for it in differences))
    return ", ".join(names[:6]) + (" and more" if len(names) > 6 else "")


def _reason(case: Case) -> str:
    chosen = case.manifest.installation
    return chosen.reason if chosen is not None else "nothing else is"


def _fix(case: Case, differences: Sequence[Disagreement]) -> Fix | None:
    """The missing lines, one below the other."""
    names = [it.name for it in differences if it.kind == "missing" and "[" not in it.name]
    made = [declare(case, name) for name in names]
    edits: list[Edit] = []
    for one in made:
        if one is None or any((it.path, it.start) == (edit.path, edit.start) for it in edits for edit in one.edits):
            return None
        edits += one.edits
    if not edits or len(names) != len(differences):
        return None
    return Fix(Applicability.REVIEW, f"Declare {', '.join(names)} in what is installed, too.", tuple(edits))


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": """\
from importlib.metadata import version

from fastapi import FastAPI

app = FastAPI()


@app.get("/version")
def release() -> str:
    return version("pyyaml")
""",
    "pyproject.toml": '[project]\nname = "tasks"\nversion = "1.0"\ndependencies = ["fastapi", "pyyaml", "uvicorn"]\n',
}

RULE = Rule(
    code="DEP012",
    name="manifests-disagree",
    summary="The manifests do not declare the same",
    check=check,
    fix="sometimes",
    requirements=("A3",),
    bad={**_PROJECT, "requirements.txt": "fastapi\nuvicorn\n"},
    good={**_PROJECT, "requirements.txt": "fastapi\npyyaml\nuvicorn\n"},
    expect=Expectation("requirements.txt", 2, stage=Stage.PRODUCTION, request="/version"),
)
