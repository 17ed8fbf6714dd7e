"""Follows the statements that small functions of libraries are made of."""

from __future__ import annotations

import ast
from typing import Any

from seatrial.project.packages.conditions import dotted_name
from seatrial.project.packages.expressions import Expressions
from seatrial.project.packages.play import catches
from seatrial.project.packages.values import (
    UNKNOWN,
    Class,
    Function,
    GaveUpError,
    Module,
    ReturnedError,
    Throw,
    ThrownError,
)


class Frame(Expressions):
    """One call of a function."""

    def block(self, body: list[ast.stmt]) -> None:
        """Follow statements. Raises ReturnedError, ThrownError, or GaveUpError at what is not understood."""
        for statement in body:
            self.machine.step()
            run = getattr(self, "_" + type(statement).__name__.lower(), None)
            if run is None:
                raise GaveUpError
            run(statement)

    def _pass(self, _node: ast.stmt) -> None:
        """Nothing that matters here: warnings and log lines are not what decides."""

    _expr = _assert = _global = _nonlocal = _delete = _pass

    def _return(self, node: ast.Return) -> None:
        raise ReturnedError(self.value(node.value) if node.value is not None else None)

    def _raise(self, node: ast.Raise) -> None:
        if node.exc is None:
            raise GaveUpError
        call = node.exc if isinstance(node.exc, ast.Call) else None
        name = dotted_name(call.func if call is not None else node.exc)
        message: Any = "" if call is None or not call.args else self.value(call.args[0])
        if name is None:
            raise GaveUpError
        raise ThrownError(Throw(self._exception(name), str(message) if isinstance(message, str) else None))

    def _exception(self, name: str) -> str:
        """The dotted name of an exception, as a traceback shows it."""
        head, _, rest = name.partition(".")
        value = self.named(head)
        if rest:
            value = self.machine.attribute_of(value, rest)
        return f"{value.module}.{value.node.name}" if isinstance(value, Class) else name

    def _if(self, node: ast.If) -> None:
        test = self.value(node.test)
        if test is not UNKNOWN:
            self.block(node.body if test else node.orelse)
            return
        before = dict(self.names)
        ends = [self._way(dict(before), way) for way in (node.body, node.orelse)]
        if isinstance(ends[0], Exception) and isinstance(ends[1], Exception):
            if isinstance(ends[0], ReturnedError) and isinstance(ends[1], ReturnedError):
                raise ReturnedError(UNKNOWN)
            if isinstance(ends[0], ThrownError) and isinstance(ends[1], ThrownError) and ends[0].throw == ends[1].throw:
                raise ends[0]
            raise GaveUpError
        if any(isinstance(end, Exception) for end in ends):
            raise GaveUpError
        self._join(ends)

    def _way(self, names: dict[str, Any], body: list[ast.stmt]) -> dict[str, Any] | Exception:
        frame = Frame(self.machine, self.module, names)
        try:
            frame.block(body)
        except (ReturnedError, ThrownError, GaveUpError) as ended:
            return ended
        return frame.names

    def _join(self, ends: list[Any]) -> None:
        every = {name for end in ends for name in end}
        values = {name: [end.get(name, UNKNOWN) for end in ends] for name in every}
        self.names = {name: one if one is other else UNKNOWN for name, (one, other) in values.items()}

    def _try(self, node: ast.Try) -> None:
        try:
            self.block(node.body)
        except ThrownError as thrown:
            name = thrown.throw.exception.rpartition(".")[2]
            handler = next((one for one in node.handlers if _takes(one, name)), None)
            if handler is None:
                raise
            self.block(handler.body)
        else:
            self.block(node.orelse)
        self.block(node.finalbody)

    def _with(self, node: ast.With) -> None:
        self.block(node.body)

    def _for(self, node: ast.For) -> None:
        items = self.value(node.iter)
        if not isinstance(items, (list, tuple)):
            raise GaveUpError
        for item in items:
            self.store(node.target, item)
            self.block(node.body)

    def _assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.store(target, value)

    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.store(node.target, self.value(node.value))

    def _augassign(self, node: ast.AugAssign) -> None:
        self.store(node.target, UNKNOWN)

    def _functiondef(self, node: ast.FunctionDef) -> None:
        self.names[node.name] = Function(self.module, node, self.names)

    def _classdef(self, node: ast.ClassDef) -> None:
        self.names[node.name] = UNKNOWN

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.need(alias.name)
            self.names[alias.asname or alias.name.partition(".")[0]] = Module(
                alias.name if alias.asname else alias.name.partition(".")[0]
            )

    def _importfrom(self, node: ast.ImportFrom) -> None:
        module = self._absolute(node.level, node.module or "")
        self.need(module)
        for alias in node.names:
            if self.library.has(module, alias.name) is False:
                raise ThrownError(Throw("ImportError", f"cannot import name {alias.name!r} from {module!r}"))
            self.names[alias.asname or alias.name] = self.machine.global_of(module, alias.name)

    def _absolute(self, level: int, module: str) -> str:
        if not level:
            return module
        space = self.library.space_of(self.module)
        parts = self.module.split(".")
        keep = len(parts) - level + (1 if space is not None and space.is_package else 0)
        return ".".join([*parts[: max(keep, 0)], *([module] if module else [])])

    # expressions


def _takes(handler: ast.ExceptHandler, exception: str) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return catches(tuple((dotted_name(one) or "").rpartition(".")[2] for one in types), exception)
