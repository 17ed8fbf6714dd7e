"""Paths: the pure part is CPython's own, questions about files are answered from the backend's folder only."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Builtin, NativeMethod, Undecided, Unknown, Value

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_TESTS = {"exists", "is_file", "is_dir"}
_SAME = {"resolve", "absolute", "expanduser"}
_CHANGES = {"mkdir", "touch", "unlink", "write_text", "write_bytes", "chmod", "rmdir", "rename", "replace"}
_UNKNOWN = {"glob", "rglob", "iterdir", "stat", "home", "samefile", "owner", "walk", "is_symlink", "lstat", "readlink"}


class PosixPath(PurePosixPath):
    """`pathlib.Path` of the program: it computes, and asks no file system."""


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
    if name in _CHANGES:
        return Builtin(name, lambda world, args, kwargs: None)
    if name in ("read_text", "read_bytes", "open"):
        return Builtin(name, lambda world, args, kwargs: _read(sim, path))
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
    return {"exists": place.exists, "is_file": place.is_file, "is_dir": place.is_dir}[name]()


def _read(sim: Simulator, path: PurePosixPath) -> Value:
    error = sim.file_error(str(path))
    return sim.raise_(error) if error is not None else Unknown("what a file holds")
