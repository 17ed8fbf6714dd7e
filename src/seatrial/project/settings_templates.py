"""Which files are dotenv files: examples to copy (`.env.example` and kin), committed ones, and a developer's own."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.project.documents import Documents

_WORD = r"(?:example|sample|template|tmpl|tpl|dist|defaults?|demo)"
TEMPLATE = re.compile(
    rf"\.?(?:env|dotenv|environment)(?:[._-][\w-]+)??[._-]{_WORD}(?:\.[\w-]+)?|\.?{_WORD}[._-]env|[\w-]+\.env[._-]{_WORD}|\.?{_WORD}\.env\.[\w-]+",
    re.I,
)
ENV_FILE = re.compile(r"\.env(?:[._-][\w.-]+)?|[\w-]+\.env", re.I)
_VARIANTS = (("prod", 4), ("test", 4), ("stag", 4), ("docker", 3), ("local", 1), ("dev", 1))
_FOLDERS = ("config", "env", "envs", ".envs", "docker", "deploy")


@dataclass(frozen=True, slots=True)
class EnvFile:
    """One dotenv file of the project; `tracked` is None where there is no git to tell."""

    path: str
    tracked: bool | None


def find_templates(documents: Documents, base: str) -> tuple[str, ...]:
    """The examples for the backend in `base`, the one to copy first: nearest folder, plainest name."""
    found: list[tuple[tuple[int, int, int, str], str]] = []
    for distance, folder in enumerate(documents.folders(base)):
        for place, further in _places(documents, folder):
            for name, is_dir in documents.names(place).items():
                if not is_dir and TEMPLATE.fullmatch(name):
                    path = posixpath.normpath(posixpath.join(place, name))
                    found.append(((distance, further, _variant(name), name), path))
    return tuple(path for _, path in sorted(found))


def _places(documents: Documents, folder: str) -> Iterator[tuple[str, int]]:
    for distance, place in enumerate(near_folders(folder)):
        if distance == 0 or documents.names(folder).get(posixpath.basename(place)):
            yield place, min(distance, 1)


def near_folders(folder: str) -> tuple[str, ...]:
    """The folder itself and those beside its code in which people keep dotenv files."""
    return (folder, *(posixpath.normpath(posixpath.join(folder, name)) for name in _FOLDERS))


def _variant(name: str) -> int:
    plain = 0 if re.search(r"example", name, re.I) else 1
    return next((rank for word, rank in _VARIANTS if word in name.lower()), 0) * 2 + plain


def copied_name(template: str) -> str:
    """What a template is copied to: `.env.example` -> `.env`, `.env.local.example` -> `.env.local`."""
    name = posixpath.basename(template)
    rest = re.sub(rf"[._-]?\b{_WORD}\b|\.txt$", "", name.replace("_", "."), flags=re.I)
    rest = re.sub(r"^\.?(?:dotenv|env|environment)(?:\.env)?", ".env", rest.lstrip("."), flags=re.I)
    return rest if rest.startswith(".env") or rest.endswith(".env") else ".env"


def find_env_files(documents: Documents, files: tuple[str, ...], base: str) -> tuple[EnvFile, ...]:
    """The dotenv files in `base` and in the folders above it that are no templates."""
    prefix = "" if base == "." else base + "/"
    folders = {folder for folder in documents.folders(base) if documents.within(folder)}
    index = _Index.of(documents)
    found = []
    for path in files:
        name = posixpath.basename(path)
        inside = path.startswith(prefix) or (posixpath.dirname(path) or ".") in folders
        if inside and "env" in name and ENV_FILE.fullmatch(name) and not TEMPLATE.fullmatch(name):
            found.append(EnvFile(path, index.holds(path)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Index:
    """The names in git's index, as far as they are needed: a search in its bytes."""

    raw: bytes | None
    prefix: str

    @classmethod
    def of(cls, documents: Documents) -> _Index:
        repository = documents.root.joinpath(*[".."] * len(documents.above))
        folder = repository / ".git"
        try:
            if folder.is_file():  # a worktree or a submodule
                folder = repository / folder.read_text().removeprefix("gitdir:").strip()
            raw = (folder / "index").read_bytes()
        except (OSError, UnicodeDecodeError):
            return cls(None, "")
        version = int.from_bytes(raw[4:8], "big")
        usable = raw[:4] == b"DIRC" and version in (2, 3)  # version 4 shortens the names
        return cls(raw if usable else None, "/".join(documents.above))

    def holds(self, path: str) -> bool | None:
        """Whether git tracks a file; None where that cannot be told."""
        if self.raw is None:
            return None
        name = posixpath.normpath(posixpath.join(self.prefix, path)).encode()
        # a name stands behind its two bytes of flags, whose low twelve bits are its length
        at = self.raw.find(name + b"\0")
        while at >= 0:
            if int.from_bytes(self.raw[at - 2 : at], "big") & 0xFFF == min(len(name), 0xFFF):
                return True
            at = self.raw.find(name + b"\0", at + 1)
        return False
