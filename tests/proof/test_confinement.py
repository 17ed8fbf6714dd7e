"""Saying beforehand whether a start can be confined, and the parts that only some kernels need."""

# ruff: noqa: E501 (programs, written as one line each)

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.boot import Outcome
from seatrial.proof import confinement, observation, scratch
from seatrial.proof.values import Launch

from .conftest import Environment, Harness, Python, ordinary_python, processes_marked

SOURCE = str(Path(confinement.__file__).parents[2])
WHO = "root" if os.getuid() == 0 else "ordinary"
linux = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are of Linux")


def told_by(program: str, *before: str) -> str:
    """What a program says that can import seatrial, run behind other commands."""
    start = f"import sys; sys.path.insert(0, {SOURCE!r})\n{program}"
    told = subprocess.run([*before, sys.executable, "-c", start], capture_output=True, text=True, timeout=60)
    return told.stdout + told.stderr


@linux
@pytest.mark.skipif(os.getuid() != 0, reason="an ordinary user cannot take it away")
def test_a_platform_that_refuses_is_named_before_anything_starts() -> None:
    """A user namespace that allows no further ones, in which nothing can be confined."""
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"'
    asks = "from seatrial.proof.confinement import available; print(available())"
    said = told_by(asks, "unshare", "-r", "-U", "sh", "-c", forbid, "sh")
    assert said.startswith("Unavailable(reason='this system refuses Linux namespaces (unshare:"), said


@linux
@pytest.mark.skipif(os.getuid() != 0, reason="only root can give the privilege away")
def test_root_without_privileges_is_an_ordinary_user() -> None:
    """Root of a container: a user namespace is all that may be had, and it is enough."""
    asks = "from seatrial.proof.confinement import available; print(available())"
    said = told_by(asks, "setpriv", "--bounding-set=-all,+setuid,+setgid,+setfcap", "--inh-caps=-all")
    assert said.startswith("Confinement("), said


@linux
def test_old_kernels_get_read_only_mounts_as_well(harness: Harness) -> None:
    """Before Linux 5.12 there is no mount_setattr; each mount is then remounted by itself."""
    program = """
from seatrial.proof import namespaces
namespaces.SYS_MOUNT_SETATTR = 9999
namespaces.enter()
namespaces.new_root(1 << 24, [["/usr", "/usr"]])
for place in ("/usr/x", "/etc/x", "/sys/x"):
    try:
        open(place, "w")
    except OSError as problem:
        print(problem.strerror)
"""
    assert told_by(program).splitlines() == ["Read-only file system"] * 3


def test_what_a_start_had_to_compile_is_there_for_the_next(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = harness.home / "cache"
    monkeypatch.setenv("SEATRIAL_CACHE_DIR", str(cache))
    environment = harness.environment(WHO)
    home, place = environment.site[0].parents[2], cache / "environments" / "one"
    shutil.copytree(home, place, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    site = place / environment.site[0].relative_to(home)
    own = Environment(Python(place / "bin" / "python", environment.interpreter.version), (site,))
    root = harness.folder({"main.py": "from fastapi import FastAPI\napp = FastAPI()\n"})
    for _ in range(2):
        seen = observation.observe(scratch.look(root), Launch("asgi", "main:app"), own, {})
        assert seen.boot.outcome is Outcome.SERVES, seen
    assert list(site.glob("fastapi/__pycache__/applications.*.pyc"))
    assert not list(root.rglob("*.pyc"))
    shutil.rmtree(root)
    shutil.rmtree(cache)


@linux
@pytest.mark.skipif(os.getuid() != 0, reason="only root can hide parts of /proc")
def test_a_container_that_hides_parts_of_proc(harness: Harness) -> None:
    """An ordinary user gets no /proc of its own there; a start is confined, watched and ended all the same."""
    hide = 'mount --bind /dev/null /proc/kcore && mount -t tmpfs none /proc/acpi; exec "$@"'
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(600)
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})
"""
    root = harness.folder({"main.py": code})
    program = f"""
import sys; sys.path.insert(0, {str(harness.source)!r})
from pathlib import Path
from types import SimpleNamespace as N
from seatrial.proof import observation, scratch
from seatrial.proof.values import Launch
environment = N(interpreter=N(executable=Path(sys.executable), version=sys.version_info[:3], stdlib=()), site=())
seen = observation.observe(scratch.look(Path({str(root)!r})), Launch("asgi", "main:app"), environment, {{"MARK": "hidden-proc"}})
print(seen.boot.outcome, seen.boot, seen.notes)
"""
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ordinary_python(), "-c", program]
    told = subprocess.run(
        ["unshare", "-m", "sh", "-c", hide, "sh", *user], capture_output=True, text=True, timeout=60,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SEATRIAL_CACHE_DIR": str(harness.home / "cache-of-nobody")},
    )  # fmt: skip
    assert told.stdout.startswith("serves"), told
    assert processes_marked("hidden-proc") == []
    shutil.rmtree(root)
