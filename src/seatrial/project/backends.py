"""Which folders of a project are FastAPI backends, and which of them an audit of the root is about.

A backend is a folder with a manifest or a deployment file of its own, whose Python files (not its tests, examples
or documentation) create an ASGI application. Judged from text: a call of `FastAPI` or `Starlette`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from seatrial.errors import UsageError
from seatrial.issue import NotAnalysed
from seatrial.project.files import MAX_BYTES, Source, Tree, folders_above, parse_quietly, read, read_bytes
from seatrial.project.syntax.nodes import walk

_LISTED = 20  # of more backends the rest is counted
_APART = frozenset(
    {"tests", "test", "testing", "e2e", "docs", "doc", "examples", "example", "samples", "sample", "demos"}
    | {"docs_src", "templates", "template", "fixtures", "benchmarks", "tutorials", "cookiecutter", "migrations"}
)
_CALL = re.compile(r"\b(?:FastAPI|Starlette)\s*\(")
_MODULE_TARGET = re.compile(rb"(?<![\w./:-])([A-Za-z_][\w.]*):[A-Za-z_]\w*")
_REQUIREMENTS = re.compile(r"requirements.*\.(?:txt|in)$|.*requirements\.(?:txt|in)$", re.IGNORECASE)
_MANIFESTS = frozenset(
    {"Pipfile", "Pipfile.lock", "uv.lock", "poetry.lock", "pdm.lock", "environment.yml", "environment.yaml"}
)
_LAUNCHERS = frozenset({"Procfile", "railway.json", "railway.toml", "nixpacks.toml", "railpack.json", "fly.toml"})
_PYPROJECT = re.compile(rb"^\s*\[(?:project|tool\.(?:poetry|pdm|uv|hatch)\b|dependency-groups)", re.MULTILINE)
_SETUP = {
    "setup.py": re.compile(rb"\bsetup\s*\("),
    "setup.cfg": re.compile(rb"^\[(?:metadata|options)\]", re.MULTILINE),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A folder that looks like a backend; paths are relative to the root, "." is the root itself.

    `apps` are the files that create an application, most likely first; empty where only routers were found.
    `code` is the folder that their imports and package layout point to as the one to start in. `manifests` and
    `launchers` are the files in `base` that made it a backend. `title` says in one line what it is.
    """

    base: str
    code: str
    apps: tuple[str, ...]
    manifests: tuple[str, ...]
    launchers: tuple[str, ...]
    title: str


def find_backends(tree: Tree) -> tuple[Candidate, ...]:
    """Every FastAPI backend of the project, the root first, then by path.

    Raises UsageError when there is none, saying what was looked for.
    """
    apps = _app_files(tree) or _router_files(tree)
    if not apps:
        raise UsageError(_none_found(tree))
    homes = _Homes(tree)
    grouped: dict[str, dict[str, _App]] = defaultdict(dict)
    for path, app in apps.items():
        for base in homes.of(path, app):
            grouped[base][path] = app
    candidates = [_candidate(homes, base, grouped[base]) for base in grouped]
    return tuple(sorted(candidates, key=lambda candidate: (candidate.base != ".", candidate.base)))


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """The backend that an audit of the root is about: the root itself, else the only one.

    Raises UsageError that lists them when there are several and the root is none of them.
    """
    if candidates[0].base == "." or len(candidates) == 1:
        return candidates[0]
    listed = [f"{candidate.base}: {candidate.title}" for candidate in candidates[:_LISTED]]
    if len(candidates) > _LISTED:
        listed.append(f"and {len(candidates) - _LISTED} more")
    said = f"there are {len(candidates)} backends here, give the folder of one of them (`audit --all` reads each)"
    raise UsageError(said, listed)


def is_manifest(tree: Tree, path: str) -> bool:
    """Whether a file declares dependencies: by its name and, where the name says too little, by what is in it."""
    name = path.rpartition("/")[2]
    if name in _MANIFESTS or _REQUIREMENTS.match(name) or re.fullmatch(r"pylock(\..+)?\.toml", name):
        return True
    pattern = _PYPROJECT if name == "pyproject.toml" else _SETUP.get(name)
    if pattern is None:
        return False
    raw = read_bytes(tree.root, path)
    return not isinstance(raw, NotAnalysed) and pattern.search(raw) is not None


def is_launcher(path: str) -> bool:
    """Whether a file says how a platform builds or starts what is in its folder."""
    name = path.rpartition("/")[2]
    return name in _LAUNCHERS or name == "Dockerfile" or name.startswith("Dockerfile.")


def _none_found(tree: Tree) -> str:
    count = len(tree.python)
    noun = "file" if count == 1 else "files"
    return (
        f"no FastAPI backend in {tree.root}: none of its {count} Python {noun} (tests, examples and documentation "
        "left out) calls FastAPI() or imports fastapi; give the folder that holds the backend's code"
    )


@dataclass(frozen=True, slots=True)
class _App:
    """What an application file tells.

    The top-level names it imports, the highest level of its relative imports, whether the app is made at module level.
    """

    imports: frozenset[str] = frozenset()
    level: int = 0
    at_import: bool = False


def _app_files(tree: Tree) -> dict[str, _App]:
    found = {}
    for path in _own_code(tree):
        raw = _raw(tree, path)
        if (b"FastAPI" in raw or b"Starlette" in raw) and (b"fastapi" in raw or b"starlette" in raw):
            app = _app(tree, path)
            if app is not None:
                found[path] = app
    return found


def _router_files(tree: Tree) -> dict[str, _App]:
    """Where nothing creates an app, what imports fastapi still shows where the backend is."""
    return {path: _App() for path in _own_code(tree) if re.search(rb"\b(?:from|import) fastapi\b", _raw(tree, path))}


def _own_code(tree: Tree) -> Iterator[str]:
    for path in tree.python:
        *folders, name = path.split("/")
        apart = any(folder in _APART or folder.startswith(".") for folder in folders)
        if not apart and not name.startswith("test_") and not name.endswith("_test.py") and name != "conftest.py":
            yield path


def _raw(tree: Tree, path: str) -> bytes:
    """The bytes of a file of the tree, of one that is gone or too large none. In thousands: no second look at each."""
    try:
        with (tree.root / path).open("rb", buffering=0) as file:
            return file.read(MAX_BYTES)
    except OSError:
        return b""


def _app(tree: Tree, path: str) -> _App | None:
    source = read(tree.root, path)
    if not isinstance(source, Source):
        return None
    try:
        module = parse_quietly(source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # A broken file, or one for another Python: is there a call in what looks like code?
        code = (line.partition("#")[0] for line in source.text.splitlines())
        return _App(at_import=True) if any(_CALL.search(line) for line in code) else None
    nodes = [*walk(module)]
    calls = _creating_calls(nodes)
    if not calls:
        return None
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    outside = {id(call) for function in functions for call in walk(function)}
    at_import = any(id(call) not in outside for call in calls)
    return _App(frozenset(_top_level_imports(nodes)), _level(nodes), at_import)


def _creating_calls(nodes: Sequence[ast.AST]) -> list[ast.Call]:
    names = {"FastAPI", "Starlette"}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            names.update(alias.asname for alias in node.names if alias.name in names and alias.asname)
        elif isinstance(node, ast.ClassDef) and any(_last_name(base) in names for base in node.bases):
            names.add(node.name)
    return [node for node in nodes if isinstance(node, ast.Call) and _last_name(node.func) in names]


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _top_level_imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def _level(nodes: Iterable[ast.AST]) -> int:
    return max((node.level for node in nodes if isinstance(node, ast.ImportFrom)), default=0)


class _Homes:
    """The folders of one project that can be a backend's: where manifests and deployment files are."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._importable = _importable(tree)
        self.manifests: dict[str, list[str]] = defaultdict(list)
        self.launchers: dict[str, list[str]] = defaultdict(list)
        for path in tree.files:
            folder = path.rpartition("/")[0] or "."
            if any(part in _APART or part.startswith(".") for part in folder.split("/") if part != "."):
                continue
            if is_manifest(tree, path):
                self.manifests[_home_of_manifest(folder)].append(path)
            elif is_launcher(path):
                self.launchers[folder].append(path)

    def of(self, path: str, app: _App) -> list[str]:
        """The folders that this application belongs to: its nearest home, and each above that launches it by name."""
        above = list(folders_above(path))
        nearest = next((folder for folder in above if folder in self.manifests), None)
        deployed = next((folder for folder in above if folder in self.launchers), None)
        if nearest is None or (deployed is not None and _deeper(deployed, nearest) and self._is_one_of_many(deployed)):
            nearest = deployed or nearest or self.code(path, app)
        claims = [folder for folder in above if folder in self.manifests and self._launches(folder, path)]
        return [nearest, *(folder for folder in claims if _deeper(nearest, folder))]

    def code(self, path: str, app: _App) -> str:
        """The folder to start in: the one that most of the file's own imports resolve from, else its package's root."""
        folders = list(folders_above(path))
        votes = {folder: len(self._importable[folder] & app.imports - sys.stdlib_module_names) for folder in folders}
        best = max(folders, key=lambda folder: votes[folder])
        if votes[best]:
            return best
        outside = folders[min(app.level, len(folders) - 1) :]  # `from . import` needs a package around the file
        return next(folder for folder in outside if folder == "." or not self._is_package(folder))

    def _is_package(self, folder: str) -> bool:
        if f"{folder}/__init__.py" in self._tree:
            return True
        usual = folder.rpartition("/")[2] in ("app", "core", "api")
        return usual and folder not in self.manifests and folder not in self.launchers

    def _is_one_of_many(self, folder: str) -> bool:
        """Whether folders beside this one are deployed on their own, too: services of one repository."""
        parent = folder.rpartition("/")[0]
        return sum(other.rpartition("/")[0] == parent and other != "." for other in self.launchers) > 1

    def _launches(self, folder: str, path: str) -> bool:
        relative = path if folder == "." else path[len(folder) + 1 :]
        module = relative.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        raw = b"\n".join(_raw(self._tree, launcher) for launcher in self.launchers.get(folder, ()))
        return any(found.decode().removesuffix(".__init__") == module for found in _MODULE_TARGET.findall(raw))


def _deeper(folder: str, other: str) -> bool:
    return folder != other and (other == "." or folder.startswith(other + "/"))


def _home_of_manifest(folder: str) -> str:
    """A folder `requirements/` holds its parent's manifests."""
    parent, _, name = folder.rpartition("/")
    return (parent or ".") if name in ("requirements", "reqs") else folder


def _importable(tree: Tree) -> Mapping[str, set[str]]:
    """For each folder, the names that an import finds there: Python files and folders that hold some."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in tree.python:
        child = path.removesuffix(".py")
        for folder in folders_above(path):
            found[folder].add(child.rpartition("/")[2])
            child = folder
    return found


def _candidate(homes: _Homes, base: str, apps: Mapping[str, _App]) -> Candidate:
    ranked = sorted(apps, key=lambda path: (not apps[path].at_import, path.count("/"), not _usual(path), path))
    manifests = tuple(sorted(homes.manifests.get(base, ())))
    launchers = tuple(sorted(homes.launchers.get(base, ())))
    created = tuple(ranked) if any(app.imports or app.at_import for app in apps.values()) else ()
    title = _title(base, created or tuple(ranked), [*manifests, *launchers], bool(created))
    return Candidate(base, homes.code(ranked[0], apps[ranked[0]]), created, manifests, launchers, title)


def _usual(path: str) -> bool:
    return path.rpartition("/")[2] in ("main.py", "app.py", "api.py", "server.py", "asgi.py", "index.py")


def _title(base: str, apps: Sequence[str], papers: Iterable[str], creates: bool) -> str:
    within = "" if base == "." else base + "/"
    names = ", ".join(sorted({paper.removeprefix(within) for paper in papers})[:4])
    more = f" and {len(apps) - 1} more" if len(apps) > 1 else ""
    what = "FastAPI app in" if creates else "FastAPI routers in"
    return f"{what} {apps[0].removeprefix(within)}{more}" + (f" ({names})" if names else " (no manifest)")
