"""Runs inside one CPython: starts backends as uvicorn would, each in a fork, and says what became of them.

Standard library only, and no newer than Python 3.8. Reads one JSON object per line from its standard input
(`root`: absolute folder, `target`: "module:attribute"), writes one JSON object per line to its standard output, in
the same order: `outcome` (serves, fails, timeout, crash), and for failures `stage` (import, startup), `exception`,
`message`, `frames` ([path relative to root, line, function], outermost first).

What is mirrored, with uvicorn 0.54 as the model: `sys.path[0] == ""`, the standard library modules that the server
has loaded by the time it imports the application (`SERVER_MODULES`; they win over first-party files of the same name),
`importer.import_from_string`, `Config.load` (factory detection, ASGI 2 or 3) and `LifespanOn` under `--lifespan auto`
(an exception counts as a failed start only once the application has sent `lifespan.startup.failed`).
One thing is stricter: uvicorn serves errors from an application that is not callable, here that is a failed import.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import inspect
import json
import os
import signal
import sys
from typing import Any, Awaitable, Callable, Dict

Message = Dict[str, Any]
TIME_LIMIT = 5.0  # seconds per backend

SERVER_MODULES = (
    "__future__ array ast asyncio asyncio.sslproto asyncio.unix_events atexit base64 binascii bisect bz2 calendar "
    "codecs collections collections.abc concurrent concurrent.futures configparser contextlib contextvars copy "
    "copyreg datetime dis email email.base64mime email.charset email.encoders email.errors email.quoprimime "
    "email.utils enum errno fcntl fnmatch functools gettext heapq http importlib importlib.machinery inspect io "
    "ipaddress itertools json keyword linecache locale logging logging.config logging.handlers lzma marshal math "
    "multiprocessing multiprocessing.connection multiprocessing.context multiprocessing.process "
    "multiprocessing.reduction multiprocessing.util opcode operator os os.path pathlib pickle platform posixpath "
    "queue quopri random re reprlib select selectors shutil signal socket socketserver ssl stat string struct "
    "subprocess tempfile textwrap threading time token tokenize traceback types typing urllib urllib.parse uuid "
    "warnings weakref zlib "
).split()


class ImportFromStringError(Exception):
    """uvicorn's own, spelt as uvicorn's."""


ImportFromStringError.__module__ = "uvicorn.importer"


def import_from_string(target: str) -> Any:
    module_name, _, attributes = target.partition(":")
    if not module_name or not attributes:
        raise ImportFromStringError(f'Import string "{target}" must be in format "<module>:<attribute>".')
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise error from None
        raise ImportFromStringError(f'Could not import module "{module_name}".') from None
    instance: Any = module
    try:
        for attribute in attributes.split("."):
            instance = getattr(instance, attribute)
    except AttributeError:
        raise ImportFromStringError(f'Attribute "{attributes}" not found in module "{module_name}".') from None
    return instance


def load(target: str) -> Callable[..., Any]:
    """`Config.load`: the application, whichever way it has to be called."""
    app = import_from_string(target)
    with contextlib.suppress(TypeError):
        app = app()
    if not callable(app):
        raise TypeError(f"{type(app).__name__!r} object is not callable")
    if inspect.isclass(app):
        version_3 = hasattr(app, "__await__")
    elif inspect.isfunction(app):
        version_3 = asyncio.iscoroutinefunction(app)
    else:
        version_3 = asyncio.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004  (as uvicorn asks)
    return app if version_3 else asgi2(app)


def asgi2(app: Callable[..., Any]) -> Callable[..., Awaitable[None]]:
    async def call(scope: Message, receive: object, send: object) -> None:
        await app(scope)(receive, send)

    return call


class Lifespan:
    """uvicorn's LifespanOn under `auto`, up to the end of startup."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app
        self.failed = False
        self.message = ""
        self.error: BaseException | None = None

    async def start(self) -> bool:
        """Whether the startup failed."""
        self.ready = asyncio.Event()
        self.queue: asyncio.Queue[Message] = asyncio.Queue()
        task = asyncio.get_running_loop().create_task(self.main())
        await self.queue.put({"type": "lifespan.startup"})
        await self.ready.wait()
        if self.failed:
            await asyncio.wait([task], timeout=1.0)
        return self.failed

    async def main(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        try:
            await self.app(scope, self.queue.get, self.send)
        except BaseException as error:  # noqa: BLE001  (whatever the backend raises)
            self.error = error
        finally:
            self.ready.set()

    async def send(self, message: Message) -> None:
        assert message["type"] in ("lifespan.startup.complete", "lifespan.startup.failed")
        assert not self.ready.is_set(), "Got invalid state transition on lifespan protocol."
        if message["type"] == "lifespan.startup.failed":
            self.failed = True
            self.message = message.get("message", "")
        self.ready.set()


def observe(root: str, target: str) -> Message:
    """Import and start the target in this process; the result as plain values."""
    os.chdir(root)
    try:
        app = load(target)
    except BaseException as error:  # noqa: BLE001  (whatever the backend raises)
        return failure("import", error, root)
    lifespan = Lifespan(app)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    if not loop.run_until_complete(lifespan.start()):
        return {"outcome": "serves"}
    if lifespan.error is None:
        return {"outcome": "fails", "stage": "startup", "exception": "", "message": lifespan.message, "frames": []}
    return failure("startup", lifespan.error, root)


def failure(stage: str, error: BaseException, root: str) -> Message:
    return {
        "outcome": "fails",
        "stage": stage,
        "exception": spelling(type(error)),
        "message": text(error),
        "frames": frames(error, root),
    }


def spelling(kind: type) -> str:
    """The name of an exception class as `traceback.format_exception_only` spells it."""
    if kind.__module__ in ("__main__", "builtins"):
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  (the backend's own __str__)
        return "<exception str() failed>"


def frames(error: BaseException, root: str) -> list[list[Any]]:
    found: list[list[Any]] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        path = relative(code.co_filename, root)
        if path:
            found.append([path, step.tb_lineno, code.co_name])
        step = step.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        path = relative(error.filename, root)
        if path:
            found.append([path, error.lineno or 1, "<module>"])
    return found


def relative(path: str, root: str) -> str:
    if path.startswith("<"):
        return ""
    path = os.path.normpath(os.path.join(root, path))
    return path[len(root) + 1 :] if path.startswith(root + "/") else ""


def answer_in_fork(request: Message) -> bytes:
    """One backend in one fork; a fork that hangs is killed by its own alarm clock."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(NOWHERE, 0)
        os.dup2(NOWHERE, 1)
        os.dup2(NOWHERE, 2)
        signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT)
        os.write(writing, json.dumps(observe(request["root"], request["target"])).encode())
        os._exit(0)
    os.close(writing)
    parts = []
    while True:
        part = os.read(reading, 65536)
        if not part:
            break
        parts.append(part)
    os.close(reading)
    status = os.waitpid(child, 0)[1]
    if parts:
        return b"".join(parts)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return b'{"outcome": "timeout"}'
    return b'{"outcome": "crash"}'


def serve() -> None:
    for name in SERVER_MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    here = os.path.dirname(os.path.abspath(__file__))
    kept = [entry for entry in sys.path if "site-packages" not in entry and entry not in ("", here)]
    sys.path[:] = [""] + kept
    lines, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    greeting = {"version": list(sys.version_info[:3]), "modules": sorted(sys.modules)}
    answers.write(json.dumps(greeting).encode() + b"\n")
    answers.flush()
    gc.collect()
    gc.freeze()
    for line in lines:
        answers.write(answer_in_fork(json.loads(line.decode())) + b"\n")
        answers.flush()


if __name__ == "__main__":
    NOWHERE = os.open(os.devnull, os.O_RDWR)
    serve()
