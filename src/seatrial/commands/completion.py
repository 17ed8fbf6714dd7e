"""`seatrial completion SHELL`."""

from __future__ import annotations

import argparse

from seatrial.commands.console import show
from seatrial.commands.exits import CLEAN

HELP = "print a script that completes the command in a shell"
DESCRIPTION = (
    'Prints a script for the shell to read: `eval "$(seatrial completion bash)"` in ~/.bashrc, the same with zsh in '
    "~/.zshrc after compinit, and `seatrial completion fish > ~/.config/fish/completions/seatrial.fish`."
)
SHELLS = ("bash", "zsh", "fish")
_FILES = frozenset({"FILE"})
_FOLDERS = frozenset({"PATH", "FOLDER"})


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    command.add_argument("shell", choices=SHELLS, help="the shell that reads it")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    import shtab

    from seatrial.commands.parsing import parser

    whole = parser()
    _complete_values(whole)
    show(shtab.complete(whole, shell=arguments.shell))
    return CLEAN


def _complete_values(parser: argparse.ArgumentParser) -> None:
    """Say of each argument whether its value is a file, a folder or a rule."""
    import shtab

    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _complete_values(inner)
        elif action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.dest == "code":
            action.choices = _codes()


def _codes() -> list[str]:
    from seatrial.rules.registry import all_rules

    return sorted(rule.code for rule in all_rules())
