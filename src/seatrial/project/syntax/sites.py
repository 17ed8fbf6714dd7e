"""One walk over a file's tree for all rules: its calls by name, its handlers and functions, and what each stands in."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property

from seatrial.project.syntax.nodes import children, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Sites:
    """The places of a file that rules look for. The walk is made when something is first asked for."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._parents: dict[ast.AST, ast.AST] = {}
        self._known: set[int] = set()  # the statements of the top level that `_parents` knows, by their index
        self._owners: dict[ast.AST, Function | None] = {}

    @cached_property
    def _found(self) -> tuple[list[ast.Call], list[ast.ExceptHandler], list[Function]]:
        """Every call, handler and function, in the order of the text."""
        calls: list[ast.Call] = []
        handlers: list[ast.ExceptHandler] = []
        functions: list[Function] = []
        waiting: list[tuple[ast.AST, Function | None]] = [(self._tree, None)]
        while waiting:
            node, owner = waiting.pop()
            if isinstance(node, ast.Call):
                calls.append(node)
                self._owners[node] = owner
            elif isinstance(node, ast.ExceptHandler):
                handlers.append(node)
                self._owners[node] = owner
            elif isinstance(node, Function):
                functions.append(node)
                owner = node
            waiting += [(child, owner) for child in children(node)]
        return sorted(calls, key=_place), sorted(handlers, key=_place), sorted(functions, key=_place)

    @cached_property
    def calls(self) -> Mapping[str, tuple[ast.Call, ...]]:
        """The calls by the last name of what is called, in the order of the text."""
        found: dict[str, list[ast.Call]] = {}
        for node in self._found[0]:
            found.setdefault(last_name(node.func), []).append(node)
        return {name: tuple(calls) for name, calls in found.items()}

    @cached_property
    def attributes(self) -> Mapping[str, tuple[ast.Attribute, ...]]:
        """The chains by their last attribute."""
        found: dict[str, list[ast.Attribute]] = {}
        for node in walk(self._tree):
            if isinstance(node, ast.Attribute):
                found.setdefault(node.attr, []).append(node)
        return {name: tuple(nodes) for name, nodes in found.items()}

    @property
    def handlers(self) -> tuple[ast.ExceptHandler, ...]:
        """Every `except`."""
        return tuple(self._found[1])

    @property
    def functions(self) -> tuple[Function, ...]:
        """Every `def`, nested ones too."""
        return tuple(self._found[2])

    def parent_of(self, node: ast.AST) -> ast.AST | None:
        """What a node of this tree stands in; only the statement of the top level around it is looked through."""
        if node not in self._parents and isinstance(node, ast.stmt | ast.expr | ast.ExceptHandler):
            self._look_through(max(bisect_right(self._starts, _place(node)) - 1, 0))
        if node not in self._parents and node is not self._tree:  # without a place of its own, or one that misleads
            return self.parents.get(node)
        return self._parents.get(node)

    @property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """What every node stands in; `parent_of` is for those who ask about a few."""
        for index in range(len(self._tree.body)):
            self._look_through(index)
        return self._parents

    @cached_property
    def _starts(self) -> list[tuple[int, int]]:
        return [min([_place(node), *map(_place, _decorators(node))]) for node in self._tree.body]

    def _look_through(self, index: int) -> None:
        if index in self._known or index >= len(self._tree.body):
            return
        self._known.add(index)
        statement = self._tree.body[index]
        self._parents[statement] = self._tree
        for node in walk(statement):
            self._parents.update(dict.fromkeys(children(node), node))

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node stands in, from the inside out."""
        while (outer := self.parent_of(node)) is not None:
            node = outer
            yield node

    def function_of(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        if node in self._owners:
            return self._owners[node]
        return next((outer for outer in self.around(node) if isinstance(outer, Function)), None)

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that a node is part of."""
        if isinstance(node, ast.stmt):
            return node
        return next((outer for outer in self.around(node) if isinstance(outer, ast.stmt)), None)


def _place(node: ast.stmt | ast.expr | ast.ExceptHandler) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _decorators(node: ast.stmt) -> list[ast.expr]:
    return node.decorator_list if isinstance(node, Function | ast.ClassDef) else []


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`; "" for what is no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
