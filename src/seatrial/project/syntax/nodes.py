"""The nodes inside a node, without looking at what can hold none: names, numbers, operators, places."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_PLAIN = frozenset(
    """arg asname attr conversion ctx id is_async kind kwd_attrs level lineno module n op ops rest s simple tag
    type_comment type_ignores""".split()
)
_INSIDE: dict[type, tuple[str, ...]] = {ast.Constant: ()}


def _inside(kind: type[ast.AST]) -> tuple[str, ...]:
    found = _INSIDE[kind] = tuple(name for name in kind._fields if name not in _PLAIN)
    return found


def children(node: ast.AST) -> list[ast.AST]:
    """As `ast.iter_child_nodes`, in the same order, but for operators and contexts; three times as fast."""
    kind = type(node)
    found: list[ast.AST] = []
    names = _INSIDE.get(kind)
    for name in _inside(kind) if names is None else names:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [it for it in value if isinstance(it, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """As `ast.walk`, in the same order, but for operators and contexts."""
    waiting = [node]
    for each in waiting:
        yield each
        waiting += children(each)
