"""What an application or router of Starlette or FastAPI holds: routes, sub-routers, startup handlers, middleware.

Source: starlette/routing.py (`Router`, `Mount`) and fastapi/routing.py (`APIRouter.include_router`,
`_merge_lifespan_context`). Both libraries keep the same things, so both of their files work on these values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from seatrial.issue import Location
from seatrial.libraries.values import Class, ExternalInstance, Function, Instance, Unknown, Value

_KEY = "<routing>"  # among an object's attributes; no program can spell it


@dataclass(frozen=True, slots=True)
class Handler:
    """One path operation, websocket or plain route. `methods` is empty for websockets."""

    path: str
    methods: tuple[str, ...]
    endpoint: Value
    location: Location
    name: str = ""


@dataclass(frozen=True, slots=True)
class Included:
    """A router included under a prefix. `copied` are its entries of that moment, where the release copies them."""

    prefix: str
    routing: Routing
    location: Location
    copied: tuple[Entry, ...] | None


@dataclass(frozen=True, slots=True)
class Mounted:
    """An application mounted under a path; `routing` is None for one that is not known."""

    path: str
    app: Value
    routing: Routing | None
    location: Location


Entry = Handler | Included | Mounted


@dataclass(frozen=True, slots=True)
class Middleware:
    """A middleware to build when the application is first called."""

    factory: Value
    args: tuple[Value, ...]
    kwargs: dict[str, Value]
    location: Location


@dataclass(frozen=True, slots=True)
class Context:
    """One part of a lifespan: a context manager function of the backend, or the startup handlers of a router."""

    function: Value
    handlers: list[Value] | None = None


@dataclass(eq=False, slots=True)
class Routing:
    """The state of one application or router."""

    name: str  # the class, as its library calls it
    location: Location
    prefix: str = ""
    entries: list[Entry] = field(default_factory=list)
    startup: list[Value] = field(default_factory=list)
    contexts: list[Context] = field(default_factory=list)
    middleware: list[Middleware] = field(default_factory=list)
    options: dict[str, Value] = field(default_factory=dict)  # the arguments it was made with


@dataclass(frozen=True, slots=True)
class Served:
    """One route under its whole path."""

    path: str
    methods: tuple[str, ...]
    endpoint: Value
    location: Location
    name: str = ""


def routing_of(value: Value) -> Routing | None:
    """What an application or router holds; None for anything else."""
    held = value.attributes.get(_KEY) if isinstance(value, ExternalInstance | Instance) else None
    return held if isinstance(held, Routing) else None


def attach(value: ExternalInstance | Instance, routing: Routing) -> None:
    """Let an object hold this routing."""
    value.attributes[_KEY] = routing


def served(routing: Routing, prefix: str = "", depth: int = 0) -> Iterator[Served]:
    """The routes of an application with those of everything included and mounted, in order of registration."""
    yield from _served(routing.entries, prefix, depth)


def _served(entries: list[Entry] | tuple[Entry, ...], prefix: str, depth: int) -> Iterator[Served]:
    if depth > 20:
        return
    for entry in entries:
        if isinstance(entry, Handler):
            yield Served(prefix + entry.path, entry.methods, entry.endpoint, entry.location, entry.name)
        elif isinstance(entry, Included):
            inner = entry.routing.entries if entry.copied is None else entry.copied
            yield from _served(inner, prefix + entry.prefix, depth + 1)
        elif entry.routing is None:
            yield Served(prefix + entry.path, (), entry.app, entry.location)
        else:
            yield from served(entry.routing, prefix + entry.path, depth + 1)


def reached(routing: Routing, seen: set[int] | None = None) -> set[int]:
    """The identities of an application's routing and of all that is included or mounted in it."""
    seen = set() if seen is None else seen
    if id(routing) not in seen:
        seen.add(id(routing))
        for entry in routing.entries:
            if isinstance(entry, Included | Mounted) and entry.routing is not None:
                reached(entry.routing, seen)
    return seen


def simple_name(value: Value) -> str:
    """`endpoint.__name__`, or the name of its class."""
    if isinstance(value, Function | Class):
        return value.name
    if isinstance(value, Unknown) and value.hint is not None:
        return simple_name(value.hint)
    return value.type.name.rpartition(".")[2] if isinstance(value, ExternalInstance | Instance) else ""


def endpoint_name(value: Value) -> str:
    """The dotted name of an endpoint; "" where it has none."""
    if isinstance(value, Unknown):
        return endpoint_name(value.hint) if value.hint is not None else ""
    if isinstance(value, Function):
        return f"{value.module.name}.{value.qualname}"
    if isinstance(value, Class):
        return f"{value.module}.{value.qualname}"
    return value.type.name if isinstance(value, ExternalInstance) else ""
