"""`seatrial prepare`."""

from __future__ import annotations

import argparse
from pathlib import Path

from seatrial.commands.console import keep, page_of, progress, show, write_patch
from seatrial.commands.exits import CLEAN, ISSUES
from seatrial.commands.start import add_start, start_of
from seatrial.report import formats

HELP = "write what a deployment needs, as a diff that can be read before it is applied"
DESCRIPTION = (
    "From what the backend's own files say, writes the papers of a deployment: Procfile, image, stack, example of the "
    "environment, configuration of the platform, workflow, scripts, guides and decision records. Prints a diff, and "
    "changes nothing without --write; a paper that a person wrote or changed is left alone without --replace."
)
_PURPOSES = ("railway", "docker", "compose", "github")  # as seatrial.artifacts.paper has them, without loading it


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add_start(command)
    command.add_argument(
        "--for",
        dest="purposes",
        action="append",
        choices=_PURPOSES,
        default=[],
        help="only the papers of this purpose; may be given several times",
    )
    command.add_argument("--write", action="store_true", help="change the files as the diff says")
    command.add_argument("--check", action="store_true", help="exit with 1 when anything would change")
    command.add_argument("--replace", action="store_true", help="also papers that a person wrote or changed")
    command.add_argument("--with-fixes", action="store_true", help="with the safe fixes of the audit in the same diff")
    command.add_argument("--patch", metavar="FILE", help="write the diff to FILE")
    command.add_argument(
        "--format", choices=formats.names("preparations"), default="text", help="how to print (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial import pipeline
    from seatrial.options import PrepareOptions

    options = PrepareOptions(
        purposes=tuple(arguments.purposes),
        replace=arguments.replace,
        with_fixes=arguments.with_fixes,
        **start_of(arguments),
    )
    with progress() as line:
        result = pipeline.prepare(Path(arguments.path), options, line)
    if arguments.write:
        pipeline.write_papers(Path(arguments.path), result)
    page = page_of(arguments.path)
    keep(arguments, "prepare", lambda: formats.preparation("json", result, page, written=arguments.write))
    write_patch(arguments, result.patch)
    show(formats.preparation(arguments.format, result, page, written=arguments.write))
    return ISSUES if arguments.check and result.out_of_step and not arguments.write else CLEAN
