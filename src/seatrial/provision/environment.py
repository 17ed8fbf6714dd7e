"""The environment a backend would run with: an interpreter and what is installed beside it.

Here is the value, and the reading of the backend's own virtual environment. A folder of a repository
may hold anything, an "interpreter" included: none that lies inside the audited folder is ever started.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from seatrial.errors import UsageError
from seatrial.provision.distributions import Distribution, normalise, read_distributions
from seatrial.provision.interpreter import Interpreter, read_interpreter
from seatrial.provision.problems import InstallProblem
from seatrial.provision.sitepaths import site_paths
from seatrial.provision.versions import spell

Origin = Literal["own", "resolved", "none"]
_NAMES = (".venv", "venv", "env")
_INSTALLERS = frozenset({"pip", "setuptools", "wheel", "distribute", "uv"})


@dataclass(frozen=True, slots=True)
class Environment:
    """What the backend would be started with.

    `site` are the `sys.path` entries after the standard library, `.pth` lines processed; `distributions` are
    keyed by normalised name. `origin`: `own` is the backend's virtual environment, `resolved` one made from what
    is declared, `none` the standard library alone. `executable` starts a program in it. `mapped` are modules
    that editable installs serve through an import hook. `versions` is every distribution that belongs to it by
    version, those of `skipped` included, which are resolved and not on this disk (GPU runtimes: gigabytes that
    no backend imports by name). `absent` says, by normalised name, why a declared one could not be had.
    `sources` are those read from a source archive, having no wheel; of those in `unbuilt` the compiled modules are
    missing here, though production would build them: a module that is not found in one may well exist.
    `problems` would stop an installation; the environment is then that of the declarations "as if mended".
    `lasting` is false where the package index did not answer: it may do so any time. `awaits` are folders that change
    when something comes to hand that an offline run had to do without.
    """

    interpreter: Interpreter
    site: tuple[Path, ...] = ()
    distributions: Mapping[str, Distribution] = field(default_factory=dict)
    origin: Origin = "none"
    note: str = ""
    problems: tuple[InstallProblem, ...] = ()
    executable: Path | None = None
    directory: Path | None = None
    mapped: Mapping[str, Path] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    absent: Mapping[str, str] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()
    unbuilt: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = True
    awaits: tuple[Path, ...] = ()

    @property
    def problem(self) -> InstallProblem | None:
        """The first of `problems`."""
        return self.problems[0] if self.problems else None

    def distribution(self, name: str) -> Distribution | None:
        """The installed distribution of this name, however it is spelt."""
        return self.distributions.get(normalise(name))


@dataclass(frozen=True, slots=True)
class Unusable:
    """A virtual environment that cannot be the backend's, and why (a clause: "its interpreter ... is missing")."""

    directory: Path
    reason: str


def own_environment(backend: Path, root: Path) -> tuple[Environment | None, tuple[Unusable, ...]]:
    """The backend's own virtual environment, and those that were looked at first and cannot be it.

    Looked for as `.venv`, `venv` and `env` in the backend's folder, then in the audited one, then in `VIRTUAL_ENV`
    unless that is the one seatrial itself runs in.
    """
    refused: list[Unusable] = []
    for directory in _candidates(backend, root):
        opened = open_environment(directory, root)
        if isinstance(opened, Environment):
            return opened, tuple(refused)
        refused.append(opened)
    return None, tuple(refused)


def named_environment(python: str, root: Path) -> Environment | None:
    """The virtual environment that `--python PATH` points into; None where it is no path into one.

    Raises:
        UsageError: it is one that cannot be used.

    """
    path = Path(python).expanduser()
    holders = (path, path.parent.parent, path.parent)
    directory = next((holder for holder in holders if (holder / "pyvenv.cfg").is_file()), None)
    if directory is None or not path.exists():
        return None
    opened = open_environment(directory.absolute(), root, may_be_empty=True)
    if isinstance(opened, Unusable):
        raise UsageError(f"--python names {python}, which cannot be used: {opened.reason}.")
    return opened


def _candidates(backend: Path, root: Path) -> Iterator[Path]:
    seen: set[str] = set()
    places = [holder / name for holder in (backend, root) for name in _NAMES]
    active = os.environ.get("VIRTUAL_ENV")
    if active and not _same(Path(active), Path(sys.prefix)):
        places.append(Path(active))
    for place in places:
        real = os.path.realpath(place)
        if real not in seen and (place / "pyvenv.cfg").is_file():
            seen.add(real)
            yield place


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def open_environment(directory: Path, root: Path, *, may_be_empty: bool = False) -> Environment | Unusable:
    """Read one virtual environment; `Unusable` where nothing could be started in it, or it holds nothing."""
    config = _read_config(directory / "pyvenv.cfg")
    site = _site_packages(directory)
    if isinstance(site, str):
        return Unusable(directory, site)
    interpreter = _interpreter_of(directory, config, root)
    if isinstance(interpreter, str):
        return Unusable(directory, interpreter)
    mismatch = _mismatch(site, interpreter)
    if mismatch:
        return Unusable(directory, mismatch)
    environment = read_environment(directory, interpreter, system=_is_true(config, "include-system-site-packages"))
    reason = _lacking(environment, may_be_empty=may_be_empty)
    return Unusable(directory, reason) if reason else environment


def read_environment(directory: Path, interpreter: Interpreter, *, system: bool = False) -> Environment:
    """The environment at `directory`, taken to be sound. `system`: what is installed beside the interpreter counts."""
    site = _site_packages(directory)
    own = () if isinstance(site, str) else (site,)
    beyond = (interpreter.user_site, *interpreter.site_packages) if system else ()
    paths = site_paths((*own, *beyond))
    distributions = read_distributions(paths.entries)
    unread = f"start-up code not read: {', '.join(paths.unread)}" if paths.unread else ""
    return Environment(
        interpreter=interpreter,
        site=paths.entries,
        distributions=distributions,
        origin="own",
        note=unread,
        executable=_executable(directory),
        directory=directory,
        mapped=paths.mapped,
        versions={name: distribution.version for name, distribution in distributions.items()},
    )


def _read_config(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _is_true(config: Mapping[str, str], key: str) -> bool:
    return config.get(key, "").lower() == "true"


def _site_packages(directory: Path) -> Path | str:
    """The site-packages of a virtual environment made for this platform, or why there is none."""
    windows = directory / "Lib" / "site-packages"
    posix = sorted(directory.glob("lib/python3.*/site-packages"))
    if sys.platform == "win32":
        return windows if windows.is_dir() else "it was not made on Windows"
    if posix:
        return posix[-1]
    if (directory / "Scripts").is_dir() or windows.is_dir():
        return "it was made on Windows"
    return "it has no site-packages"


def _executables(directory: Path) -> list[Path]:
    names = ("bin/python", "bin/python3", "Scripts/python.exe")
    return [directory / name for name in names]


def _executable(directory: Path) -> Path | None:
    return next((path for path in _executables(directory) if path.exists()), None)


def _interpreter_of(directory: Path, config: Mapping[str, str], root: Path) -> Interpreter | str:
    executable = _executable(directory)
    if executable is None:
        link = next((path for path in _executables(directory) if path.is_symlink()), None)
        missing = _end_of_link(link) if link is not None else config.get("home", "")
        return f"its interpreter {missing} is not on this machine" if missing else "it has no interpreter"
    base = _outside(Path(os.path.realpath(executable)), root) or _at_home(config, root)
    found = read_interpreter(base) if base is not None else None
    if found is None:
        return "its interpreter is not one of this machine's"
    return found


def _end_of_link(link: Path) -> str:
    end = os.path.realpath(link)
    return end if not end.startswith(os.path.realpath(link.parent)) else os.path.relpath(end, link.parent.parent)


def _outside(real: Path, root: Path) -> Path | None:
    """The path, unless it lies in the audited folder, whose programs are not ours to run.

    Somebody may audit a folder that holds his interpreters as well: those that we know of by their own place
    (pyenv, uv, the one that runs us) are no part of a backend.
    """
    if not real.is_relative_to(os.path.realpath(root)):
        return real
    known = [Path(os.path.realpath(sys.executable)).parent.parent, Path.home() / ".pyenv", Path.home() / ".local"]
    holds = [place for place in known if real.is_relative_to(place) and place.is_relative_to(os.path.realpath(root))]
    inner = [place for place in holds if not _same(place, root)]
    return real if inner else None


def _at_home(config: Mapping[str, str], root: Path) -> Path | None:
    """The interpreter in the folder that a virtual environment made of copies names as its home."""
    home = Path(config.get("home", ""))
    if not home.is_absolute():
        return None
    minor = ".".join((config.get("version") or config.get("version_info") or "3").split(".")[:2])
    for name in (f"python{minor}", "python3", "python.exe", "python"):
        path = home / name
        if path.is_file():
            return _outside(Path(os.path.realpath(path)), root)
    return None


def _mismatch(site: Path, interpreter: Interpreter) -> str:
    made_for = site.parent.name.removeprefix("python").rstrip("t")
    here = spell(interpreter.minor)
    if sys.platform == "win32" or made_for == here:
        return ""
    return f"it was made for Python {made_for}, and its interpreter is now {here}"


def _lacking(environment: Environment, *, may_be_empty: bool) -> str:
    names = environment.distributions.keys() - _INSTALLERS
    if not names:
        return "" if may_be_empty else "nothing is installed in it"
    broken = sorted(name for name in names if not environment.distributions[name].complete)
    if not broken:
        return ""
    named = ", ".join(broken[:3]) + (", ..." if len(broken) > 3 else "")
    return f"{len(broken)} of its {len(names)} distributions lack their modules ({named})"
