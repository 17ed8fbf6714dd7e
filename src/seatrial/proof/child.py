"""What runs inside the backend's own interpreter (CPython 3.8 to 3.14): standard library only, this one file.

It is handed a socket, reads its orders from it (one line, a Python literal), makes `sys.path` what the launch command
would make it, and then lets the real server do its work; where no uvicorn is installed, a small runner plays the
lifespan and answers single requests. It tells each stage as a JSON line, and for a failure the exception as a traceback
spells it. Whatever on the socket is no JSON was written by `faulthandler` (a crash).

Only built-in modules are imported at the top: a `socket.py` or `json.py` of the backend's must shadow the standard
library's exactly when it would without us.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# mypy: disable-error-code="var-annotated,attr-defined,method-assign,arg-type,operator"
# `typing` must not be imported before the backend asks for it, and what is looked into differs by uvicorn's version.
# ruff: noqa: BLE001, SIM105, PERF203
# Whatever the backend raises is what this file is there to see; `contextlib` is not there to be imported.

import _thread
import faulthandler
import os
import sys

LOCK = _thread.allocate_lock()
MAIN = _thread.get_ident()
LOOP = []  # the running event loop, from 3.14 on
STATE = {"stage": "importing", "told": None, "app": None, "socket": -1}  # the socket leads to the supervisor


def quoted(value):
    """A string as JSON, in ASCII."""
    out = []
    for character in value:
        code = ord(character)
        if character in '"\\':
            out.append("\\" + character)
        elif 32 <= code < 127:
            out.append(character)
        elif code > 0xFFFF:
            code -= 0x10000
            out.append(f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}")
        else:
            out.append(f"\\u{code:04x}")
    return '"' + "".join(out) + '"'


def encoded(value):
    """Plain values as JSON."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, dict):
        return "{" + ",".join(quoted(key) + ":" + encoded(item) for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(encoded, value)) + "]"
    return quoted(str(value))


def tell(event, **facts):
    """Send one event; never raise into the backend."""
    facts["event"] = event
    try:
        line = memoryview((encoded(facts) + "\n").encode("ascii"))
        with LOCK:
            while line:
                line = line[os.write(STATE["socket"], line) :]
    except Exception:
        pass


def stage(name):
    """Enter a stage of the start, and tell it."""
    STATE["stage"] = name
    tell(name)


def qualified(kind):
    """The name of an exception class as a traceback spells it."""
    if kind.__module__ in ("builtins", "__main__"):
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def text(error):
    """The message of an exception, whatever its `__str__` does."""
    try:
        return str(error)[:20000]
    except Exception:
        return "<exception str() failed>"


def frames(error):
    """All lines of the stack, outermost first; a SyntaxError's own line last."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename != __file__:
            found.append([code.co_filename, trace.tb_lineno or 0, code.co_name])
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        found.append([error.filename, error.lineno or 0, "<module>"])
    return found[:30] + found[-170:] if len(found) > 200 else found


def chain(error):
    """The exceptions behind this one, nearest first."""
    links, seen = [], {id(error)}
    while error is not None and len(links) < 10:
        relation, behind = "cause", error.__cause__
        if behind is None and not error.__suppress_context__:
            relation, behind = "context", error.__context__
        if behind is None or id(behind) in seen:
            break
        seen.add(id(behind))
        links.append([relation, qualified(type(behind)), text(behind), frames(behind)])
        error = behind
    return links


def tell_uncompiled():
    """Tell which files of packages had to be compiled, because no byte code of theirs is there."""
    found = []
    for module in list(sys.modules.values()):
        spec = getattr(module, "__spec__", None)
        origin, cached = getattr(spec, "origin", None), getattr(spec, "cached", None)
        named = isinstance(origin, str) and isinstance(cached, str)
        if named and "site-packages" in origin and not os.path.exists(cached):
            found.append(origin)
    if found:
        tell("uncompiled", files=found[:5000])


def failed(error, at=None):
    """Tell a failure, once for each exception and stage."""
    if STATE["told"] is error:
        return
    STATE["told"] = error
    tell(
        "failure",
        at=at or STATE["stage"],
        exception=qualified(type(error)),
        message=text(error),
        frames=frames(error),
        chain=chain(error),
    )
    if STATE["stage"] != "serving":
        tell_uncompiled()


# --- watching ---------------------------------------------------------------------------------------------------------


def framed(thing):
    """Whether this is a coroutine or a generator."""
    return any(hasattr(thing, name) for name in ("cr_frame", "gi_frame", "ag_frame"))


def behind(thing):
    """What an awaitable without a frame of its own drives: `anext` of an async generator, most of all."""
    import gc

    return next((held for held in gc.get_referents(thing) if framed(held)), None)


def waiting(task):
    """Where an asyncio task waits: the frames along its chain of awaits, outermost first."""
    found, coroutine = [], task.get_coro()
    while coroutine is not None and len(found) < 100:
        frame = None
        for name in ("cr_frame", "gi_frame", "ag_frame"):
            frame = frame or getattr(coroutine, name, None)
        if frame is not None:
            found.append([frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name])
        following = None
        for name in ("cr_await", "gi_yieldfrom", "ag_await"):
            following = following or getattr(coroutine, name, None)
        coroutine = following if following is None or framed(following) else behind(following)
    return found


def stacks(main):
    """The main thread's stack, then where each task waits."""
    found, frame = [], sys._current_frames().get(main)
    while frame is not None:
        if frame.f_code.co_filename != __file__:
            found.insert(0, [frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name])
        frame = frame.f_back
    tasks = sys.modules.get("asyncio.tasks")
    known = [getattr(tasks, name, ()) for name in ("_all_tasks", "_scheduled_tasks", "_eager_tasks")]
    alive = [task for some in known for task in list(some) if not task.done()]
    if sys.version_info >= (3, 14) and hasattr(tasks, "all_tasks"):
        alive = list(tasks.all_tasks(LOOP[0])) if LOOP else []
    return [found] + [waiting(task) for task in alive]


def watch(moments):
    """Tell now and then where the backend is, so that a start that never ends can be placed."""

    def look():
        passed, never = 0.0, _thread.allocate_lock()
        never.acquire()
        for moment in moments:
            never.acquire(timeout=moment - passed)
            passed = moment
            try:
                tell("stuck", stacks=stacks(MAIN))
            except Exception:
                pass

    _thread.start_new_thread(look, ())


class Recorder:
    """An ASGI application around the backend's, which sees what it raises and changes nothing."""

    def __init__(self, app):
        self.app = app

    def __getattr__(self, name):
        return getattr(self.app, name)

    async def __call__(self, scope, receive, send):
        kind = scope.get("type")
        if not LOOP and "asyncio" in sys.modules:
            LOOP.append(sys.modules["asyncio"].get_running_loop())
        try:
            await self.app(scope, receive, send)
        except BaseException as error:
            if kind == "lifespan":
                stopping = STATE["stage"] == "serving"
                failed(error, "stopping" if stopping else "starting")
            elif qualified(type(error)) != "asyncio.exceptions.CancelledError":
                failed(error, "request")
            raise


# --- what is served ---------------------------------------------------------------------------------------------------


def joined(prefix, path):
    """The path of a route below a mount."""
    return prefix + path if path else prefix


def one_route(route, prefix, found):
    """Note one route, or the routes inside a mount or an included router."""
    inner = getattr(route, "effective_candidates", None)
    if callable(inner):  # FastAPI 0.137 and later include routers lazily
        for candidate in list(inner()) + list(route.effective_low_priority_routes()):
            one_route(candidate, prefix, found)
        return
    starlette_route = getattr(route, "starlette_route", None)
    path = getattr(starlette_route or route, "path", None)
    if path is None:
        return
    original = starlette_route or getattr(route, "original_route", None) or route
    below = getattr(original, "routes", None)
    if below and not getattr(route, "methods", None):
        walk(below, joined(prefix, path), found)
        return
    methods = getattr(route, "methods", None) or getattr(original, "methods", None) or ()
    entry = [
        joined(prefix, path),
        sorted(methods),
        str(getattr(route, "name", None) or getattr(original, "name", "") or ""),
    ]
    if entry not in found:
        found.append(entry)


def walk(routes, prefix, found):
    """Note all routes of a list; one that cannot be read is left out."""
    for route in list(routes)[:5000]:
        try:
            one_route(route, prefix, found)
        except Exception:
            continue


def innermost(app):
    """The object with routes inside wrappers such as a socket.io or Sentry application."""
    for _ in range(20):
        if app is None or getattr(app, "routes", None) is not None:
            return app
        held = getattr(app, "__dict__", {})
        app = next((held[name] for name in ("app", "other_asgi_app", "_app", "wrapped") if name in held), None)
    return None


def tell_routes():
    """Tell what the application serves, and where its schema is."""
    app = innermost(STATE["app"])
    if app is None:
        return
    found = []
    walk(getattr(app, "routes", ()), "", found)
    openapi = getattr(app, "openapi_url", None)
    root = getattr(app, "root_path", "") or ""
    tell("routes", routes=found, openapi=openapi if isinstance(openapi, str) else None, root=root)


# --- the real server --------------------------------------------------------------------------------------------------


def arm(order):
    """Look into uvicorn, whoever runs it: the loading of the application, its start, its exceptions."""
    config = sys.modules["uvicorn.config"]
    server = sys.modules.get("uvicorn.server") or sys.modules["uvicorn.main"]  # where it was before 0.13
    bring, load, startup = config.import_from_string, config.Config.load, server.Server.startup

    def import_from_string(value):
        try:
            return bring(value)
        except BaseException as error:
            failed(error)
            raise

    def loaded(self):
        try:
            load(self)
        except SystemExit as error:
            failed(error.__context__ or error)
            raise
        except BaseException as error:
            failed(error)
            raise
        STATE["app"] = self.loaded_app
        self.loaded_app = Recorder(self.loaded_app)
        stage("starting")

    async def started(self, *arguments, **options):
        await startup(self, *arguments, **options)
        if not self.should_exit:
            tell_routes()
            sockets = [s.getsockname() for one in getattr(self, "servers", ()) for s in one.sockets]
            ports = [name[1] for name in sockets if isinstance(name, tuple)]
            STATE["stage"] = "serving"
            tell("serving", port=ports[0] if ports else None)
            tell_uncompiled()

    config.import_from_string = import_from_string
    config.Config.load = loaded
    server.Server.startup = started
    if order["kind"] != "asgi":  # a reloader or workers would load the application out of our sight
        config.Config.should_reload = property(lambda self: False)
        alone(config.Config)


def alone(kind):
    """Keep every uvicorn configuration to this one process."""
    begin = kind.__init__

    def configure(self, *arguments, **options):
        begin(self, *arguments, **options)
        self.workers, self.reload = 1, False

    kind.__init__ = configure


class Later:
    """An import hook: arms uvicorn as soon as the backend's own code has imported it, and not before."""

    def __init__(self, order):
        self.order, self.busy = order, False

    def find_spec(self, name, path=None, target=None):
        if name != "uvicorn.server":
            return None
        others = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((found for found in others if found is not None), None)
        if spec is None or spec.loader is None:
            return spec
        run, order = spec.loader.exec_module, self.order

        def exec_module(module):
            run(module)
            sys.meta_path.remove(self)
            arm(order)

        spec.loader.exec_module = exec_module
        return spec


def brought_in(name):
    """Whether a server of this name is installed; it is imported before the backend's folder is on the path."""
    import importlib

    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return False
    return True


def serve_asgi(order):
    """What the launch command does: import the application, run its lifespan, listen."""
    real = brought_in("uvicorn")
    target = order["target"]
    if not (real and order["server"] == "uvicorn"):  # whose --app-dir does it
        sys.path[:0] = order["later"]
    if order["server"] in ("gunicorn", "fastapi", "hypercorn"):
        target = fetched(order)  # these import it before any event loop runs
    if not real:
        tell("note", text="uvicorn is not installed in the backend's environment; a small runner took its place")
        small_runner(order, target)
        return
    arm(order)
    if order["server"] == "uvicorn":
        command_line(order, target)
    else:
        sys.modules["uvicorn"].run(target, host=order["host"], port=order["port"], factory=order["factory"])


def command_line(order, target):
    """Uvicorn's own command, with the options of the launch command and our address."""
    words = ["--host", order["host"], "--port", str(order["port"])] + ["--factory"] * order["factory"]
    for name, value in order["options"]:
        words += ["--" + name.lstrip("-")] + ([value] if value else [])
    command = __import__("importlib").import_module("uvicorn.main").main
    if order["later"] and any("--app-dir" in option.opts for option in command.params):
        words += ["--app-dir", order["later"][0]]
    else:
        sys.path[:0] = order["later"]  # before 0.12 the working folder is put there, without an option for it
    sys.argv = ["uvicorn"] + words + [target]
    command(words + [target], prog_name="uvicorn")


def fetched(order):
    """Import the module as gunicorn, hypercorn and the FastAPI CLI do: outside the server."""
    import importlib

    module, _, attribute = order["target"].partition(":")
    try:
        found = importlib.import_module(module)
    except BaseException as error:
        failed(error)
        raise
    if order["server"] == "fastapi" and not attribute:
        return module + ":" + chosen(found)
    if order["server"] != "gunicorn":
        return module + ":" + (attribute or "app")
    name, _, call = (attribute or "application").partition("(")
    try:
        app = getattr(found, name)
    except AttributeError as error:
        wrong = f"Failed to find attribute {name!r} in {module!r}."
        kind = gunicorn_error()
        failed(kind(wrong).with_traceback(error.__traceback__) if kind is not AttributeError else error)
        raise SystemExit(4) from None
    return app() if call else app


def chosen(module):
    """The attribute that the FastAPI CLI takes when it is told none: `app`, `api`, else any FastAPI object."""
    kind = sys.modules["fastapi"].FastAPI
    names = ["app", "api"] + list(vars(module))
    found = next((name for name in names if isinstance(getattr(module, name, None), kind)), None)
    if found is None:
        raise ValueError("Could not find FastAPI app in module, try using --app")
    return found


def gunicorn_error():
    """The class of exception that gunicorn uses for this, where it is installed."""
    import importlib

    try:
        return importlib.import_module("gunicorn.errors").AppImportError
    except ImportError:
        return AttributeError


# --- the small runner -------------------------------------------------------------------------------------------------


def brought(target):
    """`module:attribute` -> object, by uvicorn's rules."""
    if not isinstance(target, str):
        return target
    import importlib

    module, _, attributes = target.partition(":")
    found = importlib.import_module(module)
    for name in attributes.split("."):
        found = getattr(found, name)
    return found


def small_runner(order, target):
    """Import the application and serve it without uvicorn."""
    try:
        app = brought(target)
        app = app() if order["factory"] else app
    except BaseException as error:
        failed(error)
        raise
    STATE["app"] = app
    stage("starting")
    import asyncio

    asyncio.run(small_server(Recorder(app), order))


async def small_server(app, order):
    """Lifespan as ASGI has it, then HTTP/1.0: one request for each connection."""
    import asyncio

    inbox, said = asyncio.Queue(), asyncio.Queue()
    await inbox.put({"type": "lifespan.startup"})

    async def lifespan():
        try:
            await app(
                {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}},
                inbox.get,
                said.put,
            )
        except Exception:
            await said.put({"type": "unsupported"})

    task = asyncio.ensure_future(lifespan())
    answer = await said.get()
    if answer["type"] == "lifespan.startup.failed":
        await asyncio.wait([task], timeout=1)
        raise SystemExit(3)
    server = await asyncio.start_server(lambda r, w: small_answer(app, r, w), order["host"], order["port"])
    tell_routes()
    STATE["stage"] = "serving"
    tell("serving", port=order["port"])
    async with server:
        await server.serve_forever()


async def small_answer(app, reader, writer):
    """One request, one answer, the end of the connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = [
        (k.strip().lower().encode(), v.strip().encode()) for k, _, v in (line.partition(":") for line in head[1:]) if k
    ]
    path, _, query = path.partition("?")
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
             "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
             "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {}}  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            lines = [b": ".join(pair) for pair in message.get("headers", ())]
            writer.write(b"\r\n".join(["HTTP/1.0 {} x".format(message["status"]).encode()] + lines) + b"\r\n\r\n")
        elif message["type"] == "http.response.body":
            writer.write(message.get("body", b""))

    try:
        await app(scope, receive, send)
    except Exception:
        writer.write(b"HTTP/1.0 500 x\r\n\r\n")
    writer.close()


# --- scripts ----------------------------------------------------------------------------------------------------------


def run_script(order):
    """`python main.py`, for real and in place."""
    sys.meta_path.insert(0, Later(order))
    sys.argv = [order["target"]] + order["arguments"]
    module = type(sys)("__main__")
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    module.__file__ = os.path.abspath(order["target"]) if sys.version_info >= (3, 9) else order["target"]
    with open(order["target"], "rb") as file:
        code = compile(file.read(), module.__file__, "exec", dont_inherit=True)
    exec(code, module.__dict__)


def run_module(order):
    """`python -m package.module`."""
    import runpy

    sys.meta_path.insert(0, Later(order))
    sys.argv = [order["target"]] + order["arguments"]
    runpy.run_module(order["target"], run_name="__main__", alter_sys=True)


# --- the start --------------------------------------------------------------------------------------------------------


def guard(event, arguments):
    """Refuse connections to other machines, for Python code only: the weaker guard where no namespace is to be had."""
    if event == "socket.connect" and isinstance(arguments[1], tuple) and not at_home(arguments[1][0]):
        raise ConnectionRefusedError(111, "seatrial refuses connections to other machines")
    if event in ("socket.getaddrinfo", "socket.gethostbyname") and not at_home(arguments[0]):
        raise sys.modules["socket"].gaierror(-3, "seatrial refuses connections to other machines")


def at_home(host):
    """Whether a host is this machine."""
    if isinstance(host, bytes):
        host = host.decode("utf-8", "replace")
    return host in (None, "", "localhost", "::1", "0.0.0.0", "::") or str(host).startswith("127.")


def orders():
    """Read the one line of orders, byte by byte so that nothing after it is lost."""
    channel = STATE["socket"] = int(sys.argv[1])
    os.set_inheritable(channel, False)
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(channel, 65536)
    return eval(line.decode("utf-8"), {"__builtins__": {}})


def main():
    """Take the orders, get ready, run the backend."""
    order = orders()
    faulthandler.enable(file=STATE["socket"], all_threads=False)
    os.chdir(order["cwd"])
    sys.path[:1] = order["path"]
    sys.path.extend(order["last"])
    handed_on = order["path"] if order["kind"] == "asgi" else order["path"][1:]
    if handed_on:
        os.environ["PYTHONPATH"] = os.pathsep.join(handed_on)  # for the processes it starts
    if order["guard"]:
        sys.addaudithook(guard)
    watch(order["looks"])
    run = {"asgi": serve_asgi, "script": run_script, "module": run_module}[order["kind"]]
    stage("importing")
    try:
        run(order)
    except BaseException as error:
        leave(error)


def leave(error):
    """Tell what ended the start, and end as Python would."""
    asked = isinstance(error, KeyboardInterrupt) and STATE["stage"] == "serving"
    if isinstance(error, SystemExit):
        if STATE["told"] is None:  # otherwise the server's own way out, after the failure that is already told
            failed(error)
        raise error
    if not asked:
        failed(error)
        sys.__excepthook__(type(error), error, error.__traceback__)
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
