"""Starlette: applications, routers, routes and mounts.

Source: starlette 0.26 to 1.10, `applications.py`, `routing.py`, `staticfiles.py`.
"""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.starlette_apps import attribute, make, mount_object, names_of, route_object
from seatrial.libraries.starlette_startup import startup
from seatrial.libraries.starlette_static import static_files
from seatrial.libraries.values import External, Value
from seatrial.libraries.world import World

_ROUTER = External("starlette.routing.Router", "class")
_APPS = ("starlette.applications.Starlette", "starlette.routing.Router")


def application(world: World, call: LibraryCall) -> Value:
    """`Starlette(debug=..., routes=..., lifespan=...)`."""
    options = world.bound(call, "debug", "routes", "middleware")
    return make(world, call, options, router=_ROUTER)


def router(world: World, call: LibraryCall) -> Value:
    """`Router(routes=..., lifespan=...)`."""
    return make(world, call, world.bound(call, "routes"), router=None)


LIBRARY = Library(
    "starlette",
    "starlette",
    calls={
        "starlette.applications.Starlette": application,
        "starlette.routing.Router": router,
        "starlette.routing.Route": route_object,
        "starlette.routing.WebSocketRoute": route_object,
        "starlette.routing.Mount": mount_object,
        "starlette.staticfiles.StaticFiles": static_files,
        **names_of(_APPS),
        **{f"{name}.__startup__": startup for name in _APPS},
    },
    attributes=dict.fromkeys(_APPS, attribute),
    lenient=frozenset(names_of(_APPS)),
)
