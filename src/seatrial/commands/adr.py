"""`seatrial adr new|list|check`."""

from __future__ import annotations

import argparse
from pathlib import Path

from seatrial.commands.console import page_of, show
from seatrial.commands.exits import CLEAN, ISSUES

HELP = "record decisions, list them, and find links and decisions that are missing"
DESCRIPTION = (
    "Keeps the decision records (ADRs) of a project, in history/adr or where it has them already. The report links to "
    "them; `check` finds links that lead nowhere, numbers used twice, and decisions that no record explains."
)


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(command))
    new = actions.add_parser(
        "new", help="make the next record", description="Makes the next record and prints its path."
    )
    new.add_argument("title", metavar="TITLE", help="the decision, as a short sentence")
    _add_path(new)
    new.add_argument("--status", choices=("proposed", "accepted"), default="accepted", help="default: accepted")
    new.add_argument(
        "--concerns", action="append", default=[], metavar="FILE", help="code that it is about, relative to the project"
    )
    listing = actions.add_parser("list", help="list the records", description="Lists the records with their code.")
    _add_path(listing)
    check = actions.add_parser(
        "check", help="find what is not in order", description="Exits with 1 when something is not in order."
    )
    _add_path(check)


def _add_path(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the project (default: this folder)")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial import pipeline
    from seatrial.report import records

    path, page = Path(arguments.path), page_of(arguments.path)
    if arguments.action == "new":
        made = pipeline.record(path, arguments.title, arguments.status, tuple(arguments.concerns))
        here = Path.cwd()
        show(f"{made.relative_to(here) if made.is_relative_to(here) else made}\n")
        return CLEAN
    if arguments.action == "list":
        show(records.listing(pipeline.decisions(path), page))
        return CLEAN
    found, complaints = pipeline.check_decisions(path)
    show(records.complaints(found, complaints, page))
    return ISSUES if complaints else CLEAN
