"""The interpreter that the backend would run on, found among those at hand."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.errors import UsageError
from seatrial.provision import cache
from seatrial.provision.probe import probe
from seatrial.provision.uvtool import run_uv
from seatrial.provision.versions import SUPPORTED, Version, Wish, exact_minor, first_minor, satisfies, spell

# Where nothing is declared, or a range, backends are taken to mean the first of these that is at hand: what
# the fleet was measured on first, then the newest that most wheels exist for, and the newest of all last.
PREFERENCE = ((3, 12), (3, 13), (3, 11), (3, 10), (3, 9), (3, 8), (3, 14))

_WANTED = re.compile(r"(?:cpython-?|python-?|py)?(\d)(?:\.?(\d+))?(?:\.(\d+))?$", re.IGNORECASE)
_IN_NAME = re.compile(r"(\d)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One CPython at hand, as it describes itself (`-I -S`).

    `executable` is the interpreter itself, never a copy or link inside a virtual environment. `stdlib` are its
    directories in `sys.path` order, without the zip. `opaque` gives, for each module of the standard library whose
    names its text does not show and that can be imported here, those that `dir()` gives. `markers` are the values
    that environment markers (PEP 508) are judged by. `note` says where it is not what was asked for.
    """

    executable: Path
    version: Version
    platform: str
    prefix: Path
    stdlib: tuple[Path, ...]
    builtin_modules: frozenset[str]
    stdlib_modules: frozenset[str]
    opaque: Mapping[str, frozenset[str]]
    extension_suffixes: tuple[str, ...]
    site_packages: tuple[Path, ...]
    user_site: Path
    markers: Mapping[str, str]
    note: str = ""

    @property
    def minor(self) -> tuple[int, int]:
        """`(3, 12)`: what grammar, wheels and folder names go by."""
        return self.version[:2]


@dataclass(frozen=True, slots=True)
class _Candidate:
    executable: Path
    guess: tuple[int, ...]


def find_interpreter(wanted: str | None, wishes: Sequence[Wish] = ()) -> Interpreter:
    """The interpreter to judge a backend by.

    Args:
        wanted: `--python`: a path, `3.12`, `3.12.1` or `python3.12`; None where it was not given.
        wishes: what the backend's files ask for, the most binding first.

    Raises:
        UsageError: `wanted` is not at hand, or no interpreter from 3.8 on is.

    """
    if wanted is not None:
        return _explicit(wanted)
    found = _best(_candidates(), wishes)
    if found is None or (wishes and satisfies(found.version, wishes[0].specifier) is False):
        found = _best([*_candidates(), *_known_to_uv()], wishes)
    if found is None:
        raise UsageError("No CPython from 3.8 on was found; install one, or name it with --python.")
    return replace(found, note=_note(found, wishes))


def _best(candidates: Iterable[_Candidate], wishes: Sequence[Wish]) -> Interpreter | None:
    ranked = sorted(candidates, key=lambda candidate: _rank(_padded(candidate.guess), wishes))
    return next(_probed(ranked), None)


def read_interpreter(executable: Path) -> Interpreter | None:
    """The interpreter at this path, or None where nothing there answers as a CPython from 3.8 on."""
    answer = probe(executable)
    return None if answer is None else _from_answer(answer)


def interpreters_at_hand() -> tuple[Interpreter, ...]:
    """Every interpreter that can be found here, the preferred first, one per version."""
    ranked = sorted(_candidates(), key=lambda candidate: _rank(_padded(candidate.guess), ()))
    by_version: dict[Version, Interpreter] = {}
    for found in _probed(ranked):
        by_version.setdefault(found.version, found)
    return tuple(sorted(by_version.values(), key=lambda found: _rank(found.version, ())))


def _explicit(wanted: str) -> Interpreter:
    path = Path(wanted).expanduser()
    match = _WANTED.match(path.name) if path.name == wanted else None
    if match is None or path.exists():
        return _at_path(path, wanted)
    release = tuple(int(part) for part in match.groups() if part is not None)
    for source in (_candidates, _known_to_uv):
        fitting = (c for c in source() if _may_be(c.guess, release))
        ranked = sorted(fitting, key=lambda candidate: _rank(_padded(candidate.guess), ()))
        for found in _probed(ranked):
            if found.version[: len(release)] == release:
                return found
    raise UsageError(f"No Python {spell(release)} is at hand ({_at_hand()}); install it or name another with --python.")


def _at_path(path: Path, wanted: str) -> Interpreter:
    inside = (path / "bin" / "python", path / "bin" / "python3", path / "Scripts" / "python.exe", path / "python.exe")
    for executable in inside if path.is_dir() else (path,):
        found = read_interpreter(executable)
        if found is not None:
            return found
    raise UsageError(f"--python names {wanted}, which is not a CPython from 3.8 on that starts; name one that does.")


def _at_hand() -> str:
    versions = sorted({spell(found.version) for found in interpreters_at_hand()}, key=_sortable)
    return "here are " + ", ".join(versions) if versions else "here is none"


def _sortable(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _rank(version: Version, wishes: Sequence[Wish]) -> tuple[object, ...]:
    """Sorts interpreters: by the wishes in their order, then by nearness to a single version, then as preferred."""
    met = tuple(satisfies(version, wish.specifier) is False for wish in wishes)
    supported = SUPPORTED[0] <= version[:2] <= SUPPORTED[1]
    far = _distance(version, wishes[0].specifier, unmet=met[0]) if wishes else (0, 0)
    preferred = PREFERENCE.index(version[:2]) if version[:2] in PREFERENCE else len(PREFERENCE)
    # A wish for 3.11.4 is met best, though not wholly, by another 3.11.
    return (not supported, met[:1], far, met[1:], preferred, -version[2])


def _distance(version: Version, specifier: str, *, unmet: bool) -> tuple[int, int]:
    minor = exact_minor(specifier) or (first_minor(specifier) if unmet else None)
    if minor is None:
        return (0, 0)
    steps = version[1] - minor[1] + 100 * (version[0] - minor[0])
    return (abs(steps), 0 if steps >= 0 else 1)


def _note(found: Interpreter, wishes: Sequence[Wish]) -> str:
    if not wishes:
        return f"no Python version is declared; taken as {spell(found.minor)}"
    unmet = [wish for wish in wishes if satisfies(found.version, wish.specifier) is False]
    if not unmet:
        return ""
    wish = unmet[0]
    where = f"{wish.source.path}:{wish.source.line}"
    return f"Python {wish.specifier} ({where}) is not at hand; read with {spell(found.version)} instead"


def _probed(candidates: Iterable[_Candidate]) -> Iterator[Interpreter]:
    seen: set[Path] = set()
    for candidate in candidates:
        real = Path(os.path.realpath(candidate.executable))
        if real in seen:
            continue
        seen.add(real)
        found = read_interpreter(candidate.executable)
        if found is not None:
            yield found


def _candidates() -> list[_Candidate]:
    """Executables that may be interpreters, with the version that their names promise. None of them is run."""
    found = [*_ours(), *_on_path(), *_pyenv(), *_uv_managed()]
    if sys.platform == "darwin":
        found += _versioned(Path("/Library/Frameworks/Python.framework/Versions"))
    if sys.platform == "win32":
        found += _versioned(Path(os.environ.get("LOCALAPPDATA", "")) / "Programs" / "Python")
    return [candidate for candidate in found if candidate.guess >= SUPPORTED[0]]


def _ours() -> list[_Candidate]:
    base = getattr(sys, "_base_executable", None) or sys.executable
    return [_Candidate(Path(base), tuple(sys.version_info[:3]))] if base else []


def _on_path() -> Iterator[_Candidate]:
    names = [f"python3.{minor}" for minor in range(SUPPORTED[0][1], SUPPORTED[1][1] + 1)]
    names += [f"{name}.exe" for name in names] if sys.platform == "win32" else []
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        # Shims are scripts that choose an interpreter by the current folder; what they would choose from is asked.
        if not os.path.isabs(directory) or "shims" in Path(directory).parts:
            continue
        for name in names:
            path = Path(directory) / name
            if path.is_file() and os.access(path, os.X_OK) and not (path.parent.parent / "pyvenv.cfg").exists():
                yield _Candidate(path, _version_in(name))


def _pyenv() -> Iterator[_Candidate]:
    root = os.environ.get("PYENV_ROOT")
    for directory in {Path(root) if root else Path.home() / ".pyenv", Path.home() / ".pyenv"}:
        yield from _versioned(directory / "versions")


def _uv_managed() -> Iterator[_Candidate]:
    named = os.environ.get("UV_PYTHON_INSTALL_DIR")
    if named:
        return _versioned(Path(named))
    if sys.platform == "win32":
        return _versioned(Path(os.environ.get("APPDATA", "")) / "uv" / "python")
    data = os.environ.get("XDG_DATA_HOME", "")
    return _versioned((Path(data) if os.path.isabs(data) else Path.home() / ".local" / "share") / "uv" / "python")


def _known_to_uv() -> list[_Candidate]:
    """What uv finds beyond that (the Windows registry, conda, ...); asked at most once a day, being slow."""
    key = cache.digest("python list", os.environ.get("PATH", ""), datetime.now(UTC).date().isoformat())
    known = cache.read_entry("uv-python-list", key)
    if known is None:
        ran = run_uv(["python", "list", "--only-installed", "--output-format", "json", "--offline"], seconds=10)
        try:
            listed = json.loads(ran.output or "[]")
            known = {
                "found": [[item["path"], item["version"]] for item in listed if item["implementation"] == "cpython"]
            }
        except (ValueError, KeyError, TypeError):
            known = {"found": []}
        cache.write_entry("uv-python-list", key, known)
    pairs = [(Path(path), _version_in(version)) for path, version in known["found"]]
    return [_Candidate(path, guess) for path, guess in pairs if guess >= SUPPORTED[0] and "shims" not in path.parts]


def _versioned(folder: Path) -> Iterator[_Candidate]:
    """The interpreters in the sub-folders of one that are named by version (`3.12.1`, `cpython-3.12.1-linux-...`)."""
    try:
        entries = sorted(folder.iterdir(), reverse=True)
    except OSError:
        return
    for entry in entries:
        guess = _version_in(entry.name)
        names = ("bin/python3", "bin/python", "python.exe")
        executable = next((entry / name for name in names if (entry / name).is_file()), None)
        if guess and executable is not None and "pypy" not in entry.name:
            yield _Candidate(executable, guess)


def _version_in(name: str) -> tuple[int, ...]:
    match = _IN_NAME.search(name)
    return tuple(int(part) for part in match.groups() if part is not None) if match else ()


def _padded(guess: tuple[int, ...]) -> Version:
    major, minor, micro = (*guess, 0, 0)[:3]
    return (major, minor, micro)


def _may_be(guess: tuple[int, ...], release: tuple[int, ...]) -> bool:
    shared = min(len(guess), len(release))
    return guess[:shared] == release[:shared]


def _from_answer(answer: Mapping[str, Any]) -> Interpreter:
    major, minor, micro = answer["version"]
    return Interpreter(
        executable=Path(answer["executable"]),
        version=(major, minor, micro),
        platform=answer["platform"],
        prefix=Path(answer["prefix"]),
        stdlib=tuple(Path(entry) for entry in answer["stdlib"]),
        builtin_modules=frozenset(answer["builtin_modules"]),
        stdlib_modules=frozenset(answer["stdlib_modules"]),
        opaque={name: frozenset(names) for name, names in answer["opaque"].items()},
        extension_suffixes=tuple(answer["suffixes"]),
        site_packages=tuple(Path(entry) for entry in answer["site_packages"]),
        user_site=Path(answer["user_site"]),
        markers=answer["markers"],
    )
