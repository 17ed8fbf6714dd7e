"""What has been read of libraries before, kept on disk in one file per library, each replaced as a whole."""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FORM = 5
"""To be raised whenever what is stored changes its meaning."""


def fingerprint(path: Sequence[Path], stdlib: Sequence[Path]) -> tuple[str, frozenset[str]]:
    """A name for what can be imported on a path, and those of its entries that only hold installed distributions.

    It changes when a distribution is installed, updated or removed, or when a module is added beside
    the installed ones; not when a module that no installer has put there is edited.
    """
    parts: list[str] = []
    settled: set[str] = set(map(str, stdlib))
    for entry in map(str, path):
        listed = [] if entry in settled else _listing(entry)
        if any(name.endswith(".dist-info") for name, _ in listed):
            settled.add(entry)
            listed = [one for one in listed if one[0].endswith((".dist-info", ".egg-info", ".pth"))]
        else:
            listed = [(name, 0) for name, _ in listed]
        parts.append(f"{entry}{listed}")
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest(), frozenset(settled)


def _listing(entry: str) -> list[tuple[str, int]]:
    """The names in a directory and when each was last changed, in nanoseconds, sorted."""
    try:
        with os.scandir(entry) as found:
            return sorted((one.name, one.stat().st_mtime_ns if one.name.endswith("info") else 0) for one in found)
    except OSError:
        return []


class Shelf:
    """One file of marshalled entries. One that cannot be read is as good as none; one that cannot be written is left.

    Keys and values are plain tuples, strings, numbers and None.
    """

    def __init__(self, directory: Path | None, *identity: str) -> None:
        form = f"{FORM}-{sys.version_info[0]}.{sys.version_info[1]}-{marshal.version}"
        name = hashlib.sha256("\0".join((form, *identity)).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._file = directory / "packages" / f"{name}.bin" if directory is not None else None
        self._entries: dict[Any, Any] | None = None
        self._changed = False

    def entries(self) -> dict[Any, Any]:
        """Everything kept so far."""
        if self._entries is None:
            self._entries = self._load()
        return self._entries

    def get(self, key: Any) -> Any:
        """The value kept under a key, None where there is none."""
        return self.entries().get(key)

    def put(self, key: Any, value: Any) -> None:
        """Keep a value; it reaches the disk with `save`."""
        self.entries()[key] = value
        self._changed = True

    def save(self) -> None:
        """Write what has been added, by one rename."""
        if self._file is None or not self._changed:
            return
        temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(marshal.dumps({**self._load(), **self.entries()}))
            temporary.replace(self._file)
            self._changed = False
        except (OSError, ValueError):
            with contextlib.suppress(OSError):
                temporary.unlink()

    def _load(self) -> dict[Any, Any]:
        if self._file is None:
            return {}
        try:
            loaded = marshal.loads(self._file.read_bytes())  # our own file, in our own cache
        except (OSError, ValueError, EOFError, TypeError):
            return {}
        return loaded if isinstance(loaded, dict) else {}
