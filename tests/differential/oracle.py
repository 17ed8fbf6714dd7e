"""Asks CPython itself: one long-lived child per version, which forks once per backend.

Nothing here knows the simulation. The child's program is `oracle_child.py`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from seatrial.boot import Boot, Failure, Frame, Outcome
from seatrial.issue import Stage

CHILD = Path(__file__).with_name("oracle_child.py")


def find_python(version: str) -> Path | None:
    """The executable of a CPython such as "3.12": from pyenv's folder, else from PATH."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = [folder for folder in pyenv.glob(f"{version}.*") if re.fullmatch(r"[\d.]+", folder.name)]
    for folder in sorted(installed, key=lambda found: [int(part) for part in found.name.split(".")], reverse=True):
        if (folder / "bin" / "python").exists():
            return folder / "bin" / "python"
    found = shutil.which(f"python{version}")
    return Path(found) if found else None


class Oracle:
    """One CPython that starts backends and says what it saw. A context manager; not shared between processes."""

    def __init__(self, version: str) -> None:
        executable = find_python(version)
        if executable is None:
            raise LookupError(f"no CPython {version} on this machine")
        self.version = version
        self.executable = executable
        self._start()

    def _start(self) -> None:
        self._child = subprocess.Popen(
            [str(self.executable), "-s", "-B", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=CHILD.parent,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"},
        )
        greeting = json.loads(self._line())
        self.release: tuple[int, ...] = tuple(greeting["version"])
        self.loaded: frozenset[str] = frozenset(greeting["modules"])  # modules of the server, before the backend

    def _line(self) -> bytes:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"the CPython {self.version} oracle died")
        return line

    def submit(self, requests: Iterable[tuple[Path, str]]) -> int:
        """Hand over (folder, target) pairs without waiting; at most some hundred at once. Returns their number."""
        assert self._child.stdin is not None
        lines = [json.dumps({"root": str(root), "target": target}).encode() + b"\n" for root, target in requests]
        self._child.stdin.write(b"".join(lines))
        self._child.stdin.flush()
        return len(lines)

    def collect(self, count: int) -> list[Boot]:
        """The answers to the oldest `count` requests, in order."""
        return [observed(json.loads(self._line())) for _ in range(count)]

    def ask(self, requests: Sequence[tuple[Path, str]]) -> list[Boot]:
        """Start each backend and say what became of it, in order."""
        return self.collect(self.submit(requests))

    def close(self) -> None:
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait(timeout=30)
        self._child.stdout.close()

    def __enter__(self) -> Oracle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def observed(answer: Mapping[str, Any]) -> Boot:
    """The child's plain values as a Boot; a hang or a crash is `unknown` with its reason."""
    if answer["outcome"] == "serves":
        return Boot(Outcome.SERVES)
    if answer["outcome"] != "fails":
        return Boot(Outcome.UNKNOWN, reason=answer["outcome"])
    frames = tuple(Frame(path, line, function) for path, line, function in answer["frames"])
    return Boot(Outcome.FAILS, Failure(Stage(answer["stage"]), answer["exception"], answer["message"], frames))


def write(files: Mapping[str, str], root: Path) -> Path:
    """Write a generated backend into a folder that does not exist yet."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    root.mkdir(parents=True, exist_ok=True)
    return root
