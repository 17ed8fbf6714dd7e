"""FastAPI: applications, routers and path operations.

Source: fastapi 0.95 to 0.165, `applications.py` and `routing.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.starlette_apps import decorator, make, method, methods_of, names_of, text
from seatrial.libraries.starlette_routing import Handler, Included, Routing, routing_of
from seatrial.libraries.starlette_startup import startup
from seatrial.libraries.values import External, Value
from seatrial.libraries.world import World

_ROUTER = External("fastapi.routing.APIRouter", "class")
_APPS = ("fastapi.FastAPI", "fastapi.APIRouter")
_VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def application(world: World, call: LibraryCall) -> Value:
    """`FastAPI(...)`."""
    return make(world, call, world.bound(call), router=_ROUTER)


def router(world: World, call: LibraryCall) -> Value:
    """`APIRouter(prefix=..., ...)`."""
    options = world.bound(call)
    made = make(world, call, options, router=None)
    routing = routing_of(made)
    assert routing is not None
    routing.prefix = text(options.get("prefix"))
    check_prefix(world, routing.prefix)
    return made


def check_prefix(world: World, prefix: str) -> None:
    """The assertions about the prefix of a router or of its inclusion."""
    if prefix and not prefix.startswith("/"):
        world.raise_(AssertionError("A path prefix must start with '/'"))
    elif prefix.endswith("/"):
        world.raise_(AssertionError("A path prefix must not end with '/', as the routes will start with '/'"))


def _operation(verb: str) -> Callable[[World, LibraryCall], Value]:
    @decorator("path")
    def operation(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
        add_operation(world, routing, {**names, "methods": [verb.upper()]}, function)

    return operation


def add_operation(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    """`APIRouter.add_api_route`."""
    path = routing.prefix + text(names.get("path"))
    methods = methods_of(names.get("methods"), ("GET",))
    routing.entries.append(Handler(path, methods, function, world.place()))


@decorator("path")
def api_route(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    """`@router.api_route(path, methods=[...])`."""
    add_operation(world, routing, names, function)


@method("path", "endpoint")
def add_api_route(world: World, routing: Routing, names: dict[str, Value]) -> None:
    """`router.add_api_route(path, endpoint)`."""
    add_operation(world, routing, names, names.get("endpoint"))


@decorator("path", "name")
def websocket(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    """`@router.websocket(path)`."""
    _add_websocket(world, routing, names, function)


@method("path", "endpoint", "name")
def add_api_websocket_route(world: World, routing: Routing, names: dict[str, Value]) -> None:
    """`router.add_api_websocket_route(path, endpoint)`."""
    _add_websocket(world, routing, names, names.get("endpoint"))


def _add_websocket(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    path = routing.prefix + text(names.get("path"))
    routing.entries.append(Handler(path, (), function, world.place()))


@method("router")
def include_router(world: World, routing: Routing, names: dict[str, Value]) -> None:
    """`app.include_router(router, prefix=...)`: live in recent releases, a copy of that moment in older ones."""
    given = names.get("router")
    inner = routing_of(given)
    prefix = text(names.get("prefix"))
    if inner is None:
        return
    check_prefix(world, prefix)
    live = _has(world, "_IncludedRouter")
    copied = None if live else tuple(inner.entries)
    routing.entries.append(Included(routing.prefix + prefix, inner, world.place(), copied))
    routing.startup.extend(inner.startup)
    if _has(world, "_merge_lifespan_context"):
        routing.contexts.extend(inner.contexts)


def _has(world: World, name: str) -> bool:
    """Whether this release's `fastapi.routing` has a name."""
    return world.packages is None or world.packages.has("fastapi.routing", name) is not False


_METHODS: dict[str, Callable[[World, LibraryCall], Value]] = {
    **{verb: _operation(verb) for verb in _VERBS},
    "api_route": api_route,
    "add_api_route": add_api_route,
    "websocket": websocket,
    "add_api_websocket_route": add_api_websocket_route,
    "include_router": include_router,
}
_CALLS = {**names_of(_APPS), **{f"{owner}.{name}": run for owner in _APPS for name, run in _METHODS.items()}}

LIBRARY = Library(
    "fastapi",
    "fastapi",
    calls={
        "fastapi.FastAPI": application,
        "fastapi.APIRouter": router,
        **_CALLS,
        **{f"{owner}.__startup__": startup for owner in _APPS},
    },
    lenient=frozenset({*_CALLS, *_APPS}),
)
