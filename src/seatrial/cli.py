"""argv -> one command -> exit code. No logic."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from seatrial.commands.exits import INTERRUPTED, TERMINATED, USAGE
from seatrial.commands.parsing import parse
from seatrial.errors import UsageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; whatever happens, a person reads a sentence and no traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = "seatrial"
    with suppress(ValueError):  # not in the main thread: whoever owns that decides
        signal.signal(signal.SIGTERM, _terminate)
    try:
        parsed = parse(given)
        command = f"seatrial {parsed.command}"
        code: int = import_module(f"seatrial.commands.{parsed.command}").run(parsed)
        return code
    except UsageError as error:
        return _fail(f"seatrial: {error}", USAGE, error.choices)
    except KeyboardInterrupt:
        return _fail("seatrial: interrupted", INTERRUPTED)
    except _Terminated:
        return _fail("seatrial: terminated", TERMINATED)
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, and the traceback when they ask for it
        return _crash(command, error)


def _fail(sentence: str, code: int, choices: Sequence[str] = ()) -> int:
    from seatrial.report.page import clean

    for indent, line in (("", sentence), *(("  ", choice) for choice in choices)):
        print(indent + clean(" ".join(line.split())), file=sys.stderr)
    return code


def _crash(command: str, error: Exception) -> int:
    import traceback

    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = "free some space, or name a larger folder with SEATRIAL_CACHE_DIR and TMPDIR"
        return _fail(f"seatrial: the disk is full: {advice}", USAGE)
    if os.environ.get("SEATRIAL_DEBUG"):
        traceback.print_exception(error)
        return USAGE
    last = traceback.extract_tb(error.__traceback__)[-1]
    mistake = f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
    sentence = (
        f"{command} stopped by a mistake of its own, {mistake}; please report it with what SEATRIAL_DEBUG=1 shows"
    )
    return _fail(sentence, USAGE)


class _Terminated(SystemExit):
    """SIGTERM: leave as after an exception, so that whatever was started is ended and whatever was made is removed."""


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise _Terminated(TERMINATED)
