"""Asks the backend's own CPython whether files compile, and for the trees of those that ours cannot read.

One process for a whole batch; it only compiles, and runs isolated and without site (`-I -S`), so nothing of the
backend is executed. Where a file brings the process down, that file is `unread` and the rest goes to a new process.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO

from seatrial.provision.foreign import Foreign, ForeignReader, Rejection

_CHILD = Path(__file__).with_name("reader_child.py")
SECONDS = 60.0
MAX_ANSWER = 512 * 1024 * 1024
MAX_CRASHES = 20


def reader(interpreter: Path) -> ForeignReader:
    """A `ForeignReader` that asks this interpreter."""
    return partial(read_foreign, interpreter)


def read_foreign(
    interpreter: Path, files: Mapping[str, bytes], trees: frozenset[str] = frozenset(), *, seconds: float = SECONDS
) -> dict[str, Foreign]:
    """What `interpreter` (CPython 3.6 or later) says of each file, by path; with a dump of the trees in `trees`.

    Every path given has an answer. `unread` says why there is none: the interpreter cannot be started, gives no
    answer in `seconds`, or dies of the file.
    """
    answers: dict[str, Foreign] = {}
    for _ in range(MAX_CRASHES):
        waiting = {path: raw for path, raw in files.items() if path not in answers}
        if not waiting:
            break
        reason = _ask(interpreter, waiting, trees, seconds, answers)
        first = next((path for path in waiting if path not in answers), None)
        if first is not None:
            answers[first] = Foreign(unread=reason)
    return {path: answers.get(path, Foreign(unread="its Python gave no answer")) for path in files}


def _ask(
    interpreter: Path, files: Mapping[str, bytes], trees: frozenset[str], seconds: float, into: dict[str, Foreign]
) -> str:
    """One process for `files`, in their order; returns why it did not get further than it did."""
    command = [str(interpreter), "-I", "-S", "-B", str(_CHILD)]
    try:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError as error:
        return _give_up(f"its Python cannot be started: {(error.strerror or str(error)).lower()}", files, into)
    with child, _Deadline(child, seconds) as deadline:
        feeder = threading.Thread(target=_feed, args=(child.stdin, files, trees), daemon=True)
        feeder.start()
        full = _collect(child.stdout, into)
        child.kill()
        feeder.join()
    if deadline.passed:
        return _give_up(f"its Python gave no answer in {seconds:g} s", files, into)
    return "its tree is too large" if full else "its Python dies of it"


def _give_up(reason: str, files: Mapping[str, bytes], into: dict[str, Foreign]) -> str:
    into.update({path: Foreign(unread=reason) for path in files if path not in into})
    return reason


class _Deadline:
    """Kills a process that is still there after some seconds, and knows whether it came to that."""

    def __init__(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self.passed = False
        self._child = child
        self._timer = threading.Timer(seconds, self._kill)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _kill(self) -> None:
        self.passed = True
        self._child.kill()


def _feed(stream: IO[bytes] | None, files: Mapping[str, bytes], trees: frozenset[str]) -> None:
    assert stream is not None
    try:
        with stream:
            for path, raw in files.items():
                stream.write(json.dumps([path, len(raw), path in trees]).encode("ascii") + b"\n" + raw)
    except OSError:
        pass  # the child is gone; what it said before counts


def _collect(stream: IO[bytes] | None, into: dict[str, Foreign]) -> bool:
    """Take the answers as they come; true when they grow beyond all bounds."""
    assert stream is not None
    room = MAX_ANSWER
    while line := stream.readline(max(room, 1)):
        room -= len(line)
        if room <= 0:
            return True
        if not line.endswith(b"\n"):
            return False
        path, rejection, unread, tree = json.loads(line)
        into[path] = Foreign(Rejection(*rejection) if rejection else None, unread, tree)
    return False
