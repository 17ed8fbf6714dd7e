"""The routes that the start made: those of the application that is served, then those of routers left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seatrial.libraries.starlette_routing import Handler, Routing, endpoint_name, reached, routing_of, served
from seatrial.libraries.values import ExternalInstance, Value
from seatrial.simulation.timeline import Route


def routes_made(made: Iterable[tuple[str, Value]]) -> tuple[Route, ...]:
    """The routes in order of registration. Those of a router that nothing includes are not `included`."""
    kept = list(made)
    app = next((routing for kind, value in reversed(kept) if kind == "application" for routing in _inside(value)), None)
    routings = [value for kind, value in kept if kind == "routing" and isinstance(value, Routing)]
    found = (
        [Route(one.path, one.methods, endpoint_name(one.endpoint), one.location) for one in served(app)] if app else []
    )
    inside = reached(app) if app else set()
    return (*found, *(route for routing in routings if id(routing) not in inside for route in _left_out(routing)))


def _left_out(routing: Routing) -> Iterator[Route]:
    for entry in routing.entries:
        if isinstance(entry, Handler):
            yield Route(entry.path, entry.methods, endpoint_name(entry.endpoint), entry.location, included=False)


def _inside(app: Value, depth: int = 0) -> Iterator[Routing]:
    """The application's own routing, or that of the one which it wraps (`SomeMiddleware(app)`)."""
    routing = routing_of(app)
    if routing is not None:
        yield routing
    elif isinstance(app, ExternalInstance) and depth < 5:
        for value in (*app.args, *app.kwargs.values()):
            yield from _inside(value, depth + 1)
