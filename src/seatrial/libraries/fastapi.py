"""FastAPI: applications, routers and path operations.

Source: fastapi 0.95 to 0.165, `applications.py` and `routing.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from seatrial.libraries.behaviour import Library, LibraryCall, Unimportable
from seatrial.libraries.definitions import wording
from seatrial.libraries.fastapi_fields import MARKS
from seatrial.libraries.fastapi_inclusion import check_prefix, include_router
from seatrial.libraries.fastapi_operations import check_operation, check_websocket
from seatrial.libraries.starlette_apps import attribute, decorator, make, method, methods_of, names_of, routed, text
from seatrial.libraries.starlette_routing import Handler, Routing, routing_of, simple_name
from seatrial.libraries.starlette_startup import startup
from seatrial.libraries.values import External, Value
from seatrial.libraries.world import World

_ROUTER = External("fastapi.routing.APIRouter", "class")
_APPS = ("fastapi.FastAPI", "fastapi.APIRouter")
_VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_URLS = ("openapi_url", "docs_url", "swagger_ui_oauth2_redirect_url", "redoc_url")


def application(world: World, call: LibraryCall) -> Value:
    """`FastAPI(...)`: a title and a version for OpenAPI, and routes for its pages."""
    options = world.bound(call)
    made = make(world, call, options, router=_ROUTER)
    if options.get("openapi_url", "/openapi.json"):
        for name in ("title", "version"):
            message = wording(world, "fastapi.applications", f"A {name} must be provided for OpenAPI")
            if message is not None and options.get(name, "given") in ("", None):
                world.refuse("fastapi", "no-title", AssertionError(message), message, name)
        for name in _URLS:
            routed(world, options.get(name))
    return made


def router(world: World, call: LibraryCall) -> Value:
    """`APIRouter(prefix=..., ...)`."""
    options = world.bound(call)
    made = make(world, call, options, router=None)
    routing = routing_of(made)
    assert routing is not None
    routing.prefix = text(options.get("prefix"))
    check_prefix(world, routing.prefix)
    return made


def _operation(verb: str) -> Callable[[World, LibraryCall], Value]:
    @decorator("path")
    def operation(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
        add_operation(world, routing, {**names, "methods": [verb.upper()]}, function)

    return operation


def add_operation(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    """`APIRouter.add_api_route`."""
    if not check_operation(world, routing, names, function):
        return
    path = routing.prefix + text(names.get("path"))
    methods = methods_of(names.get("methods"), ("GET",))
    name = text(names.get("name")) or simple_name(function)
    routing.entries.append(Handler(path, methods, function, world.place(), name))


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
    if check_websocket(world, routing, names, function):
        path = routing.prefix + text(names.get("path"))
        name = text(names.get("name")) or simple_name(function)
        routing.entries.append(Handler(path, (), function, world.place(), name))


_METHODS: dict[str, Callable[[World, LibraryCall], Value]] = {
    **{verb: _operation(verb) for verb in _VERBS},
    "api_route": api_route,
    "add_api_route": add_api_route,
    "websocket": websocket,
    "add_api_websocket_route": add_api_websocket_route,
    "include_router": include_router,
}
_CALLS = {**names_of(_APPS), **{f"{owner}.{name}": run for owner in _APPS for name, run in _METHODS.items()}}


def imported(python: tuple[int, int], version: Callable[[str], tuple[int, ...] | None]) -> Unimportable | None:
    """`fastapi.openapi.models` has a field with the alias `not`, of which pydantic before 1.10 makes the name of a
    parameter; `inspect` refuses keywords there since Python 3.11.
    """
    release = version("pydantic")
    if release is None or release >= (1, 10) or python < (3, 11):
        return None
    return Unimportable("keyword-parameter", ValueError("'not' is not a valid parameter name"), "pydantic")


LIBRARY = Library(
    "fastapi",
    "fastapi",
    calls={
        "fastapi.FastAPI": application,
        "fastapi.APIRouter": router,
        **MARKS,
        **_CALLS,
        **{f"{owner}.__startup__": startup for owner in _APPS},
    },
    attributes=dict.fromkeys(_APPS, attribute),
    lenient=frozenset({*_CALLS, *_APPS, *MARKS}),
    importing=imported,
)
