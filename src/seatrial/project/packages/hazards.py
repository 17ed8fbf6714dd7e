"""Where a module binds names behind the back of its own text: by `globals()`, `sys.modules`, `exec`, and the like."""

from __future__ import annotations

import ast

from seatrial.project.packages.conditions import dotted_name

_READERS = frozenset({"get", "items", "keys", "values", "copy", "__getitem__", "__contains__"})
_COPIERS = frozenset({"list", "sorted", "set", "tuple", "len", "dict", "frozenset", "iter"})
_OWN_NAMES = frozenset({"globals", "locals", "vars"})


def changes_its_module(inner: list[ast.AST]) -> bool:
    """Whether a function, once called, may bind names of its module in other ways than `global`."""
    for node in inner:
        if isinstance(node, ast.Attribute) and node.attr == "modules" and dotted_name(node) == "sys.modules":
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "exec":
            return True
    return hands_out_names(inner)


def hands_out_names(inner: list[ast.AST]) -> bool:
    """Whether `globals()` and its kin are used for more than looking something up."""
    calls = sum(is_own_names(node) for node in inner)
    return calls > 0 and calls > sum(_looks_up(node) for node in inner)


def is_own_names(node: ast.AST) -> bool:
    """`globals()`, `locals()` or `vars()`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.args:
        return False
    return node.func.id in _OWN_NAMES


def _looks_up(node: ast.AST) -> bool:
    if isinstance(node, (ast.comprehension, ast.For)):
        return is_own_names(node.iter)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _COPIERS and node.args:
        return is_own_names(node.args[0])
    if isinstance(node, ast.Compare):
        return isinstance(node.ops[0], (ast.In, ast.NotIn)) and is_own_names(node.comparators[0])
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Load) and is_own_names(node.value)
    return isinstance(node, ast.Attribute) and node.attr in _READERS and is_own_names(node.value)


def only_read(tree: ast.Module, name: str) -> bool:
    """Whether a name for `globals()` is nowhere in sight used to bind anything."""
    uses = looks = 0
    for node in ast.walk(tree):
        uses += isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        value = getattr(node, "value", None)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            value = node.comparators[0]
        reads = isinstance(node, ast.Compare) or (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load))
        reads = reads or (isinstance(node, ast.Attribute) and node.attr in _READERS)
        looks += reads and isinstance(value, ast.Name) and value.id == name
    return uses == looks


def for_checkers(test: ast.expr) -> bool:
    """`if TYPE_CHECKING or not install_lazy_importer():` and its kin."""
    if not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.Or):
        return False
    return any((dotted_name(part) or "").rpartition(".")[2] == "TYPE_CHECKING" for part in test.values)


def only_looks(function: ast.FunctionDef | ast.AsyncFunctionDef, inner: list[ast.AST]) -> bool:
    """Whether the one argument is, if used at all, only looked at: `names.items()`, `names.get("x")`."""
    arguments = function.args.args
    if len(arguments) != 1 or function.args.vararg or function.args.kwonlyargs:
        return False
    name = arguments[0].arg
    uses = sum(isinstance(node, ast.Name) and node.id == name for node in inner)
    readers = [node.value for node in inner if isinstance(node, ast.Attribute) and node.attr in _READERS]
    return uses == sum(isinstance(value, ast.Name) and value.id == name for value in readers)


def hazard(call: ast.Call) -> str:
    """Why a call at module level may bind names of its module; empty when it is nothing of the kind."""
    func = call.func
    if isinstance(func, ast.Name):
        return _named_hazard(func.id, call)
    if isinstance(func, ast.Attribute) and func.attr in ("_convert_", "_convert") and call.keywords:
        return "an enumeration puts its members into the module"  # without `source` they are there already
    if isinstance(func, ast.Attribute) and func.attr in ("update", "setdefault", "__setitem__"):
        owner = ast.unparse(func.value)
        if "__dict__" in owner or owner == "sys.modules":
            return f"{owner} is changed"
    return ""


def _named_hazard(name: str, call: ast.Call) -> str:
    first = ast.unparse(call.args[0]) if call.args else ""
    if name == "exec" and len(call.args) < 2:
        return "exec() is called at import"
    return "setattr() is called on a module" if name == "setattr" and "modules" in first else ""
