"""Organic faults of imports and of the files they name."""

from __future__ import annotations

import ast
import re
from random import Random

from .mutations import Files, after_docstring, imports_in, mutation, some_file, statements_in, with_lines
from .words import misspell


@mutation(4, "misspell_import")
def misspell_import(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    found = imports_in(files[path])
    if not found:
        return None
    node = rng.choice(found)
    words = re.findall(r"[A-Za-z_]\w+", "\n".join(files[path].split("\n")[node.lineno - 1 : node.end_lineno]))
    word = rng.choice([word for word in words if word not in ("from", "import", "as")] or ["x"])
    lines = files[path].split("\n")
    for number in range(node.lineno - 1, node.end_lineno or node.lineno):
        if re.search(rf"\b{word}\b", lines[number]):
            lines[number] = re.sub(rf"\b{word}\b", misspell(word, rng), lines[number], count=1)
            files[path] = "\n".join(lines)
            return ""
    return None


@mutation(4, "move_import_down")
def move_import_down(rng: Random, files: Files) -> str | None:
    return _move(rng, files, to_end=True)


@mutation(3, "move_import_up")
def move_import_up(rng: Random, files: Files) -> str | None:
    return _move(rng, files, to_end=False)


def _move(rng: Random, files: Files, to_end: bool) -> str | None:
    path = some_file(rng, files)
    found = [
        node
        for node in imports_in(files[path])
        if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]
    if not found:
        return None
    node = rng.choice(found)
    inside = node.col_offset > 0
    lines = files[path].split("\n")
    moved = [line[node.col_offset :] for line in lines[node.lineno - 1 : node.end_lineno]]
    rest = (
        lines[: node.lineno - 1] + ([" " * node.col_offset + "pass"] if inside else []) + lines[node.end_lineno or 0 :]
    )
    if to_end:
        files[path] = "\n".join([*rest, *moved, ""])
        return ""
    start = after_docstring("\n".join(rest))
    files[path] = "\n".join(rest[:start] + moved + rest[start:])
    return ""


@mutation(3, "import_into_function")
def import_into_function(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    tops = [node for node in statements_in(files[path]) if isinstance(node, ast.Import | ast.ImportFrom)]
    tops = [
        node
        for node in tops
        if not (isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*"))
    ]
    functions = [
        node
        for node in statements_in(files[path])
        if isinstance(node, ast.FunctionDef) and node.lineno != node.body[0].lineno
    ]
    if not tops or not functions:
        return None
    node, home = rng.choice(tops), rng.choice(functions)
    lines = files[path].split("\n")
    moved = ["    " + line for line in lines[node.lineno - 1 : node.end_lineno]]
    at = home.body[0].lineno - 1
    if node.lineno < home.lineno:
        files[path] = "\n".join(lines[: node.lineno - 1] + lines[node.end_lineno or 0 : at] + moved + lines[at:])
    else:
        files[path] = "\n".join(lines[:at] + moved + lines[at : node.lineno - 1] + lines[node.end_lineno or 0 :])
    return "function_import"


@mutation(3, "drop_init")
def drop_init(rng: Random, files: Files) -> str | None:
    inits = [path for path in files if path.endswith("__init__.py")]
    if not inits:
        return None
    path = rng.choice(inits)
    del files[path]
    return "namespace_package"


@mutation(2.5, "delete_module")
def delete_module(rng: Random, files: Files) -> str | None:
    others = [path for path in files if not path.endswith("__init__.py")]
    if len(others) < 3:
        return None
    del files[rng.choice(others)]
    return "missing_module"


@mutation(3, "rename_module")
def rename_module(rng: Random, files: Files) -> str | None:
    path = rng.choice([path for path in files if not path.endswith("__init__.py")] or [""])
    if not path:
        return None
    folder, _, name = path.rpartition("/")
    stem = name.removesuffix(".py")
    new = rng.choice([stem.capitalize(), stem + "s", stem + "_old", stem.upper(), misspell(stem, rng)])
    target = f"{folder}/{new}.py" if folder else f"{new}.py"
    if target in files:
        return None
    files[target] = files.pop(path)
    return "missing_module"


@mutation(2, "move_module")
def move_module(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    folders = sorted({other.rpartition("/")[0] for other in files} - {path.rpartition("/")[0]})
    if not folders:
        return None
    folder = rng.choice(folders)
    name = path.rpartition("/")[2]
    target = f"{folder}/{name}" if folder else name
    if target in files:
        return None
    files[target] = files.pop(path)
    return "missing_module"


@mutation(4, "change_level")
def change_level(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    found = [
        node for node in imports_in(files[path]) if isinstance(node, ast.ImportFrom) and node.module != "__future__"
    ]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    line = lines[node.lineno - 1]
    if node.level == 0:
        lines[node.lineno - 1] = line.replace("from ", "from " + rng.choice([".", ".."]), 1)
    elif rng.random() < 0.5 or not node.module:
        lines[node.lineno - 1] = line.replace("from ", "from .", 1)
    else:
        lines[node.lineno - 1] = re.sub(r"from \.", "from ", line, count=1)
    files[path] = "\n".join(lines)
    return "relative_changed"


@mutation(2, "drop_prefix")
def drop_prefix(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    found = [
        node
        for node in imports_in(files[path])
        if isinstance(node, ast.ImportFrom) and node.level == 0 and "." in (node.module or "")
    ]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    module = node.module or ""
    lines[node.lineno - 1] = lines[node.lineno - 1].replace(module, module.partition(".")[2], 1)
    files[path] = "\n".join(lines)
    return "missing_module"


@mutation(2.5, "wrap_type_checking")
def wrap_type_checking(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    found = [
        node
        for node in statements_in(files[path])
        if isinstance(node, ast.ImportFrom) and node.module != "__future__" and node.names[0].name != "*"
    ]
    if not found:
        return None
    node = rng.choice(found)
    lines = ["    " + line for line in files[path].split("\n")[node.lineno - 1 : node.end_lineno]]
    files[path] = with_lines(
        files[path],
        node.lineno,
        node.end_lineno or 0,
        ["from typing import TYPE_CHECKING", "if TYPE_CHECKING:", *lines],
    )
    return "type_checking_runtime"


@mutation(1, "drop_all_entry")
def widen_all(rng: Random, files: Files) -> str | None:
    paths = [path for path in files if "__all__ = [" in files[path]]
    if not paths:
        return None
    path = rng.choice(paths)
    files[path] = files[path].replace(
        "__all__ = [", rng.choice(["__all__ = ['missing_entry', ", "__all__ = ['os', "]), 1
    )
    return "all_missing"


@mutation(1.5, "duplicate_as_package")
def duplicate_as_package(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    if path.endswith("__init__.py"):
        return None
    target = path.removesuffix(".py") + "/__init__.py"
    files[target] = rng.choice(["", "VERSION = 1\n", "from .inner import thing\n"])
    return "module_vs_package"


@mutation(1.5, "delete_function_body")
def empty_module(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    files[path] = rng.choice(["", "\n", "# to be written\n", '"""Later."""\n'])
    return ""
