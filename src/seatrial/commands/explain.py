"""`seatrial explain`."""

from __future__ import annotations

import argparse

from seatrial.commands.console import page_of, show
from seatrial.commands.exits import CLEAN
from seatrial.errors import UsageError

HELP = "print the documentation of one rule or probe"
DESCRIPTION = "Prints what a rule finds or a live probe asks, why it bites, and how it is mended."


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    command.add_argument("code", metavar="CODE", help="code or name of a rule, or id of a probe")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial.report import manual
    from seatrial.rules.registry import find_rule

    rule = find_rule(arguments.code)
    if rule is not None:
        show(manual.explain(rule, page_of()))
        return CLEAN
    from seatrial.verification.registry import find_probe

    probe = find_probe(arguments.code)
    if probe is None:
        said = f"there is no rule and no probe {arguments.code!r}; `seatrial rules` lists the rules, "
        raise UsageError(f"{said}`seatrial verify --plan URL` the probes")
    show(manual.explain_probe(probe, page_of()))
    return CLEAN
