"""Puts the text of a report into a file, whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from seatrial.errors import UsageError

FOLDER = ".seatrial"


def write(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8. UsageError when that cannot be done."""
    # Bytes as they were read: the lines of a patch keep their own endings, and undecodable ones their bytes.
    content = text.encode("utf-8", "surrogateescape")
    try:
        if path.exists() and not path.is_file():  # a pipe or a device cannot be replaced
            path.write_bytes(content)
        else:
            _replace(path.resolve(), content)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None


def put(root: Path, name: str, content: bytes | None, *, executable: bool = False) -> None:
    """Put bytes into the file `name` below `root`, with the folders that it needs; None takes the file away.

    UsageError when that cannot be done, or when a link leads out of `root`.
    """
    path = root / name
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            raise UsageError(f"cannot write {name}: a link leads out of {root}")
        if content is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        _replace(path.resolve(), content)
        path.chmod(mode | 0o111 if executable else mode)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink()
        raise


def save(root: Path, command: str, text: str) -> Path:
    """Leave the result of a command, as JSON, where `seatrial report` looks for it."""
    path = folder_at(root / FOLDER) / f"{command}.json"
    write(path, text)
    return path


def folder_at(path: Path) -> Path:
    """The folder, made where it is not there. UsageError when that cannot be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {path}: {error.strerror or error}") from None
    return path
