"""How far a start got and why it stopped, told as CPython tells it; under every kind of launch and interpreter."""

# ruff: noqa: E501 (backends, written as one line each)

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seatrial.boot import Failure, Outcome
from seatrial.issue import Stage
from seatrial.proof import observation, scratch
from seatrial.proof.values import Launch, Observation

from .conftest import Harness, Starter, described, processes_marked

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
"""


def failure(seen: Observation) -> Failure:
    """The failure of a start that must have failed."""
    assert seen.boot.outcome is Outcome.FAILS, seen
    assert seen.boot.failure is not None
    return seen.boot.failure


def test_frames_and_message_are_those_of_a_traceback(start: Starter, who: str) -> None:
    files = {
        "main.py": "import app.api\n",
        "app/api.py": "def load():\n    from app.models import User\n\nload()\n",
        "app/models.py": "",
    }
    found = failure(start(files, who))
    assert (found.stage, found.exception) == (Stage.IMPORT, "ImportError")
    assert [(f.path, f.line, f.function) for f in found.frames] == [
        ("main.py", 1, "<module>"), ("app/api.py", 4, "<module>"), ("app/api.py", 2, "load")]  # fmt: skip


def test_messages_hold_the_folder_s_own_path(harness: Harness) -> None:
    root = harness.folder({"main.py": "from helpers import nothing\n", "helpers.py": ""})
    found = failure(harness.start(root, "root" if os.getuid() == 0 else "ordinary"))
    assert found.message == f"cannot import name 'nothing' from 'helpers' ({root}/helpers.py)"
    shutil.rmtree(root)


def test_a_syntax_error_is_its_own_frame(start: Starter) -> None:
    found = failure(start({"main.py": "import broken\n", "broken.py": "x = 1\ndef f(:\n    pass\n"}))
    assert (found.exception, found.message) == ("SyntaxError", "invalid syntax (broken.py, line 2)")
    assert [(f.path, f.line) for f in found.frames] == [("main.py", 1), ("broken.py", 2)]


def test_exceptions_of_libraries_are_spelt_as_in_a_traceback(start: Starter) -> None:
    code = "from pydantic import BaseModel\nclass Settings(BaseModel):\n    key: str\nSettings()\n" + APP
    found = failure(start({"main.py": code}))
    assert found.exception == "pydantic_core._pydantic_core.ValidationError"
    assert found.message.startswith("1 validation error for Settings\nkey\n  Field required")


def test_the_chain_of_causes_is_told(start: Starter) -> None:
    code = "try:\n    {}['KEY']\nexcept KeyError as problem:\n    raise RuntimeError('no settings') from problem\n"
    seen = start({"main.py": code})
    assert failure(seen).exception == "RuntimeError"
    assert [(link.relation, link.exception, link.message) for link in seen.chain] == [("cause", "KeyError", "'KEY'")]


@pytest.mark.parametrize(("target", "message"), [
    ("missing:app", 'Could not import module "missing".'),
    ("main:nothing", 'Attribute "nothing" not found in module "main".'),
    ("main", 'Import string "main" must be in format "<module>:<attribute>".'),
])  # fmt: skip
def test_targets_that_name_nothing(start: Starter, target: str, message: str) -> None:
    found = failure(start({"main.py": APP}, launch=Launch("asgi", target)))
    assert (found.stage, found.exception, found.message) == (
        Stage.IMPORT,
        "uvicorn.importer.ImportFromStringError",
        message,
    )
    assert found.frames == ()


def test_something_that_is_no_application(start: Starter) -> None:
    found = failure(start({"main.py": "app = object()\n"}))
    assert found.stage is Stage.REQUEST
    assert found.exception == "TypeError"
    assert "not callable" in found.message


def test_the_lifespan_s_own_exception_is_told(start: Starter, who: str) -> None:
    code = """
from contextlib import asynccontextmanager
from fastapi import FastAPI
def connect():
    raise ConnectionError("no database")
@asynccontextmanager
async def lifespan(app):
    connect()
    yield
app = FastAPI(lifespan=lifespan)
"""
    seen = start({"main.py": code}, who)
    found = failure(seen)
    assert (found.stage, found.exception, found.message) == (Stage.STARTUP, "ConnectionError", "no database")
    assert [(f.line, f.function) for f in found.frames] == [(8, "lifespan"), (5, "connect")]
    assert "Application startup failed" in seen.log


def test_leaving_in_the_lifespan(start: Starter) -> None:
    code = "from fastapi import FastAPI\napp = FastAPI()\n@app.on_event('startup')\nasync def go():\n    raise SystemExit(5)\n"
    found = failure(start({"main.py": code}))
    assert (found.stage, found.exception, found.message) == (Stage.STARTUP, "SystemExit", "5")


def test_a_schema_that_cannot_be_made_and_no_health_route(start: Starter) -> None:
    code = APP + "def broken():\n    raise RuntimeError('no schema')\napp.openapi = broken\n"
    found = failure(start({"main.py": code}))
    assert (found.stage, found.exception, found.message) == (Stage.REQUEST, "RuntimeError", "no schema")
    assert found.frames[-1].function == "broken"


def test_a_schema_that_cannot_be_made_beside_a_health_route_is_a_note(start: Starter) -> None:
    code = (
        APP
        + "@app.get('/healthz')\ndef h(): return 1\ndef broken():\n    raise RuntimeError('no schema')\napp.openapi = broken\n"
    )
    seen = start({"main.py": code})
    assert seen.boot.outcome is Outcome.SERVES
    assert "GET /openapi.json answers 500" in seen.notes


def test_documentation_switched_off(start: Starter) -> None:
    seen = start(
        {"main.py": "from fastapi import FastAPI\napp = FastAPI(openapi_url=None)\n@app.get('/x')\ndef x(): return 1\n"}
    )
    assert seen.boot.outcome is Outcome.SERVES
    assert [(answer.path, answer.status) for answer in seen.answers] == [("/", 404)]


def test_every_route_is_listed(start: Starter) -> None:
    code = """
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.responses import PlainTextResponse
inner, outer, late = APIRouter(prefix="/inner"), APIRouter(prefix="/outer"), APIRouter()
@inner.get("/items/{id}")
def item(id: int): ...
@inner.post("/items", include_in_schema=False)
def hidden(): ...
@outer.websocket("/ws")
async def ws(socket: WebSocket): ...
@late.delete("/late")
def remove(): ...
outer.include_router(inner, prefix="/v1")
app = FastAPI()
app.include_router(outer, prefix="/api")
outer.include_router(late)
sub = FastAPI()
@sub.get("/deep")
def deep(): ...
app.mount("/sub", sub)
app.add_route("/plain", lambda request: PlainTextResponse("x"))
@app.api_route("/both", methods=["GET", "PUT"])
def both(): ...
"""
    seen = start({"main.py": code})
    served = {(route.path, route.methods) for route in seen.routes}
    assert served >= {
        ("/api/outer/v1/inner/items/{id}", ("GET",)), ("/api/outer/v1/inner/items", ("POST",)), ("/api/outer/ws", ()),
        ("/api/outer/late", ("DELETE",)), ("/sub/deep", ("GET",)), ("/plain", ("GET", "HEAD")), ("/both", ("GET", "PUT")),
    }  # fmt: skip


def test_routes_behind_a_wrapper(start: Starter) -> None:
    code = (
        APP
        + "@app.get('/x')\ndef x(): ...\nfrom starlette.middleware.gzip import GZipMiddleware\napp = GZipMiddleware(app)\n"
    )
    assert ("/x", ("GET",)) in {(route.path, route.methods) for route in start({"main.py": code}).routes}


SCRIPTS = {
    "object": APP + "import uvicorn\nif __name__ == '__main__':\n    uvicorn.run(app, host='0.0.0.0', port=8123)\n",
    "string": APP + "import uvicorn\nif __name__ == '__main__':\n    uvicorn.run('main:app', port=9000)\n",
    "reload": APP + "import uvicorn\nif __name__ == '__main__':\n    uvicorn.run('main:app', port=9000, reload=True)\n",
    "workers": APP + "import uvicorn\nif __name__ == '__main__':\n    uvicorn.run('main:app', port=9000, workers=3)\n",
    "environment": APP + "import os, uvicorn\nuvicorn.run(app, port=int(os.environ['PORT']))\n",
    "privileged port": APP + "import uvicorn\nuvicorn.run(app, port=80)\n",
    "server object": APP + "import asyncio, uvicorn\nasyncio.run(uvicorn.Server(uvicorn.Config(app, port=7000)).serve())\n",
    "other server": "import http.server\nhttp.server.HTTPServer(('127.0.0.1', 8081), http.server.SimpleHTTPRequestHandler).serve_forever()\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", SCRIPTS)
def test_scripts_are_run_for_real(start: Starter, kind: str) -> None:
    seen = start({"main.py": SCRIPTS[kind]}, launch=Launch("script", "main.py", path=("",), later=()))
    assert seen.boot.outcome is Outcome.SERVES, seen


def test_a_script_below_finds_its_own_folder_first(start: Starter) -> None:
    files = {
        "app/run.py": "import sibling\nimport uvicorn\nfrom fastapi import FastAPI\nuvicorn.run(FastAPI(), port=8000)\n",
        "app/sibling.py": "",
    }
    assert start(files, launch=Launch("script", "app/run.py", path=("app",), later=())).boot.outcome is Outcome.SERVES


def test_a_module_is_run_for_real(start: Starter) -> None:
    files = {
        "app/__init__.py": "",
        "app/__main__.py": "from . import api\nimport uvicorn\nuvicorn.run(api.app)\n",
        "app/api.py": APP,
    }
    assert start(files, launch=Launch("module", "app", path=("",), later=())).boot.outcome is Outcome.SERVES


def test_a_script_that_serves_nothing(start: Starter) -> None:
    found = failure(start({"main.py": APP}, launch=Launch("script", "main.py", path=("",), later=())))
    assert found.exception == "EXIT"
    assert "exit code 0" in found.message


@pytest.mark.parametrize("name", ["socket", "logging", "json", "asyncio", "threading", "runpy", "importlib", "types"])
def test_a_file_named_like_the_standard_library_shadows_it_exactly_when_it_would(
    start: Starter, name: str, harness: Harness
) -> None:
    """The oracle is the interpreter itself, on the same script."""
    script = "import sys\nprint('SHADOWED', __import__(NAME).__file__, flush=True)\n".replace("NAME", repr(name))
    files = {"main.py": script + "import time\n", f"{name}.py": "x = 1\n"}
    root = harness.folder(files)
    python = harness.environment("root" if os.getuid() == 0 else "ordinary").interpreter.executable
    told = subprocess.run([str(python), "main.py"], cwd=root, capture_output=True, text=True, check=False)
    shutil.rmtree(root / "__pycache__", ignore_errors=True)
    seen = harness.start(
        root, "root" if os.getuid() == 0 else "ordinary", launch=Launch("script", "main.py", path=("",), later=())
    )
    assert [line for line in seen.log.splitlines() if "SHADOWED" in line] == told.stdout.splitlines()
    shutil.rmtree(root)


@pytest.mark.parametrize("server", ["gunicorn", "fastapi", "hypercorn"])
def test_other_servers_import_as_they_do(start: Starter, server: str) -> None:
    code = "import asyncio\ntry:\n    asyncio.get_running_loop()\n    raise RuntimeError('a loop runs')\nexcept RuntimeError as e:\n    assert 'no running' in str(e)\n"
    assert start({"main.py": code + APP}, launch=Launch("asgi", "main:app", server)).boot.outcome is Outcome.SERVES


def test_gunicorn_s_own_words_for_a_missing_attribute(start: Starter) -> None:
    found = failure(start({"main.py": APP}, launch=Launch("asgi", "main:nothing", "gunicorn")))
    assert (found.exception, found.message) == (
        "gunicorn.errors.AppImportError",
        "Failed to find attribute 'nothing' in 'main'.",
    )


def test_a_factory(start: Starter) -> None:
    code = "from fastapi import FastAPI\ndef create():\n    return FastAPI()\n"
    assert start({"main.py": code}, launch=Launch("asgi", "main:create", factory=True)).boot.outcome is Outcome.SERVES
    broken = "def create(settings):\n    pass\n"
    found = failure(start({"main.py": broken}, launch=Launch("asgi", "main:create", factory=True)))
    assert (found.stage, found.exception) == (Stage.IMPORT, "TypeError")


def test_options_of_the_launch_command_are_honoured(start: Starter) -> None:
    launch = Launch("asgi", "main:app", options=(("log-config", "missing.ini"),))
    seen = start({"main.py": APP}, launch=launch)
    assert (failure(seen).exception, failure(seen).message) == ("SystemExit", "2")
    assert "'missing.ini' does not exist" in seen.log
    launch = Launch("asgi", "main:app", options=(("root-path", "/api"), ("proxy-headers", "")))
    assert start({"main.py": APP}, launch=launch).boot.outcome is Outcome.SERVES


def test_folders_on_the_path(start: Starter) -> None:
    files = {"src/main.py": "import lib, shared\n" + APP, "src/shared.py": "", "libs/lib.py": ""}
    assert failure(start(files)).exception == "uvicorn.importer.ImportFromStringError"
    launch = Launch("asgi", "main:app", cwd="src", path=("libs",), later=("src",))
    assert start(files, launch=launch).boot.outcome is Outcome.SERVES


def test_only_what_is_documented_is_set(start: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAKED_SECRET", "production")
    code = "import os\nprint('NAMES', sorted(os.environ))\nprint('KEY', os.environ['KEY'])\n" + APP
    seen = start({"main.py": code}, variables={"KEY": "value"})
    names = "['HOME', 'KEY', 'LANG', 'PATH', 'PORT', 'PYTHONUNBUFFERED', 'SEATRIAL_TEST_MARK']"
    assert f"NAMES {names}" in seen.log
    assert "KEY value" in seen.log


def pythons() -> list[Path]:
    """Every interpreter of another version that this machine has."""
    homes = [
        Path.home() / ".pyenv" / "versions",
        Path.home() / ".local" / "share" / "uv" / "python",
        Path("/opt/hostedtoolcache/Python"),
    ]
    wanted = [f"python3.{minor}" for minor in range(8, 15)]
    return [path for name in wanted for home in homes for path in sorted(home.glob(f"*/bin/{name}"))[:1]]


@pytest.mark.skipif(os.getuid() != 0 and not pythons(), reason="no other interpreters")
@pytest.mark.parametrize("python", pythons() or [Path(sys.executable)], ids=lambda path: path.name)
def test_every_python_and_no_uvicorn(harness: Harness, python: Path) -> None:
    environment = described(python)
    root = harness.folder({"main.py": "import sys\nprint(sys.version)\n" + ASGI, "bad.py": "import nothing_here\n"})
    who = "root" if os.getuid() == 0 else "ordinary"
    seen = harness.start(root, who, environment=environment)
    assert seen.boot.outcome is Outcome.SERVES, seen
    assert ".".join(map(str, environment.interpreter.version)) in seen.log
    found = failure(harness.start(root, who, environment=environment, launch=Launch("asgi", "bad:app")))
    assert (found.exception, found.message) == ("ModuleNotFoundError", "No module named 'nothing_here'")
    shutil.rmtree(root)


def test_a_python_that_is_not_there(harness: Harness) -> None:
    from .conftest import Environment, Python

    root = harness.folder({"main.py": APP})
    environment = Environment(Python(Path("/nowhere/bin/python"), (3, 12, 0)), ())
    seen = observation.observe(scratch.look(root), Launch("asgi", "main:app"), environment, {})
    assert seen.boot.outcome is Outcome.UNKNOWN
    assert "could not be run" in seen.boot.reason
    shutil.rmtree(root)


def test_nothing_outlives_a_killed_seatrial(harness: Harness) -> None:
    root = harness.folder({"main.py": "import time\nprint('UP', flush=True)\ntime.sleep(600)\n"})
    environment = harness.environment("root" if os.getuid() == 0 else "ordinary")
    mark = "mark-of-the-killed"
    program = f"""
import sys
sys.path.insert(0, {str(harness.source)!r})
from pathlib import Path
from types import SimpleNamespace as N
from seatrial.proof import observation, scratch
from seatrial.proof.values import Launch
interpreter = N(executable=Path({str(environment.interpreter.executable)!r}), version={environment.interpreter.version}, stdlib=())
environment = N(interpreter=interpreter, site=[Path(p) for p in {[str(p) for p in environment.site]}])
observation.observe(scratch.look(Path({str(root)!r})), Launch("asgi", "main:app"), environment,
    {{"MARK": {mark!r}, "DATABASE_URL": "postgresql://u:p@db/x"}})
"""
    process = subprocess.Popen([sys.executable, "-c", program])
    eventually(lambda: bool(processes_marked(mark)))
    process.send_signal(signal.SIGKILL)
    process.wait()
    eventually(lambda: not processes_marked(mark))
    shutil.rmtree(root)


def eventually(holds: object) -> None:
    """Wait for something that happens in other processes."""
    assert callable(holds)
    deadline = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
