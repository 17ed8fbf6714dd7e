"""What an observed start is asked for and what it answers: frozen values, nothing here runs anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from seatrial.boot import Boot

MIB = 1024 * 1024


class InterpreterLike(Protocol):
    """The part of `provision.interpreter.Interpreter` that a start needs."""

    @property
    def executable(self) -> Path: ...
    @property
    def version(self) -> tuple[int, int, int]: ...
    @property
    def stdlib(self) -> tuple[Path, ...]: ...


class EnvironmentLike(Protocol):
    """The part of `provision.environment.Environment` that a start needs."""

    @property
    def interpreter(self) -> InterpreterLike: ...
    @property
    def site(self) -> Sequence[Path]: ...


class TargetLike(Protocol):
    """The part of `project.launch.Target` that a start needs; paths are relative to the audited PATH."""

    @property
    def value(self) -> str: ...
    @property
    def module(self) -> str: ...
    @property
    def attribute(self) -> str: ...
    @property
    def factory(self) -> bool: ...
    @property
    def server(self) -> str: ...
    @property
    def cwd(self) -> str: ...
    @property
    def path_entries(self) -> Sequence[str]: ...
    @property
    def installed(self) -> Sequence[str]: ...
    @property
    def script(self) -> str: ...
    @property
    def run_module(self) -> str: ...
    @property
    def via_module(self) -> bool: ...
    @property
    def options(self) -> Sequence[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What one start may use: seconds, bytes and counts."""

    start: float = 60.0  # until the server listens
    request: float = 10.0  # for one answer
    stop: float = 3.0  # from SIGTERM to SIGKILL
    memory: int = 3072 * MIB  # private memory of all processes together
    untouched: int = 0  # what each process may reserve beyond that: a platform counts what is used
    disk: int = 512 * MIB  # scratch copy, home and temporary files together
    processes: int = 512  # threads included
    log: int = 64 * 1024  # what is kept of the output: its end
    cpus: int = 0  # processors it may run on; 0 for all


@dataclass(frozen=True, slots=True)
class Launch:
    """How the backend is started, in terms its interpreter understands.

    `kind` is `asgi` (`target` is `module:attribute`), `script` (`target` is a file), `module` (`python -m target`) or
    `command` (`target` is a line for bash, as a platform runs it, with `$PORT` set).
    `cwd`, `path`, `later` and `last` are relative to the audited PATH, with forward slashes. `path` is at the front of
    `sys.path` from the start (PYTHONPATH, the script's folder, the working folder under `python -m`); `later` is what
    the server puts there once it is imported itself (uvicorn's `--app-dir`, by default the working folder); `last` goes
    to the end, as a project that is installed for editing does. `options` are further long options of uvicorn's.
    """

    kind: str
    target: str
    server: str = "uvicorn"
    factory: bool = False
    cwd: str = ""
    path: tuple[str, ...] = ()
    later: tuple[str, ...] = ("",)
    last: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServedRoute:
    """One route of the running application. `methods` is empty for websockets and mounts."""

    path: str
    methods: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One request of the prober and what came back; `status` is 0 where nothing did, and `body` then says why."""

    path: str
    status: int
    seconds: float
    body: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One exception that stands behind the failure: `relation` is `cause` or `context`, as in a traceback."""

    relation: str
    exception: str
    message: str


@dataclass(frozen=True, slots=True)
class StackFrame:
    """One line of the whole stack; `path` is relative to the audited PATH where the file is the backend's."""

    path: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One real start: how far it got, what it served, what it said.

    `log` is the end of standard output and error, `printed` how many bytes there were in all. `stopped` is how it
    ended on SIGTERM: `clean`, `killed`, or empty when it had ended by itself. `seconds` holds the time each leg took.
    `listening` are the sockets it listened on (`0.0.0.0:8000`); `drained` is what became of a request that was
    under way when SIGTERM came: its status, `cut`, or empty where none could be held open. `status` is the exit code,
    negative for a signal; `peak` the most private memory that all processes had together, in bytes.
    """

    boot: Boot
    routes: tuple[ServedRoute, ...] = ()
    answers: tuple[Answer, ...] = ()
    log: str = ""
    printed: int = 0
    chain: tuple[Link, ...] = ()
    stopped: str = ""
    confined: bool = True
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    listening: tuple[str, ...] = ()
    drained: str = ""
    status: int | None = None
    peak: int = 0
