"""`seatrial boot`."""

from __future__ import annotations

import argparse
from pathlib import Path

from seatrial.commands.console import keep, page_of, progress, show, write_patch
from seatrial.commands.exits import CLEAN, ISSUES, UNJUDGED
from seatrial.commands.start import add_start, seconds, start_of
from seatrial.report import formats

HELP = "start the backend in a scratch copy and prove that the patch mends it"
DESCRIPTION = "Starts the backend for real in a scratch copy, before and after each fix of the audit, until it serves."


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add_start(command)
    command.add_argument(
        "--format", choices=formats.names("trials"), default="text", help="how to print (default: text)"
    )
    command.add_argument("--patch", metavar="FILE", help="write the fixes that were applied to FILE")
    command.add_argument("--timeout", type=seconds, default=60.0, metavar="SECONDS", help="for one start (default: 60)")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial import pipeline
    from seatrial.boot import Outcome
    from seatrial.options import BootOptions

    options = BootOptions(timeout_s=arguments.timeout, **start_of(arguments))
    with progress() as line:
        result = pipeline.boot(Path(arguments.path), options, line)
    page = page_of(arguments.path)
    keep(arguments, "boot", lambda: formats.trial("json", result, page))
    write_patch(arguments, result.patch)
    show(formats.trial(arguments.format, result, page))
    return {Outcome.SERVES: CLEAN, Outcome.FAILS: ISSUES, Outcome.UNKNOWN: UNJUDGED}[result.before.outcome]
