"""The ASGI application of the main module, and the launch target."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from random import Random

from .imports import refer, refer_inside
from .model import Writer, block, indent
from .risks import IMPORTS, VALUES, Risk, as_statement, choose
from .uses import use


def write(w: Writer, plan: str) -> str:
    """Adds the application to the main module; returns the launch target's attribute.

    `plan` is "good", "startup" (its startup fails), "attribute" (target names nothing), "application" (target is no
    application) or "factory" (target is a factory).
    """
    name = w.pick("app", "app", "app", "application", "api_app")
    body = _startup(w, bad=plan == "startup")
    w.bound[name] = "own"
    style = w.rng.choices([_function, _class, _framework, _made], [35, 25, 25, 15])[0]
    text = style(w, name, body)
    w.tail.append(text)
    if plan == "attribute":
        w.mark("target_attribute")
        return w.pick("application_", "asgi_app", f"{name}.router", "App")
    if plan == "application":
        w.mark("target_not_asgi")
        other = w.fresh("asgi", "service_app")
        w.tail.append(f"{other} = {w.pick('None', '5', repr('app'), '[1]', '{}', '__name__')}")
        return other
    if plan == "factory":
        return _factory(w, name)
    return name


def _factory(w: Writer, name: str) -> str:
    w.mark("target_factory")
    factory = w.fresh("create_app", "get_application")
    lines = [f"return {name}"]
    if w.chance(0.3):
        risk = choose(w, IMPORTS)
        if not risk.top_level_only and risk.exception not in ("TypeError", "(TypeError, AttributeError)"):
            lines.insert(0, as_statement(w, risk))
    w.tail.append(f"def {factory}():\n" + indent("\n".join(lines)))
    return factory


def _startup(w: Writer, bad: bool) -> list[str]:
    """Module-level helpers are added to the writer; the statements of the startup are returned."""
    steps: list[str] = []
    if w.module.imports and w.chance(0.5):
        module = w.rng.choice(w.module.imports)
        if module.exports and "replaced" not in module.traits:
            symbol = w.rng.choice(module.exports)
            if w.chance(0.5):
                code, expression = refer_inside(w, module, symbol)
                steps += [code, f"ready = {use(w, expression, symbol)}"]
            else:
                steps.append(f"ready = {use(w, refer(w, module, symbol), symbol)}")
    if bad:
        w.mark("startup_failure")
        risk = _inside(w)
        if risk.before:
            w.add(risk.before)
        if "import " in risk.code:
            w.mark("startup_import")
        steps.insert(w.rng.randint(0, len(steps)), as_statement(w, risk))
        if len(steps) > 1 and w.chance(0.3):
            steps = steps[::-1] if not steps[0].startswith(("from", "import")) or len(steps) == 2 else steps
    return steps or ["pass"]


def _inside(w: Writer) -> Risk:
    while True:
        risk = choose(w, IMPORTS if w.chance(0.45) else VALUES)
        if not risk.top_level_only:
            return risk


def _lifespan(w: Writer, steps: list[str], own: str = "") -> str:
    """The body of an application: answers the lifespan protocol by running the steps."""
    call = w.fresh("startup", "on_startup", "connect_all")
    asynchronous = w.chance(0.5)
    w.add(f"{'async ' if asynchronous else ''}def {call}():\n{indent(chr(10).join(steps))}")
    if asynchronous and w.chance(0.3):
        w.chunks[-1] += f"\n    await {w.std('asyncio')}.sleep(0)"
    run = f"{'await ' if asynchronous else ''}{call}()"
    caught = w.pick("Exception", "BaseException", "BaseException")
    if w.chance(0.03):
        w.mark("lifespan_unsupported")
        return w.pick(
            "assert scope['type'] == 'http'",
            f"if scope['type'] != 'http':\n    {run}\n    raise NotImplementedError(scope['type'])",
        )
    answer = f"""
try:
    {run}
except {caught} as error:
    await send({{"type": "lifespan.startup.failed", "message": str(error)}})
    raise
await send({{"type": "lifespan.startup.complete"}})
"""
    if w.chance(0.15):
        answer = f'{run}\nawait send({{"type": "lifespan.startup.complete"}})'
        w.mark("lifespan_raises_silently")
    if w.chance(0.5):
        return f'if scope["type"] == "lifespan":\n    await receive()\n{indent(block(answer))}\n    return\nawait send({{"type": "http.response.start", "status": 200, "headers": []}})'
    return f"""
if scope["type"] == "lifespan":
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
{indent(block(answer), 3)}
        else:
            await send({{"type": "lifespan.shutdown.complete"}})
            return
"""


def _function(w: Writer, name: str, steps: list[str]) -> str:
    w.mark("app_function")
    return f"async def {name}(scope, receive, send):\n{indent(block(_lifespan(w, steps)))}"


def _class(w: Writer, name: str, steps: list[str]) -> str:
    w.mark("app_class")
    kind = w.fresh("Application", "App", "Backend")
    body = indent(block(_lifespan(w, steps)), 2)
    return f"class {kind}:\n    def __init__(self, title='x'):\n        self.title = title\n\n    async def __call__(self, scope, receive, send):\n{body}\n\n\n{name} = {kind}({w.pick('', 'title=__name__')})"


def _made(w: Writer, name: str, steps: list[str]) -> str:
    w.mark("app_made_by_function", "closure")
    maker = w.fresh("build_app", "make_asgi")
    body = indent(block(_lifespan(w, steps)), 2)
    return f"def {maker}(debug=False):\n    async def asgi(scope, receive, send):\n{body}\n\n    return asgi\n\n\n{name} = {maker}({w.pick('', 'debug=True')})"


def _framework(w: Writer, name: str, steps: list[str]) -> str:
    """A small framework in the same file: routes and startup handlers by decorators."""
    w.mark("app_framework", "decorator", "decorator_args", "registry")
    kind, handler, route = w.fresh("MiniApp", "Router"), w.fresh("open_pool", "warm_up"), w.fresh("read_root", "health")
    asynchronous = "async " if w.chance(0.5) else ""
    return f"""
class {kind}:
    def __init__(self, **options):
        self.routes = {{}}
        self.handlers = []
        self.options = options

    def get(self, path, *, status_code=200):
        def add(func):
            self.routes[path] = (func, status_code)
            return func

        return add

    def on_event(self, kind):
        def add(func):
            if kind == "startup":
                self.handlers.append(func)
            return func

        return add

    async def __call__(self, scope, receive, send):
        if scope["type"] != "lifespan":
            return
        await receive()
        try:
            for handler in self.handlers:
                {"await " if asynchronous else ""}handler()
        except BaseException as error:
            await send({{"type": "lifespan.startup.failed", "message": repr(error)}})
            raise
        else:
            await send({{"type": "lifespan.startup.complete"}})


{name} = {kind}(title="x")


@{name}.on_event("startup")
{asynchronous}def {handler}():
{indent(chr(10).join(steps))}


@{name}.get("/", status_code=200)
async def {route}():
    return {{"ok": True}}
"""


def target(rng: Random, module: str, attribute: str, plan: str) -> str:
    """The launch target; under the plan "module" it names a module that does not exist."""
    if plan != "module":
        return f"{module}:{attribute}"
    parts = module.split(".")
    wrong = rng.choice(
        [
            [*parts[:-1], parts[-1] + "x"],
            ["src", *parts],
            [*parts, "main"],
            parts[1:] or ["server_main"],
            ["missing", *parts],
        ]
    )
    return f"{'.'.join(wrong)}:{attribute}"
