"""What the images of Dockerfiles and compose services run, as start declarations."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator
from dataclasses import replace

from seatrial.project.compose import Service, find_compose, interpolate, read_compose
from seatrial.project.dockerfile import Copied, Image, Instruction, Words, build_image, read_dockerfile
from seatrial.project.documents import SUBFOLDERS, Documents
from seatrial.project.launch.world import Container, Declaration


def dockerfiles(documents: Documents, base: str, folder: str) -> Iterator[Declaration]:
    """What the Dockerfiles of a folder, and of those beside the code, run."""
    places = [folder, *(joined(folder, name) for name in SUBFOLDERS if documents.names(folder).get(name))]
    for place in places:
        names = [name for name, is_dir in documents.names(place).items() if not is_dir and is_dockerfile(name)]
        for name in sorted(names, key=lambda name: (name != "Dockerfile", "prod" not in name.lower(), name)):
            rank = 20 if name == "Dockerfile" and place == folder else 22
            yield from dockerfile_declarations(documents, base, joined(place, name), None, rank)


def is_dockerfile(name: str) -> bool:
    """`Dockerfile`, `Dockerfile.prod`, `backend.Dockerfile`, `Containerfile`."""
    lower = name.lower()
    return lower in ("dockerfile", "containerfile") or lower.startswith("dockerfile.") or lower.endswith(".dockerfile")


def dockerfile_declarations(
    documents: Documents, base: str, path: str, context: str | None, rank: int, stage: str | None = None
) -> Iterator[Declaration]:
    """What a Dockerfile runs; `context` None means to find out from what it copies."""
    text = documents.text(path)
    if text is None:
        return
    instructions = read_dockerfile(text)
    context = context or _likely_context(documents, base, path, instructions)
    image = build_image(instructions, documents, context, stage)
    declaration = image_declaration(image, documents, path, context, rank)
    if declaration is not None:
        yield declaration


def _likely_context(documents: Documents, base: str, path: str, instructions: tuple[Instruction, ...]) -> str:
    """The folder from which most of what is copied exists: the Dockerfile's own, the backend's, or one above."""
    candidates = dict.fromkeys([posixpath.dirname(path) or ".", *documents.folders(base)])
    sources = [
        word
        for instruction in instructions
        if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None
        for word in instruction.value.split()[:-1]
        if "://" not in word and not any(sign in word for sign in '[*?"')
    ]

    def found(folder: str) -> int:
        paths = [joined(folder, source.lstrip("/") or ".") for source in sources]
        return sum(documents.is_file(path) or documents.is_dir(path) for path in paths)

    return max(candidates, key=found)


def image_declaration(
    image: Image, documents: Documents, path: str, context: str, rank: int, volumes: tuple[Copied, ...] = ()
) -> Declaration | None:
    """ENTRYPOINT and CMD together, as one command line in the image."""
    argv = _joined(image.entrypoint, image.command)
    if not argv:
        return None
    words = image.command or image.entrypoint
    world = Container(documents, image.copied + volumes, context)
    env = tuple(image.environment().items())
    line = words.line if words else 1
    return Declaration("Dockerfile", rank, path, line, shlex.join(argv), world, image.workdir, argv, env)


def _joined(entrypoint: Words | None, command: Words | None) -> tuple[str, ...]:
    def words(part: Words | None) -> tuple[str, ...]:
        if part is None:
            return ()
        return ("/bin/sh", "-c", part.shell) if part.shell is not None else part.argv

    if entrypoint is not None and entrypoint.shell is not None:
        return words(entrypoint)  # the shell form of ENTRYPOINT ignores CMD
    return words(entrypoint) + words(command)


def compose_services(documents: Documents, base: str, folder: str) -> Iterator[Declaration]:
    """What the services of the compose files there run."""
    places = [folder, *(joined(folder, name) for name in SUBFOLDERS if documents.names(folder).get(name))]
    for place in places:
        for path in find_compose(documents, place):
            for service in read_compose(documents.text(path) or "", path, documents):
                declaration = service_declaration(service, documents, base)
                if declaration is not None:
                    yield declaration


def service_declaration(service: Service, documents: Documents, base: str) -> Declaration | None:
    """What a service runs that builds from, or mounts, the repository."""
    if service.context is None and not service.volumes:
        return None
    image, context = _service_image(service, documents)
    mounted = tuple(Copied(target, source) for source, target in service.volumes)
    if service.entrypoint is not None:
        image = replace(image, entrypoint=_service_words(service.entrypoint, service.line), command=None)
    if service.command is not None:
        image = replace(image, command=_service_words(service.command, service.command_line))
    if service.working_dir:
        image = replace(image, workdir=posixpath.join(image.workdir, service.working_dir))
    declaration = image_declaration(image, documents, service.path, context, 30, mounted)
    if declaration is None:
        return None
    given = {item.name: item.value for item in service.environment if item.value is not None}
    env = {**dict(declaration.env), **{name: interpolate(value, {})[0] for name, value in given.items()}}
    line = service.command_line if service.command is not None else service.line
    name = posixpath.basename(service.path)
    return replace(declaration, source=name, line=line, env=tuple(env.items()))


def _service_words(words: str | tuple[str, ...], line: int) -> Words:
    """Compose splits a text into words itself; no shell is involved."""
    if isinstance(words, tuple):
        return Words(words, None, line)
    try:
        return Words(tuple(shlex.split(words.replace("\n", " "))), None, line)
    except ValueError:
        return Words((), words, line)


def _service_image(service: Service, documents: Documents) -> tuple[Image, str]:
    context = service.context or posixpath.dirname(service.path) or "."
    path = joined(context, service.dockerfile or "Dockerfile")
    text = documents.text(path) if service.context is not None else None
    if text is None:
        return Image(), context
    return build_image(read_dockerfile(text), documents, context, service.stage), context


def joined(folder: str, name: str) -> str:
    """The path of a name in a folder, in its shortest form."""
    return posixpath.normpath(posixpath.join(folder, name))
