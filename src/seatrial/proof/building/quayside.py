"""The process that keeps the databases of a container; started with `python -I -S`, standard library only.

It reads its plan from standard input (one JSON line), writes a line when it listens, and ends everything when that
stream ends: also where seatrial itself was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from typing import Any

from seatrial.proof import services
from seatrial.proof.processes import adopt_orphans
from seatrial.proof.supervisor import lifeline
from seatrial.proof.world import write_all


def main() -> None:
    """Listen until the lifeline is cut."""
    plan: dict[str, Any] = json.loads(_first_line())
    adopt_orphans()
    write_all(plan["made"])
    uids = services.unconfined(plan)
    asyncio.run(_keep(plan, uids))


def _first_line() -> str:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1 << 16)
        if not piece:
            os._exit(2)
        line += piece
    return line.decode()


async def _keep(plan: dict[str, Any], uids: tuple[int, int] | None) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGCHLD, _reap)
    harbour = services.Harbour(plan, uids, lambda line: None)
    await harbour.open()
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await lifeline()
    await harbour.close()


def _reap() -> None:
    """Collect ended processes."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            services.ended(*ended)
