"""What applications and routers of Starlette do with routes, handlers and middleware; FastAPI's inherit it.

Source: starlette 0.26 to 1.10, `applications.Starlette` and `routing.Router`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from seatrial.libraries.behaviour import NO_ATTRIBUTE, LibraryCall
from seatrial.libraries.definitions import blueprint, wording
from seatrial.libraries.starlette_routing import (
    Context,
    Handler,
    Middleware,
    Mounted,
    Routing,
    attach,
    routing_of,
    simple_name,
)
from seatrial.libraries.values import (
    ABSENT,
    Builtin,
    Class,
    External,
    ExternalInstance,
    Function,
    Unknown,
    Value,
)
from seatrial.libraries.world import World

Register = Callable[[World, Routing, dict[str, Value], Value], None]


def make(world: World, call: LibraryCall, options: dict[str, Value], *, router: External | None) -> ExternalInstance:
    """An application or router with its arguments. `router` is the class of an application's own router."""
    made = ExternalInstance(call.callee, tuple(call.args), dict(call.kwargs))
    routing = Routing(call.callee.name, world.place(), options=options)
    attach(made, routing)
    routing.startup.extend(items(options.get("on_startup")))
    lifespan = options.get("lifespan")
    routing.contexts.append(Context(None, routing.startup) if lifespan is None else Context(lifespan))
    routing.middleware.extend(_middleware(world, item) for item in items(options.get("middleware")))
    add_routes(routing, options.get("routes"))
    made.attributes["on_startup"] = routing.startup
    if router is not None:
        inner = ExternalInstance(router)
        inner.attributes["on_startup"] = routing.startup
        attach(inner, routing)
        made.attributes["router"] = inner
    world.keep("routing", routing)
    return made


def items(value: Value) -> list[Value]:
    """The items of a list or tuple that was given; none for anything else."""
    return list(value) if isinstance(value, list | tuple) else []


def _middleware(world: World, item: Value) -> Middleware:
    if isinstance(item, ExternalInstance) and item.args:
        return Middleware(item.args[0], item.args[1:], item.kwargs, world.place())
    return Middleware(Unknown("a middleware"), (), {}, world.place())


def add_routes(routing: Routing, routes: Value) -> None:
    """`routes=[Route(...), Mount(...)]`."""
    for route in items(routes):
        entry = route.attributes.get("<entry>") if isinstance(route, ExternalInstance) else None
        if isinstance(entry, Handler | Mounted):
            routing.entries.append(entry)


def route_object(world: World, call: LibraryCall) -> Value:
    """`Route(path, endpoint, methods=...)`, `WebSocketRoute(path, endpoint)`."""
    names = world.bound(call, "path", "endpoint")
    made = ExternalInstance(call.callee, tuple(call.args), dict(call.kwargs))
    socket = call.callee.name.endswith("WebSocketRoute")
    methods = () if socket else methods_of(names.get("methods"), ("GET",))
    endpoint = names.get("endpoint")
    routed(world, names.get("path"))
    name = text(names.get("name")) or simple_name(endpoint)
    made.attributes["<entry>"] = Handler(text(names.get("path")), methods, endpoint, world.place(), name)
    return made


def mount_object(world: World, call: LibraryCall) -> Value:
    """`Mount(path, app=..., routes=...)`."""
    names = world.bound(call, "path", "app", "routes")
    made = ExternalInstance(call.callee, tuple(call.args), dict(call.kwargs))
    routing = routing_of(names.get("app"))
    if "routes" in names:
        routing = Routing(call.callee.name, world.place())
        add_routes(routing, names["routes"])
    made.attributes["<entry>"] = Mounted(text(names.get("path")).rstrip("/"), names.get("app"), routing, world.place())
    return made


def text(value: Value) -> str:
    """A path that was given; "" where it is not known."""
    return value if isinstance(value, str) else ""


def methods_of(value: Value, default: tuple[str, ...]) -> tuple[str, ...]:
    """The methods of a route in capitals, sorted."""
    known = sorted({str(one).upper() for one in value}) if _listed(value) else []
    return tuple(known) or default


def _listed(value: Value) -> bool:
    return isinstance(value, list | tuple | set | frozenset) and all(isinstance(one, str) for one in value)


def subject(call: LibraryCall) -> Routing | None:
    """The routing of the object that a method is called on."""
    return routing_of(call.args[0]) if call.args else None


def decorator(*order: str) -> Callable[[Register], Callable[[World, LibraryCall], Value]]:
    """A method that takes arguments and gives a decorator, which registers a function and gives it back."""

    def wrap(register: Register) -> Callable[[World, LibraryCall], Value]:
        def behave(world: World, call: LibraryCall) -> Value:
            names = world.bound(call, *order)
            routing = subject(call)

            def apply(inner: World, given: list[Value], _: dict[str, Value]) -> Value:
                if routing is not None and given:
                    register(inner, routing, names, given[0])
                return given[0] if given else None

            return Builtin(call.callee.name, apply)

        return behave

    return wrap


def method(*order: str) -> Callable[[Callable[[World, Routing, dict[str, Value]], None]], Callable[..., Value]]:
    """A method that registers what it is given and gives nothing back."""

    def wrap(register: Callable[[World, Routing, dict[str, Value]], None]) -> Callable[[World, LibraryCall], Value]:
        def behave(world: World, call: LibraryCall) -> Value:
            names = world.bound(call, *order)
            routing = subject(call)
            if routing is not None:
                register(world, routing, names)
            return None

        return behave

    return wrap


@decorator("path")
def route(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    """`@app.route(path, methods=...)`."""
    _add_route(world, routing, names, function)


@decorator("path")
def websocket_route(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    """`@app.websocket_route(path)`."""
    _add(world, routing, names, (), function)


@method("path", "route", "methods")
def add_route(world: World, routing: Routing, names: dict[str, Value]) -> None:
    """`app.add_route(path, endpoint, methods=...)`."""
    _add_route(world, routing, names, names.get("endpoint", names.get("route")))


def _add_route(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    _add(world, routing, names, methods_of(names.get("methods"), ("GET",)), function)


def _add(world: World, routing: Routing, names: dict[str, Value], methods: tuple[str, ...], function: Value) -> None:
    if routed(world, names.get("path")):
        name = text(names.get("name")) or simple_name(function)
        routing.entries.append(Handler(text(names.get("path")), methods, function, world.place(), name))


@method("path", "endpoint")
def add_websocket_route(world: World, routing: Routing, names: dict[str, Value]) -> None:
    """`app.add_websocket_route(path, endpoint)`."""
    _add(world, routing, names, (), names.get("endpoint", names.get("route")))


@method("path", "app", "name")
def mount(world: World, routing: Routing, names: dict[str, Value]) -> None:
    """`app.mount(path, app)`."""
    app, path = names.get("app"), text(names.get("path"))
    if not routed(world, path):
        return
    if app is None and "app" in names:
        message = wording(world, "starlette.routing", "Either 'app=...', or 'routes=' must be specified")
        if message is not None:
            world.refuse("starlette", "no-app", AssertionError(message), message, path)
    routing.entries.append(Mounted(path.rstrip("/"), app, routing_of(app), world.place()))


@method("host", "app", "name")
def host(world: World, routing: Routing, names: dict[str, Value]) -> None:
    """`app.host(host, app)`."""
    app = names.get("app")
    routing.entries.append(Mounted("", app, routing_of(app), world.place()))


@method("event_type", "func")
def add_event_handler(world: World, routing: Routing, names: dict[str, Value]) -> None:
    """`app.add_event_handler("startup", function)`."""
    _on_event(world, routing, names, names.get("func"))


@decorator("event_type")
def on_event(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    """`@app.on_event("startup")`."""
    _on_event(world, routing, names, function)


def _on_event(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    event = names.get("event_type")
    if event == "startup":
        routing.startup.append(function)
    elif isinstance(event, str) and event != "shutdown":
        world.refuse("starlette", "bad-event", AssertionError(), "", event)


def add_middleware(world: World, call: LibraryCall) -> Value:
    """`app.add_middleware(Class, *args, **options)`: built when the application is first called."""
    routing = subject(call)
    if routing is not None and len(call.args) > 1:
        made = Middleware(call.args[1], tuple(call.args[2:]), dict(call.kwargs), world.place())
        routing.middleware.insert(0, made)
    return None


@decorator("middleware_type")
def middleware(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    """`@app.middleware("http")`: the function's name is all that is known of it before a request."""
    kind = names.get("middleware_type")
    if isinstance(kind, str) and kind != "http" and "starlette" in routing.name:
        world.raise_(AssertionError('Currently only middleware("http") is supported.'))


@decorator("exc_class_or_status_code")
def exception_handler(world: World, routing: Routing, names: dict[str, Value], function: Value) -> None:
    """`@app.exception_handler(...)`."""


def routed(world: World, path: Value) -> bool:
    """The assertion of Starlette's own routes about their path; false once it is refused."""
    if not isinstance(path, str) or not path or path.startswith("/"):
        return True
    message = wording(world, "starlette.routing", "Routed paths must start with '/'")
    if message is not None:
        world.refuse("starlette", "bad-path", AssertionError(message), message, path)
    return message is None


_STATE = External("starlette.datastructures.State", "class")


def attribute(world: World, value: Value, name: str) -> Value:
    """`app.name`: what it was made with, or nothing where its class has no such name."""
    routing = routing_of(value)
    if routing is None or hasattr(object, name):
        return ABSENT
    if name in routing.options:
        return routing.options[name]
    if name == "state" and isinstance(value, ExternalInstance):
        return value.attributes.setdefault("state", ExternalInstance(_STATE))
    owner = value.type.name if isinstance(value, ExternalInstance) else routing.name
    default = _default(world, owner, name)
    if default is not ABSENT:
        return default
    known = blueprint(world, owner)
    return ABSENT if known is None or not known.closed or name in known.members else NO_ATTRIBUTE


def _default(world: World, dotted: str, name: str) -> Value:
    """The default of an argument that is kept under its own name."""
    module, _, cls = dotted.rpartition(".")
    found = world.packages.signature(module, cls) if world.packages is not None else None
    for one in found.parameters if found is not None else ():
        if one.name == name and one.default is not None and one.default[:1] in "'\"":
            return ast.literal_eval(one.default)
    return ABSENT


def names_of(owners: Iterable[str]) -> dict[str, Callable[[World, LibraryCall], Value]]:
    """The behaviours of the methods that the classes named have in common."""
    methods: dict[str, Callable[[World, LibraryCall], Value]] = {
        "route": route,
        "websocket_route": websocket_route,
        "add_route": add_route,
        "add_websocket_route": add_websocket_route,
        "mount": mount,
        "host": host,
        "add_event_handler": add_event_handler,
        "on_event": on_event,
        "add_middleware": add_middleware,
        "middleware": middleware,
        "exception_handler": exception_handler,
    }
    return {f"{owner}.{name}": behaviour for owner in owners for name, behaviour in methods.items()}


def is_function(value: Value) -> bool:
    """Whether something can be called without asking for its class."""
    return isinstance(value, Function | Class | Builtin)
