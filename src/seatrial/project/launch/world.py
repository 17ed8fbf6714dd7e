"""Where a command runs: in the repository itself, or in an image into which parts of the repository were copied."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.project.dockerfile import Copied
from seatrial.project.documents import Documents


@dataclass(frozen=True, slots=True)
class Repository:
    """Commands are run in the folders of the repository; paths are relative to the audited folder."""

    documents: Documents
    base: str

    def locate(self, path: str) -> str | None:
        """The repository's own path of something the command sees at `path`, whether or not it is there."""
        return self.documents.normal(path)

    def enter(self, cwd: str, folder: str) -> str | None:
        """Where `cd folder` leads. A folder that is not there is one made by `git clone`, which is where we are."""
        if folder.startswith(("/", "~", "<", "$")):
            return None
        for start in (cwd, ".", *self.documents.folders(self.base)):
            path = self.documents.normal(posixpath.join(start, folder))
            if path is not None and self.documents.is_dir(path):
                return path
        return self._known_by_its_tail(folder)

    def _known_by_its_tail(self, folder: str) -> str | None:
        """`cd phase3/backend` in the README of that very folder."""
        own = posixpath.normpath(posixpath.join(self.documents.root.resolve().as_posix(), self.base))
        tail = posixpath.normpath(folder)
        return self.base if own.endswith("/" + tail) else None


@dataclass(frozen=True, slots=True)
class Container:
    """Commands are run in an image; paths are absolute in it. `home` is the repository folder it was built from."""

    documents: Documents
    copied: tuple[Copied, ...]
    home: str

    def locate(self, path: str) -> str | None:
        """The repository's path that was copied (or mounted) to `path`; a later copy hides an earlier one."""
        path = posixpath.normpath(path)
        for copy in reversed(self.copied):
            if path == copy.target:
                return self.documents.normal(copy.source)
            if path.startswith(copy.target.rstrip("/") + "/"):
                found = self.documents.normal(posixpath.join(copy.source, path[len(copy.target) :].lstrip("/")))
                if found is not None and (self.documents.is_file(found) or self.documents.is_dir(found)):
                    return found
        return None

    def enter(self, cwd: str, folder: str) -> str | None:
        """Where `cd folder` leads; any folder may have been made in the image."""
        return posixpath.normpath(posixpath.join(cwd, folder))


World = Repository | Container


@dataclass(frozen=True, slots=True)
class Found:
    """A module's file in the repository, and the repository folder that stood on the path for it."""

    origin: str
    entry: str


def find_module(world: World, documents: Documents, module: str, entries: Sequence[str]) -> Found | None:
    """The file that `import module` would load from the path entries (as the world spells them), first match wins."""
    parts = module.split(".")
    for entry in entries:
        for suffix in ("/".join(parts) + "/__init__.py", "/".join(parts) + ".py"):
            origin = world.locate(posixpath.join(entry, suffix))
            if origin is not None and documents.is_file(origin) and (origin == suffix or origin.endswith("/" + suffix)):
                return Found(origin, origin[: -len(suffix)].rstrip("/") or ".")
    return None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A piece of shell text (or an argument list) that somebody runs, and where it is written.

    `guesses` are other folders in which a reader of documentation would try the command.
    """

    source: str
    rank: int
    path: str
    line: int
    text: str
    world: World
    cwd: str
    argv: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    weak: bool = False
    guesses: tuple[str, ...] = ()
