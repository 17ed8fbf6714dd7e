"""Whether this machine can hold a backend so that nothing of it gets out, and the process that does it.

Linux network, process and mount namespaces; as root, or as an ordinary user where the kernel allows user namespaces.
Nothing else holds child processes and C libraries as well: where it cannot be had, `available` says why before anything
is started, and a start happens only on the explicit wish `unconfined`, under a guard that Python code alone respects.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.proof.runtime import shown

Plan = dict[str, Any]
START = "import sys; sys.path.insert(0, {!r}); from seatrial.proof.supervisor import main; main()"
KNOBS = (
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone is 0"),
    ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces is 0"),
    ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor restricts user namespaces"),
)


@dataclass(frozen=True, slots=True)
class Confinement:
    """A start can be confined. `how` says by what, in words."""

    how: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A start cannot be confined here. `reason` says why and what would help, in a sentence."""

    reason: str


@functools.cache
def available() -> Confinement | Unavailable:
    """Try it, with everything a start needs, and say what came of it. About 60 ms, once per process."""
    if sys.platform != "linux":
        return Unavailable(
            f"connections can be cut off on Linux only, and this is {sys.platform}; use Linux or a Linux VM."
        )
    told = run({"confined": True, "only_try": True, "limits": {"disk": 16 << 20}}, 20)
    if told.get("able"):
        who = "as an unprivileged user of its own" if os.geteuid() == 0 else "in a user namespace"
        return Confinement(f"Linux network, process and mount namespaces, {who}")
    return Unavailable(f"this system refuses Linux namespaces ({told.get('refused') or told.get('broken')}){_hint()}.")


def counts_apart() -> bool:
    """Whether the kernel's limit of processes counts the backend's alone, not all of this user's."""
    major, minor = (int(part) for part in os.uname().release.split(".")[:2])
    return os.geteuid() == 0 or (major, minor) >= (5, 14)


def _hint() -> str:
    """What a person can do about a refusal."""
    if os.geteuid() == 0:
        return "; a container needs --cap-add SYS_ADMIN, or run seatrial as an ordinary user"
    for path, bad, text in KNOBS:
        with contextlib.suppress(OSError):
            if Path(path).read_text("ascii").strip() == bad:
                return f": {text}; run seatrial as root, or set it otherwise"
    inside = Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()
    return "; this is a container: start it with --privileged, or run seatrial outside" if inside else ""


def run(plan: Plan, seconds: float, descriptors: Sequence[int] = ()) -> dict[str, Any]:
    """Hand a plan to a supervisor of its own and wait for its answer, at most `seconds`.

    Answers `{"broken": why}` where the supervisor itself failed. Nothing it started outlives this call.
    """
    home = str(Path(__file__).resolve().parents[2])
    plan = {**plan, "own": shown([Path(sys.base_prefix), Path(sys.base_exec_prefix)], Path("/nonexistent"))}
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", START.format(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        pass_fds=tuple(descriptors),
        start_new_session=True,
    )
    try:
        return _exchange(process, plan, seconds)
    finally:
        _end(process)


def _exchange(process: subprocess.Popen[bytes], plan: Plan, seconds: float) -> dict[str, Any]:
    from threading import Thread

    assert process.stdin and process.stdout and process.stderr
    said: dict[str, bytes] = {}
    readers = [
        Thread(target=lambda: said.update(out=process.stdout.read()), daemon=True),  # type: ignore[union-attr]
        Thread(target=lambda: said.update(err=process.stderr.read()), daemon=True),  # type: ignore[union-attr]
    ]
    for reader in readers:
        reader.start()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(plan).encode() + b"\n")
        process.stdin.flush()
    deadline = time.monotonic() + seconds
    for reader in readers:
        reader.join(max(0.0, deadline - time.monotonic()))
    try:
        answer = json.loads(said.get("out", b""))
    except ValueError:
        why = said.get("err", b"").decode("utf-8", "replace").strip()
        why = why.splitlines()[-1] if why else ""
        return {"broken": why or f"the supervisor gave no answer within {seconds:g} s"}
    return answer if isinstance(answer, dict) else {"broken": "the supervisor's answer makes no sense"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the lifeline; what does not end by that is killed, and with it all of its namespace."""
    for stream in (process.stdin, process.stdout, process.stderr):
        with contextlib.suppress(OSError, BrokenPipeError):
            stream.close() if stream else None
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
