"""Real environments by release, real starts in them, and what is predicted of the same starts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from seatrial.boot import Outcome
from seatrial.issue import NotAnalysed
from seatrial.project.files import read
from seatrial.project.modules import Finder
from seatrial.project.packages.installed import Packages
from seatrial.project.syntax.parsing import Parsed, parse
from seatrial.provision.environment import Environment, read_environment
from seatrial.provision.interpreter import Interpreter, find_interpreter
from seatrial.provision.reader import reader
from seatrial.simulation.layout import Layout
from seatrial.simulation.outside import PackagesOutside
from seatrial.simulation.standard import SLIP
from seatrial.simulation.start import Server, play_start
from seatrial.simulation.timeline import Timeline

CHILD = Path(__file__).with_name("oracle_child.py")


@dataclass(frozen=True)
class Result:
    """How a start ends: compared, so that nothing is written down by hand."""

    outcome: str
    stage: str = ""
    exception: str = ""
    message: str = ""
    frame: tuple[str, int, str] | None = None

    def settled(self) -> Result:
        """The same without the addresses that CPython puts into texts."""
        message = re.sub(r" at 0x[0-9a-f]+", " at 0x", self.message)
        return replace(self, message=re.sub(r":\d+\.(\w+ \(use check_fields)", r":0.\1", message))


@dataclass
class Release:
    """One set of releases, installed; `python` is its interpreter."""

    name: str
    folder: Path
    preload: tuple[str, ...] = ("fastapi", "pydantic")
    _child: list[subprocess.Popen[str]] = field(default_factory=list)

    @cached_property
    def interpreter(self) -> Interpreter:
        return find_interpreter(str(self.folder / "bin" / "python"))

    @cached_property
    def environment(self) -> Environment:
        return read_environment(self.folder, self.interpreter)

    @cached_property
    def packages(self) -> Packages:
        one = self.interpreter
        entries = [*one.stdlib, *self.environment.site]
        return Packages(
            self._finder(entries),
            one.opaque,
            one.version,
            one.platform,
            self.folder / "seatrial-cache",
            reader(one.executable),
        )

    def _finder(self, entries: Sequence[Path]) -> Finder:
        one = self.interpreter
        return Finder(entries, one.builtin_modules, version=one.version, platform=one.platform, stdlib=one.stdlib)

    def observe(self, root: Path, target: str) -> Result:
        """Start it for real."""
        if not self._child:
            command = [str(self.folder / "bin" / "python"), "-u", str(CHILD), *self.preload]
            pipe = subprocess.PIPE
            self._child.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={"PATH": ""}))
        child = self._child[0]
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps({"root": str(root), "target": target}) + "\n")
        child.stdin.flush()
        said = json.loads(child.stdout.readline())
        if said["stage"] is None:
            return Result("serves")
        frame = tuple(said["frames"][-1]) if said["frames"] else None
        return Result("fails", said["stage"], said["exception"], said["message"], frame)

    def close(self) -> None:
        """End the oracle's child."""
        for child in self._child:
            child.communicate()

    def play(self, root: Path, target: str) -> Timeline:
        """Play the same start."""
        one = self.interpreter
        own = [root, *one.stdlib, *self.environment.site]
        layout = Layout(
            root=root,
            cwd=root,
            path=("", *map(str, one.stdlib), *map(str, self.environment.site)),
            python=one.minor,
            platform=one.platform,
            finder=self._finder(own),
            standard_finder=self._finder(one.stdlib),
            finder_for=self._finder,
            tree=lambda place: self._tree(root, place),
            is_own=lambda path: path is not None and path.is_relative_to(root),
            outside=PackagesOutside(self.packages, self.environment),
            environment_known=True,
            stdlib_modules=one.stdlib_modules,
            preloaded=frozenset(),
            micro=one.version[2],
        )
        return play_start(layout, Server(target), {})[1]

    def _tree(self, root: Path, place: Path) -> Parsed:
        source = read(root, place.relative_to(root).as_posix())
        assert not isinstance(source, NotAnalysed)
        return parse(source, min(self.interpreter.minor, sys.version_info[:2]))

    def predict(self, root: Path, target: str) -> Result:
        """What the play says of the start; a slip in a library's file is a failure of the test."""
        timeline = self.play(root, target)
        slips = [why for _, why in timeline.doubts if why.startswith(SLIP)]
        assert not slips, slips
        boot = timeline.boot
        if boot.failure is None:
            return Result(boot.outcome.value, message=boot.reason)
        failure = boot.failure
        last = failure.frames[-1] if failure.frames else None
        frame = None if last is None else (last.path, last.line, last.function)
        return Result(Outcome.FAILS.value, failure.stage.value, failure.exception, failure.message, frame)


def lay(folder: Path, files: Mapping[str, str]) -> Path:
    """The backend on disk."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder
