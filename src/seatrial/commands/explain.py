"""`seatrial explain`."""

from __future__ import annotations

import argparse

from seatrial.commands.console import page_of, show
from seatrial.commands.exits import CLEAN
from seatrial.errors import UsageError

HELP = "print the documentation of one rule"
DESCRIPTION = "Prints what a rule finds, why it bites, what it leaves alone and how safe its fix is."


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    command.add_argument("code", metavar="CODE", help="code or name of a rule")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial.report import manual
    from seatrial.rules.registry import find_rule

    rule = find_rule(arguments.code)
    if rule is None:
        raise UsageError(f"there is no rule {arguments.code!r}; `seatrial rules` lists them all")
    show(manual.explain(rule, page_of()))
    return CLEAN
