"""The command line as a parser, with the arguments of the commands that are asked for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from seatrial import __version__
from seatrial.commands import NAMES
from seatrial.errors import UsageError


def parser(names: Sequence[str] = NAMES) -> argparse.ArgumentParser:
    """The command line with these commands; only their files are loaded."""
    top = _Parser(
        prog="seatrial", description="Takes a FastAPI backend from a folder to a server that is seen to serve."
    )
    top.add_argument("--version", action="version", version=f"seatrial {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    for name in names:
        module = import_module(f"seatrial.commands.{name}")
        module.configure(commands.add_parser(name, help=module.HELP, description=module.DESCRIPTION))
    return top


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one sentence, like every other mistake."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options, allow_abbrev=False)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")
