""".railway/railway.ts: the service on Railway as code, in the form that Railway reads now.

`railway.json` and `railway.toml` stop being read on 2026-12-01. Fields are those of the types of `railway/iac` 3.11
(docs.railway.com/infrastructure-as-code/reference). Railway kills at once after SIGTERM unless it is told to wait.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import DRAIN_S, Survey

_TEXT = """\
// This service on Railway, as code. `railway config plan` shows what would change, `railway config apply` does it.
// Secrets stay in Railway: preserve() keeps the value that is set there.
import {{ {imports} }} from "railway/iac";

export default defineRailway(() => {{
  const api = service({name}, {{
{fields}  }});

  return project({name}, {{ resources: [api] }});
}});
"""


def draft(survey: Survey) -> Iterator[Draft]:
    """One service."""
    names = ["defineRailway", *(["preserve"] if survey.required else []), "project", "service"]
    fields = "".join(f"    {line}\n" for line in _fields(survey))
    text = _TEXT.format(imports=", ".join(names), name=json.dumps(survey.name), fields=fields)
    yield Draft(survey.path(".railway/railway.ts"), stamped(text, "//"))


def _fields(survey: Survey) -> Iterator[str]:
    if survey.within != ".":
        yield f"rootDirectory: {json.dumps(survey.within)},"
    if survey.image:
        # A start command would replace the image's, and be run without a shell: $PORT would stay as it is.
        yield 'build: { builder: "DOCKERFILE", dockerfilePath: "Dockerfile" },'
    else:
        yield 'build: { builder: "RAILPACK" },'
        yield f"start: {json.dumps('exec ' + survey.launch.command('$PORT'))},"
    if survey.data.migrations:
        yield 'preDeploy: "python -m alembic upgrade head",'
    if survey.health:
        yield f"healthcheck: {json.dumps(survey.health)},"
        yield "healthcheckTimeout: 120,"
    yield "deploy: {"
    yield f"  drainingSeconds: {DRAIN_S + 5},"
    yield "  overlapSeconds: 10,"
    yield '  restartPolicyType: "ON_FAILURE",'
    yield "  restartPolicyMaxRetries: 10,"
    yield "},"
    if survey.required:
        yield "env: {"
        yield from (f"  {variable.name}: preserve()," for variable in survey.required)
        yield "},"


PAPER = Paper("railway", "the service on Railway, as code", (Purpose.RAILWAY,), draft, order=11)
