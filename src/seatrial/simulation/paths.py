"""Paths: the pure part is CPython's own, questions about files are answered from the backend's folder only."""

from __future__ import annotations

import io
import os
import posixpath
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import ABSENT, Builtin, NativeMethod, Undecided, Unknown, Value

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_LONGEST = 1_000_000  # characters of a file that are read
_TESTS = {"exists", "is_file", "is_dir"}
_SAME = {"resolve", "absolute", "expanduser"}
_CHANGES = {"touch", "unlink", "write_text", "write_bytes", "chmod", "rmdir", "rename", "replace"}
_LISTS = {"glob", "rglob", "iterdir"}
_UNKNOWN = {"stat", "home", "samefile", "owner", "walk", "is_symlink", "lstat", "readlink"}


class PosixPath(PurePosixPath):
    """`pathlib.Path` of the program: it computes, and asks no file system.

    Arguments with names are passed over, as CPython does up to 3.13.
    """

    def __new__(cls, *segments: Any, **_: Any) -> PosixPath:
        """A path of these parts."""
        return super().__new__(cls, *segments)

    def __init__(self, *segments: Any, **_: Any) -> None:
        if sys.version_info >= (3, 12):
            super().__init__(*segments)


PosixPath.__module__ = "pathlib"


def absolute(sim: Simulator, path: PurePosixPath) -> PosixPath:
    """The path as seen from the folder that the server starts in."""
    return PosixPath(posixpath.normpath(PurePosixPath(sim.layout.cwd.as_posix()) / path))


def class_attribute(sim: Simulator, name: str) -> Value:
    """`Path.cwd` and `Path.home`; ABSENT for the rest."""
    if name == "cwd":
        return Builtin(name, lambda world, args, kwargs: PosixPath(sim.layout.cwd.as_posix()))
    return Unknown(f"{name} of a path") if name == "home" else ABSENT


def attribute(sim: Simulator, path: PurePosixPath, name: str) -> Value:
    """`path.name` for a `pathlib.Path`."""
    if name in _TESTS:
        return Builtin(name, lambda world, args, kwargs: test(sim, path, name))
    if name in _SAME:
        return Builtin(name, lambda world, args, kwargs: absolute(sim, path))
    if name == "mkdir":
        return Builtin(name, lambda world, args, kwargs: make_folder(sim, path, args, kwargs))
    if name in _CHANGES:
        return Builtin(name, lambda world, args, kwargs: None)
    if name in _LISTS:
        return Builtin(name, lambda world, args, kwargs: listed(sim, path, name, args))
    if name in ("read_text", "read_bytes"):
        return Builtin(name, lambda world, args, kwargs: _read(sim, path, name == "read_bytes", args, kwargs))
    if name == "open":
        return Builtin(name, lambda world, args, kwargs: opened(sim, path, args, kwargs))
    if name == "cwd":
        return class_attribute(sim, name)
    if name in _UNKNOWN:
        return Unknown(f"{name} of a path")
    try:
        found = getattr(path, name)
    except AttributeError:
        return ABSENT
    return NativeMethod(path, name) if callable(found) else found


def test(sim: Simulator, path: PurePosixPath | str, name: str) -> bool:
    """Whether something of the backend is there; Undecided outside it."""
    place = sim.layout.cwd / path
    if not place.is_relative_to(sim.layout.root):
        raise Undecided("whether a path outside the backend exists")
    if name != "is_file" and place in sim.folders:
        return True
    return {"exists": place.exists, "is_file": place.is_file, "is_dir": place.is_dir}[name]()


def make_folder(sim: Simulator, path: PurePosixPath | str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`Path(path).mkdir(mode, parents, exist_ok)`, remembered for the rest of the start."""
    place, given = _place(sim, path), dict(zip(("mode", "parents", "exist_ok"), args, strict=False)) | kwargs
    parents, exist_ok = given.get("parents", False), given.get("exist_ok", False)
    if not place.is_relative_to(sim.layout.root) or isinstance(parents, Unknown) or isinstance(exist_ok, Unknown):
        return None
    if _is_there(sim, place):
        return None if exist_ok else sim.raise_(FileExistsError(17, os.strerror(17), str(path)))
    if not parents and not _is_there(sim, place.parent):
        return sim.raise_(FileNotFoundError(2, os.strerror(2), str(path)))
    sim.folders.update((place, *place.parents))
    return None


def missing_folder(sim: Simulator, path: PurePosixPath | str) -> OSError | None:
    """The error of opening a file of the backend for writing, None where its folder is there or nobody knows."""
    place = _place(sim, path)
    if not place.is_relative_to(sim.layout.root) or _is_there(sim, place.parent):
        return None
    return FileNotFoundError(2, os.strerror(2), str(path))


def _place(sim: Simulator, path: PurePosixPath | str) -> Path:
    return Path(posixpath.normpath((PurePosixPath(sim.layout.cwd.as_posix()) / path).as_posix()))


def _is_there(sim: Simulator, place: Path) -> bool:
    return place in sim.folders or place.exists()


def _read(
    sim: Simulator, path: PurePosixPath | str, binary: bool, args: list[Value], kwargs: dict[str, Value]
) -> Value:
    """What a file of the backend holds."""
    error = sim.file_error(str(path))
    if error is not None:
        return sim.raise_(error)
    encoding = kwargs.get("encoding", args[0] if args else None)
    text = sim.read_text(str(path)) if encoding in (None, "utf-8", "utf8", "UTF-8") else None
    if text is None or len(text) > _LONGEST or (binary and "\n" in text and not _has_plain_ends(sim, path)):
        return Unknown("what a file holds")
    return text.encode() if binary else text


def _has_plain_ends(sim: Simulator, path: PurePosixPath | str) -> bool:
    try:
        return b"\r" not in Path(sim.layout.cwd / path).read_bytes()
    except OSError:
        return False


def opened(sim: Simulator, path: PurePosixPath | str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`open(path, *args, **kwargs)` for a path that is known: a file of the backend that is only read."""
    mode = kwargs.get("mode", args[0] if args else "r")
    if not isinstance(mode, str) or not set(mode) <= set("rtb"):
        return Unknown("an open file")
    rest = {key: value for key, value in kwargs.items() if key == "encoding"}
    content = _read(sim, path, "b" in mode, [], {} if "b" in mode else rest)
    if isinstance(content, Unknown):
        return Unknown("an open file")
    return io.BytesIO(content) if "b" in mode else io.StringIO(content)


def listed(sim: Simulator, path: PurePosixPath, name: str, args: list[Value]) -> Value:
    """`iterdir`, `glob` and `rglob` in a folder of the backend."""
    place = Path(sim.layout.cwd / path)
    if not place.is_relative_to(sim.layout.root) or any(not isinstance(arg, str) for arg in args):
        raise Undecided("what a folder holds")
    if name == "iterdir" and not place.is_dir():
        kind = NotADirectoryError if place.exists() else FileNotFoundError
        number = 20 if place.exists() else 2
        return sim.raise_(kind(number, os.strerror(number), str(path)))
    found = getattr(place, name)(*args)
    inside = [item.relative_to(place) for item in found]
    return iter([type(path)(path, item.as_posix()) for item in inside if "__pycache__" not in item.parts])


def read_text(sim: Simulator, path: str) -> str | None:
    """A file as the start would find it: the documented dotenv files first, then the backend's own."""
    place = PurePosixPath(posixpath.normpath(posixpath.join(sim.layout.cwd.as_posix(), path)))
    root = sim.layout.root.as_posix()
    if not place.is_relative_to(root):
        return None
    relative = place.relative_to(root).as_posix()
    if relative in sim.layout.files:
        return sim.layout.files[relative]
    if relative in sim.layout.withheld:
        return None
    try:
        return Path(place).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def folder_of_caller(sim: Simulator) -> str:
    """The absolute folder of the backend's file that runs now."""
    for active in reversed(sim.player.stack):
        if active.module.origin is not None and active.module.first_party:
            return active.module.origin.parent.as_posix()
    return sim.layout.cwd.as_posix()


def file_error(sim: Simulator, path: str | Path) -> OSError | None:
    """The error of opening a file of the backend for reading, None where it is there or nobody knows."""
    place = sim.layout.cwd / path
    if not place.is_relative_to(sim.layout.root) or place.exists():
        return None
    return FileNotFoundError(2, "No such file or directory", str(path))


def lacks_folder(sim: Simulator, path: str) -> bool:
    """Whether a file of the backend would lie in a folder that is not there."""
    return missing_folder(sim, path) is not None
