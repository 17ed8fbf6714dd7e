"""How many workers and connections fit what the machine, or the container's limit, gives."""

from __future__ import annotations

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
# Measured in bytes under more load than it can take (ADR 0087): what a worker adds, and what the process that watches
# over several of them takes besides.
WORKER_BYTES = 150 * 1024 * 1024
WATCHER_BYTES = 64 * 1024 * 1024
MOST_BODIES = 64 * 1024 * 1024
# The first form of control groups says "no limit" by a number that no machine has.
NO_LIMIT = 1 << 60


def cpu_quota(root: Path = CGROUP) -> float:
    """Processors that may be used: the container's limit, or those of the machine."""
    available = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    quota, _, period = text_of(root / "cpu.max").partition(" ")
    if not quota:
        quota, period = text_of(root / "cpu/cpu.cfs_quota_us"), text_of(root / "cpu/cpu.cfs_period_us")
    if quota.isdigit() and period.isdigit():
        return min(available, int(quota) / int(period))
    return available


def memory_limit(root: Path = CGROUP) -> int | None:
    """Bytes that may be used, None where nothing limits them."""
    text = text_of(root / "memory.max") or text_of(root / "memory/memory.limit_in_bytes")
    return int(text) if text.isdigit() and int(text) < NO_LIMIT else None


def text_of(path: Path) -> str:
    """A file of the control group, empty where there is none."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def default_workers(*, production: bool, root: Path = CGROUP) -> int:
    """One worker for each whole processor, as far as memory allows; one in development."""
    if not production:
        return 1
    memory = memory_limit(root)
    by_memory = (memory - WATCHER_BYTES) // WORKER_BYTES if memory else 8
    return max(1, min(int(cpu_quota(root)), by_memory, 8))


def default_pool(root: Path = CGROUP) -> int:
    """Connections for one worker: what one event loop can keep busy, fewer on a small share of a processor."""
    return 10 if cpu_quota(root) >= 1 else 5


def default_bodies(workers: int, body_limit: int, root: Path = CGROUP) -> int:
    """Bytes of request bodies that one worker holds at once: a sixteenth of its memory. A body is held twice while it
    is put together, and once more, larger, when it has been parsed. Two of the largest always fit.
    """
    memory = memory_limit(root)
    share = memory // workers // 16 if memory else MOST_BODIES
    return max(2 * body_limit, min(share, MOST_BODIES))
