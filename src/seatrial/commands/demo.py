"""`seatrial demo`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.commands.console import page_of, progress, show
from seatrial.commands.exits import CLEAN, ISSUES
from seatrial.report import formats

if TYPE_CHECKING:
    from seatrial.report.results import Audit, Trial

HELP = "audit and mend a bundled backend that does not start"
DESCRIPTION = (
    "Audits a bundled backend with several faults that hide one another, applies the fixes in a scratch copy one "
    "after another, and starts the server after each, until it answers. The report of it is left in a new folder."
)


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""


def run(_arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial import pipeline
    from seatrial.boot import Outcome
    from seatrial.options import AuditOptions, BootOptions

    place = pipeline.demo_backend()
    page = page_of(str(place))
    with progress() as line:
        results = (pipeline.audit(place, AuditOptions(), line),)
    show(formats.audit("text", results, page, False))
    with progress() as line:
        trial = pipeline.boot(place, BootOptions(), line)
    show("\n" + formats.trial("text", trial, page))
    show(f"\nThe evidence in one page: {_report(results[0], trial, str(place))}\n")
    return CLEAN if trial.after.outcome is Outcome.SERVES else ISSUES


def _report(audit: Audit, trial: Trial, path: str) -> Path:
    """Leave the page where the demo's own backend stays as it is."""
    import tempfile

    from seatrial.report import html
    from seatrial.report.binding import bind
    from seatrial.report.gathering import dossier_of_trial
    from seatrial.report.saving import write

    target = Path(tempfile.mkdtemp(prefix="seatrial-demo-")) / "report.html"
    write(target, html.page(bind(dossier_of_trial(audit, trial, path))))
    return target
