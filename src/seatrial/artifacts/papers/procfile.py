"""Procfile: what a platform that builds without a Dockerfile starts.

Railpack reads it as a YAML mapping and runs `web` through `bash -c`, so that `$PORT` is filled in; `exec` makes the server
the process that SIGTERM reaches, whichever shell it is. Source: railwayapp/railpack docs/config/procfile.mdx.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import Survey


def draft(survey: Survey) -> Iterator[Draft]:
    """One process, `web`."""
    command = survey.launch.command("$PORT")
    paths = [path for path in survey.launch.paths if path != survey.launch.app_dir]
    before = f"PYTHONPATH={':'.join(paths)} " if paths else ""
    yield Draft(survey.path("Procfile"), stamped(f"web: {before}exec {command}\n"))


PAPER = Paper("procfile", "what a platform without a Dockerfile starts", (Purpose.RAILWAY,), draft, order=10)
