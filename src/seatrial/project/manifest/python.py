"""Which Python the files beside a manifest ask for: version files, Procfile-era runtime.txt, Dockerfile, compose."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from seatrial.issue import Location
from seatrial.project.compose import find_compose, read_compose
from seatrial.project.dockerfile import read_dockerfile
from seatrial.project.documents import Documents
from seatrial.project.files import Tree
from seatrial.project.manifest.reading import Text, load_toml, read_text
from seatrial.project.manifest.toml import Toml
from seatrial.project.manifest.values import DeclaredPython

_IMAGE = re.compile(r"(?:[\w.-]+(?::\d+)?/)*(?:python|uv|[\w-]*python[\w-]*):([^\s@]+)")
_TAG = re.compile(r"(?:python)?(\d+(?:\.\d+){0,2})")
_ARG = re.compile(r"\$\{?(\w+)(?::-([^}]*))?\}?")


def declared_python(tree: Tree, base: str) -> tuple[DeclaredPython, ...]:
    """What .python-version, .tool-versions, mise.toml, runtime.txt and the Dockerfile in `base` say.

    A version file of the folders above counts where `base` has none, as pyenv, uv, asdf and mise have it; where `base`
    has no Dockerfile, the one that a compose file builds it from.
    """
    found: list[DeclaredPython] = []
    for names, reader in ((_VERSION_FILES, _from_version_file), (_OTHERS, _from_other)):
        for name in names:
            path = _nearest(tree, base, name) if names is _VERSION_FILES else _within(tree, base, name)
            if path is not None:
                found.extend(reader(read_text(tree.root, path)))
    if _within(tree, base, "Dockerfile") is None:
        found += next(
            (asked for path in _composed(tree, base) if (asked := [*_from_other(read_text(tree.root, path))])), []
        )
    return tuple(found)


def _composed(tree: Tree, base: str) -> Iterator[str]:
    """The Dockerfiles that compose files build from `base`, or from a folder above it with `base` copied."""
    documents = Documents.of(tree.root)
    for folder in (base, *map(str, Path(base).parents)):
        for place in find_compose(documents, folder):
            for service in read_compose(documents.text(place) or "", place, documents):
                if service.context is not None and service.dockerfile is not None:
                    path = posixpath.normpath(posixpath.join(service.context, service.dockerfile))
                    text = documents.text(path)
                    if text is not None and (service.context == base or f"{base}/" in text):
                        yield path


_VERSION_FILES = (".python-version", ".tool-versions", "mise.toml", ".mise.toml")
_OTHERS = ("runtime.txt", "Dockerfile")


def _within(tree: Tree, base: str, name: str) -> str | None:
    path = name if base == "." else f"{base}/{name}"
    return path if path in tree or (tree.root / path).is_file() else None


def _nearest(tree: Tree, base: str, name: str) -> str | None:
    folder = Path() if base == "." else Path(base)
    outside = base.startswith("..")
    places = [str(place) for place in ((folder,) if outside else (folder, *folder.parents))]
    return next((path for place in places if (path := _within(tree, place, name)) is not None), None)


def _from_version_file(text: Text) -> Iterator[DeclaredPython]:
    name = text.path.rpartition("/")[2]
    if name.endswith("mise.toml"):
        toml = Toml(text.path, text.text, load_toml(text)[0])
        value = toml.get("tools", "python")
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, str):
            yield DeclaredPython(name, first, toml.place("tools", "python"))
        return
    for number, line in enumerate(text.text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if name == ".tool-versions":
            words = words[1:2] if words[:1] == ["python"] else []
        if words:
            yield DeclaredPython(name, words[0], Location(text.path, number, 1, number, len(line.rstrip()) + 1))
            return  # the first line decides


def _from_other(text: Text) -> Iterator[DeclaredPython]:
    if text.path.endswith("runtime.txt"):
        if match := re.match(r"\s*(python-\d\S*)", text.text):
            yield DeclaredPython("runtime.txt", match[1], Location(text.path, 1))
        return
    arguments: dict[str, str] = {}
    final: DeclaredPython | None = None
    for instruction in read_dockerfile(text.text.replace("\r\n", "\n")):
        if instruction.keyword == "ARG" and "=" in instruction.value:
            name, _, value = instruction.value.partition("=")
            arguments[name.strip()] = value.strip().strip("\"'")
        elif instruction.keyword == "FROM":
            image = _ARG.sub(lambda match: arguments.get(match[1], match[2] or ""), instruction.value)
            version = _image_version(image)
            if version:
                final = DeclaredPython("Dockerfile", version, Location(text.path, instruction.line))
    if final is not None:  # the last stage is the one that runs
        yield final


def _image_version(image: str) -> str | None:
    """`python:3.12-slim` and `example.org/uv:python3.12-bookworm` are 3.12; uv's own version is none."""
    image = re.split(r"\s+as\s+", image, flags=re.IGNORECASE)[0]
    if named := re.search(r":python(\d+(?:\.\d+){0,2})", image):
        return named[1]  # `tiangolo/uvicorn-gunicorn-fastapi:python3.9-slim`
    match = _IMAGE.search(image)
    if match is None:
        return None
    tag = match[1]
    if re.search(r"(?:^|/)uv:", image) and not tag.startswith("python"):
        return None
    found = _TAG.match(tag)
    return found[1] if found else None
