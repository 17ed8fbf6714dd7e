"""What the top level of a library's module does when it is imported, as a short program that can be kept on disk.

A program is a tuple of steps, each a tuple that begins with its kind (see `steps`). Conditions on the Python
version, the platform and TYPE_CHECKING are folded away while it is made; what hangs on other modules stays, for
`seatrial.project.packages.play` to decide in one environment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from seatrial.project.packages import steps
from seatrial.project.packages.conditions import Condition, Folder, dotted_name
from seatrial.project.packages.hazards import (
    changes_its_module,
    for_checkers,
    hands_out_names,
    hazard,
    is_own_names,
    only_looks,
    only_read,
)
from seatrial.project.packages.steps import Program, Step
from seatrial.project.syntax.outline import is_cut


def program(tree: ast.Module, folder: Folder) -> Program:
    """The program of a module for the Python that `folder` stands for."""
    try:
        return tuple(_Maker(folder, tree).block(tree.body))
    except RecursionError:
        return ((steps.HAZE, "nested too deeply to be followed"),)


class _Maker:
    def __init__(self, folder: Folder, tree: ast.Module) -> None:
        self.folder = folder
        self._tree = tree
        self._lists: dict[str, tuple[str, ...]] = {}
        self._turns: dict[str, tuple[str, ...]] = {}  # loop variables and the names that they run through
        self._depth = 0  # of statements that hang on something
        self._tries = 0
        self._harmless: set[str] = set()  # functions that do nothing to the namespace that they are handed
        self._listers: set[str] = set()  # functions that add to `__all__`
        self._sly: set[str] = set()  # functions that may bind names of the module

    def block(self, body: Iterable[ast.stmt]) -> Iterator[Step]:
        for statement in body:
            make = getattr(self, "_" + type(statement).__name__.lower(), None)
            if make is not None:
                yield from make(statement)

    def _program(self, body: Iterable[ast.stmt]) -> Program:
        self._depth += 1
        made = tuple(self.block(body))
        self._depth -= 1
        return made

    def _import(self, node: ast.Import) -> Iterator[Step]:
        for alias in node.names:
            yield (steps.IMPORT, alias.name, alias.asname, node.lineno)

    def _importfrom(self, node: ast.ImportFrom) -> Iterator[Step]:
        names = tuple((alias.name, alias.asname or alias.name) for alias in node.names)
        yield (steps.FROM, node.level, node.module or "", names, node.lineno)

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Step]:
        yield from self._decorators(node)
        yield (steps.BIND, node.name, "def", node.lineno, None)
        if is_cut(node):
            return
        inner = list(ast.walk(node))
        bound = {name for one in inner if isinstance(one, ast.Global) for name in one.names}
        if bound:
            yield (steps.GLOBALS, tuple(sorted(bound)))
        if node.name != "__getattr__" and changes_its_module(inner):
            self._sly.add(node.name)
        if any(isinstance(one, ast.Name) and one.id == "__all__" for one in inner):
            self._listers.add(node.name)
        if only_looks(node, inner):
            self._harmless.add(node.name)

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[Step]:
        for decorator in node.decorator_list:
            if (dotted_name(decorator) or "").rpartition(".")[2].strip("_") in ("public", "export", "exported"):
                yield (steps.ALL, "+", None)

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef) -> Iterator[Step]:
        for inner in node.body:
            if isinstance(inner, (ast.Import, ast.ImportFrom)):
                yield (steps.APART, self._program([inner]))
            elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from (step for step in self._functiondef(inner) if step[0] == steps.GLOBALS)
        yield from self._decorators(node)
        yield (steps.BIND, node.name, "class", node.lineno, None)
        if "global_enum" in {(dotted_name(one) or "").rpartition(".")[2] for one in node.decorator_list}:
            for inner in node.body:
                if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
                    yield from self._target(inner.targets[0], _ANYTHING)
                    yield from (self._target(inner.targets[-1], _ANYTHING) if len(inner.targets) > 1 else ())

    def _assign(self, node: ast.Assign) -> Iterator[Step]:
        target = node.targets[0]
        if isinstance(target, ast.Name) and isinstance(node.value, (ast.List, ast.Tuple)):
            names = self._listed(node.value)
            self._lists[target.id] = names if isinstance(names, tuple) else ()
        looked_at = is_own_names(node.value) and isinstance(target, ast.Name) and only_read(self._tree, target.id)
        if not looked_at:
            yield from self._hazards(node.value)
        for target in node.targets:
            yield from self._target(target, node.value)

    def _annassign(self, node: ast.AnnAssign) -> Iterator[Step]:
        if node.value is not None:
            yield from self._hazards(node.value)
            yield from self._target(node.target, node.value)

    def _augassign(self, node: ast.AugAssign) -> Iterator[Step]:
        yield from self._hazards(node.value)
        if isinstance(node.target, ast.Name) and node.target.id == "__all__":
            yield (steps.ALL, "+", self._listed(node.value))
        elif isinstance(node.target, ast.Name) and node.target.id == "__path__":
            yield (steps.PATH,)

    def _typealias(self, node: Any) -> Iterator[Step]:
        yield (steps.BIND, node.name.id, "value", node.lineno, None)

    def _target(self, target: ast.expr, value: ast.expr) -> Iterator[Step]:
        if isinstance(target, ast.Name):
            yield from self._name(target, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) else None
            for index, item in enumerate(target.elts):
                yield from self._target(item, values[index] if values else _ANYTHING)
        elif isinstance(target, ast.Starred):
            yield from self._target(target.value, _ANYTHING)
        elif isinstance(target, (ast.Subscript, ast.Attribute)):
            yield from self._indirect(target)

    def _name(self, target: ast.Name, value: ast.expr) -> Iterator[Step]:
        if target.id == "__all__":
            yield (steps.ALL, "=", self._listed(value))
        if target.id == "__path__":
            yield (steps.PATH,)
        known, constant = self.folder.value(value)
        if known and not self._depth:
            self.folder.learn(target.id, constant)
        dotted = dotted_name(value)
        if known and isinstance(constant, (bool, int, str, type(None))):
            yield (steps.BIND, target.id, "const", target.lineno, constant)
        elif dotted:
            yield (steps.BIND, target.id, "alias", target.lineno, dotted)
        else:
            yield (steps.BIND, target.id, "value", target.lineno, None)

    def _indirect(self, target: ast.Subscript | ast.Attribute) -> Iterator[Step]:
        """`sys.modules[__name__] = ...`, `globals()[...] = ...`: the module is not what its text says."""
        text = ast.unparse(target.value)
        if text in ("sys.modules", "modules") and isinstance(target, ast.Subscript):
            yield from _registered(target.slice)
        elif "__dict__" in text:
            yield (steps.HAZE, f"{ast.unparse(target)} is assigned to")
        elif isinstance(target, ast.Subscript) and is_own_names(target.value) and isinstance(target.slice, ast.Name):
            names = self._turns.get(target.slice.id)
            yield (steps.GLOBALS, names) if names else (steps.HAZE, "its names are made in a loop")
        else:
            yield from self._hazards(target.value)

    def _expr(self, node: ast.Expr) -> Iterator[Step]:
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            owner = call.func.value
            if isinstance(owner, ast.Name) and owner.id == "__all__":
                yield self._all_method(call.func.attr, call.args)
                return
            if isinstance(owner, ast.Name) and owner.id in self._lists:
                self._grow(owner.id, call.func.attr, call.args)
        yield from self._hazards(node.value)
        if self._tries and not isinstance(node.value, ast.Constant):
            yield (steps.OPAQUE,)
        dotted = dotted_name(call.func) if isinstance(call, ast.Call) and not call.args and not call.keywords else None
        if dotted and not self._tries:
            yield (steps.CALL, dotted, node.lineno)

    def _assert(self, _node: ast.Assert) -> Iterator[Step]:
        if self._tries:
            yield (steps.OPAQUE,)

    def _grow(self, name: str, method: str, args: list[ast.expr]) -> None:
        """A list of names that gets longer; for any other change it counts as unknown."""
        if method == "append" and args and isinstance(args[0], ast.Constant):
            self._lists[name] = (*self._lists[name], str(args[0].value))
        else:
            del self._lists[name]

    def _all_method(self, method: str, args: list[ast.expr]) -> Step:
        if method == "extend" and args:
            return (steps.ALL, "+", self._listed(args[0]))
        if method == "append" and args and isinstance(args[0], ast.Constant):
            return (steps.ALL, "+", (str(args[0].value),))
        return (steps.ALL, "=", None)

    def _listed(self, value: ast.expr) -> tuple[str, ...] | str | None:
        """The names of a literal list, the module whose `__all__` it is, or None."""
        if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
            names = [
                item.value for item in value.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)
            ]
            return tuple(names) if len(names) == len(value.elts) else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and len(value.args) == 1:
            return self._listed(value.args[0]) if value.func.id in ("list", "tuple", "sorted") else None
        dotted = dotted_name(value)
        return dotted[: -len(".__all__")] if dotted and dotted.endswith(".__all__") else None

    def _delete(self, node: ast.Delete) -> Iterator[Step]:
        for target in node.targets:
            for name in ast.walk(target) if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                if isinstance(name, ast.Name):
                    yield (steps.DELETE, name.id)

    def _if(self, node: ast.If) -> Iterator[Step]:
        yield from self._hazards(node.test)
        condition = self.folder.condition(node.test)
        if condition[0] != "=" and for_checkers(node.test):
            yield (steps.LAZY, self._program(node.body))
            return
        if condition[0] == "=":
            yield from self.block(node.body if condition[1] else node.orelse)
        else:
            yield from self._branch(condition, node.body, node.orelse)

    def _branch(self, condition: Condition, body: list[ast.stmt], orelse: list[ast.stmt]) -> Iterator[Step]:
        then, other = self._program(body), self._program(orelse)
        if then or other:
            yield (steps.BRANCH, condition, then, other)

    def _try(self, node: ast.Try) -> Iterator[Step]:
        self._tries += 1
        body = self._program(node.body)
        self._tries -= 1
        handlers = tuple((_caught(handler.type), self._program(handler.body)) for handler in node.handlers)
        yield (steps.TRY, body, handlers, self._program(node.orelse), self._program(node.finalbody))

    _trystar = _try

    def _with(self, node: ast.With) -> Iterator[Step]:
        caught: tuple[str, ...] | None = None
        for item in node.items:
            yield from self._hazards(item.context_expr)
            caught = caught or _suppressed(item.context_expr)
            if item.optional_vars is not None:
                yield from self._target(item.optional_vars, _ANYTHING)
        body = self._program(node.body)
        if caught:
            yield (steps.SUPPRESS, caught, body)
        else:
            yield from body

    def _for(self, node: ast.For) -> Iterator[Step]:
        yield from self._hazards(node.iter)
        turns = self._lists.get(node.iter.id) if isinstance(node.iter, ast.Name) else self._listed(node.iter)
        if isinstance(turns, tuple) and turns and isinstance(node.target, ast.Name):
            self._turns[node.target.id] = turns
        once = self._program(node.body)
        bound = (*self._target(node.target, _ANYTHING), *once)
        runs = isinstance(node.iter, (ast.Tuple, ast.List)) and node.iter.elts
        jumps = any(isinstance(inner, (ast.Break, ast.Continue)) for inner in ast.walk(node))
        if runs and not jumps:
            yield from bound
        else:
            yield (steps.MAYBE, bound)
        yield from self.block(node.orelse)

    def _while(self, node: ast.While) -> Iterator[Step]:
        yield from self._hazards(node.test)
        yield (steps.MAYBE, self._program(node.body))

    def _match(self, node: ast.Match) -> Iterator[Step]:
        yield from self._hazards(node.subject)
        for case in node.cases:
            yield (steps.MAYBE, self._program(case.body))

    def _raise(self, node: ast.Raise) -> Iterator[Step]:
        name, message = "", None
        if isinstance(node.exc, ast.Call):
            name = dotted_name(node.exc.func) or ""
            message = _message(node.exc.args)
        elif node.exc is not None:
            name = dotted_name(node.exc) or ""
        yield (steps.RAISE, name, message, node.lineno)

    def _hazards(self, value: ast.expr) -> Iterator[Step]:
        """Names bound within an expression, and calls that may bind names of the module behind its text's back."""
        if isinstance(value, (ast.Constant, ast.Name)):
            return
        waiting: list[ast.AST] = [value]
        handed = False
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Lambda):
                continue
            if isinstance(node, ast.NamedExpr):
                yield (steps.BIND, node.target.id, "value", node.lineno, None)
            elif isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name) and node.func.id in self._harmless:
                    continue
                copied = self._copied(node)
                if copied:
                    yield (steps.GLOBALS, copied)
                    continue
                handed = handed or is_own_names(node)
                yield from self._call(node)
            waiting.extend(ast.iter_child_nodes(node))
        if handed and hands_out_names(list(ast.walk(value))):
            yield (steps.HAZE, "its names are handed out at import")

    def _copied(self, call: ast.Call) -> tuple[str, ...]:
        """The names that `globals().update({name: ... for name in NAMES})` may bind, where they are written out."""
        func = call.func
        if not isinstance(func, ast.Attribute) or func.attr != "update" or not is_own_names(func.value):
            return ()
        made = call.args[0] if call.args else None
        if not isinstance(made, ast.DictComp) or not isinstance(made.key, ast.Name):
            return ()
        source = made.generators[0].iter
        return self._lists.get(source.id, ()) if isinstance(source, ast.Name) else ()

    def _call(self, call: ast.Call) -> Iterator[Step]:
        func = call.func
        if isinstance(func, ast.Name) and func.id in self._sly:
            yield (steps.HAZE, f"{func.id}() is called at import, and may bind names")
        if isinstance(func, ast.Attribute) and func.attr in ("_convert_", "_convert"):
            first = call.args[0] if call.args else None
            if isinstance(first, ast.Constant):
                yield (steps.BIND, str(first.value), "class", call.lineno, None)
        if isinstance(func, ast.Name) and func.id in self._listers:
            yield (steps.ALL, "+", None)
        reason = hazard(call)
        if reason:
            yield (steps.HAZE, reason)


_ANYTHING = ast.Call(func=ast.Constant(value=None), args=[], keywords=[])


def _caught(node: ast.expr | None) -> tuple[str, ...] | None:
    """The last parts of the names of the exceptions that a handler takes; None for all of them."""
    if node is None:
        return None
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return tuple((dotted_name(part) or "?").rpartition(".")[2] for part in parts)


def _suppressed(node: ast.expr) -> tuple[str, ...] | None:
    if isinstance(node, ast.Call) and (dotted_name(node.func) or "").rpartition(".")[2] == "suppress":
        return tuple((dotted_name(part) or "?").rpartition(".")[2] for part in node.args)
    return None


def _message(args: list[ast.expr]) -> str | None:
    """The text of an exception when it is a constant, whole."""
    if not args:
        return ""
    if len(args) > 1:
        return None
    try:
        value = ast.literal_eval(args[0])
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return str(value)


def _registered(key: ast.expr) -> Iterator[Step]:
    """`sys.modules[key] = ...`: another module, this one, or one below this one."""
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield (steps.REGISTER, key.value)
    elif isinstance(key, ast.Name) and key.id == "__name__":
        yield (steps.REGISTER, "__name__")
    elif isinstance(key, ast.Name):
        yield (steps.HAZE, "it puts something else in its place")
    elif not isinstance(key, ast.Attribute):
        yield (steps.PATH,)
