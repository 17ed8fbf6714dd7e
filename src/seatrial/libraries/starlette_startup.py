"""The start of an application of Starlette or FastAPI: its middleware is built, its lifespan is entered.

Source: starlette/applications.py (`__call__`, `build_middleware_stack`), starlette/routing.py (`Router.lifespan`) and
fastapi/routing.py (`_DefaultLifespan`, `_merge_lifespan_context`). An exception while the middleware is built comes
before the application has taken the server's message: uvicorn takes the lifespan for unsupported and serves the rest.
"""

from __future__ import annotations

from functools import partial

from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.starlette_routing import Context, Middleware, routing_of
from seatrial.libraries.values import Class, Coroutine, External, ExternalInstance, Stream, Unknown, Value
from seatrial.libraries.world import World


def startup(world: World, call: LibraryCall) -> Value:
    """What the server's lifespan message sets off."""
    app = call.args[0]
    routing = routing_of(app)
    if routing is None:
        return None
    if not _build(world, routing.middleware):
        return None
    for context in _contexts(app, routing.contexts):
        if context.handlers is not None:
            for handler in context.handlers:
                _run(world, handler)
        else:
            _enter(world, app, context.function)
    return None


def _run(world: World, handler: Value) -> None:
    made = world.call(handler, [], {})
    if isinstance(made, Coroutine):
        world.await_value(made)


def _build(world: World, stack: list[Middleware]) -> bool:
    """Make the middleware, from the inside out; False where one of it cannot be made."""
    made: list[Value] = [Unknown("an application")]
    for one in reversed(stack):
        make = partial(_made, world, one, made)
        if isinstance(one.factory, Class | External) and not world.attempt(make, one.location):
            return False
    return True


def _made(world: World, one: Middleware, made: list[Value]) -> Value:
    made.append(world.call(one.factory, [made[-1], *one.args], dict(one.kwargs)))
    return made[-1]


def _contexts(app: Value, contexts: list[Context]) -> list[Context]:
    """The parts of the lifespan; one set from outside (`app.router.lifespan_context = f`) is in the place of all."""
    router = app.attributes.get("router")
    for holder in (router, app):
        replaced = holder.attributes.get("lifespan_context") if isinstance(holder, ExternalInstance) else None
        if replaced is not None:
            return [Context(replaced)]
    return contexts


def _enter(world: World, app: Value, function: Value) -> None:
    manager = world.call(function, [app], {})
    if isinstance(manager, Unknown):
        return
    if isinstance(manager, Stream):  # a plain generator function, which the library wraps
        manager.advance(None, None)
        return
    world.enter(manager)
