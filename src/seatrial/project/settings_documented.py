"""What the papers say of environment variables: examples, compose, Dockerfile, files of platforms, README."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from seatrial.issue import Location
from seatrial.project.compose import Service, find_compose, interpolate, read_compose
from seatrial.project.dockerfile import env_pairs, read_dockerfile
from seatrial.project.documents import Documents
from seatrial.project.dotenv import Binding, parse
from seatrial.project.files import Tree
from seatrial.project.launch.declared import read_data
from seatrial.project.launch.images import is_dockerfile
from seatrial.project.settings_facts import EnvDocumented, Settings, Source
from seatrial.project.settings_templates import EnvFile, find_env_files, find_templates, near_folders
from seatrial.project.yamltext import read_yaml

_COMMENTED = re.compile(r"^[ \t]*#+[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Z0-9_]{2,})[ \t]*=[ \t]*([^\n]*)$", re.M)
_NAME = re.compile(r"\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b|\b[A-Z][A-Z0-9]{2,}\b")
_ASSIGNED = re.compile(
    r"^[ \t>]*(?:[-*][ \t]+)?(?:export[ \t]+|set[ \t]+|\$env:|ENV[ \t]+)?([A-Z][A-Z0-9_]{2,})[ \t]*=[ \t]*(.*)$"
)
_FENCE = re.compile(r"^\s*(?:`{3,}|~{3,})")
_CONTAINER = re.compile(
    r"PATH|VIRTUAL_ENV|HOME|LANG|LC_\w+|DEBIAN_FRONTEND|PYTHON\w+|PIP_\w+|UV_\w+|POETRY_\w+|PIPENV_\w+|PDM_\w+|APP_HOME"
    r"|TERM|SHELL|GPG_KEY|USER|GID|UID|NODE_\w+|NPM_\w+|YARN_\w+|PYTHONT?DONT\w+|CACHEBUST|VITE_\w+|NEXT_\w+",
)
_PAPER = re.compile(
    r"(?:readme|quick.?start|getting.?started|setup|install|deploy|config|environment|env)[\w.-]*"
    r"\.(?:md|rst|txt|markdown)|README",
    re.I,
)


def documented_variables(
    tree: Tree, base: str, settings: Settings, documents: Documents | None = None
) -> tuple[EnvDocumented, ...]:
    """What the papers of the backend in `base` say of environment variables, the strongest first.

    READMEs and workflows count only for names that `settings` says the code reads: they mention many others.
    """
    documents = documents or Documents.of(tree.root)
    found: list[EnvDocumented] = []
    for path in find_templates(documents, base):
        found.extend(from_template(documents.text(path) or "", path))
    near = {path for folder in documents.folders(base) for path in near_folders(folder)}
    for file in find_env_files(documents, tree.files, base):
        if (posixpath.dirname(file.path) or ".") in near:
            found.extend(_from_committed(documents, file))
    found.extend(_from_compose(documents, base))
    found.extend(_from_dockerfiles(documents, base))
    found.extend(_from_platforms(documents, base))
    found.extend(_from_papers(documents, base, settings))
    return tuple(found)


# --- dotenv files


def from_template(text: str, path: str) -> Iterator[EnvDocumented]:
    """The variables of an example, those in commented lines too."""
    bindings = parse(text)
    for binding in bindings:
        yield _bound(binding, path, Source.TEMPLATE)
    named = {binding.name for binding in bindings}
    for match in _COMMENTED.finditer(text):
        if match[1] not in named and "=" not in match[1]:
            line = text.count("\n", 0, match.start()) + 1
            value = match[2].split(" #")[0].strip().strip("\"'")
            yield EnvDocumented(match[1], value, Location(path, line), Source.TEMPLATE, "commented out", active=False)


def _bound(binding: Binding, path: str, source: Source) -> EnvDocumented:
    return EnvDocumented(binding.name, binding.value, Location(path, binding.line), source, binding.comment)


def _from_committed(documents: Documents, file: EnvFile) -> Iterator[EnvDocumented]:
    if file.tracked is not False:
        for binding in parse(documents.text(file.path) or ""):
            yield _bound(binding, file.path, Source.COMMITTED)


# --- compose


def services_of(documents: Documents, base: str) -> Iterator[Service]:
    """The compose services that are built from the backend's folder, or from one above it."""
    for folder in documents.folders(base):
        for place in (folder, posixpath.normpath(posixpath.join(folder, "docker"))):
            for path in find_compose(documents, place):
                text = documents.text(path) or ""
                if "environment" in text or "env_file" in text or "build" in text:
                    for service in read_compose(text, path, documents):
                        if _builds(service, documents, base):
                            yield service


def _builds(service: Service, documents: Documents, base: str) -> bool:
    context = service.context
    if context is None or context not in tuple(documents.folders(base)):
        return False
    dockerfile = posixpath.normpath(posixpath.join(context, service.dockerfile or "Dockerfile"))
    written = posixpath.dirname(dockerfile) or "."
    inside = written == base or written in tuple(documents.folders(base)) or (written + "/").startswith(base + "/")
    copied = base != "." and f"{base}/" in (documents.text(dockerfile) or "")
    return inside or copied or (base == "." and not documents.is_file(posixpath.join(written, "package.json")))


def _from_compose(documents: Documents, base: str) -> Iterator[EnvDocumented]:
    for service in services_of(documents, base):
        variables = _beside(documents, posixpath.dirname(service.path) or ".")
        for item in service.environment:
            value, complete = interpolate(item.value, variables) if item.value is not None else (None, False)
            place = Location(service.path, item.line)
            yield EnvDocumented(item.name, value if complete else None, place, Source.COMPOSE)
        for path, line in service.env_files:
            for given in _given_by_file(documents, path):
                yield replace(given, location=Location(service.path, line))


def _given_by_file(documents: Documents, path: str) -> Iterator[EnvDocumented]:
    """What an `env_file` holds, when it is committed itself; its example is read as a template anyway."""
    for binding in parse(documents.text(path) or "") if documents.is_file(path) else ():
        yield _bound(binding, path, Source.COMPOSE)


def _beside(documents: Documents, folder: str) -> dict[str, str]:
    """What compose fills `${...}` with: the `.env` beside the file, as its example has it."""
    values: dict[str, str] = {}
    for template in reversed(find_templates(documents, folder)[:2]):
        values.update({item.name: item.value for item in parse(documents.text(template) or "") if item.value})
    return values


# --- Dockerfiles and platforms


def _from_dockerfiles(documents: Documents, base: str) -> Iterator[EnvDocumented]:
    for name, is_dir in documents.names(base).items():
        if is_dir or not is_dockerfile(name):
            continue
        path = posixpath.normpath(posixpath.join(base, name))
        for instruction in read_dockerfile(documents.text(path) or ""):
            for variable, value in env_pairs(instruction.value) if instruction.keyword == "ENV" else ():
                if not _CONTAINER.fullmatch(variable):
                    known = None if "$" in value else value
                    yield EnvDocumented(variable, known, Location(path, instruction.line), Source.DOCKERFILE)


def _from_platforms(documents: Documents, base: str) -> Iterator[EnvDocumented]:
    for folder in documents.folders(base):
        names = documents.names(folder)
        for name in ("render.yaml", "render.yml"):
            if name in names:
                yield from _render(documents, posixpath.normpath(posixpath.join(folder, name)))
        for name, chain in _KEYED.items():
            if name in names:
                yield from _keyed(documents, posixpath.normpath(posixpath.join(folder, name)), name, chain)


_KEYED = {
    "fly.toml": ("env",),
    "nixpacks.toml": ("variables",),
    "railpack.json": ("deploy", "variables"),
    "vercel.json": ("env",),
    "app.json": ("env",),
}


def _keyed(documents: Documents, path: str, name: str, chain: tuple[str, ...]) -> Iterator[EnvDocumented]:
    text = documents.text(path) or ""
    data = read_data(text, name) if f"{chain[-1]}" in text else None
    for key in chain:
        data = data.get(key) if isinstance(data, dict) else None
    for variable, value in data.items() if isinstance(data, dict) else ():
        given = value.get("value") if isinstance(value, dict) else value
        line = text.count("\n", 0, max(text.find(variable), 0)) + 1
        known = str(given) if isinstance(given, (str, int, float)) and not str(given).startswith("@") else None
        if not _CONTAINER.fullmatch(variable):
            yield EnvDocumented(variable, known, Location(path, line), Source.PLATFORM)


def _render(documents: Documents, path: str) -> Iterator[EnvDocumented]:
    text = documents.text(path) or ""
    document = read_yaml(text) if "envVars" in text else None
    services = document.get("services") if document else None
    for service in services.list() if services else ():
        given = service.get("envVars")
        for item in given.list() if given else ():
            key, value = item.get("key"), item.get("value")
            if key is not None and key.text:
                yield EnvDocumented(key.text, value.text if value else None, Location(path, key.line), Source.PLATFORM)


# --- documentation


def _from_papers(documents: Documents, base: str, settings: Settings) -> Iterator[EnvDocumented]:
    wanted = {name.upper(): name for read in settings.reads for name in (read.names or (read.name,))}
    if not wanted:
        return
    for folder in documents.folders(base):
        for place in (folder, posixpath.normpath(posixpath.join(folder, "docs"))):
            for name, is_dir in documents.names(place).items():
                if not is_dir and _PAPER.fullmatch(name):
                    path = posixpath.normpath(posixpath.join(place, name))
                    yield from from_paper(documents.text(path) or "", path, wanted)
        yield from _from_workflows(documents, folder, wanted)


def from_paper(text: str, path: str, wanted: dict[str, str]) -> Iterator[EnvDocumented]:
    """Variables that a paper assigns in a code block, or names in code or a table; each once, the assignments first."""
    mentioned = {name for name in set(_NAME.findall(text)) if name.upper() in wanted and name.isupper()}
    if not mentioned:
        return
    found: dict[str, EnvDocumented] = {}
    fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        if _FENCE.match(line):
            fenced = not fenced
            continue
        match = _ASSIGNED.match(line) if fenced or line.startswith(("    ", "\t")) else None
        if match and match[1] in mentioned:
            value = _written(match[2])
            found.setdefault(match[1], EnvDocumented(match[1], value, Location(path, number), Source.README))
        elif not fenced and ("`" in line or "|" in line):
            for name in _NAME.findall(line):
                if name in mentioned and name not in found:
                    found[name] = EnvDocumented(name, None, Location(path, number), Source.README, line.strip()[:200])
    yield from found.values()


def _written(text: str) -> str | None:
    """The value as written; None for a reference to something else."""
    text = text.strip()
    if "${" in text or text.startswith(("#", "$(", "%")):
        return None
    if text[:1] in "\"'" and text[:1] and text[1:].find(text[0]) >= 0:
        return text[1 : text.index(text[0], 1)]
    return re.sub(r"\s+#.*", "", text).rstrip("\\").strip()


def _from_workflows(documents: Documents, folder: str, wanted: dict[str, str]) -> Iterator[EnvDocumented]:
    place = posixpath.normpath(posixpath.join(folder, ".github/workflows"))
    for name, is_dir in documents.names(place).items():
        if is_dir or not name.endswith((".yml", ".yaml")):
            continue
        path = posixpath.join(place, name)
        for number, line in enumerate((documents.text(path) or "").split("\n"), 1):
            match = re.match(r"\s+([A-Z][A-Z0-9_]{2,}):\s+(.+)$", line)
            if match and match[1] in wanted:
                value = None if "${{" in match[2] else match[2].strip().strip("\"'")
                yield EnvDocumented(match[1], value, Location(path, number), Source.WORKFLOW)
