"""The command line as a parser, with the arguments of the commands that are asked for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from seatrial import __version__
from seatrial.commands import NAMES
from seatrial.errors import UsageError


def parse(given: Sequence[str]) -> argparse.Namespace:
    """The arguments of one command. Raises UsageError, which says what was meant where that can be guessed."""
    asked = tuple(name for name in NAMES if given[:1] == [name])
    if given and not asked and not given[0].startswith("-"):
        raise UsageError(f"there is no command {given[0]!r}{_meant(given[0], NAMES)}; `seatrial --help` lists them")
    parsed, unknown = parser(asked or NAMES).parse_known_args(given)
    if unknown:
        command = f"seatrial {parsed.command}"
        meant = _meant(unknown[0], _options(parsed.command))
        raise UsageError(f"{unknown[0]!r} is no argument of `{command}`{meant}; see `{command} --help`")
    return parsed


def _options(command: str) -> list[str]:
    alone = _Parser()
    import_module(f"seatrial.commands.{command}").configure(alone)
    return re.findall(r"--[a-z-]+", alone.format_usage())


def _meant(word: str, known: Sequence[str]) -> str:
    """A guess at what was meant, in words."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    return f" (meant {near[0]}?)" if near else ""


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
