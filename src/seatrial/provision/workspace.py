"""A folder of ours in which uv resolves and installs requirement lines for one interpreter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from seatrial.provision.interpreter import Interpreter
from seatrial.provision.settings import as_uv_toml, limits
from seatrial.provision.uvtool import Ran, run_uv

_RESOLVE_SECONDS = 90.0
_INSTALL_SECONDS = 1200.0
_BUILD_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What uv may do. `no_dependencies`: the lines are all there is (a lock file)."""

    as_of: date | None = None
    offline: bool = False
    allow_builds: bool = False
    no_dependencies: bool = False


@dataclass(frozen=True, slots=True)
class Workspace:
    """uv's working folder; `overrides` are lines of the backend's own uv settings, `preferences` releases (`a==1.0`)
    that are taken where nothing speaks against them.
    """

    folder: Path
    interpreter: Interpreter
    options: tuple[str, ...]
    overrides: tuple[str, ...]
    constraints: tuple[str, ...]
    limits: Limits
    offline: bool
    preferences: tuple[str, ...] = ()

    @staticmethod
    def prepare(
        folder: Path, interpreter: Interpreter, options: tuple[str, ...], settings: Mapping[str, Any], allowed: Limits
    ) -> Workspace:
        """Write the settings into an empty folder. A uv.toml there ends uv's search for others further up."""
        (folder / "uv.toml").write_text(as_uv_toml(settings), encoding="utf-8")
        overrides, constraints = tuple(limits(settings, "override")), tuple(limits(settings, "constraint"))
        return Workspace(folder, interpreter, options, overrides, constraints, allowed, allowed.offline)

    def compile(
        self, lines: Sequence[str], constraints: Sequence[str], *, links: Sequence[Path] = (), python: str = ""
    ) -> Ran:
        """Resolve these lines; the output has one `name==version` a line.

        `links` are folders with wheels of our own. `python`: these lines alone, as if for that version.
        """
        command = ["pip", "compile", "--quiet", "--no-annotate", "--no-header", *self._interpreter(), *self._allowed()]
        command += [self._write("requirements.in", [*lines, *self.options, *_links(links)])]
        command += self._file("--constraint", "constraints.txt", [*constraints, *self.constraints])
        command += self._file("--override", "overrides.txt", self.overrides)
        command += ["--no-deps"] if self.limits.no_dependencies or python else []
        command += ["--python-version", python] if python else []
        command += ["--exclude-newer", self.limits.as_of.isoformat()] if self.limits.as_of else []
        kept = [] if python else self._file("--output-file", "kept.txt", self.preferences)
        ran = run_uv(
            [*command, *kept], seconds=_BUILD_SECONDS if self.limits.allow_builds else _RESOLVE_SECONDS, cwd=self.folder
        )
        # uv goes on with what the output file holds, and prints nothing.
        return replace(ran, output=(self.folder / "kept.txt").read_text(encoding="utf-8")) if kept else ran

    def locate(self, lines: Sequence[str], constraints: Sequence[str]) -> Ran:
        """Where the one release that meets these lines is, sources included, as a pylock.toml. Nothing is built for it:
        with `--no-deps`, uv asks the index and no release for anything.
        """
        command = ["pip", "compile", "--quiet", "--format", "pylock.toml", "--no-deps", *self._interpreter()]
        command += ["--offline"] if self.offline else []
        command += [self._write("located.in", [*lines, *self.options])]
        command += self._file("--constraint", "constraints.txt", [*constraints, *self.constraints])
        command += ["--exclude-newer", self.limits.as_of.isoformat()] if self.limits.as_of else []
        return run_uv(command, seconds=_RESOLVE_SECONDS, cwd=self.folder)

    def install(self, place: Path, pins: Sequence[str], links: Sequence[Path] = ()) -> str | None:
        """Make a virtual environment that can be moved, with exactly these releases in it; uv's words if that fails."""
        made = run_uv(
            ["venv", "--quiet", "--relocatable", "--no-project", *self._interpreter(), str(place)], seconds=60
        )
        if not made.succeeded:
            return made.error
        command = ["pip", "install", "--quiet", "--no-deps", "--python", str(place), *self._allowed()]
        command += ["-r", self._write("pins.txt", [*pins, *self.options, *_links(links)])]
        ran = run_uv(command, seconds=_BUILD_SECONDS if self.limits.allow_builds else _INSTALL_SECONDS, cwd=self.folder)
        return None if ran.succeeded else ran.error

    def _interpreter(self) -> list[str]:
        return ["--python", str(self.interpreter.executable)]

    def _allowed(self) -> list[str]:
        return [
            *([] if self.limits.allow_builds else ["--only-binary", ":all:"]),
            *(["--offline"] if self.offline else []),
        ]

    def _write(self, name: str, lines: Sequence[str]) -> str:
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return name

    def _file(self, option: str, name: str, lines: Sequence[str]) -> list[str]:
        return [option, self._write(name, lines)] if lines else []


def _links(folders: Sequence[Path]) -> list[str]:
    return [f"--find-links {folder}" for folder in folders]
