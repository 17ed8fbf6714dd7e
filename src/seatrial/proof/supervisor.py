"""The process that keeps watch over one start; started with `python -I -S`, standard library only.

Inside the namespaces it is PID 1. It reads its plan from standard input (one JSON line; the end of that stream is the
order to stop, also when seatrial itself was killed), lays out the scratch copy, starts the services and the backend,
keeps the end of what they print, asks for a few pages, ends everything, and tells what happened as JSON lines.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections import deque
from typing import Any

from seatrial.proof import prober, services
from seatrial.proof.processes import adopt_orphans, become_backend, everyone, private_memory, proportional_memory
from seatrial.proof.world import enter_world, lay_out, write_all

Plan = dict[str, Any]


class Tail:
    """The end of a stream of any length, in bounded memory."""

    def __init__(self, keep: int) -> None:
        self.keep, self.total, self.held = keep, 0, 0
        self.pieces: deque[bytes] = deque()

    def add(self, data: bytes) -> None:
        """Take more output; forget the oldest."""
        self.total += len(data)
        self.held += len(data)
        self.pieces.append(data)
        while self.pieces and self.held - len(self.pieces[0]) >= self.keep:
            self.held -= len(self.pieces.popleft())

    def text(self) -> str:
        """What is kept, as text."""
        return b"".join(self.pieces)[-self.keep :].decode("utf-8", "replace")


class Watch:
    """One start, from the first process to the last."""

    def __init__(self, plan: Plan, uids: tuple[int, int] | None) -> None:
        self.plan, self.uids = plan, uids
        self.tail = Tail(plan["limits"]["log"])
        self.events: list[dict[str, Any]] = []
        self.dump: list[str] = []
        self.status: int | None = None  # of the backend's first process
        self.child = 0
        self.changed = asyncio.Event()
        self.over = ""  # why it was ended from here: "TIMEOUT", "MEMORY", "PROCESSES"
        self.began = time.monotonic()
        self.seconds: dict[str, float] = {}
        self.answers: list[dict[str, Any]] = []
        self.stopped = ""
        self.drained = ""
        self.listening: list[str] = []
        self.peak = 0

    async def run(self) -> None:
        """Start, watch, ask, stop, tell."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGCHLD, self.reap)
        harbour = services.Harbour(self.plan, self.uids, self.tail_service)
        await harbour.open()
        self.mark("services")
        await self.launch()
        watchdog = asyncio.create_task(self.guard())
        try:
            await self.until_serving()
            if self.reached("serving") or self.port():
                await self.ask()
            await self.stop()
        finally:
            watchdog.cancel()
            await harbour.close()
        self.report()

    def mark(self, name: str) -> None:
        """Note the seconds that have passed since the beginning."""
        self.seconds.setdefault(name, round(time.monotonic() - self.began, 3))

    def tail_service(self, line: str) -> None:
        """A service has something to say that a person may need."""
        self.events.append({"event": "note", "text": line})

    # --- the backend's process ---

    async def launch(self) -> None:
        """Fork, confine, execute; connect its output and its events."""
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        out_read, out_write = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            become_backend(self.plan, self.uids, theirs.fileno(), out_write)
        theirs.close()
        os.close(out_write)
        ours.setblocking(False)
        await loop.sock_sendall(ours, (repr(self.plan["order"]) + "\n").encode())
        self.tasks = [asyncio.create_task(self.listen(ours)), asyncio.create_task(self.drain(out_read))]

    async def drain(self, descriptor: int) -> None:
        """Read all that is printed, keep its end."""
        loop = asyncio.get_running_loop()
        os.set_blocking(descriptor, False)
        readable = asyncio.Event()
        loop.add_reader(descriptor, readable.set)
        while True:
            await readable.wait()
            readable.clear()
            try:
                data = os.read(descriptor, 1 << 20)
            except BlockingIOError:
                continue
            if not data:
                break
            self.tail.add(data)
            readable.set() if len(data) == 1 << 20 else None
        loop.remove_reader(descriptor)

    async def listen(self, ours: socket.socket) -> None:
        """Read the child's events; what is no JSON comes from faulthandler."""
        loop, rest = asyncio.get_running_loop(), b""
        with contextlib.suppress(OSError):
            while data := await loop.sock_recv(ours, 1 << 16):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines[:10000]:
                    self.take(line.decode("utf-8", "replace"))
                rest = rest[-(1 << 20) :]

    def take(self, line: str) -> None:
        """One line from the child."""
        try:
            event = json.loads(line)
        except ValueError:
            self.dump.append(line) if len(self.dump) < 400 else None
            return
        if not isinstance(event, dict) or len(self.events) > 2000:
            return
        if event.get("event") == "stuck":
            self.events = [e for e in self.events if e["event"] != "stuck"]
        self.events.append(event)
        self.mark(str(event.get("event")))
        self.changed.set()

    def reap(self) -> None:
        """Collect ended processes, orphans included: PID 1 inherits them."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            services.ended(pid, status)
            if pid == self.child:
                self.status = os.waitstatus_to_exitcode(status)
                self.changed.set()

    def reached(self, name: str) -> bool:
        """Whether the child has told this stage."""
        return any(event["event"] == name for event in self.events)

    def port(self) -> int | None:
        """The port that the backend listens on, told by its server or found in the kernel's table."""
        for event in self.events:
            if event["event"] == "serving" and isinstance(event.get("port"), int):
                return int(event["port"])
        if self.plan["confined"]:
            ours = set(self.plan["ports"])
            return next((port for port in sorted(prober.listening()) if port not in ours), None)
        return None

    async def until_serving(self) -> None:
        """Wait until it listens, has ended, or its time is over."""
        deadline = self.began + self.plan["limits"]["start"]
        patience = 0.05 if self.plan["order"]["kind"] != "asgi" else 1.0
        while self.status is None and not self.over and not self.reached("serving"):
            left = deadline - time.monotonic()
            if left <= 0:
                self.over = "TIMEOUT"
                return
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.changed.wait(), min(left, patience))
            self.changed.clear()
            if patience < 1 and not self.reached("starting") and self.port():
                return  # a server that is not uvicorn

    async def ask(self) -> None:
        """Ask for the pages that prove it serves."""
        port = self.port()
        if port is None:
            return
        self.mark("listening")
        routes = next((e for e in self.events if e["event"] == "routes"), {})
        asking = asyncio.ensure_future(prober.ask(port, routes, self.plan["limits"]["request"]))
        while not asking.done() and self.status is None and not self.over:
            await asyncio.wait(
                [asking, asyncio.ensure_future(self.changed.wait())], return_when="FIRST_COMPLETED", timeout=1
            )
            self.changed.clear()
        if asking.done():
            self.answers = asking.result()
            if self.answers and all(answer["status"] == 0 for answer in self.answers) and self.status is None:
                self.over = self.over or "SILENT"
        else:
            asking.cancel()
        self.mark("answered")

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL, then everyone."""
        if self.status is None:
            held = await self.hold()
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.child, signal.SIGTERM)
            self.drained = await held.finish() if held else ""
            grace = 0.3 if self.over else self.plan["limits"]["stop"]
            self.stopped = "clean" if await self.ended_within(grace) else "killed"
        await asyncio.sleep(0)
        self.kill_all()
        await self.ended_within(2.0)
        await asyncio.wait(self.tasks, timeout=0.5)
        self.mark("stopped")

    async def hold(self) -> prober.Held | None:
        """A request that is under way while the server is told to stop."""
        port = self.port()
        if port is None or self.over:
            return None
        self.listening = prober.listening_at(set(self.plan["ports"])) if self.plan["confined"] else []
        for method, path in self.plan.get("drain", ()):
            held = await prober.hold(port, method, path)
            if held is not None:
                return held
        return None

    async def ended_within(self, seconds: float) -> bool:
        """Wait for the backend's first process."""
        deadline = time.monotonic() + seconds
        while self.status is None and time.monotonic() < deadline:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.changed.wait(), 0.05)
            self.changed.clear()
        return self.status is not None

    def kill_all(self) -> None:
        """End everyone: all but PID 1 inside namespaces, services included; else the backend and its descendants."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.plan["confined"]:
                os.kill(-1, signal.SIGKILL)
            elif not os.path.isdir("/proc"):
                os.killpg(self.child, signal.SIGKILL)
        if not self.plan["confined"]:
            self.kill_family()

    def kill_family(self) -> None:
        """Kill descendants until there are no new ones."""
        for _ in range(20):
            ours = services.pids()
            family = [pid for pid in everyone(False, self.child) if pid not in ours]
            if not family:
                return
            for pid in family:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self.reap()
            time.sleep(0.005)

    async def guard(self) -> None:
        """Bound the memory and the number of processes of all together."""
        limits = self.plan["limits"]
        while self.status is None or self.plan["confined"]:
            await asyncio.sleep(0.1)
            ours = services.pids()
            family = [pid for pid in everyone(self.plan["confined"], self.child) if pid not in ours]
            if len(family) > limits["processes"]:
                self.over = self.over or "PROCESSES"
            private = sum(map(private_memory, family))
            self.peak = max(self.peak, private)
            if private > limits["memory"] < sum(map(proportional_memory, family)):
                self.over = self.over or "MEMORY"
            if self.over in ("MEMORY", "PROCESSES"):
                self.kill_all()
                self.changed.set()

    def report(self) -> None:
        """Tell the outside what happened."""
        emit(
            {
                "events": self.events,
                "dump": self.dump,
                "status": self.status,
                "over": self.over,
                "answers": self.answers,
                "stopped": self.stopped,
                "log": self.tail.text(),
                "printed": self.tail.total,
                "seconds": self.seconds,
                "listening": self.listening,
                "drained": self.drained,
                "peak": self.peak,
            }
        )


def emit(value: dict[str, Any]) -> None:
    """One JSON line to seatrial."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def lifeline() -> None:
    """Wait for the end of standard input, which says that nobody waits for us any more."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(0, lambda: gone.set() if not os.read(0, 4096) else None)
    await gone.wait()
    loop.remove_reader(0)


async def keep_watch(plan: Plan, uids: tuple[int, int] | None) -> None:
    """Watch until the start is over or nobody waits for it."""
    watch = Watch(plan, uids)
    run, line = asyncio.create_task(watch.run()), asyncio.create_task(lifeline())
    await asyncio.wait([run, line], return_when=asyncio.FIRST_COMPLETED)
    if run.done():
        run.result()
    else:
        watch.kill_all()


def main() -> None:
    """Read the plan, enter, watch, leave. A refusal of the platform is told as `{"refused": ...}`."""
    plan: Plan = json.loads(_first_line())
    uids: tuple[int, int] | None = None
    try:
        if plan["confined"]:
            uids = enter_world(plan)
        else:
            adopt_orphans()
            uids = services.unconfined(plan)
            lay_out(plan, plan["source"], None)
            write_all(plan.get("made", {}))
    except OSError as problem:
        emit({"refused": f"{problem.filename or 'set-up'}: {problem.strerror}", "errno": problem.errno})
        sys.stdout.flush()
        os._exit(3)
    if plan.get("only_try"):
        emit({"able": True})
        sys.stdout.flush()
        os._exit(0)
    asyncio.run(keep_watch(plan, uids))
    sys.stdout.flush()
    os._exit(0)


def _first_line() -> str:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1 << 16)
        if not piece:
            os._exit(2)
        line += piece
    return line.decode()
