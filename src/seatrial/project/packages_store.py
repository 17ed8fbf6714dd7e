"""What has been read of libraries before, kept on disk in one file per library, each replaced as a whole."""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import sys
from pathlib import Path
from typing import Any

FORM = 1
"""To be raised whenever what is stored changes its meaning."""


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
