"""What a project declares about its dependencies: frozen values, each with the place where it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from seatrial.issue import Location
from seatrial.provision.versions import Wish

DocumentKind = Literal[
    "pyproject", "poetry", "pdm", "hatch", "uv", "requirements", "pipfile", "setup.cfg", "setup.py", "conda"
]
LockKind = Literal["uv", "poetry", "pdm", "pipenv", "pylock", "requirements"]
Source = Literal["index", "url", "vcs", "path"]


def normalise(name: str) -> str:
    """The name of a distribution as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One declared dependency.

    `name` is as written ("" for a path or URL that does not say it). `specifier` is PEP 440 ("" for any version),
    also where the file has a syntax of its own (`^1.2`): `written` is what stands there. `marker` is PEP 508 without
    the semicolon. `url` is a direct reference: URL, VCS URL or path. `group` is None for what the application needs
    and otherwise the development group or environment it belongs to, `extra` the optional extra of the project
    itself. `location` is the entry in the file.
    """

    name: str
    specifier: str
    location: Location
    extras: tuple[str, ...] = ()
    marker: str = ""
    url: str | None = None
    editable: bool = False
    group: str | None = None
    extra: str | None = None
    written: str = ""
    hashes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The normalised name, by which requirements are compared."""
        return normalise(self.name)

    @property
    def source(self) -> Source:
        """Where it is installed from."""
        if self.url is None:
            return "index"
        if re.match(r"(git|hg|svn|bzr)\+|git@", self.url):
            return "vcs"
        return "url" if re.match(r"[a-z][a-z0-9+.-]+://", self.url) and not self.url.startswith("file:") else "path"

    @property
    def is_main(self) -> bool:
        """Whether a production install takes it: neither of a development group nor of an optional extra."""
        return self.group is None and self.extra is None

    @property
    def pinned(self) -> str | None:
        """The one version that it allows, if it names one."""
        match = re.fullmatch(r"={2,3}\s*([^\s,*]+)", self.specifier.strip())
        return match[1] if match else None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a manifest that its installer refuses or cannot find. Judged by the rules, not here."""

    kind: Literal["unreadable", "syntax", "requirement", "include", "computed"]
    message: str
    location: Location


@dataclass(frozen=True, slots=True)
class DeclaredPython:
    """A Python version that a file asks for: `specifier` as it is spelt there (`^3.9`, `3.12-slim`, `>=3.11`)."""

    kind: str  # requires-python, poetry, pipfile, setup.cfg, setup.py, .python-version, runtime.txt, Dockerfile, ...
    specifier: str
    location: Location

    @property
    def wish(self) -> Wish:
        """The same, as `provision` takes it."""
        return Wish(self.specifier, self.location)


@dataclass(frozen=True, slots=True)
class Build:
    """The build backend of a project; `packages` are the package folders that its configuration names."""

    backend: str
    requires: tuple[str, ...]
    location: Location
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One manifest, with everything that it includes.

    `options` are index and installer options as written (`--index-url URL`). `constraints` bound versions and
    install nothing. `overrides` replace what dependencies themselves ask for. `includes` are the further files read.
    `compiled` says that the requirements are a tool's output, pinned to the last. `installs_project` says that the
    project itself is a distribution that the installer builds.
    """

    path: str
    kind: DocumentKind
    requirements: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    overrides: tuple[Requirement, ...] = ()
    python: tuple[DeclaredPython, ...] = ()
    problems: tuple[Problem, ...] = ()
    options: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    name: str = ""
    build: Build | None = None
    dynamic: tuple[str, ...] = ()
    encoding: str = "utf-8"
    compiled: bool = False
    installs_project: bool = False

    @property
    def main(self) -> tuple[Requirement, ...]:
        """What a production install of this document alone takes."""
        return tuple(requirement for requirement in self.requirements if requirement.is_main)


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock file. `source` is `registry`, `git`, `path`, `editable`, `virtual` or `url`."""

    name: str
    version: str
    location: Location
    source: str = "registry"
    marker: str = ""

    @property
    def key(self) -> str:
        """The normalised name."""
        return normalise(self.name)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file. A name may be locked to several versions, each for other platforms or Pythons."""

    path: str
    kind: LockKind
    packages: Mapping[str, tuple[Locked, ...]] = field(default_factory=dict)
    python: tuple[DeclaredPython, ...] = ()
    problems: tuple[Problem, ...] = ()

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions that a name is locked to."""
        return tuple(package.version for package in self.packages.get(normalise(name), ()))


@dataclass(frozen=True, slots=True)
class Installation:
    """Which files a deployment installs from, and what says so.

    `tool` is `pip`, `uv`, `poetry`, `pdm`, `pipenv` or `conda`. `location` is the command that decides, None where
    the order in which platforms look at manifests does. `groups` and `extras` are those that the command adds;
    `insists` are its options that say how the lock is taken (`--frozen`, `--locked`, `--check`).
    """

    tool: str
    files: tuple[str, ...]
    reason: str
    location: Location | None = None
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    insists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two files that do not say the same about one distribution.

    `missing`: the file that is installed lacks what `other` declares; `version`: no version satisfies both;
    `lock`: the lock holds a version that the manifest does not allow; `unlocked`: the lock lacks a declared name.
    """

    kind: Literal["missing", "version", "lock", "unlocked"]
    name: str
    message: str
    location: Location
    other: Location
