"""`include_router`: what FastAPI asks of what it is given, and when it takes the routes.

Source: fastapi 0.95 to 0.165, `routing.APIRouter.include_router`. Recent releases keep the router and look at its
routes when they are asked for; older ones copy the routes of that moment.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.libraries.definitions import attributes_asked, wording, words
from seatrial.libraries.fastapi_operations import ROUTING, check_dependencies
from seatrial.libraries.starlette_apps import items, method, text
from seatrial.libraries.starlette_routing import Handler, Included, Routing, reached, routing_of
from seatrial.libraries.values import ABSENT, External, Module, Unknown, Value
from seatrial.libraries.world import World


@method("router")
def include_router(world: World, routing: Routing, names: dict[str, Value]) -> None:
    """`app.include_router(router, prefix=...)`."""
    given, prefix = names.get("router"), text(names.get("prefix"))
    inner = routing_of(given)
    if inner is routing and _refused(world, "included-in-itself", "Cannot include the same APIRouter instance"):
        return
    if _lacks(world, given, prefix) or inner is None:
        return
    if id(routing) in reached(inner) and _refused(world, "included-in-itself", "already includes this router"):
        return
    if not _check(world, inner, prefix):
        return
    _include(world, routing, inner, prefix, names)


def _lacks(world: World, given: Value, prefix: str) -> bool:
    """Whether what is given has not what FastAPI asks of a router; then that is refused."""
    if isinstance(given, Unknown | External):
        return False
    asked = attributes_asked(world, f"{ROUTING}.APIRouter.include_router", "router", {"prefix": bool(prefix)})
    name = next((one for one in asked if world.attribute(given, one) is ABSENT), None)
    if name is None:
        return False
    message = world.attribute_text(given, name)
    kind = "module-included" if isinstance(given, Module) else "no-router"
    subject = given.name if isinstance(given, Module) else ""
    world.refuse("fastapi", kind, AttributeError(message), message, subject)
    return True


def _refused(world: World, kind: str, fragment: str) -> bool:
    message = wording(world, ROUTING, fragment)
    if message is not None:
        world.refuse("fastapi", kind, AssertionError(message), message)
    return message is not None


def check_prefix(world: World, prefix: str) -> bool:
    """The assertions about the prefix of a router or of its inclusion; false once it is refused."""
    message = None
    if prefix and not prefix.startswith("/"):
        message = wording(world, ROUTING, "A path prefix must start with '/'")
    elif prefix.endswith("/"):
        message = wording(world, ROUTING, "A path prefix must not end with '/'")
    if message is not None:
        world.refuse("fastapi", "bad-prefix", AssertionError(message), message, prefix)
    return message is None


def _check(world: World, inner: Routing, prefix: str) -> bool:
    if prefix:
        return check_prefix(world, prefix)
    empty = next((name for path, name in _named(inner) if not path), None)
    found = None if empty is None else words(world, ROUTING, "Prefix and path cannot be both empty", empty)
    if found is None:
        return True
    world.refuse("fastapi", "both-empty", found.exception, found.text, empty or "")
    return False


def _named(routing: Routing, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The paths of a router's routes and mounts, those of included routers too, with the names of the routes."""
    for entry in routing.entries if depth < 20 else ():
        if isinstance(entry, Included):
            yield from _named(entry.routing, prefix + entry.prefix, depth + 1)
        else:
            yield prefix + entry.path, entry.name if isinstance(entry, Handler) else "None"


def _include(world: World, routing: Routing, inner: Routing, prefix: str, names: dict[str, Value]) -> None:
    live = _has(world, "_IncludedRouter")
    copied = None if live else tuple(inner.entries)
    routing.entries.append(Included(routing.prefix + prefix, inner, world.place(), copied))
    routing.startup.extend(inner.startup)
    if _has(world, "_merge_lifespan_context"):
        routing.contexts.extend(inner.contexts)
    if not live:  # each operation is made again, with the dependencies of the inclusion
        for one in inner.entries:
            if isinstance(one, Handler):
                check_dependencies(world, one.path, items(names.get("dependencies")))


def _has(world: World, name: str) -> bool:
    """Whether this release's `fastapi.routing` has a name."""
    return world.packages is None or world.packages.has(ROUTING, name) is not False
