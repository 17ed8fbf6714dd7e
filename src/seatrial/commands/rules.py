"""`seatrial rules`."""

from __future__ import annotations

import argparse

from seatrial.commands.console import page_of, show
from seatrial.commands.exits import CLEAN

HELP = "list the rules"
DESCRIPTION = "Lists every rule with its code, name and summary."


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""


def run(_arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial.report import manual
    from seatrial.rules.registry import all_rules

    show(manual.rules(all_rules(), page_of()))
    return CLEAN
