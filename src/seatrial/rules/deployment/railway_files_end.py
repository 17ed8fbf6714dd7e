"""Railway stops reading this file

## What it finds
`railway.json` or `railway.toml`.

## Why it bites
"Config as code" is deprecated: new services cannot opt in, and existing files stop being read on 2026-12-01. What
they say, the start command, the health check, the step before a deployment, is then not done any more, without an
error.

## What is flagged
The file, with what it sets.

## What is not
`.railway/railway.ts`, which takes its place, `railpack.json`, and a Procfile.

## Fix safety
Never: `railway config migrate` writes the new file from the old one, with the service's own names; it has to be run
where you are signed in.

## Reference
https://docs.railway.com/reference/config-as-code (railwayapp/docs, config-as-code.md)
https://docs.railway.com/guides/infrastructure-as-code
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.issue import Evidence, Location, Severity, Stage
from seatrial.platforms.railway import CONFIG_ENDS
from seatrial.rules.case import Case
from seatrial.rules.observation import Cited
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_KEYS = ("startCommand", "preDeployCommand", "healthcheckPath", "buildCommand", "restartPolicyType", "numReplicas")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file."""
    documents = case.code.documents
    for folder in documents.folders(case.base):
        for name in ("railway.json", "railway.toml"):
            path = posixpath.normpath(posixpath.join(folder, name))
            text = documents.text(path)
            if text is None or path.startswith(".."):
                continue
            told = [key for key in _KEYS if re.search(rf"\b{key}\b", text)]
            yield Finding(
                location=Location(path, 1),
                reach=Reach.BOOT,
                stage=Stage.PRODUCTION,
                severity=Severity.WARNING,
                problem=f"Railway reads no {name} from {CONFIG_ENDS} on"
                + (f": {', '.join(told)} will not be followed." if told else "."),
                cause="Config as code has been replaced by .railway/railway.ts.",
                no_fix_reason="`railway config migrate` writes the new file, where you are signed in.",
                evidence=(Evidence("config as code ends", "railwayapp/docs at c2a634f, docs/config-as-code.md"),),
            )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL010",
    name="railway-files-end",
    summary="Railway stops reading this file",
    check=check,
    fix="never",
    requirements=("C2",),
    bad={**_PROJECT, "railway.toml": '[deploy]\nhealthcheckPath = "/openapi.json"\n'},
    good=_PROJECT,
    expect=Expectation(
        "railway.toml", 1, stage=Stage.PRODUCTION, observation=Cited("railwayapp/docs, config-as-code.md")
    ),
)
