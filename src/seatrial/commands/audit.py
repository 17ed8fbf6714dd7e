"""`seatrial audit`."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.commands.console import keep, page_of, progress, show, write_patch
from seatrial.commands.exits import CLEAN, ISSUES
from seatrial.commands.start import SEVERITIES, add_start, codes_of, start_of
from seatrial.errors import UsageError
from seatrial.report import formats

if TYPE_CHECKING:
    from seatrial.report.results import Audit

HELP = "list what stops the server or will break it, with an exact patch"
DESCRIPTION = "Reads the source of a FastAPI backend, runs none of it, and lists what is wrong, worst first."


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add_start(command)
    command.add_argument(
        "--format", choices=formats.names("audits"), default="text", help="how to print (default: text)"
    )
    command.add_argument("--patch", metavar="FILE", help="write the fixes to FILE, as a diff that git apply takes")
    command.add_argument(
        "--fail-level",
        choices=SEVERITIES,
        metavar="SEVERITY",
        help="mildest severity to exit with 1 for (default: error)",
    )
    command.add_argument("--select", action="append", default=[], metavar="CODES", help="judge by these rules only")
    command.add_argument("--ignore", action="append", default=[], metavar="CODES", help="leave out these rules")
    command.add_argument("--baseline", metavar="FILE", help="leave out the issues that FILE knows")
    command.add_argument("--update-baseline", action="store_true", help="write the issues of today to that FILE")
    command.add_argument("--all", action="store_true", help="audit each backend of the folder")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial import pipeline
    from seatrial.issue import Severity
    from seatrial.options import AuditOptions

    gc.disable()  # in a process that ends with its answer, looking for cycles takes seconds and gives nothing
    level = Severity(arguments.fail_level) if arguments.fail_level else None
    select, ignore = codes_of(arguments.select), codes_of(arguments.ignore)
    options = AuditOptions(select=select, ignore=ignore, fail_level=level, **start_of(arguments))
    with progress() as line:
        if arguments.all:
            results = pipeline.audit_all(Path(arguments.path), options, line)
        else:
            results = (pipeline.audit(Path(arguments.path), options, line),)
    gc.freeze()  # nor on the way out
    results = _since_baseline(arguments, results)
    page = page_of(arguments.path)
    keep(arguments, "audit", lambda: formats.audit("json", results, page, arguments.all))
    write_patch(arguments, "".join(it.patch for it in results))
    show(formats.audit(arguments.format, results, page, arguments.all))
    return ISSUES if any(it.failed for it in results) else CLEAN


def _since_baseline(arguments: argparse.Namespace, results: tuple[Audit, ...]) -> tuple[Audit, ...]:
    """What the baseline does not know; after an update of it, that is nothing."""
    from seatrial.report import baseline
    from seatrial.report.saving import write

    if arguments.update_baseline and not arguments.baseline:
        raise UsageError("--update-baseline needs --baseline FILE")
    if not arguments.baseline:
        return results
    path = Path(arguments.baseline)
    if arguments.update_baseline:
        write(path, baseline.text(results))
    known = baseline.read(path)
    return tuple(baseline.without(it, known) for it in results)
