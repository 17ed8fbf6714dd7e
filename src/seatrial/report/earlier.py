"""Audits of earlier runs: where nothing has changed that one was made from, it is not made again.

An entry holds the audits and what they were made from: the options, the variables that point to interpreters and
indexes, the day, seatrial's own source, and the state of every file and folder that was looked at. No code has to
remember to say which those were: Python's audit events tell, so that a rule that opens one file more is not forgotten.
What is only asked whether it is there (an interpreter on PATH) comes besides. See history/adr/0005-earlier-audits.md.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.provision.cache import cache_directory, digest

if TYPE_CHECKING:
    from seatrial.options import AuditOptions
    from seatrial.project.files import Tree
    from seatrial.report.results import Audit

State = tuple[int, ...] | None
"""What changes when a file or a folder does; None for what is not there."""

_GROUP = "audits-1"
_VARIABLES = ("PATH", "HOME", "VIRTUAL_ENV", "PYENV_ROOT", "APPDATA", "LOCALAPPDATA")
_FAMILIES = ("UV_", "PIP_", "XDG_")
_SETTLED_NS = 2_000_000_000  # the coarsest clock of a file system: what is younger may change and look the same
_A_MONTH = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the state of what the answer is known to depend on."""

    name: str
    circumstances: tuple[str, ...]
    files: dict[str, State]
    asked_ns: int

    @classmethod
    def of(cls, tree: Tree, options: AuditOptions, *, several: bool) -> Question:
        """The audit of one backend, or of `several`, in a folder as it stands now."""
        asked = (str(tree.root), os.getcwd(), repr(options), str(several))
        now = time.time_ns()
        root = f"{tree.root}{os.sep}"
        files = {path: _state(root + path) for path in (*tree.files, *tree.environments)}
        repository = next((str(folder) for folder in (tree.root, *tree.root.parents) if (folder / ".git").exists()), "")
        circumstances = (*asked, repository, *_circumstances(), repr(tree.not_analysed))
        return cls(digest(*asked), circumstances, files, now)


def recall(question: Question) -> tuple[Audit, ...] | None:
    """The audits that an earlier run made, if nothing has changed since; None for an entry that cannot be read."""
    try:
        raw = _place(question).read_bytes()
        if hashlib.sha256(raw[32:]).digest() != raw[:32]:
            return None
        circumstances, files, watched, audits = pickle.loads(raw[32:])
    except Exception:  # noqa: BLE001 - an entry of another version may fail in any way, and is then no entry
        return None
    if circumstances != question.circumstances or files != question.files:
        return None
    if any(_state(path) != state for path, state in watched.items()):
        return None
    kept: tuple[Audit, ...] = audits
    return kept


def remember(question: Question, audits: tuple[Audit, ...], looked_at: Iterable[str]) -> None:
    """Keep audits for `recall`. Not where a file is so young that a change of it could go unnoticed."""
    watched = {path: _state(path) for path in looked_at}
    youngest = max((state[0] for state in (*question.files.values(), *watched.values()) if state), default=0)
    if youngest > question.asked_ns - _SETTLED_NS:  # so is what has changed while it was being read
        return
    payload = pickle.dumps((question.circumstances, question.files, watched, audits), protocol=5)
    place = _place(question)
    partial = place.with_name(f".{place.name}.{os.getpid()}.partial")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(hashlib.sha256(payload).digest() + payload)
        partial.replace(place)
    except OSError:
        with suppress(OSError):
            partial.unlink()
    _prune(place.parent)


class Witness:
    """Notes which files this process opens and which folders it lists."""

    def __init__(self) -> None:
        self._seen: set[object] | None = None
        self._hooked = False

    @contextmanager
    def at_work(self) -> Iterator[set[object]]:
        """What is seen inside the block, as it was written."""
        if not self._hooked:  # once in the life of a process: such a hook cannot be taken away again
            sys.addaudithook(self._note)
            self._hooked = True
        before, self._seen = self._seen, set()
        try:
            yield self._seen
        finally:
            self._seen = before

    def _note(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._seen is not None and event in ("open", "os.scandir", "os.listdir"):
            self._seen.add(arguments[0])


WITNESS = Witness()


def looked_at(seen: Iterable[object], question: Question, root: Path) -> Iterator[str]:
    """The paths among what a witness saw that an answer may depend on besides what the question names."""
    own = tuple(f"{folder}{os.sep}" for folder in (Path(__file__).parents[1], cache_directory()))
    files = {f"{root}{os.sep}{path}" for path in question.files}
    for path in seen:
        if isinstance(path, str | bytes | os.PathLike):
            absolute = os.path.abspath(os.fsdecode(path))
            if absolute not in files and not absolute.startswith((*own, "/dev/", "/proc/")) and absolute[-4:] != ".pyc":
                yield absolute
    yield from (folder for folder in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(folder))


def _circumstances() -> tuple[str, ...]:
    named = [
        f"{name}={value}"
        for name, value in sorted(os.environ.items())
        if name in _VARIABLES or name.startswith(_FAMILIES)
    ]
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return (day, sys.version, sys.executable, _own_source(), *named)


def _own_source() -> str:
    """Which seatrial this is: the state of each of its files."""
    found = []
    waiting = [str(Path(__file__).parents[1])]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    found.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
                elif entry.is_dir() and entry.name != "__pycache__":
                    waiting.append(entry.path)
    return digest(*sorted(found))


def _state(path: str) -> State:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(status.st_mode):
        return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    return (status.st_mtime_ns,) if stat.S_ISDIR(status.st_mode) else ()


def _place(question: Question) -> Path:
    return cache_directory() / _GROUP / question.name


def _prune(folder: Path) -> None:
    """Entries that nobody has made anew for a month."""
    oldest = time.time() - _A_MONTH
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.stat().st_mtime < oldest:
                os.unlink(entry.path)
