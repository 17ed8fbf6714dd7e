"""What every command does with its result: print it, keep it, show progress meanwhile."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seatrial.progress import Progress
    from seatrial.report.page import Page


def keep(arguments: argparse.Namespace, command: str, document: Callable[[], str]) -> None:
    """Leave the result in PATH/.seatrial where that is asked for."""
    from seatrial.report.saving import save

    if arguments.save:
        save(Path(arguments.path), command, document())


def write_patch(arguments: argparse.Namespace, patch: str) -> None:
    """Write the fixes to the file that was named."""
    from seatrial.report.saving import write

    if arguments.patch:
        write(Path(arguments.patch), patch)


def page_of(path: str = ".") -> Page:
    """The page that a report is printed on: as wide and as colourful as standard output is."""
    from seatrial.report.page import Page

    if not sys.stdout.isatty():
        return Page(path=path, colour=bool(os.environ.get("FORCE_COLOR")))
    return Page(shutil.get_terminal_size().columns, _colour(), path)


def _colour() -> bool:
    # An old Windows console prints control codes as they are.
    speaks = os.environ.get("TERM") != "dumb" and (os.name != "nt" or "WT_SESSION" in os.environ)
    return speaks and not os.environ.get("NO_COLOR")


@contextmanager
def progress() -> Iterator[Progress]:
    """A line on standard error that says what is being done, where a person sees it."""
    from seatrial.progress import SILENT
    from seatrial.report.progress import Line, shows

    if not shows(sys.stderr):
        yield SILENT
        return
    line = Line(sys.stderr)
    try:
        yield line
    finally:
        line.done()


def show(text: str) -> None:
    """Print a report. A reader that has seen enough (`| head`) is no mistake; a console's encoding neither."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer would be written, and complained about, at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
