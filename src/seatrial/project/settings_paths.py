"""Expressions for paths -> paths, for finding the dotenv files that code reads. Nothing is run."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Anchored:
    """A path relative to the audited folder, reached through `__file__`."""

    path: str


PathValue = str | Anchored


@dataclass(frozen=True, slots=True)
class PathReader:
    """Works out path expressions of one file. `path` is that file's; `names` what its module assigns."""

    path: str
    names: Mapping[str, ast.expr]

    def read(self, node: ast.AST | None, depth: int = 0) -> PathValue | None:
        """A text (relative to the working directory), an anchored path, or None where it cannot be known."""
        if node is None or depth > _DEEPEST:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            if node.id == "__file__":
                return Anchored(self.path)
            return self.read(self.names.get(node.id), depth + 1)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
            return self._binary(node, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, depth)
        if isinstance(node, ast.Subscript):
            return self._parents(node, depth)
        return self._call(node, depth) if isinstance(node, ast.Call) else None

    def _joined(self, node: ast.JoinedStr, depth: int) -> PathValue | None:
        text, anchored = "", False
        for part in node.values:
            value = self.read(part.value if isinstance(part, ast.FormattedValue) else part, depth + 1)
            if value is None:
                return None
            anchored = anchored or isinstance(value, Anchored)
            text += value.path if isinstance(value, Anchored) else value
        return Anchored(posixpath.normpath(text)) if anchored else text

    def _binary(self, node: ast.BinOp, depth: int) -> PathValue | None:
        left, right = self.read(node.left, depth + 1), self.read(node.right, depth + 1)
        if left is None or not isinstance(right, str):
            return None
        if isinstance(node.op, ast.Add):
            right = right.lstrip("/") if isinstance(left, Anchored) else right
            return _joined(left, right) if isinstance(left, Anchored) else left + right
        return _joined(left, right)

    def _attribute(self, node: ast.Attribute, depth: int) -> PathValue | None:
        value = self.read(node.value, depth + 1)
        if node.attr == "parent" and value is not None:
            return _parent(value)
        return None

    def _parents(self, node: ast.Subscript, depth: int) -> PathValue | None:
        if not (
            isinstance(node.value, ast.Attribute)
            and node.value.attr == "parents"
            and isinstance(node.slice, ast.Constant)
        ):
            return None
        value = self.read(node.value.value, depth + 1)
        for _ in range(int(node.slice.value) + 1 if isinstance(node.slice.value, int) else 0):
            value = _parent(value) if value is not None else None
        return value

    def _call(self, node: ast.Call, depth: int) -> PathValue | None:
        name = _dotted(node.func)
        last = name.rsplit(".", maxsplit=1)[-1]
        first = self.read(node.args[0], depth + 1) if node.args else None
        if last in ("resolve", "absolute", "expanduser", "as_posix") and isinstance(node.func, ast.Attribute):
            return self.read(node.func.value, depth + 1)
        if (
            last in ("abspath", "realpath", "str", "fspath", "normpath", "Path", "PurePath", "find_dotenv")
            and node.args
        ):
            more = [self.read(argument, depth + 1) for argument in node.args[1:]] if last.endswith("Path") else []
            return _all_joined(first, more)
        if last == "dirname":
            return _parent(first) if first is not None else None
        if last == "joinpath" and isinstance(node.func, ast.Attribute):
            return _all_joined(
                self.read(node.func.value, depth + 1), [self.read(argument, depth + 1) for argument in node.args]
            )
        if name in ("os.path.join", "path.join", "join"):
            return _all_joined(first, [self.read(argument, depth + 1) for argument in node.args[1:]])
        if last in ("getenv", "get") and len(node.args) > 1:
            return self.read(node.args[1], depth + 1)
        if last in ("getcwd", "cwd"):
            return "."
        return None


def _joined(left: PathValue, right: str) -> PathValue:
    if isinstance(left, Anchored):
        return Anchored(posixpath.normpath(posixpath.join(left.path, right)))
    return posixpath.normpath(posixpath.join(left, right))


def _all_joined(first: PathValue | None, more: list[PathValue | None]) -> PathValue | None:
    for part in more:
        if first is None or not isinstance(part, str):
            return None
        first = _joined(first, part)
    return first


def _parent(value: PathValue) -> PathValue:
    if isinstance(value, Anchored):
        return Anchored(posixpath.normpath(posixpath.join(value.path, "..")))
    return posixpath.normpath(posixpath.join(value, ".."))


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(parts)).lstrip(".")


dotted = _dotted
