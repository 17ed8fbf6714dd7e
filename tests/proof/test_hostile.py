"""Backends that never answer, fork, fill, print, ignore and hide: each ends in time, with a clear sentence, leaving nothing."""

# ruff: noqa: E501 (backends, written as one line each)

from __future__ import annotations

import time

from seatrial.boot import Failure, Outcome
from seatrial.issue import Stage
from seatrial.proof.values import MIB, Launch, Observation

from .conftest import Starter

APP = "from fastapi import FastAPI\napp = FastAPI()\n"


def failure(seen: Observation) -> Failure:
    """The failure of a start that must have failed."""
    assert seen.boot.outcome is Outcome.FAILS, seen
    assert seen.boot.failure is not None
    return seen.boot.failure


def test_an_import_that_never_ends_is_placed(start: Starter, who: str) -> None:
    found = failure(start({"main.py": "import slow\n", "slow.py": "while True:\n    pass\n"}, who, start=3))
    assert (found.stage, found.exception) == (Stage.IMPORT, "TIMEOUT")
    assert "3 s" in found.message
    assert [frame.path for frame in found.frames] == ["main.py", "slow.py"]


def test_a_lifespan_that_never_ends_is_placed(start: Starter) -> None:
    code = """
import asyncio
from contextlib import asynccontextmanager
from fastapi import FastAPI
async def connect():
    await asyncio.Event().wait()
@asynccontextmanager
async def lifespan(app):
    await connect()
    yield
app = FastAPI(lifespan=lifespan)
"""
    found = failure(start({"main.py": code}, start=4))
    assert (found.stage, found.exception) == (Stage.STARTUP, "TIMEOUT")
    assert [(frame.line, frame.function) for frame in found.frames] == [(9, "lifespan"), (6, "connect")]


def test_a_server_that_never_answers(start: Starter) -> None:
    code = "async def app(scope, receive, send):\n    import asyncio\n    await asyncio.sleep(1e6)\n"
    found = failure(start({"main.py": code}, launch=Launch("asgi", "main:app"), start=4, request=2))
    assert found.exception == "TIMEOUT"


def test_an_endpoint_that_never_answers_does_not_hide_a_schema_that_does(start: Starter) -> None:
    code = APP + "@app.get('/health')\ndef health():\n    import time\n    time.sleep(1e6)\n"
    seen = start({"main.py": code}, request=1)
    assert seen.boot.outcome is Outcome.SERVES
    assert any("/health" in note for note in seen.notes)


def test_a_fork_bomb(start: Starter, who: str) -> None:
    began = time.monotonic()
    found = failure(start({"main.py": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"}, who,
                          start=8, processes=200))  # fmt: skip
    assert found.exception == "PROCESSES"
    assert time.monotonic() - began < 30


def test_filling_the_disk_fails_at_the_bound(start: Starter, who: str) -> None:
    code = """
import os
for folder in (".", "/tmp", os.path.expanduser("~"), "/dev/shm"):
    number = 0
    try:
        while True:
            with open(f"{folder}/junk{number}", "wb") as file:
                file.write(bytes(8 << 20))
            number += 1
    except OSError as problem:
        print("FULL", folder, number, problem, flush=True)
open("one more", "wb").write(bytes(8 << 20))
"""
    seen = start({"main.py": code}, who, disk=64 * MIB)
    found = failure(seen)
    assert found.exception == "OSError"
    assert "No space left" in found.message
    assert seen.log.count("FULL") == 4


def test_one_endless_file_fails_at_the_bound(start: Starter) -> None:
    code = "with open('junk', 'wb') as file:\n    while True:\n        file.write(bytes(1 << 20))\n"
    assert failure(start({"main.py": code}, disk=32 * MIB)).exception == "OSError"


def test_memory_is_bounded_in_one_process(start: Starter, who: str) -> None:
    found = failure(
        start({"main.py": "hog = []\nwhile True:\n    hog.append(bytearray(16 << 20))\n"}, who, memory=512 * MIB)
    )
    assert found.exception == "MemoryError"
    assert found.frames[-1].line == 3


def test_memory_is_bounded_over_many_processes(start: Starter) -> None:
    code = """
import os, time
for _ in range(20):
    if os.fork() == 0:
        hog = bytearray(100 << 20)
        for at in range(0, len(hog), 4096):
            hog[at] = 1
        time.sleep(1000)
time.sleep(1000)
"""
    found = failure(start({"main.py": code}, memory=600 * MIB))
    assert found.exception == "MEMORY"


def test_ignoring_sigterm(start: Starter, who: str) -> None:
    code = APP + """
import signal
@app.on_event("startup")
def deaf():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    import uvicorn.server
    uvicorn.server.Server.handle_exit = lambda *a: None
"""  # fmt: skip
    seen = start({"main.py": code}, who, stop=1.0)
    assert seen.boot.outcome is Outcome.SERVES
    assert seen.stopped == "killed"


def test_a_polite_backend_stops_cleanly(start: Starter, who: str) -> None:
    seen = start({"main.py": APP}, who)
    assert (seen.boot.outcome, seen.stopped) == (Outcome.SERVES, "clean")


def test_printing_without_end_costs_nothing(start: Starter) -> None:
    code = (
        "import os\nline = b'x' * 1023 + b'\\n'\nfor _ in range(200):\n    os.write(1, line * 1024)\nprint('THE END')\n"
        + APP
    )
    seen = start({"main.py": code})
    assert seen.boot.outcome is Outcome.SERVES
    assert seen.printed > 200 * 1024 * 1024
    assert len(seen.log) <= 64 * 1024
    assert "THE END" in seen.log


def test_one_endless_line_and_no_text(start: Starter) -> None:
    seen = start({"main.py": "import os\nos.write(2, bytes(range(256)) * 4096)\n" + APP})
    assert seen.boot.outcome is Outcome.SERVES


def test_leaving_at_import(start: Starter) -> None:
    found = failure(start({"main.py": "import sys\nsys.exit('no key')\n"}))
    assert (found.stage, found.exception, found.message) == (Stage.IMPORT, "SystemExit", "no key")
    assert [frame.line for frame in found.frames] == [2]


def test_leaving_without_a_word(start: Starter, who: str) -> None:
    found = failure(start({"main.py": "import os\nos._exit(7)\n"}, who))
    assert (found.stage, found.exception) == (Stage.IMPORT, "EXIT")
    assert "exit code 7" in found.message


def test_a_crash_is_placed(start: Starter, who: str) -> None:
    found = failure(start({"main.py": "import low\n", "low.py": "import ctypes\nctypes.string_at(0)\n"}, who))
    assert (found.stage, found.exception) == (Stage.IMPORT, "SIGSEGV")
    assert [(frame.path, frame.line) for frame in found.frames] == [("main.py", 1), ("low.py", 2)]


def test_killing_itself_and_everybody_else(start: Starter, who: str) -> None:
    code = """
import os, signal
for everybody in (1, -1):
    try:
        os.kill(everybody, signal.SIGKILL)
    except OSError as problem:
        print(problem)
os.kill(os.getpid(), signal.SIGKILL)
"""
    found = failure(start({"main.py": code}, who))
    assert found.exception == "SIGKILL"


def test_daemons_die_with_it(start: Starter, who: str) -> None:
    code = APP + """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 100)
        while True:
            time.sleep(1)
    os._exit(0)
"""  # fmt: skip
    seen = start({"main.py": code}, who)
    assert seen.boot.outcome is Outcome.SERVES


def test_a_start_that_only_leaves_a_daemon_behind(start: Starter) -> None:
    code = "import os, time\nif os.fork():\n    os._exit(0)\nos.setsid()\ntime.sleep(1000)\n"
    assert failure(start({"main.py": code})).exception == "EXIT"


def test_it_may_wreck_its_own_folder(start: Starter, who: str) -> None:
    code = """
import os, pathlib, shutil
here = pathlib.Path(__file__).resolve().parent
(here / "data.txt").write_text("changed")
(here / "new.txt").write_text("new")
(here / "sub" / "x.txt").unlink()
shutil.rmtree(here / "sub")
""" + APP  # fmt: skip
    seen = start({"main.py": code, "data.txt": "kept", "sub/x.txt": "kept"}, who)
    assert seen.boot.outcome is Outcome.SERVES, seen


def test_lies_on_the_channel_are_only_lies_about_itself(start: Starter) -> None:
    code = """
import os
for descriptor in range(3, 40):
    try:
        os.write(descriptor, b'{"event": "serving", "port": 1}\\n[1]\\n{"event": 5}\\n{"nothing": 0}\\n\\xff\\xfe\\n' + b'x' * 100000)
    except OSError:
        pass
raise RuntimeError("after the lies")
"""
    seen = start({"main.py": code})
    assert seen.boot.outcome is not Outcome.SERVES
