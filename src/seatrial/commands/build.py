"""`seatrial build`."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from seatrial.commands.console import keep, page_of, progress, show, write_patch
from seatrial.commands.exits import CLEAN, ISSUES, UNJUDGED
from seatrial.commands.start import add_start, seconds, start_of
from seatrial.report import formats

HELP = "build and start the backend in a clean room, as a platform would"
DESCRIPTION = (
    "Installs what the backend declares into a fresh environment, compiles, imports, starts and stops it in "
    "development and in production settings, and says of each stage what was seen."
)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add_start(command)
    command.add_argument("--as", dest="platform", choices=("railway",), default="", help="by the rules of a platform")
    command.add_argument("--docker", action="store_true", help="build and run the project's own Dockerfile as well")
    command.add_argument("--compose", action="store_true", help="bring the project's own compose stack up as well")
    command.add_argument("--fix", action="store_true", help="where it fails, build again with the audit's fixes")
    command.add_argument("--repeat", type=_times, default=1, metavar="N", help="build N times and give the rate")
    command.add_argument("--memory", type=_bytes, metavar="SIZE", help="memory that a start may use, such as 512m")
    command.add_argument("--cpus", type=_processors, metavar="NUMBER", help="processors that a start may use")
    command.add_argument(
        "--format", choices=formats.names("builds"), default="text", help="how to print (default: text)"
    )
    command.add_argument("--patch", metavar="FILE", help="write the fixes that were applied to FILE")
    command.add_argument("--timeout", type=seconds, default=60.0, metavar="SECONDS", help="for one start (default: 60)")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial import pipeline
    from seatrial.options import BuildOptions

    options = BuildOptions(
        timeout_s=arguments.timeout,
        docker=arguments.docker,
        compose=arguments.compose,
        platform=arguments.platform,
        fix=arguments.fix,
        repeat=arguments.repeat,
        memory=arguments.memory,
        cpus=arguments.cpus,
        **start_of(arguments),
    )
    with progress() as line:
        result = pipeline.build(Path(arguments.path), options, line)
    page = page_of(arguments.path)
    keep(arguments, "build", lambda: formats.build("json", result, page))
    write_patch(arguments, result.mended.patch if result.mended else "")
    show(formats.build(arguments.format, result, page))
    return {"pass": CLEAN, "fail": ISSUES}.get(result.verdict, UNJUDGED)


def _times(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000")
    return int(text)


def _bytes(text: str) -> int:
    match = re.fullmatch(r"(\d+)([kmg]?)i?b?", text, re.IGNORECASE)
    size = int(match[1]) * _UNITS[match[2].lower()] if match else 0
    if size < 16 << 20:
        raise argparse.ArgumentTypeError(f"{text!r} is no size of at least 16m; write it as 512m or 2g")
    return size


def _processors(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processors above 0")
    return value
