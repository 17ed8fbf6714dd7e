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


def statements_in(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def some_file(rng: Random, files: Files) -> str:
    return rng.choice([path for path in files if path.endswith(".py")])


def with_lines(text: str, start: int, end: int, new: list[str]) -> str:
    lines = text.split("\n")
    return "\n".join(lines[: start - 1] + new + lines[end:])


def _span(statement: ast.stmt) -> tuple[int, int]:
    decorators = getattr(statement, "decorator_list", [])
    start = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    return start, statement.end_lineno or start


def imports_in(text: str) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]


@mutation(4, "rename_definition")
def rename_definition(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    found = [node for node in statements_in(files[path]) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    lines[node.lineno - 1] = re.sub(rf"\b{node.name}\b", misspell(node.name, rng), lines[node.lineno - 1], count=1)
    files[path] = "\n".join(lines)
    return ""


@mutation(4, "delete_statement")
def delete_statement(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    statements = statements_in(files[path])
    if len(statements) < 2:
        return None
    start, end = _span(rng.choice(statements))
    files[path] = with_lines(files[path], start, end, [])
    return ""


@mutation(4, "swap_statements")
def swap_statements(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    statements = statements_in(files[path])
    if len(statements) < 3:
        return None
    place = rng.randrange(len(statements) - 1)
    (a, b), (c, d) = _span(statements[place]), _span(statements[place + 1])
    lines = files[path].split("\n")
    files[path] = "\n".join(lines[: a - 1] + lines[c - 1 : d] + lines[b : c - 1] + lines[a - 1 : b] + lines[d:])
    return ""


def after_docstring(text: str) -> int:
    """The line after the docstring and the `__future__` imports."""
    line = 0
    for node in statements_in(text):
        documented = (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
        if not documented and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        line = node.end_lineno or line
    return line


@mutation(3, "unwrap_guard")
def unwrap_guard(rng: Random, files: Files) -> str | None:
    return _unwrap(rng, files, ast.Try)


@mutation(2.5, "unwrap_condition")
def unwrap_condition(rng: Random, files: Files) -> str | None:
    return _unwrap(rng, files, ast.If)


def _unwrap(rng: Random, files: Files, kind: type[ast.Try] | type[ast.If]) -> str | None:
    path = some_file(rng, files)
    found = [node for node in statements_in(files[path]) if isinstance(node, kind)]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    last = node.body[-1].end_lineno or 0
    body = [line[4:] for line in lines[node.body[0].lineno - 1 : last]]
    files[path] = with_lines(files[path], node.lineno, node.end_lineno or node.lineno, body)
    return ""


@mutation(2.5, "wrong_call")
def wrong_call(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    found = [
        node
        for node in ast.walk(ast.parse(files[path]))
        if isinstance(node, ast.Call) and node.args and node.lineno == node.end_lineno
    ]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    line, argument = lines[node.lineno - 1], node.args[-1]
    assert argument.end_col_offset is not None
    lines[node.lineno - 1] = (
        line[: argument.col_offset]
        + rng.choice(["", "None", "1, 2, 3", "unexpected=1"])
        + line[argument.end_col_offset :]
    )
    try:
        ast.parse("\n".join(lines))
    except SyntaxError:
        return None
    files[path] = "\n".join(lines)
    return "wrong_arity"


@mutation(2.5, "wrong_attribute")
def wrong_attribute(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    found = [
        node
        for node in ast.walk(ast.parse(files[path]))
        if isinstance(node, ast.Attribute) and node.lineno == node.end_lineno and isinstance(node.ctx, ast.Load)
    ]
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
    path = some_file(rng, files)
    found = [
        node
        for node in ast.walk(ast.parse(files[path]))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]
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
    path = some_file(rng, files)
    found = [
        node
        for node in ast.walk(ast.parse(files[path]))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list
    ]
    if not found:
        return None
    decorator = rng.choice(found).decorator_list[0]
    files[path] = with_lines(files[path], decorator.lineno, decorator.end_lineno or 0, [])
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
    path = some_file(rng, files)
    if "__future__" in files[path]:
        return None
    at = after_docstring(files[path])
    lines = files[path].split("\n")
    files[path] = "\n".join(lines[:at] + ["from __future__ import annotations"] + lines[at:])
    return "annotations_future"


@mutation(1, "drop_return")
def drop_return(rng: Random, files: Files) -> str | None:
    path = some_file(rng, files)
    found = [
        node
        for node in ast.walk(ast.parse(files[path]))
        if isinstance(node, ast.Return) and node.value and node.lineno == node.end_lineno
    ]
    if not found:
        return None
    node = rng.choice(found)
    lines = files[path].split("\n")
    if not lines[node.lineno - 1].strip().startswith("return"):
        return None
    lines[node.lineno - 1] = lines[node.lineno - 1][: node.col_offset] + "pass"
    files[path] = "\n".join(lines)
    return ""
