"""Plays what the server does with its target: import it, find the application in it, run its startup.

Source: uvicorn 0.54 (`importer.import_from_string`, `Config.load`, `LifespanOn` under `--lifespan auto`); gunicorn's
uvicorn worker, hypercorn and the FastAPI command line end in the same steps.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass

from seatrial.boot import Boot, Failure, Outcome
from seatrial.issue import Stage
from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    Coroutine,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    Unknown,
    Value,
)
from seatrial.simulation.language.calls import await_value
from seatrial.simulation.language.imports import find_and_load, import_exactly
from seatrial.simulation.language.lookup import class_lookup, type_name
from seatrial.simulation.layout import Layout
from seatrial.simulation.library_routes import routes_made
from seatrial.simulation.player import FRAMES, OutOfBudget, Raised, Suspended
from seatrial.simulation.simulator import Simulator
from seatrial.simulation.timeline import BadTarget, Mishap, MissingModule, NotAPackage, RaisedByCode, Reach, Timeline

IMPORT_FROM_STRING = "uvicorn.importer.ImportFromStringError"
APP_IMPORT = "gunicorn.errors.AppImportError"
_OUTSIDE = ("gunicorn", "fastapi", "hypercorn")  # import the module themselves, and let what that raises through


@dataclass(frozen=True, slots=True)
class Server:
    """How the target is served. `factory` calls it first; `name` is the server's: each words a missing target
    in its own way.
    """

    target: str
    factory: bool = False
    name: str = "uvicorn"


def play_start(layout: Layout, server: Server, environment: dict[str, str]) -> tuple[Simulator, Timeline]:
    """Play one start from its launch target. Never raises for what the backend does."""
    sim = Simulator(layout, environment)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, FRAMES))
    try:
        _play(sim, server)
    except OutOfBudget:
        sim.player.record.blind = "the start takes too long to follow"
    except Raised as raised:  # pragma: no cover - a hole in the guards would be a fault of ours
        sim.player.note(raised, sim.player.place())
    finally:
        sys.setrecursionlimit(limit)
    return sim, timeline_of(sim)


def _play(sim: Simulator, server: Server) -> None:
    app = load_target(sim, server)
    if app is ABSENT:
        return
    app = _call_factory(sim, app)
    if not _is_callable(sim, app):
        message = f"{type_name(app)!r} object is not callable"
        _note(sim, "TypeError", message, BadTarget(server.target, "application"))
        return
    sim.player.stage = Stage.STARTUP
    run_lifespan(sim, app)


def load_target(sim: Simulator, server: Server) -> Value:
    """`import_from_string(target)`; ABSENT after a failure."""
    module_name, _, attributes = server.target.partition(":")
    if not module_name or not attributes:
        message = f'Import string "{server.target}" must be in format "<module>:<attribute>".'
        _note(sim, IMPORT_FROM_STRING, message, BadTarget(server.target, "format"))
        return ABSENT
    before = len(sim.player.record.mishaps)
    sim.requested = module_name
    module = find_and_load(sim, module_name, import_exactly)
    first = _missing_target(sim, before, module_name)
    if first is not None:
        plain = sim.player.record.mishaps[first].failure
        del sim.player.record.mishaps[first]
        exception, message = IMPORT_FROM_STRING, f'Could not import module "{module_name}".'
        if server.name in _OUTSIDE:
            exception, message = plain.exception, plain.message
        _note(sim, exception, message, BadTarget(server.target, "module"), first)
        return ABSENT
    value: Value = module
    for attribute in attributes.split("."):
        value = sim.get_or_catch(value, attribute)
        if value is ABSENT:
            if isinstance(module, Module) and (module.missing or "*" in module.namespace):
                return Unknown("the application")
            _note(sim, *_no_attribute(sim, server, module_name, attributes), BadTarget(server.target, "attribute"))
            return ABSENT
    return value


def _no_attribute(sim: Simulator, server: Server, module: str, attribute: str) -> tuple[str, str]:
    """The exception and the words of the server for a module without the application."""
    if server.name != "gunicorn":
        return IMPORT_FROM_STRING, f'Attribute "{attribute}" not found in module "{module}".'
    if sim.layout.finder.find("gunicorn", None) is None:
        return "AttributeError", f"module {module!r} has no attribute {attribute!r}"
    return APP_IMPORT, f"Failed to find attribute {attribute!r} in {module!r}."


def _missing_target(sim: Simulator, before: int, name: str) -> int | None:
    """The mishap that uvicorn reports as "Could not import module": the module that is missing is the target itself."""
    for position, mishap in enumerate(sim.player.record.mishaps[before:], before):
        if mishap.certain:
            fault = mishap.fault
            return position if isinstance(fault, MissingModule | NotAPackage) and fault.name == name else None
    return None


def _note(sim: Simulator, exception: str, message: str, fault: BadTarget, position: int | None = None) -> None:
    failure = Failure(sim.player.stage, exception, message, ())
    mishaps = sim.player.record.mishaps
    mishaps.insert(
        len(mishaps) if position is None else position, Mishap(failure, fault, Reach.BOOT, sim.player.place())
    )


def _call_factory(sim: Simulator, app: Value) -> Value:
    """Uvicorn calls whatever it finds without arguments, and takes a TypeError for "this is the application"."""
    if isinstance(app, Unknown | External | ExternalInstance) or not sim.may_be_called(app):
        return app
    made = sim.catching(lambda: sim.call(app, [], {}), TypeError)
    return app if made is ABSENT else made


def _is_callable(sim: Simulator, app: Value) -> bool:
    return isinstance(app, Unknown | External | ExternalInstance) or sim.may_be_called(app)


def run_lifespan(sim: Simulator, app: Value) -> None:
    """Run the application's startup as the server does."""
    sim.keep("application", app)
    if isinstance(app, ExternalInstance):
        sim.standard.startup(app)
        return
    if isinstance(app, Unknown):
        return
    _run_asgi(sim, app)


class _Messages:
    """The two ends of the lifespan conversation."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.started = False
        self.completed = False
        self.failed: str | None = None

    def receive(self, world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        def message() -> Value:
            if self.started:
                raise Suspended
            self.started = True
            return {"type": "lifespan.startup"}

        return Coroutine(message, "receive")

    def send(self, world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        def deliver() -> Value:
            message = args[0] if args else None
            kind = message.get("type") if isinstance(message, dict) else None
            if kind == "lifespan.startup.complete" and self.failed is None:
                self.completed = True
            elif kind == "lifespan.startup.failed" and not self.completed:
                text = message.get("message", "") if isinstance(message, dict) else ""
                self.failed = text if isinstance(text, str) else ""
            elif kind not in ("lifespan.startup.complete", "lifespan.startup.failed"):
                self.sim.player.fail(AssertionError(), RaisedByCode("assert"))
            return None

        return Coroutine(deliver, "send")


def _run_asgi(sim: Simulator, app: Value) -> None:
    """An application without a framework: it fails the start only by saying so (`lifespan.startup.failed`)."""
    messages = _Messages(sim)
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    receive, send = Builtin("receive", messages.receive), Builtin("send", messages.send)

    def run() -> Value:
        if is_asgi3(sim, app):
            return await_value(sim, sim.call(app, [scope, receive, send], {}))
        return await_value(sim, sim.call(sim.call(app, [scope], {}), [receive, send], {}))

    error: Raised | None = None
    depth, guards = len(sim.player.stack), len(sim.player.guards)
    try:
        with sim.player.guarded(lambda _: True):
            run()
    except Suspended:
        pass
    except Raised as raised:
        error = raised
    del sim.player.stack[depth:], sim.player.guards[guards:]
    sim.player.maybe = 0
    if messages.failed is None:
        return
    if error is None:
        failure = Failure(Stage.STARTUP, "", messages.failed, ())
        fault = RaisedByCode("lifespan.startup.failed")
        sim.player.record.mishaps.append(Mishap(failure, fault, Reach.STARTUP, sim.player.place()))
        return
    sim.player.note(error, sim.player.place())


def is_asgi3(sim: Simulator, app: Value) -> bool:
    """Uvicorn's `interface="auto"`."""
    if isinstance(app, Class):
        return sim.get(app, "__await__") is not ABSENT
    if isinstance(app, Instance):
        app = class_lookup(app.type, "__call__")
    if isinstance(app, Bound):
        app = app.function
    return isinstance(app, Function) and isinstance(app.node, ast.AsyncFunctionDef)


def timeline_of(sim: Simulator) -> Timeline:
    """The record of the play, with the outcome that it predicts."""
    record = sim.player.record
    deciding = [m for m in record.mishaps if m.reach in (Reach.BOOT, Reach.STARTUP)]
    first = next((m for m in deciding if m.certain), None)
    # A program's own check that cannot be decided is taken to pass: that is what such checks are for.
    doubtful = next((m for m in deciding if not m.certain and not isinstance(m.fault, RaisedByCode)), None)
    if first is not None:
        boot = Boot(Outcome.FAILS, first.failure)
    elif record.blind:
        boot = Boot(Outcome.UNKNOWN, None, record.blind)
    elif doubtful is not None:
        boot = Boot(Outcome.UNKNOWN, None, f"whether {_where(doubtful)} is reached cannot be told")
    else:
        boot = Boot(Outcome.SERVES)
    return Timeline(
        boot,
        mishaps=tuple(record.mishaps),
        loaded=tuple(record.loaded),
        edges=tuple(record.edges),
        routes=routes_made(record.made),
        calls=tuple(record.calls),
        external=tuple(record.external),
        doubts=tuple(record.doubts),
    )


def _where(mishap: Mishap) -> str:
    return f"{mishap.location.path}:{mishap.location.line} ({mishap.failure.exception})"
