"""`seatrial explain`."""

from __future__ import annotations

import argparse

from seatrial.commands.console import page_of, show
from seatrial.commands.exits import CLEAN
from seatrial.errors import UsageError

HELP = "print the documentation of a code, a probe or a requirement"
DESCRIPTION = (
    "Prints what stands behind a code, a name or an id that a command has printed: what a rule finds, what a live "
    "probe asks, what only a real start or build shows (BLD, BOOT), or who looks for a requirement; why it bites, and "
    "how to mend it."
)


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    command.add_argument(
        "code", metavar="CODE", help="such as IMP004, circular-import, BLD006, cors.foreign-origin or C5"
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial.report import manual

    text = manual.told(arguments.code, page_of())
    if text is None:
        said = f"nothing is called {arguments.code!r}; `seatrial rules` lists the rules, "
        raise UsageError(f"{said}`seatrial verify --plan URL` the probes")
    show(text)
    return CLEAN
