"""The processes of a start: who they are, what they use, and how one becomes the backend's. Standard library only."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from seatrial.proof import families, namespaces

Plan = dict[str, Any]
_PAGE = resource.getpagesize()


def everyone(confined: bool, child: int) -> list[int]:
    """The processes of the start: all of this PID namespace, or the descendants and the session of the child."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()] if os.path.isdir("/proc") else []
    if confined and os.readlink("/proc/self") != str(os.getpid()):
        return []  # somebody else's /proc, where a container lets us have no other: the limits of each process must do
    if confined:
        return [pid for pid in pids if pid != os.getpid()]
    parents = {pid: parent for pid in pids if (parent := _parent(pid)) is not None}
    found = {child} if child else set()
    grown = True
    while grown:
        more = {pid for pid, (parent, session) in parents.items() if parent in found or session in found} - found
        adopted = {pid for pid, (parent, _) in parents.items() if parent == os.getpid()} - found
        grown = bool(more | adopted)
        found |= more | adopted
    return sorted(found - {os.getpid()})


def _parent(pid: int) -> tuple[int, int] | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), int(fields[3])


def private_memory(pid: int) -> int:
    """Bytes of memory that no file backs. Forked processes share much of it: an upper bound, cheap to ask for.

    proc(5): the second number of `statm` are the resident pages, the third those of them that a file or a shared
    segment backs. `status` says the same among fifty lines that the kernel has to write as well.
    """
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
            resident, backed = file.read().split()[1:3]
    except (OSError, ValueError):
        return 0
    return max(int(resident) - int(backed), 0) * _PAGE


def proportional_memory(pid: int) -> int:
    """The same with every shared page divided among those who share it: exact, and slow."""
    return _kilobytes(f"/proc/{pid}/smaps_rollup", "Pss_Anon:") * 1024


def _kilobytes(table: str, name: str) -> int:
    try:
        with open(table, encoding="utf-8", errors="replace") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(name))
    except (OSError, ValueError, IndexError):
        return 0


def become_backend(plan: Plan, uids: tuple[int, int] | None, report: int, output: int) -> None:
    """Execute the interpreter in a forked child, within its limits and without privileges. Never returns."""
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.set_inheritable(report, True)
        for number in (signal.SIGPIPE, signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        set_limits(plan["limits"])
        drop(uids[0] if uids else None)
        families.restrict() if plan["confined"] else None
        os.execve(plan["argv"][0], [*plan["argv"], str(report)], plan["env"])
    except BaseException as problem:  # noqa: BLE001 - whatever it is, this process must not go on as a second supervisor
        os.write(
            report, json.dumps({"event": "unable", "text": f"{type(problem).__name__}: {problem}"}).encode() + b"\n"
        )
    os._exit(127)


def set_limits(limits: dict[str, Any]) -> None:
    """Limits of each process; together with the watchdog they bound all."""
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_DATA: limits["memory"] + limits.get("untouched", 0),
        resource.RLIMIT_FSIZE: limits["disk"],
        resource.RLIMIT_CPU: int(limits["start"] * 2 + 60),
    }
    if limits["bound_processes"]:
        wanted[resource.RLIMIT_NPROC] = limits["processes"] * 5 // 4  # threads count here, unlike with the watchdog
    if limits.get("cpus") and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: limits["cpus"]])
    for which, value in wanted.items():
        hard = resource.getrlimit(which)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (bound, bound))


def adopt_orphans() -> None:
    """Without a PID namespace: become the parent of daemons that leave their own."""
    if sys.platform == "linux":
        namespaces.call("prctl", 36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def drop(uid: int | None) -> None:
    """Become an ordinary user for good, with no privilege and no way to gain one."""
    if uid is not None and os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    os.umask(0o022)
    if sys.platform == "linux":
        namespaces.call("prctl", 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
