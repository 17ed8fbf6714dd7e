"""A Dockerfile -> its instructions, and which folder of the repository each path of the image comes from.

Follows the Dockerfile reference of BuildKit: escape directive, continuations, comments between them, here-documents,
both forms of ENV, exec and shell forms, stages and `COPY --from`. `RUN` is not interpreted.
"""

from __future__ import annotations

import fnmatch
import json
import posixpath
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from seatrial.project.documents import Documents
from seatrial.project.shell import expand

_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)", re.I)
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?", re.I)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: keyword in capitals, its `--flags`, the rest of its text, and its first line."""

    keyword: str
    value: str
    line: int
    flags: tuple[str, ...] = ()

    def flag(self, name: str) -> str | None:
        """The value of `--name=value`."""
        prefix = f"--{name}="
        return next((flag[len(prefix) :] for flag in self.flags if flag.startswith(prefix)), None)


@dataclass(frozen=True, slots=True)
class Words:
    """CMD or ENTRYPOINT. `shell` is its text in shell form and None in exec form."""

    argv: tuple[str, ...]
    shell: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Variable:
    """An ENV (or an ARG with a default) and its line."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Copied:
    """`target` in the image holds what `source` is in the repository."""

    target: str
    source: str


@dataclass(frozen=True, slots=True)
class Image:
    """What the last (or the wanted) stage of a Dockerfile makes."""

    workdir: str = "/"
    env: tuple[Variable, ...] = ()
    command: Words | None = None
    entrypoint: Words | None = None
    copied: tuple[Copied, ...] = ()
    base: str = ""

    def environment(self) -> dict[str, str]:
        """The variables that a container starts with, as far as the Dockerfile sets them."""
        return {variable.name: variable.value for variable in self.env}


def read_dockerfile(text: str) -> tuple[Instruction, ...]:
    """The instructions of a Dockerfile, in order. Never fails; unreadable lines are left out."""
    escape = "\\"
    if match := _ESCAPE.match(text):
        escape = match[1]
    instructions: list[Instruction] = []
    pending, start, ends_at = "", 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if ends_at:
            ends_at = "" if stripped == ends_at else ends_at
            continue
        if stripped.startswith("#") or (not stripped and pending):
            continue
        start = start if pending else number
        if stripped.endswith(escape):
            pending += stripped[: -len(escape)] + " "
            continue
        whole, pending = (pending + stripped).strip(), ""
        if heredoc := _HEREDOC.search(whole):
            ends_at = heredoc[2] if whole.split(None, 1)[0].upper() in ("RUN", "COPY", "ADD") else ""
        if whole:
            instructions.append(_instruction(whole, start))
    if pending.strip():
        instructions.append(_instruction(pending.strip(), start))
    return tuple(instructions)


def _instruction(text: str, line: int) -> Instruction:
    keyword, _, rest = text.partition(" ")
    flags: list[str] = []
    rest = rest.strip()
    while keyword.upper() not in ("CMD", "ENTRYPOINT", "FROM") and (match := re.match(r"(--[\w-]+(?:=\S+)?)\s+", rest)):
        flags.append(match[1])
        rest = rest[match.end() :]
    return Instruction(keyword.upper(), rest, line, tuple(flags))


def words_of(instruction: Instruction) -> Words:
    """CMD or ENTRYPOINT in either form. JSON that does not parse is shell form, as Docker has it."""
    value = instruction.value
    if value.startswith("["):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            parsed = None
        if isinstance(parsed, list) and all(isinstance(item, str) for item in parsed):
            return Words(tuple(parsed), None, instruction.line)
    return Words((), value, instruction.line)


@dataclass(slots=True)
class _Build:
    documents: Documents
    context: str
    stages: dict[str, Image] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)


def build_image(
    instructions: tuple[Instruction, ...], documents: Documents, context: str, target: str | None = None
) -> Image:
    """The image of the last stage, or of the stage `target`. `context` is the build context's folder."""
    build = _Build(documents, context)
    current, name = Image(), ""
    for instruction in instructions:
        if instruction.keyword == "FROM":
            _keep(build, name, current)
            if target and name == target:
                return current
            current, name = _start_stage(build, instruction)
        else:
            current = _apply(build, current, instruction)
    return current


def _keep(build: _Build, name: str, image: Image) -> None:
    if name:
        build.stages[name] = image
    build.stages[str(len([key for key in build.stages if key.isdigit()]))] = image


def _start_stage(build: _Build, instruction: Instruction) -> tuple[Image, str]:
    match = _FROM.match(instruction.value)
    base = expand(match[1], build.arguments) if match else instruction.value
    name = (match[2] or "").lower() if match else ""
    if "0" in build.stages and not build.stages["0"].base:
        build.stages.pop("0")  # what came before the first FROM is no stage
    inherited = build.stages.get(base.lower(), Image())
    image = replace(inherited, base=inherited.base or base)
    return image, name


def _apply(build: _Build, image: Image, instruction: Instruction) -> Image:
    keyword = instruction.keyword
    variables = {**build.arguments, **image.environment()}
    if keyword == "ARG":
        name, equals, value = instruction.value.partition("=")
        if equals:
            build.arguments[name.strip()] = expand(value.strip().strip("\"'"), variables)
    elif keyword == "ENV":
        added = tuple(Variable(k, expand(v, variables), instruction.line) for k, v in env_pairs(instruction.value))
        names = {variable.name for variable in added}
        return replace(image, env=(*(old for old in image.env if old.name not in names), *added))
    elif keyword == "WORKDIR":
        folder = posixpath.normpath(posixpath.join(image.workdir, expand(instruction.value.strip("\"'"), variables)))
        return replace(image, workdir=folder)
    elif keyword == "CMD":
        return replace(image, command=words_of(instruction))
    elif keyword == "ENTRYPOINT":
        return replace(image, entrypoint=words_of(instruction), command=None)
    elif keyword in ("COPY", "ADD"):
        return replace(image, copied=(*image.copied, *_copied(build, image, instruction, variables)))
    return image


def env_pairs(value: str) -> list[tuple[str, str]]:
    """The pairs of an ENV, in the form `NAME=value ...` or in the old form `NAME value`."""
    name, _, rest = value.partition(" ")
    if "=" not in name:
        return [(name, rest.strip().strip("\"'"))] if name else []
    try:
        words = shlex.split(value)
    except ValueError:
        words = value.split()
    return [(name, text) for name, equals, text in (word.partition("=") for word in words) if equals]


def _copied(build: _Build, image: Image, instruction: Instruction, variables: Mapping[str, str]) -> list[Copied]:
    words = words_of(instruction).argv or tuple(instruction.value.split())
    if len(words) < 2:
        return []
    *sources, last = (expand(word, variables) for word in words)
    target = posixpath.normpath(posixpath.join(image.workdir, last))
    as_folder = last.endswith("/") or len(sources) > 1 or last in (".", "./")
    origin = instruction.flag("from")
    if origin is not None:
        return _from_stage(build.stages.get(origin.lower()), sources, target)
    found: list[Copied] = []
    for source in sources:
        for path in _matching(build, source):
            is_folder = build.documents.is_dir(path)
            name = posixpath.basename(path)
            found.append(Copied(target if is_folder or not as_folder else posixpath.join(target, name), path))
    return found


def _matching(build: _Build, source: str) -> list[str]:
    """The repository's paths that a COPY source names. What does not exist is not copied."""
    if "://" in source:
        return []
    path = build.documents.normal(posixpath.join(build.context, source.lstrip("/") or "."))
    if path is None:
        return []
    if not any(sign in path for sign in "*?["):
        return [path] if build.documents.is_dir(path) or build.documents.is_file(path) else []
    folder, pattern = posixpath.split(path)
    names = build.documents.names(folder or ".")
    return [posixpath.join(folder, name) for name in names if fnmatch.fnmatchcase(name, pattern)]


def _from_stage(stage: Image | None, sources: list[str], target: str) -> list[Copied]:
    """What another stage had copied from the repository comes along."""
    found: list[Copied] = []
    for source in sources if stage else ():
        top = posixpath.normpath(posixpath.join("/", source))
        for mapping in stage.copied if stage else ():
            if mapping.target == top or mapping.target.startswith(top.rstrip("/") + "/"):
                rest = mapping.target[len(top) :].lstrip("/")
                found.append(Copied(posixpath.join(target, rest) if rest else target, mapping.source))
            elif top.startswith(mapping.target.rstrip("/") + "/"):
                rest = top[len(mapping.target) :].lstrip("/")
                found.append(Copied(target, posixpath.join(mapping.source, rest)))
    return found
