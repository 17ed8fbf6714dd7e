"""Where the application is when nobody says how it is started: by the names everybody uses, and by looking."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.project.documents import Documents
from seatrial.project.launch.code import applications, factories, imported_roots, serve_call

DISCOVERED = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
"""The files that `fastapi run` looks for without a path, in its order (fastapi-cli 0.0.34)."""

USUAL = (
    *DISCOVERED,
    "src/main.py", "src/app.py", "src/app/main.py", "src/api/main.py", "src/server.py", "api/main.py", "api/index.py",
    "api/app.py", "backend/main.py", "backend/app/main.py", "server/main.py", "server.py", "asgi.py", "run.py",
    "index.py", "core/server.py", "app/server.py", "app/asgi.py", "app/__init__.py", "src/__init__.py",
    "application.py", "web.py",
)  # fmt: skip
_APART = re.compile(
    r"(?:^|/)(?:tests?|testing|migrations?|alembic|examples?|docs|scripts|templates?|\.[^/]*|debug\w*)(?:/|$)"
    r"|(?:^|/)(?:test_|conftest)|_test\.py$"
)
_MOST_FILES = 400


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application found in a file: `module` as imported from the folder `entry`, both relative to the root."""

    path: str
    module: str
    attribute: str
    entry: str
    line: int
    factory: bool = False
    by_call: bool = False


def conventional(documents: Documents, base: str, files: tuple[str, ...]) -> Iterator[Candidate]:
    """Applications in `base`, the likeliest first. `files` are all the project's files, for when no usual name fits."""
    usual = [_join(base, name) for name in USUAL]
    found = False
    for path in usual:
        for candidate in _in_file(documents, base, path) if documents.is_file(path) else ():
            found = True
            yield candidate
    if not found:
        yield from _anywhere(documents, base, files, frozenset(usual))


def _anywhere(documents: Documents, base: str, files: tuple[str, ...], seen: frozenset[str]) -> Iterator[Candidate]:
    prefix = "" if base == "." else base + "/"
    inside = [path for path in files if path.endswith(".py") and path.startswith(prefix) and path not in seen]
    wanted = [path for path in inside if not _APART.search(path[len(prefix) :])]
    for path in sorted(wanted, key=lambda path: (path.count("/"), path))[:_MOST_FILES]:
        yield from _in_file(documents, base, path)


def _in_file(documents: Documents, base: str, path: str) -> Iterator[Candidate]:
    text = documents.text(path) or ""
    if "FastAPI" not in text and "Starlette" not in text and "app" not in text:
        return
    names = applications(text)
    entry = package_root(documents, base, path, text)
    module = module_name(path, entry)
    for name in sorted(names, key=lambda name: ("app", "api", name).index(name)):
        yield Candidate(path, module, name, entry, _line_of(text, name))
    if not names:
        yield from _called(path, module, entry, text)
        for name in factories(text):
            yield Candidate(path, module, name, entry, _line_of(text, name), factory=True)


def _called(path: str, module: str, entry: str, text: str) -> Iterator[Candidate]:
    """`uvicorn.run("core.server:app")` in a file that has no application of its own."""
    call = serve_call(text, posixpath.basename(path).removesuffix(".py"))
    if call is not None and call.is_string and ":" in call.text:
        target, _, attribute = call.text.partition(":")
        yield Candidate(path, target, attribute, entry, call.line, call.factory, by_call=True)


def package_root(documents: Documents, base: str, path: str, text: str) -> str:
    """The folder from which the file's own absolute imports can be found; `base` when they do not tell."""
    roots = imported_roots(text)
    candidates: list[str] = []
    folder = posixpath.dirname(path) or "."
    while True:
        candidates.insert(0, folder)
        if folder in (base, ".", "..") or not documents.within(folder):
            break
        folder = posixpath.dirname(folder) or "."
    if len(candidates) > 1 and re.search(r"^[ \t]*from[ \t]+\.", text, re.M):
        candidates.pop()  # relative imports need a package around the file
    best, most = base, 0
    for candidate in candidates:
        names = documents.names(candidate)
        score = sum(names.get(name) is True or names.get(f"{name}.py") is False for name in roots)
        if score > most:
            best, most = candidate, score
    return best


def module_name(path: str, entry: str) -> str:
    """The dotted name of a file seen from a folder."""
    inside = path if entry == "." else path[len(entry) + 1 :]
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _line_of(text: str, name: str) -> int:
    match = re.search(rf"^[ \t]*(?:async\s+)?(?:def\s+)?{re.escape(name)}\b", text, re.M)
    return text.count("\n", 0, match.start()) + 1 if match else 1


def _join(folder: str, name: str) -> str:
    return name if folder == "." else posixpath.normpath(posixpath.join(folder, name))
