"""Makes a counter-example small: fewer files, then fewer statements, then simpler statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

Files = dict[str, str]
Holds = Callable[[Files], bool]


def shrink(files: Mapping[str, str], holds: Holds, patience: int = 2500) -> Files:
    """The smallest files found for which `holds` still is true; asks at most `patience` times."""
    current = dict(files)
    budget = [patience]
    refused: set[tuple[tuple[str, str], ...]] = (
        set()
    )  # asked once, for what is left out in one file is often tried again

    def still(candidate: Files) -> bool:
        key = tuple(sorted(candidate.items()))
        if key in refused:
            return False
        budget[0] -= 1
        if budget[0] > 0 and holds(candidate):
            return True
        refused.add(key)
        return False

    while True:
        before = dict(current)
        current = _drop_files(current, still)
        for path in sorted(current, key=lambda name: -len(current[name])):
            current = _shrink_file(current, path, still)
        if current == before or budget[0] <= 0:
            return current


def _drop_files(files: Files, still: Holds) -> Files:
    size = max(1, len(files) // 2)
    while size:
        names = sorted(files)
        for start in range(0, len(names), size):
            smaller = {name: text for name, text in files.items() if name not in names[start : start + size]}
            if len(smaller) < len(files) and still(smaller):
                files = smaller
        size //= 2
    return files


def _shrink_file(files: Files, path: str, still: Holds) -> Files:
    for candidates in (_without_statements, _hoisted, _simpler):
        files = _try_all(files, path, candidates, still)
    return files


def _try_all(files: Files, path: str, candidates: Callable[[str], Iterator[str]], still: Holds) -> Files:
    """Takes the first candidate that holds and goes on from there, round and round until none does."""
    start = 0
    while True:
        for place, text in enumerate(candidates(files[path])):
            smaller = {**files, path: text}
            if place >= start and text != files[path] and still(smaller):
                files, start = smaller, place
                break
        else:
            if not start:
                return files
            start = 0


def _parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _span(node: ast.stmt) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(item.lineno for item in decorators)]), node.end_lineno or node.lineno


def _cut(text: str, start: int, end: int, new: list[str] | None = None) -> str:
    lines = text.split("\n")
    return "\n".join(lines[: start - 1] + (new or []) + lines[end:])


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                yield body


def _without_statements(text: str) -> Iterator[str]:
    """Without halves, quarters and single statements; for a broken file without single lines."""
    tree = _parse(text)
    if tree is None:
        lines = text.split("\n")
        for size in (len(lines) // 2, len(lines) // 4, 1):
            for start in range(0, len(lines), max(1, size)):
                yield "\n".join(lines[:start] + lines[start + max(1, size) :])
        return
    yield ""
    for body in _bodies(tree):
        size = len(body)
        while size:
            for start in range(0, len(body), size):
                part = body[start : start + size]
                first, last = _span(part[0])[0], _span(part[-1])[1]
                whole = len(part) == len(body) and body is not tree.body
                filler = [" " * part[0].col_offset + "pass"] if whole else None
                if not (whole and isinstance(part[0], ast.Pass)):
                    yield _cut(text, first, last, filler)
            size //= 2


def _hoisted(text: str) -> Iterator[str]:
    """A compound statement replaced by its body; handlers, else branches and decorators left out."""
    tree = _parse(text)
    if tree is None:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.With | ast.Try | ast.For | ast.While | ast.FunctionDef | ast.ClassDef):
            shift = node.body[0].col_offset - node.col_offset
            if shift > 0:
                lines = text.split("\n")[node.body[0].lineno - 1 : node.body[-1].end_lineno]
                yield _cut(text, *_span(node), [line[shift:] for line in lines])
        if isinstance(node, ast.Try) and len(node.handlers) + bool(node.finalbody) > 1:
            for handler in node.handlers:
                yield _cut(text, handler.lineno, handler.end_lineno or handler.lineno)
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                yield _cut(text, decorator.lineno, decorator.end_lineno or decorator.lineno)


def _simpler(text: str) -> Iterator[str]:
    """Single statements rewritten: fewer imported names, a bare expression for an assignment, simple values."""
    yield "\n".join(line for line in text.split("\n") if line.strip()) + "\n"
    tree = _parse(text)
    if tree is None:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import) and len(node.names) > 1:
            for alias in node.names:
                kept = [other for other in node.names if other is not alias]
                yield _replaced(text, node, ast.unparse(_with_names(node, kept)))
        if isinstance(node, ast.Assign | ast.AnnAssign) and not isinstance(node.value, ast.Constant):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                yield _replaced(text, node, f"{target.id} = 1")
        if isinstance(node, ast.Expr | ast.Return) and isinstance(
            node.value, ast.Call | ast.BinOp | ast.List | ast.JoinedStr | ast.BoolOp
        ):
            for inner in ast.iter_child_nodes(node.value):
                if isinstance(inner, ast.expr):
                    yield _replaced(text, node, ast.unparse(inner))


def _with_names(node: ast.Import | ast.ImportFrom, names: list[ast.alias]) -> ast.stmt:
    if isinstance(node, ast.Import):
        return ast.Import(names=names)
    return ast.ImportFrom(module=node.module, names=names, level=node.level)


def _replaced(text: str, node: ast.stmt, new: str) -> str:
    lines = text.split("\n")
    start, end = node.lineno - 1, (node.end_lineno or node.lineno)
    if lines[start][: node.col_offset].strip():
        return text
    return "\n".join([*lines[:start], " " * node.col_offset + new, *lines[end:]])
