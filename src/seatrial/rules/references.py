"""Where one file uses a name that its top level binds, and under which circumstances each use is evaluated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from seatrial.rules.code import CodeFile, FunctionNode

Moment = Literal["load", "call", "annotation", "quoted"]


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of a name.

    `moment`: `load` when the module is executed, `call` when a function is, `annotation` inside one that is evaluated
    as the module is executed, `quoted` in an annotation that stays text. `function` is the outermost function that
    the use lies in (for an annotation, the one it belongs to); `owner` the innermost class; `annotation` the whole
    annotation that it is part of.
    """

    node: ast.expr
    moment: Moment
    function: FunctionNode | None
    owner: ast.ClassDef | None
    annotation: ast.expr | None = None


def references(file: CodeFile, name: str) -> tuple[Reference, ...]:
    """Every load of the name in the file, except in functions that bind it themselves."""
    return tuple(_Walk(name, _postponed(file)).block(file.tree.body, None, None))


def binds_elsewhere(file: CodeFile, name: str, statement: ast.stmt) -> bool:
    """Whether anything but this statement binds the name in any scope of the file."""
    own = set(map(id, ast.walk(statement)))
    return any(_binds(node, name) for node in ast.walk(file.tree) if id(node) not in own)


def mentions(file: CodeFile, name: str) -> bool:
    """Whether the name occurs in the file's code at all, bound or used."""
    return any(_binds(node, name) or (isinstance(node, ast.Name) and node.id == name) for node in ast.walk(file.tree))


def _postponed(file: CodeFile) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in file.tree.body
    )


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Store | ast.Del)
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0]) == name
    if isinstance(node, FunctionNode | ast.ClassDef | ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return node.name == name
    return isinstance(node, ast.Global | ast.Nonlocal) and name in node.names


class _Walk:
    """One walk over a file for one name."""

    def __init__(self, name: str, postponed: bool) -> None:
        self.name = name
        self.evaluated: Moment = "quoted" if postponed else "annotation"

    def block(
        self, body: list[ast.stmt], function: FunctionNode | None, owner: ast.ClassDef | None
    ) -> Iterator[Reference]:
        for statement in body:
            yield from self.node(statement, function, owner)

    def node(self, node: ast.AST, function: FunctionNode | None, owner: ast.ClassDef | None) -> Iterator[Reference]:
        if isinstance(node, FunctionNode):
            yield from self.function(node, function, owner)
        elif isinstance(node, ast.ClassDef):
            for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
                yield from self.node(part, function, owner)
            yield from self.block(node.body, function, node)
        elif isinstance(node, ast.AnnAssign):
            yield from self.annotation(node.annotation, function, owner, local=function is not None)
            yield from self.node(node.target, function, owner)
            if node.value is not None:
                yield from self.node(node.value, function, owner)
        elif isinstance(node, ast.Name):
            if node.id == self.name and isinstance(node.ctx, ast.Load):
                yield Reference(node, "call" if function is not None else "load", function, owner)
        elif isinstance(node, ast.Lambda):
            yield from self.lambda_(node, function, owner)
        else:
            for child in ast.iter_child_nodes(node):
                yield from self.node(child, function, owner)

    def function(
        self, node: FunctionNode, outer: FunctionNode | None, owner: ast.ClassDef | None
    ) -> Iterator[Reference]:
        arguments = node.args
        for part in (*node.decorator_list, *arguments.defaults, *filter(None, arguments.kw_defaults)):
            yield from self.node(part, outer, owner)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        noted = [argument.annotation for argument in every if argument is not None]
        for annotation in (*noted, node.returns):
            if annotation is not None:
                yield from self.annotation(annotation, outer or node, owner, local=False)
        if not any(argument is not None and argument.arg == self.name for argument in every) and not _local(
            node, self.name
        ):
            yield from self.block(node.body, outer or node, owner)

    def annotation(
        self, node: ast.expr, function: FunctionNode | None, owner: ast.ClassDef | None, *, local: bool
    ) -> Iterator[Reference]:
        # What annotates a local variable is never evaluated, yet belongs where the function has its names.
        moment: Moment = "call" if local else self.evaluated
        for child in ast.walk(node):
            if isinstance(child, ast.Name) and child.id == self.name:
                yield Reference(child, moment, function, owner, node)
            elif isinstance(child, ast.Constant) and re.search(rf"\b{re.escape(self.name)}\b", str(child.value)):
                yield Reference(child, "call" if local else "quoted", function, owner, node)

    def lambda_(
        self, node: ast.Lambda, function: FunctionNode | None, owner: ast.ClassDef | None
    ) -> Iterator[Reference]:
        # A lambda's body runs when it is called, yet no import can be put into it: it counts as loaded with the module.
        for child in ast.iter_child_nodes(node):
            yield from self.node(child, function, owner)


def _local(function: FunctionNode, name: str) -> bool:
    """Whether the function binds the name itself (nested functions aside) and so does not see the module's."""
    if any(isinstance(node, ast.Global) and name in node.names for node in ast.walk(function)):
        return False
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if _binds(node, name):
            return True
        if not isinstance(node, FunctionNode | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return False
