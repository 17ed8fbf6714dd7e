"""Prepares a backend as the command does, in this process."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

from seatrial import pipeline
from seatrial.options import PrepareOptions
from seatrial.report.preparation import Preparation
from tests.artifacts.backends import lay

DAY = date(2026, 11, 30)


def look(
    root: Path, *purposes: str, replace: bool = False, with_fixes: bool = False, target: str | None = None
) -> Preparation:
    """What would be written."""
    options = PrepareOptions(purposes=purposes, replace=replace, with_fixes=with_fixes, target=target, today=DAY)
    return pipeline.prepare(root, options)


def prepared(root: Path, files: dict[str, str], *purposes: str) -> Path:
    """A backend in a repository of its own, with its papers written."""
    lay(root, files)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    pipeline.write_papers(root, look(root, *purposes))
    return root
