"""Conditions that decide which half of a library's module is executed, as far as the text alone can tell.

A condition becomes a small nested tuple, so that it can be kept on disk:
`("=", value)` known; `("?",)` unknowable; `("ref", dotted)` the value of a name; `("not", c)`; `("and", c...)`;
`("or", c...)`; `("none", c)` is None; `("has", dotted, attribute)` hasattr of a module; `("bound", name)`
whether the module has that name by now.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Condition = tuple[Any, ...]
UNKNOWN: Condition = ("?",)

_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_OS_NAMES = {"win32": "nt"}
_SYSTEMS = {"win32": "Windows", "darwin": "Darwin", "linux": "Linux"}


class Folder:
    """Folds conditions of one module for one Python.

    `version` is its (major, minor, micro), `platform` its `sys.platform`, `builtin` its `sys.builtin_module_names`.
    """

    def __init__(self, version: tuple[int, ...], platform: str, builtin: frozenset[str] = frozenset()) -> None:
        self.version = (*version[:3], *(() if len(version) < 3 else ("final", 0)))
        self._facts: dict[str, object] = {
            "sys.platform": platform,
            "os.name": _OS_NAMES.get(platform, "posix"),
            "sys.implementation.name": "cpython",
            "platform.python_implementation()": "CPython",
            "platform.system()": _SYSTEMS.get(platform, platform),
            "os.sep": "\\" if platform == "win32" else "/",
            "sys.version_info.major": version[0],
            "sys.version_info.minor": version[1],
            "__debug__": True,
            "sys.builtin_module_names": tuple(builtin),
        }

    def learn(self, name: str, value: object) -> None:
        """A name of the module that stands for a known value from here on."""
        self._facts[name] = value

    def condition(self, node: ast.expr) -> Condition:
        """The condition that an expression is, folded as far as possible."""
        known, value = self.value(node)
        if known:
            return ("=", bool(value))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _negated(self.condition(node.operand))
        if isinstance(node, ast.BoolOp):
            return _joined(isinstance(node.op, ast.And), [self.condition(value) for value in node.values])
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        dotted = dotted_name(node)
        return ("ref", dotted) if dotted else UNKNOWN

    def _comparison(self, node: ast.Compare) -> Condition:
        """Only `x is None`, `x is not None` and `"x" in globals()` are worth following further."""
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            return _membership(node, isinstance(node.ops[0], ast.In))
        dotted = dotted_name(node.left)
        against_none = isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value is None
        if len(node.ops) != 1 or not dotted or not against_none:
            return UNKNOWN
        if isinstance(node.ops[0], ast.Is):
            return ("none", ("ref", dotted))
        return ("not", ("none", ("ref", dotted))) if isinstance(node.ops[0], ast.IsNot) else UNKNOWN

    def _call(self, node: ast.Call) -> Condition:
        func, first = node.func, node.args[0] if node.args else None
        if isinstance(func, ast.Name) and func.id == "_exists" and isinstance(first, ast.Constant):  # of the module os
            return ("bound", str(first.value))
        if isinstance(func, ast.Name) and func.id == "hasattr" and len(node.args) == 2:
            dotted = dotted_name(node.args[0])
            attribute = node.args[1]
            if dotted and isinstance(attribute, ast.Constant) and isinstance(attribute.value, str):
                return ("has", dotted, attribute.value)
        return UNKNOWN

    def value(self, node: ast.expr) -> tuple[bool, Any]:
        """(whether it is known, its value) of an expression that hangs on the Python and the platform alone."""
        if isinstance(node, ast.Constant):
            return True, node.value
        if isinstance(node, ast.Tuple):
            return self._tuple(node)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, ast.Compare):
            return self._compare(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            known, value = self.value(node.operand)
            return known, not value
        if isinstance(node, ast.Call):
            return self._method(node)
        return self._fact(node)

    def _fact(self, node: ast.expr) -> tuple[bool, Any]:
        dotted = dotted_name(node)
        if dotted is None:
            return False, None
        if dotted == "sys.version_info":
            return True, self.version
        if dotted in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"):
            return True, False
        return dotted in self._facts, self._facts.get(dotted)

    def _tuple(self, node: ast.Tuple) -> tuple[bool, Any]:
        parts = [self.value(item) for item in node.elts]
        return all(known for known, _ in parts), tuple(value for _, value in parts)

    def _subscript(self, node: ast.Subscript) -> tuple[bool, Any]:
        known, value = self.value(node.value)
        if not known or not isinstance(value, tuple):
            return False, None
        try:
            if isinstance(node.slice, ast.Slice):
                limits = [ast.literal_eval(part) if part else None for part in (node.slice.lower, node.slice.upper)]
                return True, value[limits[0] : limits[1]]
            return True, value[ast.literal_eval(node.slice)]
        except (ValueError, TypeError, IndexError):
            return False, None

    def _compare(self, node: ast.Compare) -> tuple[bool, Any]:
        if len(node.ops) != 1:
            return False, None
        if dotted_name(node.left) == "__name__" and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            asked = node.comparators[0]
            script = isinstance(asked, ast.Constant) and asked.value == "__main__"
            return script, isinstance(node.ops[0], ast.NotEq)  # a library's module is imported, not run
        (known, left), (also, right) = self.value(node.left), self.value(node.comparators[0])
        if not (known and also):
            return False, None
        if isinstance(node.ops[0], (ast.In, ast.NotIn)):
            inside = left in right if isinstance(right, (tuple, str)) else None
            return inside is not None, inside is isinstance(node.ops[0], ast.In)
        return self._ordered(_COMPARE[type(node.ops[0])], left, right)

    def _ordered(self, compare: Callable[[Any, Any], bool], left: Any, right: Any) -> tuple[bool, Any]:
        if left == self.version and len(left) < 3 and isinstance(right, tuple) and len(right) > 2:
            return False, None  # the micro version is not known
        try:
            return True, compare(left, right)
        except TypeError:
            return False, None

    def _method(self, node: ast.Call) -> tuple[bool, Any]:
        """`sys.platform.startswith("win")` and the calls that tell the platform."""
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in ("startswith", "lower") and not node.keywords:
            known, value = self.value(func.value)
            arguments = [self.value(argument) for argument in node.args]
            if known and isinstance(value, str) and all(known for known, _ in arguments):
                return True, getattr(value, func.attr)(*(argument for _, argument in arguments))
        dotted = dotted_name(func)
        called = f"{dotted}()" if dotted and not node.args and not node.keywords else ""
        return called in self._facts, self._facts.get(called)


def executed(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module's top level, those within `if` and `try` included."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.If, ast.Try)):
            yield from executed(statement.body)
            yield from executed(statement.orelse)
            for handler in getattr(statement, "handlers", []):
                yield from executed(handler.body)


def dotted_name(node: ast.expr) -> str | None:
    """`a.b.c` when the expression is just that."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


def _membership(node: ast.Compare, inside: bool) -> Condition:
    name, space = node.left, node.comparators[0]
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str) or not isinstance(space, ast.Call):
        return UNKNOWN
    if not isinstance(space.func, ast.Name) or space.func.id not in ("globals", "dir") or space.args:
        return UNKNOWN
    return ("bound", name.value) if inside else ("not", ("bound", name.value))


def _negated(condition: Condition) -> Condition:
    if condition[0] == "=":
        return ("=", not condition[1])
    return UNKNOWN if condition == UNKNOWN else ("not", condition)


def _joined(conjunction: bool, parts: list[Condition]) -> Condition:
    """`and` (or `or`) of conditions: one part that settles it settles it, whatever the unknown ones are."""
    if any(part == ("=", not conjunction) for part in parts):
        return ("=", not conjunction)
    left = tuple(part for part in parts if part[0] != "=")
    if not left:
        return ("=", conjunction)
    return left[0] if len(left) == 1 else ("and" if conjunction else "or", *left)
