"""The cache directory: what seatrial has learnt once and need not ask again.

Every write is a temporary file or folder followed by one rename, so that a reader sees the old
entry or the new one and never half of either, whoever else is running. An entry that cannot be
read is as good as absent: the caller makes it again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seatrial.errors import UsageError

VARIABLE = "SEATRIAL_CACHE_DIR"
_A_DAY = 24 * 3600.0
_A_MONTH = 30 * _A_DAY


def cache_directory() -> Path:
    """Where entries live: `SEATRIAL_CACHE_DIR`, or `seatrial` in the user's cache folder of this platform.

    Created where it is missing. Where the user's own folder cannot be written, a private folder
    among the temporary files takes its place.

    Raises:
        UsageError: `SEATRIAL_CACHE_DIR` names a place that cannot be written.

    """
    named = os.environ.get(VARIABLE)
    if named:
        directory = Path(named).expanduser().absolute()
        if not _usable(directory):
            raise UsageError(f"{VARIABLE} names {named}, which cannot be written; name a folder that can.")
        return directory
    usual = _user_cache() / "seatrial"
    return usual if _usable(usual) else _private_temporary()


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if os.path.isabs(named) else Path.home() / ".cache"


def _usable(directory: Path) -> bool:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(directory, os.W_OK | os.X_OK)


def _private_temporary() -> Path:
    import tempfile

    user = os.getuid() if hasattr(os, "getuid") else 0
    directory = Path(tempfile.gettempdir()) / f"seatrial-{user}"
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    # Somebody else may have made the folder first, to hand us interpreters of theirs.
    if hasattr(os, "getuid") and (directory.is_symlink() or directory.stat().st_uid != user):
        raise UsageError(f"No cache folder can be written; set {VARIABLE} to a folder that can.")
    return directory


def digest(*parts: str) -> str:
    """A name for an entry: the same parts give the same name, on any machine. 32 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def read_entry(group: str, key: str) -> dict[str, Any] | None:
    """The JSON object stored under `group`/`key`, or None where there is none that can be read."""
    try:
        text = (cache_directory() / group / f"{key}.json").read_text(encoding="utf-8")
        value = json.loads(text)
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def write_entry(group: str, key: str, value: dict[str, Any]) -> None:
    """Store a JSON object under `group`/`key`. A full disk loses the entry, not the run."""
    directory = cache_directory() / group
    temporary = directory / f".{key}.{os.getpid()}.{time.monotonic_ns()}.tmp"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")
        temporary.replace(directory / f"{key}.json")
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder on the same file system as the entries, gone at the end unless renamed into place."""
    import shutil
    import tempfile

    parent = cache_directory() / "scratch"
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    directory = Path(tempfile.mkdtemp(prefix="", dir=parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what runs that were killed have left: nothing that runs is a day old."""
    import shutil

    oldest = time.time() - _A_DAY
    with contextlib.suppress(OSError):
        for entry in os.scandir(parent):
            with contextlib.suppress(OSError):
                if entry.stat(follow_symlinks=False).st_mtime < oldest:
                    shutil.rmtree(entry.path, ignore_errors=True)


def publish(made: Path, place: Path) -> None:
    """Rename a folder made in `scratch` to its place. Where another run came first, that one's stays."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(place)
    except OSError:
        if not place.is_dir():
            raise


def discard(place: Path) -> None:
    """Take a broken entry away: first out of sight by a rename, then piece by piece."""
    with scratch() as aside, contextlib.suppress(OSError):
        place.rename(aside / "broken")


def mark_used(place: Path) -> None:
    """Note that a folder among the entries is in use: at most one write a day."""
    with contextlib.suppress(OSError):
        if place.stat().st_mtime < time.time() - _A_DAY:
            os.utime(place)


def prune(group: str) -> None:
    """Discard the folders of a group that nothing has used for a month."""
    oldest = time.time() - _A_MONTH
    with contextlib.suppress(OSError):
        for place in list((cache_directory() / group).iterdir()):
            if place.is_dir() and place.stat().st_mtime < oldest:
                discard(place)
