"""What a backend may need beside it while it starts: a throwaway PostgreSQL and Redis. Runs in the supervisor.

Everything is in memory or in the scratch folder and ends with the supervisor. Standard library only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import ssl
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seatrial.proof import namespaces
from seatrial.proof.front import OWNER, Front

Plan = dict[str, Any]
_RUNNING: dict[int, str] = {}
_ENDED: dict[int, int] = {}

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "max_wal_size": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "logging_collector": "off",
}


def ended(pid: int, status: int) -> None:
    """Note the end of a service's process."""
    if pid in _RUNNING:
        _ENDED[pid] = os.waitstatus_to_exitcode(status)


def pids() -> set[int]:
    """The processes of the services, their workers included."""
    alive = {pid for pid in _RUNNING if pid not in _ENDED}
    return alive | {child for pid in alive for child in _children(pid)}


def _children(pid: int) -> list[int]:
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]
    except OSError:
        return []


def prepare(plan: Plan, uids: tuple[int, int]) -> None:
    """Make the server's folder in the new world, from the template if there is one, while that can still be named."""
    wanted = plan.get("postgres")
    if not wanted:
        return
    os.makedirs(wanted["folder"])
    namespaces.mount(
        "tmpfs", wanted["folder"], "tmpfs", namespaces.NOSUID | namespaces.NODEV, f"size={wanted['disk']},mode=0700"
    )
    _unpack(wanted, namespaces.OLD, uids[1])


def unconfined(plan: Plan) -> tuple[int, int] | None:
    """The same without namespaces; PostgreSQL refuses root, so root lends it another user's id."""
    wanted = plan.get("postgres")
    owner = namespaces.spare_uid() if sys.platform == "linux" else None
    if wanted:
        os.makedirs(wanted["folder"], mode=0o700)
        _unpack(wanted, "", os.getuid() if owner is None else owner)
    return None if owner is None else (0, owner)


def _unpack(wanted: Plan, outside: str, owner: int) -> None:
    folder = wanted["folder"]
    if wanted["template"]:
        with tarfile.open(outside + wanted["template"]) as archive:
            # Written by _pack below, into our own cache; Python 3.11.3 and earlier know no filters.
            trusted = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
            archive.extractall(folder, **trusted)  # type: ignore[arg-type]
    if os.getuid() == 0:
        os.chown(folder, owner, owner)
        for here, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(os.path.join(here, name), owner, owner)


class Harbour:
    """The services of one start."""

    def __init__(self, plan: Plan, uids: tuple[int, int] | None, say: Callable[[str], None]) -> None:
        self.plan, self.uid, self.say = plan, uids[1] if uids else None, say
        self.tasks: list[asyncio.Task[None]] = []
        self.front: Front | None = None

    async def open(self) -> None:
        """Listen at once; the servers come up while the backend is being imported."""
        if wanted := self.plan.get("postgres"):
            self.front = _front(wanted)
            for address, port in wanted["listen"]:
                with contextlib.suppress(OSError) if ":" in address else contextlib.nullcontext():
                    self.front.listen(address, port)  # a kernel may have no IPv6
            self.tasks.append(asyncio.create_task(self._postgres(wanted, self.front)))
        for wanted in self.plan.get("redis", ()):
            self._run("Redis", wanted["argv"], {"PATH": "/usr/bin:/bin"})
            self.tasks.append(asyncio.create_task(self._listens(wanted["port"])))
        if self.plan.get("redis"):
            await asyncio.wait(self.tasks[-len(self.plan["redis"]) :], timeout=3)

    async def close(self) -> None:
        """End them; inside namespaces the end of PID 1 would do as well."""
        for task in self.tasks:
            task.cancel()
        for pid in [pid for pid in _RUNNING if pid not in _ENDED]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        for _ in range(60):
            if all(pid in _ENDED for pid in _RUNNING) or self.plan["confined"]:
                return
            await asyncio.sleep(0.05)

    def _run(self, what: str, argv: list[str], env: dict[str, str], output: int | None = None) -> int:
        pid = os.fork()
        if pid == 0:
            _become(argv, env, self.uid, output)
        _RUNNING[pid] = what
        return pid

    async def _listens(self, port: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)

    async def _postgres(self, wanted: Plan, front: Front) -> None:
        """Make the data folder if there was no template, run the server, open the front."""
        data, env = wanted["folder"] + "/data", {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **wanted["env"]}
        log = os.open(wanted["folder"] + "/log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        if not os.path.isdir(data):
            await self._finish(self._run("initdb", initdb(wanted, data), env, log))
            _pack(wanted, data)
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        argv = [wanted["postgres"], "-D", data, "-k", wanted["folder"], *options]
        pid = self._run("PostgreSQL", argv, env, log)
        while pid not in _ENDED:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await _greets(front.server)
                front.ready.set()
                return
            await asyncio.sleep(0.01)
        said = Path(wanted["folder"], "log").read_text("utf-8", "replace")[-600:]
        front.dead = f"the throwaway PostgreSQL did not start: {said}"
        self.say(front.dead)
        front.ready.set()

    async def _finish(self, pid: int) -> None:
        while pid not in _ENDED:
            await asyncio.sleep(0.01)


async def _greets(server: str) -> None:
    from seatrial.proof.front import make

    await make(server, OWNER, "postgres")


def initdb(wanted: Plan, data: str) -> list[str]:
    """The command that makes a cluster which trusts whoever reaches its Unix socket."""
    options = ["-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--wal-segsize=1"]
    return [wanted["initdb"], "-D", data, *options]


def _pack(wanted: Plan, data: str) -> None:
    """Hand the fresh cluster out as a template for the next start, through a file that was opened outside."""
    if wanted.get("keep") is None or not os.path.exists(data + "/PG_VERSION"):
        return
    with os.fdopen(os.dup(wanted["keep"]), "wb") as file, tarfile.open(fileobj=file, mode="w|") as archive:
        archive.add(data, "data")


def _front(wanted: Plan) -> Front:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(wanted["certificate"], wanted["key"])
    with contextlib.suppress(NotImplementedError, AttributeError):
        tls.set_alpn_protocols(["postgresql"])
    return Front(f"{wanted['folder']}/.s.PGSQL.5432", tls, bytes.fromhex(wanted["binding"]), wanted["passwords"])


def _become(argv: list[str], env: dict[str, str], uid: int | None, output: int | None) -> None:
    """In a forked child: execute a service's program as its user. Never returns."""
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null if descriptor == 0 or output is None else output, descriptor)
        for number in (signal.SIGPIPE, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        if uid is not None and os.getuid() == 0:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        os.umask(0o077)
        os.chdir("/")
        os.execve(argv[0], argv, env)
    finally:
        os._exit(127)
