"""Organic faults: small edits of a program that worked, of the kind people and tools make."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from random import Random

from .words import misspell

Files = dict[str, str]
Mutation = Callable[[Random, Files], "str | None"]
MUTATIONS: list[tuple[float, str, Mutation]] = []


def mutation(weight: float, name: str) -> Callable[[Mutation], Mutation]:
    def register(make: Mutation) -> Mutation:
        MUTATIONS.append((weight, name, make))
        return make

    return register


def mutate(rng: Random, files: Files, features: set[str]) -> None:
    """Applies one mutation that fits; mutations return the feature they stand for, or None where they do not fit."""
    for _ in range(12):
        _, name, make = rng.choices(MUTATIONS, [weight for weight, _, _ in MUTATIONS])[0]
        try:
            feature = make(rng, files)
        except SyntaxError:  # an earlier mutation broke this file's syntax
            continue
        if feature is not None:
            features.update({"mutated", f"mutation_{name}"} | ({feature} if feature else set()))
            return


def _statements(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def _some(rng: Random, files: Files) -> str:
    return rng.choice([path for path in files if path.endswith(".py")])


def _with_lines(text: str, start: int, end: int, new: list[str]) -> str:
    lines = text.split("\n")
    return "\n".join(lines[: start - 1] + new + lines[end:])


def _span(statement: ast.stmt) -> tuple[int, int]:
    decorators = getattr(statement, "decorator_list", [])
    start = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    return start, statement.end_lineno or start


def _imports(text: str) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]


@mutation(4, "rename_definition")
def rename_definition(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    found = [node for node in _statements(files[path]) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    lines[node.lineno - 1] = re.sub(rf"\b{node.name}\b", misspell(node.name, rng), lines[node.lineno - 1], count=1)
    files[path] = "\n".join(lines)
    return ""


@mutation(4, "misspell_import")
def misspell_import(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    found = _imports(files[path])
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


@mutation(4, "delete_statement")
def delete_statement(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    statements = _statements(files[path])
    if len(statements) < 2:
        return None
    start, end = _span(rng.choice(statements))
    files[path] = _with_lines(files[path], start, end, [])
    return ""


@mutation(4, "swap_statements")
def swap_statements(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    statements = _statements(files[path])
    if len(statements) < 3:
        return None
    place = rng.randrange(len(statements) - 1)
    (a, b), (c, d) = _span(statements[place]), _span(statements[place + 1])
    lines = files[path].split("\n")
    files[path] = "\n".join(lines[: a - 1] + lines[c - 1 : d] + lines[b : c - 1] + lines[a - 1 : b] + lines[d:])
    return ""


@mutation(4, "move_import_down")
def move_import_down(rng: Random, files: Files) -> str | None:
    return _move(rng, files, to_end=True)


@mutation(3, "move_import_up")
def move_import_up(rng: Random, files: Files) -> str | None:
    return _move(rng, files, to_end=False)


def _move(rng: Random, files: Files, to_end: bool) -> str | None:
    path = _some(rng, files)
    found = [node for node in _imports(files[path]) if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]
    if not found:
        return None
    node = rng.choice(found)
    inside = node.col_offset > 0
    lines = files[path].split("\n")
    moved = [line[node.col_offset :] for line in lines[node.lineno - 1 : node.end_lineno]]
    rest = lines[: node.lineno - 1] + ([" " * node.col_offset + "pass"] if inside else []) + lines[node.end_lineno or 0 :]
    if to_end:
        files[path] = "\n".join([*rest, *moved, ""])
        return ""
    start = _after_docstring("\n".join(rest))
    files[path] = "\n".join(rest[:start] + moved + rest[start:])
    return ""


def _after_docstring(text: str) -> int:
    """The line after the docstring and the `__future__` imports."""
    line = 0
    for node in _statements(text):
        documented = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if not documented and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        line = node.end_lineno or line
    return line


@mutation(3, "import_into_function")
def import_into_function(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    tops = [node for node in _statements(files[path]) if isinstance(node, ast.Import | ast.ImportFrom)]
    tops = [node for node in tops if not (isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*"))]
    functions = [node for node in _statements(files[path]) if isinstance(node, ast.FunctionDef) and node.lineno != node.body[0].lineno]
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
    path = _some(rng, files)
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
    path = _some(rng, files)
    found = [node for node in _imports(files[path]) if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
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
    path = _some(rng, files)
    found = [node for node in _imports(files[path]) if isinstance(node, ast.ImportFrom) and node.level == 0 and "." in (node.module or "")]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    module = node.module or ""
    lines[node.lineno - 1] = lines[node.lineno - 1].replace(module, module.partition(".")[2], 1)
    files[path] = "\n".join(lines)
    return "missing_module"


@mutation(3, "unwrap_guard")
def unwrap_guard(rng: Random, files: Files) -> str | None:
    return _unwrap(rng, files, ast.Try)


@mutation(2.5, "unwrap_condition")
def unwrap_condition(rng: Random, files: Files) -> str | None:
    return _unwrap(rng, files, ast.If)


def _unwrap(rng: Random, files: Files, kind: type[ast.Try] | type[ast.If]) -> str | None:
    path = _some(rng, files)
    found = [node for node in _statements(files[path]) if isinstance(node, kind)]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    last = node.body[-1].end_lineno or 0
    body = [line[4:] for line in lines[node.body[0].lineno - 1 : last]]
    files[path] = _with_lines(files[path], node.lineno, node.end_lineno or node.lineno, body)
    return ""


@mutation(2.5, "wrap_type_checking")
def wrap_type_checking(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    found = [node for node in _statements(files[path]) if isinstance(node, ast.ImportFrom) and node.module != "__future__" and node.names[0].name != "*"]
    if not found:
        return None
    node = rng.choice(found)
    lines = ["    " + line for line in files[path].split("\n")[node.lineno - 1 : node.end_lineno]]
    files[path] = _with_lines(files[path], node.lineno, node.end_lineno or 0, ["from typing import TYPE_CHECKING", "if TYPE_CHECKING:", *lines])
    return "type_checking_runtime"


@mutation(2.5, "wrong_call")
def wrong_call(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    found = [node for node in ast.walk(ast.parse(files[path])) if isinstance(node, ast.Call) and node.args and node.lineno == node.end_lineno]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    line, argument = lines[node.lineno - 1], node.args[-1]
    assert argument.end_col_offset is not None
    lines[node.lineno - 1] = line[: argument.col_offset] + rng.choice(["", "None", "1, 2, 3", "unexpected=1"]) + line[argument.end_col_offset :]
    try:
        ast.parse("\n".join(lines))
    except SyntaxError:
        return None
    files[path] = "\n".join(lines)
    return "wrong_arity"


@mutation(2.5, "wrong_attribute")
def wrong_attribute(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    found = [node for node in ast.walk(ast.parse(files[path])) if isinstance(node, ast.Attribute) and node.lineno == node.end_lineno and isinstance(node.ctx, ast.Load)]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    line, end = lines[node.lineno - 1], node.end_col_offset or 0
    lines[node.lineno - 1] = line[: end - len(node.attr)] + misspell(node.attr, rng) + line[end:]
    files[path] = "\n".join(lines)
    return "wrong_attribute"


@mutation(2.5, "wrong_name")
def wrong_name(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    found = [node for node in ast.walk(ast.parse(files[path])) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    line = lines[node.lineno - 1]
    if line[node.col_offset : node.end_col_offset] != node.id:  # inside an f-string, before Python 3.12
        return None
    lines[node.lineno - 1] = line[: node.col_offset] + misspell(node.id, rng) + line[node.end_col_offset or 0 :]
    files[path] = "\n".join(lines)
    return "undefined_name"


@mutation(1.5, "drop_decorator")
def drop_decorator(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    found = [node for node in ast.walk(ast.parse(files[path])) if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list]
    if not found:
        return None
    decorator = rng.choice(found).decorator_list[0]
    files[path] = _with_lines(files[path], decorator.lineno, decorator.end_lineno or 0, [])
    return ""


@mutation(1.5, "drop_future")
def drop_future(rng: Random, files: Files) -> str | None:
    paths = [path for path in files if "from __future__ import annotations\n" in files[path]]
    if not paths:
        return None
    path = rng.choice(paths)
    files[path] = files[path].replace("from __future__ import annotations\n", "", 1)
    return ""


@mutation(1, "add_future")
def add_future(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    if "__future__" in files[path]:
        return None
    at = _after_docstring(files[path])
    lines = files[path].split("\n")
    files[path] = "\n".join(lines[:at] + ["from __future__ import annotations"] + lines[at:])
    return "annotations_future"


@mutation(1, "drop_return")
def drop_return(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    found = [node for node in ast.walk(ast.parse(files[path])) if isinstance(node, ast.Return) and node.value and node.lineno == node.end_lineno]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    if not lines[node.lineno - 1].strip().startswith("return"):
        return None
    lines[node.lineno - 1] = lines[node.lineno - 1][: node.col_offset] + "pass"
    files[path] = "\n".join(lines)
    return ""


@mutation(1, "drop_all_entry")
def widen_all(rng: Random, files: Files) -> str | None:
    paths = [path for path in files if "__all__ = [" in files[path]]
    if not paths:
        return None
    path = rng.choice(paths)
    files[path] = files[path].replace("__all__ = [", rng.choice(["__all__ = ['missing_entry', ", "__all__ = ['os', "]), 1)
    return "all_missing"


@mutation(1.5, "duplicate_as_package")
def duplicate_as_package(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    if path.endswith("__init__.py"):
        return None
    target = path.removesuffix(".py") + "/__init__.py"
    files[target] = rng.choice(["", "VERSION = 1\n", "from .inner import thing\n"])
    return "module_vs_package"


@mutation(1.5, "delete_function_body")
def empty_module(rng: Random, files: Files) -> str | None:
    path = _some(rng, files)
    files[path] = rng.choice(["", "\n", "# to be written\n", '"""Later."""\n'])
    return ""
