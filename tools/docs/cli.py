"""docs/cli.md, from the command line's own parser."""

from __future__ import annotations

import argparse

from seatrial.commands.parsing import parser

_CODES = """## Exit codes

| code | meaning |
| --- | --- |
| 0 | clean |
| 1 | issues at or above the fail level; for `boot`, a backend that does not serve as it stands |
| 2 | the command cannot be carried out as asked: usage, not a backend, unreadable |
| 3 | something that is required could not be judged |
| 130 | interrupted |
"""


def page() -> str:
    """Every command with its arguments, in the order of `seatrial --help`."""
    top = parser()
    parts = ["# The command line", "<!-- Made by `make docs` from src/seatrial/commands. -->", top.description or ""]
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            parts += [_command(name, command) for name, command in action.choices.items()]
    return "\n\n".join([*parts, _CODES])


def _command(name: str, command: argparse.ArgumentParser, level: int = 2) -> str:
    inner = [action for action in command._actions if isinstance(action, argparse._SubParsersAction)]
    rows = [_row(action) for action in command._actions if action.dest != "help" and action not in inner]
    table = "\n".join(["| argument | meaning |", "| --- | --- |", *rows])
    parts = [f"{'#' * level} seatrial {name}", command.description or "", *([table] if rows else [])]
    parts += [_command(f"{name} {it}", one, level + 1) for action in inner for it, one in action.choices.items()]
    return "\n\n".join(parts)


def _row(action: argparse.Action) -> str:
    value = ", ".join(action.choices) if action.choices and not action.metavar else action.metavar or ""
    usage = " ".join([*action.option_strings[-1:], str(value)]).strip()
    if not action.option_strings and action.nargs == "?":
        usage = f"[{usage}]"
    return f"| `{usage}` | {action.help} |"
