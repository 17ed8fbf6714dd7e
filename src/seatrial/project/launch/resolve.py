"""A declared launch command -> what exactly it loads: the module's file, the folders on Python's path, the script
first run.

Which folders Python puts in front is what the real tools do, and tests hold it against them:
the `uvicorn` script puts its `--app-dir` (default: the working directory) first; `python -m` the working directory;
`python file.py` the file's folder; gunicorn its `--chdir`; hypercorn the folder of the module's path; granian the
working directory; `fastapi run PATH` the folder above the outermost package around PATH. PYTHONPATH comes after these.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from seatrial.project.documents import Documents
from seatrial.project.launch.code import applications, binds, factories, serve_call
from seatrial.project.launch.command import APPLICATION, Invocation
from seatrial.project.launch.convention import DISCOVERED, module_name
from seatrial.project.launch.runs import Run, runs_of
from seatrial.project.launch.world import Container, Declaration, Found, Repository, World, find_module


@dataclass(frozen=True, slots=True)
class Start:
    """One server start, resolved as far as it can be. Paths are relative to the audited folder."""

    source: str
    rank: int
    path: str
    line: int
    server: str
    command: str
    value: str
    module: str
    attribute: str
    cwd: str
    entries: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    factory: bool = False
    origin: str = ""
    missing: str = ""
    installed: tuple[str, ...] = ()
    script: str = ""
    run_module: str = ""
    imports: bool = True
    via_module: bool = False
    options: tuple[tuple[str, str], ...] = ()
    env_files: tuple[str, ...] = ()
    column: int = 1
    end: int = 0

    @property
    def outside_root(self) -> bool:
        """Whether the command runs outside the audited folder."""
        return self.cwd.startswith("..")


def starts(declaration: Declaration, documents: Documents, base: str) -> Iterator[Start]:
    """The servers that a declaration starts. One that starts none yields nothing."""
    for run in runs_of(declaration, documents):
        start = _resolved(run, declaration, documents)
        if start is not None:
            yield _placed(start, run, documents)


def resolve_text(documents: Documents, base: str, text: str) -> Start:
    """A start command that a person gives, run in `base`. Raises StopIteration never: the text must start a server."""
    declaration = Declaration("command line", 0, base, 1, text, Repository(documents, base), base)
    found = next(starts(declaration, documents, base), None)
    if found is None:
        module, _, attribute = text.split()[-1].partition(":")
        found = Start(
            "command line", 0, base, 1, "uvicorn", text, text.split()[-1], module, attribute, base, (base,), ()
        )
        found = replace(found, missing="module")
    return found


# --- from invocations to modules


def _resolved(run: Run, declaration: Declaration, documents: Documents) -> Start | None:
    invocation = run.invocation
    folders = [invocation.cwd, *(guess for guess in declaration.guesses if guess != invocation.cwd)]
    first: Start | None = None
    for folder in folders:
        start = _in_folder(run, replace(invocation, cwd=folder), declaration, documents)
        if start is not None and not start.missing:
            return start
        first = first or start
    return first


def _in_folder(run: Run, invocation: Invocation, declaration: Declaration, documents: Documents) -> Start | None:
    world = declaration.world
    blank = Start(
        declaration.source, declaration.rank, run.path, run.line, invocation.server, run.text, "", "", "",
        invocation.cwd, (), invocation.env, via_module=invocation.via_module, options=invocation.options,
        env_files=invocation.env_files,
    )  # fmt: skip
    if invocation.script or invocation.run_module:
        return _python_start(blank, invocation, world, documents)
    if invocation.server == "fastapi" and not invocation.application:
        return _fastapi_start(blank, invocation, world, documents)
    if invocation.server == "gunicorn" and not invocation.application:
        invocation = replace(invocation, application=_gunicorn_default(invocation, world, documents))
    if not invocation.application:
        return None
    return _server_start(blank, invocation, world, documents)


def _server_start(blank: Start, invocation: Invocation, world: World, documents: Documents) -> Start | None:
    value = invocation.application.removeprefix("asgi:")
    match = APPLICATION.fullmatch(value)
    module, _, attribute = value.partition(":")
    if match is None and (blank.source.lower().endswith((".md", ".rst", ".txt")) and ":" not in value):
        return None
    if match is not None:
        module, attribute = match[1], match[2]
    cwd = posixpath.join(invocation.cwd, invocation.option("chdir") or "")
    entries = _front(invocation, posixpath.normpath(cwd), module)
    if invocation.server in ("hypercorn", "granian"):
        module = posixpath.basename(module.removesuffix(".py")) if "/" in module or module.endswith(".py") else module
        attribute = attribute or "app"
    if invocation.server == "gunicorn":
        attribute = attribute or "application"
    factory = invocation.option("factory") is not None or bool(match and match[3])
    start = replace(
        blank, value=value, module=module, attribute=attribute, factory=factory, cwd=posixpath.normpath(cwd)
    )
    return _located(start, entries, world, documents)


def _front(invocation: Invocation, cwd: str, module: str) -> list[str]:
    """The folders that the server itself puts on the path, in order."""
    if invocation.server.startswith("own:"):
        return []
    entries = [cwd]
    if invocation.server == "uvicorn":
        entries = [posixpath.normpath(posixpath.join(cwd, invocation.option("app-dir") or ""))]
    elif invocation.server in ("hypercorn", "granian") and "/" in module:
        entries = [posixpath.normpath(posixpath.join(cwd, posixpath.dirname(module)))]
    elif invocation.server == "gunicorn":
        added = (invocation.option("pythonpath") or "").split(",")
        entries = [posixpath.normpath(posixpath.join(cwd, entry)) for entry in reversed(added) if entry] + entries
    if invocation.server == "granian" and invocation.option("working-dir"):
        entries.append(posixpath.normpath(posixpath.join(cwd, invocation.option("working-dir") or "")))
    if invocation.via_module or invocation.server == "gunicorn":
        entries.append(invocation.cwd)
    return list(dict.fromkeys(entries))


def _pythonpath(env: tuple[tuple[str, str], ...], cwd: str) -> list[str]:
    value = dict(env).get("PYTHONPATH", "")
    parts = [part for part in re.split(r"[:;]", value) if part and "$" not in part and "}" not in part]
    return [posixpath.normpath(posixpath.join(cwd, part)) for part in parts]


def _located(start: Start, front: list[str], world: World, documents: Documents) -> Start | None:
    entries = list(dict.fromkeys([*front, *_pythonpath(start.env, start.cwd)]))
    found = find_module(world, documents, start.module, entries) if start.module else None
    seen = {entry: world.locate(entry) for entry in (*entries, start.cwd)}
    if found is not None:
        first = next((entry for entry in entries if find_module(world, documents, start.module, [entry])), "")
        seen[first] = found.entry
    home = world.home if isinstance(world, Container) else "."
    paths = tuple(dict.fromkeys(path for entry in entries if (path := seen[entry]) is not None))
    installed: tuple[str, ...] = ()
    if found is None:
        found, installed = _installed(start, documents, seen[start.cwd] or home)
    start = replace(start, cwd=seen[start.cwd] or home, entries=paths or (home,), installed=installed)
    if found is None:
        return replace(start, missing="module")
    text = documents.text(found.origin) or ""
    missing = "" if not start.attribute or binds(text, start.attribute) else "attribute"
    return replace(start, origin=found.origin, missing=missing)


def _installed(start: Start, documents: Documents, cwd: str) -> tuple[Found | None, tuple[str, ...]]:
    """Where installing the project itself would put the module: below `src`, or beside the manifest."""
    for folder in dict.fromkeys([cwd, "."]):
        names = documents.names(folder)
        if not {"pyproject.toml", "setup.py", "setup.cfg"} & set(names):
            continue
        for place in (posixpath.normpath(posixpath.join(folder, "src")), folder):
            found = find_module(Repository(documents, folder), documents, start.module, [place])
            if found is not None:
                return found, (place,)
    return None, ()


def _python_start(blank: Start, invocation: Invocation, world: World, documents: Documents) -> Start | None:
    """`python main.py` and `python -m app.main`: the file runs first, and what it calls decides."""
    if invocation.run_module:
        front = [invocation.cwd]
        path = _module_file(invocation, world, documents)
    else:
        written = posixpath.normpath(posixpath.join(invocation.cwd, invocation.script))
        front = [posixpath.dirname(written) or "."]
        path = world.locate(written)
        path = path if path is not None and documents.is_file(path) else None
    if path is None:
        return _no_script(blank, invocation, front)
    text = documents.text(path) or ""
    stem = posixpath.basename(path).removesuffix(".py")
    call = serve_call(text, stem)
    blank = replace(blank, script=path, run_module=invocation.run_module)
    if call is None:
        return None
    if call.is_string:
        module, _, attribute = call.text.partition(":")
        start = replace(blank, value=call.text, module=module, attribute=attribute, factory=call.factory)
        return _located(start, front, world, documents)
    module = invocation.run_module or stem
    start = replace(blank, value=f"{module}:{call.text}", module=module, attribute=call.text, factory=call.factory)
    return _located(replace(start, imports=False, options=call.options), front, world, documents)


def _module_file(invocation: Invocation, world: World, documents: Documents) -> str | None:
    for module in (f"{invocation.run_module}.__main__", invocation.run_module):
        found = find_module(world, documents, module, [invocation.cwd])
        if found is not None:
            return found.origin
    return None


def _no_script(blank: Start, invocation: Invocation, front: list[str]) -> Start | None:
    """A machine's file that runs a script which is not there; what a person is told to type is not held to that."""
    if blank.rank >= 40 or not re.fullmatch(r"(?:\S*/)?(?:main|app|server|run|asgi|start)\.py", invocation.script):
        return None
    module = posixpath.basename(invocation.script).removesuffix(".py")
    return replace(
        blank, value=invocation.script, module=module, entries=tuple(front), missing="module", script=invocation.script
    )


def _fastapi_start(blank: Start, invocation: Invocation, world: World, documents: Documents) -> Start | None:
    """`fastapi run [PATH]`: the package root is the first folder above PATH without an `__init__.py`."""
    paths = [invocation.path_argument] if invocation.path_argument else list(DISCOVERED)
    for written in paths:
        path = world.locate(posixpath.join(invocation.cwd, written))
        if path is not None and documents.is_dir(path):
            path = posixpath.join(path, "__init__.py")
        if path is not None and documents.is_file(path):
            return _fastapi_module(blank, path, invocation, world, documents)
    if not invocation.path_argument:
        return None
    return replace(blank, value=invocation.path_argument, module="", entries=(invocation.cwd,), missing="module")


def _fastapi_module(blank: Start, path: str, invocation: Invocation, world: World, documents: Documents) -> Start:
    folder = posixpath.dirname(path) or "."
    while folder != "." and documents.is_file(posixpath.join(folder, "__init__.py")):
        folder = posixpath.dirname(folder) or "."
    text = documents.text(path) or ""
    names = applications(text)
    preferred = [name for name in ("app", "api") if name in names]
    attribute = invocation.option("app") or next(iter(preferred or names), "app" if not factories(text) else "")
    module = module_name(path, folder)
    cwd = world.locate(invocation.cwd) or (world.home if isinstance(world, Container) else ".")
    missing = "" if attribute and binds(text, attribute) else "attribute"
    extra = [entry for entry in map(world.locate, _pythonpath(blank.env, invocation.cwd)) if entry is not None]
    entries = tuple(dict.fromkeys([folder, *([cwd] if invocation.via_module else []), *extra]))
    value = f"{module}:{attribute or 'app'}"
    return replace(
        blank,
        value=value,
        module=module,
        attribute=attribute or "app",
        cwd=cwd,
        entries=entries,
        origin=path,
        missing=missing,
    )


def _gunicorn_default(invocation: Invocation, world: World, documents: Documents) -> str:
    """The `wsgi_app` of gunicorn's configuration file."""
    named = (invocation.option("config") or "gunicorn.conf.py").removeprefix("file:")
    path = world.locate(posixpath.join(invocation.cwd, named))
    text = (documents.text(path) if path else None) or ""
    match = re.search(r"^wsgi_app\s*=\s*['\"]([^'\"]+)['\"]", text, re.M)
    return match[1] if match else ""


# --- places


def _placed(start: Start, run: Run, documents: Documents) -> Start:
    """The start with the exact span of its target in the file, where it can be found there."""
    needle = start.value if start.imports and not start.script else (run.invocation.script or start.value)
    lines = (documents.text(run.path) or "").split("\n")
    for index in range(run.line - 1, min(run.line + 30, len(lines))):
        column = lines[index].find(needle) if needle else -1
        if column >= 0:
            return replace(start, line=index + 1, column=column + 1, end=column + 1 + len(needle))
    return start
