"""The dotenv files that code loads: by python-dotenv, python-decouple, Starlette and environs."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from seatrial.project.settings_facts import DotenvUse
from seatrial.project.settings_paths import Anchored, PathValue
from seatrial.project.settings_reads import argument_of
from seatrial.project.settings_walk import PythonFile, sites


def dotenv_in(file: PythonFile) -> Iterator[DotenvUse]:
    """The dotenv files that one file loads, settings classes aside."""
    for site in sites(file, re.compile(r"dotenv|read_env|Config\(|decouple")):
        if isinstance(site.node, ast.Call):
            use = _dotenv_call(file, site.node)
            if use is not None:
                yield use
    if any(origin.startswith("decouple.config") or origin == "decouple" for origin in file.imports.values()):
        yield DotenvUse("decouple", file.location(file.tree), upward=(posixpath.dirname(file.path) or ".",))


def _dotenv_call(file: PythonFile, call: ast.Call) -> DotenvUse | None:
    callee = file.canonical(call.func)
    last = callee.rsplit(".", maxsplit=1)[-1]
    place = file.location(call)
    if last in ("load_dotenv", "dotenv_values") and ("dotenv" in callee or last in file.imports):
        use = _use("python-dotenv", file, call, argument_of(call, 0, "dotenv_path"))
        override = any(item.arg == "override" and getattr(item.value, "value", False) is True for item in call.keywords)
        return replace(use, location=place, into_environ=last == "load_dotenv", override=override)
    if last == "read_env":
        return replace(_use("environs", file, call, argument_of(call, 0, "path")), location=place, into_environ=True)
    if callee in ("starlette.config.Config", "decouple.RepositoryEnv"):
        if not call.args and not call.keywords:
            return None
        return replace(_use(callee.split(".")[0], file, call, argument_of(call, 0, "env_file")), location=place)
    return None


def _use(reader: str, file: PythonFile, call: ast.Call, argument: ast.expr | None) -> DotenvUse:
    found = argument is None or (
        isinstance(argument, ast.Call) and file.canonical(argument.func).endswith("find_dotenv")
    )
    if found and not (isinstance(argument, ast.Call) and argument.args):
        return DotenvUse(reader, file.location(call), upward=(posixpath.dirname(file.path) or ".",))
    return placed_use(DotenvUse(reader, file.location(call)), [file.paths.read(argument)])


def placed_use(use: DotenvUse, paths: Iterable[PathValue | None]) -> DotenvUse:
    """The use with its files sorted into those relative to the working directory and those found through `__file__`."""
    known = [path for path in paths if path is not None]
    anchored = tuple(path.path for path in known if isinstance(path, Anchored))
    return replace(use, paths=anchored, from_cwd=tuple(path for path in known if isinstance(path, str)))
