"""Arguments that commands share: which backend, and under what environment it is read or started."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from datetime import date

SEVERITIES = ("blocker", "error", "warning", "note")  # as seatrial.issue has them, without loading it for --help


def add_start(command: argparse.ArgumentParser, *, save: bool = True) -> None:
    """PATH, and how its backend is started; with `save` whether the result is kept."""
    command.add_argument("path", nargs="?", default=".", metavar="PATH", help="the folder (default: this one)")
    command.add_argument("--target", metavar="MODULE:APP", help="what starts the server, if its files do not say")
    command.add_argument("--python", metavar="PYTHON", help="version or path of the Python it runs on")
    command.add_argument("--offline", action="store_true", help="do not ask the package index")
    command.add_argument("--as-of", type=_day, metavar="DATE", help="with the releases of that day, as 2026-11-21")
    command.add_argument("--env-file", metavar="FILE", help="set the variables of FILE as well")
    command.add_argument(
        "--env",
        action="append",
        type=_variable,
        default=[],
        metavar="NAME=VALUE",
        help="set one more variable; `none` sets none at all",
    )
    if save:
        command.add_argument("--save", action="store_true", help="leave the result in PATH/.seatrial for the report")


class Start(TypedDict):
    """The fields that every kind of options has."""

    python: str | None
    target: str | None
    offline: bool
    as_of: date | None
    env_file: Path | None
    env: tuple[tuple[str, str], ...]
    bare: bool


def start_of(arguments: argparse.Namespace) -> Start:
    """What `add_start` asked for."""
    return {
        "python": arguments.python,
        "target": arguments.target,
        "offline": arguments.offline,
        "as_of": arguments.as_of,
        "env_file": Path(arguments.env_file) if arguments.env_file else None,
        "env": tuple(variable for variable in arguments.env if variable),
        "bare": None in arguments.env,
    }


def _variable(text: str) -> tuple[str, str] | None:
    """A variable and its value; None for `none`, which takes away all the others."""
    name, equals, value = text.partition("=")
    if text == "none":
        return None
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is neither NAME=VALUE nor none")
    return name, value


def codes_of(values: Sequence[str]) -> tuple[str, ...]:
    """Codes of rules, given one by one or with commas between."""
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def _day(text: str) -> date:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-11-21") from None


def seconds(text: str) -> float:
    """A time above 0. Raises ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time in seconds above 0")
    return value
