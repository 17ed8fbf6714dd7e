"""One walk over a file's tree for all rules: its calls by name, its handlers and functions, and what each stands in."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Sites:
    """The places of a file that rules look for. The walk is made when something is first asked for."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree

    @cached_property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """What each node stands in."""
        found: dict[ast.AST, ast.AST] = {}
        waiting: list[ast.AST] = [self._tree]
        while waiting:
            node = waiting.pop()
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.expr_context | ast.operator):
                    found[child] = node
                    waiting.append(child)
        return found

    @cached_property
    def _by_place(self) -> list[ast.AST]:
        nodes = [node for node in self.parents if hasattr(node, "lineno")]
        return sorted(nodes, key=lambda node: (node.lineno, node.col_offset))  # type: ignore[attr-defined]

    @cached_property
    def calls(self) -> Mapping[str, tuple[ast.Call, ...]]:
        """The calls by the last name of what is called, in the order of the text."""
        found: dict[str, list[ast.Call]] = {}
        for node in self._by_place:
            if isinstance(node, ast.Call):
                found.setdefault(last_name(node.func), []).append(node)
        return {name: tuple(calls) for name, calls in found.items()}

    @cached_property
    def handlers(self) -> tuple[ast.ExceptHandler, ...]:
        """Every `except`."""
        return tuple(node for node in self._by_place if isinstance(node, ast.ExceptHandler))

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Every `def`, nested ones too."""
        return tuple(node for node in self._by_place if isinstance(node, Function))

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node stands in, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def function_of(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        return next((outer for outer in self.around(node) if isinstance(outer, Function)), None)

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that a node is part of."""
        if isinstance(node, ast.stmt):
            return node
        return next((outer for outer in self.around(node) if isinstance(outer, ast.stmt)), None)


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`; "" for what is no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
