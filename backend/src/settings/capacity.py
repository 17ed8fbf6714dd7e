"""How many workers and connections fit what the machine, or the container's limit, gives."""

from __future__ import annotations

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
# An estimate in bytes, with room to work; it was not measured (`benchmarks/memory.py` would).
WORKER_BYTES = 160 * 1024 * 1024


def cpu_quota() -> float:
    """Processors that may be used: the container's limit, or those of the machine."""
    available = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    quota, _, period = text_of("cpu.max").partition(" ")
    if quota.isdigit() and period.strip().isdigit():
        return min(available, int(quota) / int(period))
    return available


def memory_limit() -> int | None:
    """Bytes that may be used, None where nothing limits them."""
    text = text_of("memory.max").strip()
    return int(text) if text.isdigit() else None


def text_of(name: str) -> str:
    """A file of the control group, empty where there is none."""
    try:
        return (CGROUP / name).read_text()
    except OSError:
        return ""


def default_workers(*, production: bool) -> int:
    """One worker for each whole processor, as far as memory allows; one in development."""
    if not production:
        return 1
    memory = memory_limit()
    by_memory = max(1, memory // WORKER_BYTES) if memory else 8
    return max(1, min(int(cpu_quota()), by_memory, 8))


def default_pool() -> int:
    """Connections for one worker: what one event loop can keep busy, fewer on a small share of a processor."""
    return 10 if cpu_quota() >= 1 else 5
