"""`seatrial demo`."""

from __future__ import annotations

import argparse

from seatrial.commands.console import page_of, progress, show
from seatrial.commands.exits import CLEAN, ISSUES
from seatrial.report import formats

HELP = "audit and mend a bundled backend that does not start"
DESCRIPTION = (
    "Audits a bundled backend with several faults that hide one another, applies the fixes in a scratch copy one "
    "after another, and starts the server after each, until it answers."
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
    return CLEAN if trial.after.outcome is Outcome.SERVES else ISSUES
