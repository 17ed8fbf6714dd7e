"""Which manifest a deployment installs: the Dockerfile's own command, else the order in which Railpack looks.

Source of the order: `core/providers/python/python.go` of Railpack, which Nixpacks and Heroku's buildpack share but
for details. What they leave alone comes after, by common practice.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seatrial.issue import Location
from seatrial.project.dockerfile import read_dockerfile
from seatrial.project.files import Tree
from seatrial.project.manifest.reading import read_text
from seatrial.project.manifest.requirements import development_group
from seatrial.project.manifest.values import Document, Installation, Lock

_LOCKED_TOOLS = (("uv", "uv.lock"), ("poetry", "poetry.lock"), ("pdm", "pdm.lock"))
_TOOL_COMMANDS = {
    "uv": re.compile(r"\buv\s+(?:sync|export|run|pip\s+compile)\b"),
    "poetry": re.compile(r"\bpoetry\s+(?:install|export|sync)\b"),
    "pdm": re.compile(r"\bpdm\s+(?:install|sync|export)\b"),
    "pipenv": re.compile(r"\bpipenv\s+(?:install|sync|requirements)\b"),
}
_PIP = re.compile(r"\b(?:pip3?|uv\s+pip)\s+(?:install|wheel|sync|download)\b(.*)")
_CONDA = re.compile(r"\b(?:conda|mamba|micromamba)\s+env\s+(?:create|update)\b.*?(?:-f|--file)[ =](\S+)")
_VALUES = {
    "--group": "groups",
    "--with": "groups",
    "--only": "groups",
    "-G": "groups",
    "--extra": "extras",
    "-E": "extras",
}
_VALUES |= {"--extras": "extras"}


@dataclass(frozen=True, slots=True)
class Papers:
    """The manifests and locks that were found for one backend, in the folder `base`."""

    base: str
    documents: tuple[Document, ...]
    locks: tuple[Lock, ...]

    def named(self, *names: str) -> str | None:
        """The path of the first of these files that is there."""
        paths = [*(document.path for document in self.documents), *(lock.path for lock in self.locks)]
        for name in names:
            for path in paths:
                if posixpath.basename(path) == name:
                    return path
        return None


def installation(tree: Tree, papers: Papers) -> Installation | None:
    """What a deployment of this backend installs, None where nothing is declared."""
    commanded = next(_commanded(tree, papers), None)
    return commanded or next(_by_order(papers), None)


def _commanded(tree: Tree, papers: Papers) -> Iterator[Installation]:
    path = "Dockerfile" if papers.base == "." else f"{papers.base}/Dockerfile"
    if not (tree.root / path).is_file():  # the folder may lie above the tree
        return
    for instruction in read_dockerfile(read_text(tree.root, path).text.replace("\r\n", "\n")):
        if instruction.keyword == "RUN":
            for command in re.split(r"&&|\|\||;|\|", instruction.value):
                found = _of_command(papers, command.strip(), Location(path, instruction.line))
                if found is not None:
                    yield found


def _of_command(papers: Papers, command: str, location: Location) -> Installation | None:
    if match := _PIP.search(command):
        files = _pip_files(papers, _words(match[1]))
        tool = "uv" if command.lstrip().startswith("uv") else "pip"
        return Installation(tool, files, f"{posixpath.basename(location.path)}: {command}", location) if files else None
    if match := _CONDA.search(command):
        file = papers.named(posixpath.basename(match[1]))
        return Installation("conda", (file,), f"Dockerfile: {command}", location) if file else None
    for tool, pattern in _TOOL_COMMANDS.items():
        if pattern.search(command) and (files := _tool_files(papers, tool)):
            words = _words(command)
            groups, extras = _chosen(words)
            insists = tuple(word for word in words if word in ("--frozen", "--locked", "--check"))
            return Installation(tool, files, f"Dockerfile: {command}", location, groups, extras, insists)
    return None


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _pip_files(papers: Papers, words: Sequence[str]) -> tuple[str, ...]:
    """The manifests that the arguments of `pip install` name; paths in the image are matched by their last parts."""
    files: list[str | None] = []
    for index, word in enumerate(words):
        previous = words[index - 1] if index else ""
        if previous in ("-r", "--requirement", "--requirements"):
            files.append(_matching(papers, word))
        elif match := re.match(r"(?:-r|--requirements?=)(.+)", word):
            files.append(_matching(papers, match[1]))
        elif re.match(r"\.(?:/?$|\[)|/app(?:/?$|\[)", word):
            files.append(papers.named("pyproject.toml", "setup.py", "setup.cfg"))
        elif word.endswith("pyproject.toml"):
            files.append(papers.named("pyproject.toml"))
    return tuple(file for file in files if file)


def _matching(papers: Papers, path: str) -> str | None:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        for document in papers.documents:
            if document.path == tail or document.path.endswith("/" + tail):
                return document.path
    return None


def _tool_files(papers: Papers, tool: str) -> tuple[str, ...]:
    names = ("Pipfile", "Pipfile.lock") if tool == "pipenv" else ("pyproject.toml", f"{tool}.lock")
    found = tuple(path for name in names if (path := papers.named(name)))
    return found if found and papers.named(names[0]) else ()


def _chosen(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The groups and extras that a command of uv, Poetry or pdm adds."""
    found: dict[str, list[str]] = {"groups": [], "extras": []}
    for index, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in _VALUES:
            chosen = value if equals else (words[index + 1] if index + 1 < len(words) else "")
            found[_VALUES[option]] += [name for name in re.split(r"[,\s]+", chosen) if name and name != "main"]
        elif word in ("--all-extras", "--all-groups"):
            found["extras" if word == "--all-extras" else "groups"].append("*")
    return tuple(found["groups"]), tuple(found["extras"])


def _by_order(papers: Papers) -> Iterator[Installation]:
    order = "the order in which Railpack looks"
    if file := papers.named("requirements.txt"):
        yield Installation("pip", (file,), f"{order}: requirements.txt comes first")
    pyproject = papers.named("pyproject.toml")
    for tool, lock in _LOCKED_TOOLS:
        if pyproject and (path := papers.named(lock)):
            yield Installation(tool, (pyproject, path), f"{order}: {lock} beside pyproject.toml")
    if file := papers.named("Pipfile"):
        yield Installation("pipenv", _tool_files(papers, "pipenv"), f"{order}: Pipfile")
    yield from _by_practice(papers)


def _by_practice(papers: Papers) -> Iterator[Installation]:
    """What Railpack does not install from; Docker and other platforms are told to."""
    declared = [document for document in papers.documents if document.requirements or document.dynamic]
    for document in declared:
        if document.kind in ("pyproject", "uv", "pdm", "hatch", "poetry", "setup.cfg", "setup.py"):
            tool = "poetry" if document.kind == "poetry" else "pip"
            yield Installation(tool, (document.path,), f"{document.path} is the only manifest that says it")
    others = [document for document in papers.documents if document.kind == "requirements"]
    for document in sorted(others, key=lambda document: (development_group(document.path) is not None, document.path)):
        yield Installation("pip", (document.path,), f"{document.path}: there is no requirements.txt")
    for document in papers.documents:
        if document.kind == "conda":
            yield Installation("conda", (document.path,), f"{document.path} is the only manifest")
        elif document.kind not in ("requirements", "pipfile"):
            yield Installation("pip", (document.path,), f"{document.path} is there, and declares nothing")
