"""Computes the expressions that small functions of libraries are made of."""

from __future__ import annotations

import ast
from typing import Any

from seatrial.project.packages.conditions import dotted_name
from seatrial.project.packages.values import (
    UNKNOWN,
    Class,
    Function,
    GaveUpError,
    Machine,
    Module,
    Names,
    Throw,
    ThrownError,
)

_TEXT_METHODS = frozenset(
    {"startswith", "endswith", "removeprefix", "removesuffix", "lower", "upper", "strip", "split"}
)


class Expressions:
    """The names of one call, local ones and those of its module, and the values of expressions among them."""

    def __init__(self, machine: Machine, module: str, names: dict[str, Any]) -> None:
        self.machine = machine
        self.library = machine.library
        self.module = module
        self.names = names

    def store(self, target: ast.expr, value: Any) -> None:
        """Assign a value to a name or a tuple of names."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = isinstance(value, (tuple, list)) and len(value) == len(target.elts)
            for index, item in enumerate(target.elts):
                self.store(item, value[index] if known else UNKNOWN)

    def need(self, module: str) -> None:
        """Import a module."""
        failing = self.library.fails(module)
        if failing is None:
            raise GaveUpError
        if failing:
            raise ThrownError(Throw(failing, f"No module named {module!r}"))

    def value(self, node: ast.expr) -> Any:
        """The value of an expression, UNKNOWN where it is not understood."""
        compute = getattr(self, "_e_" + type(node).__name__.lower(), None)
        return compute(node) if compute is not None else UNKNOWN

    def _e_constant(self, node: ast.Constant) -> Any:
        return node.value

    def _e_name(self, node: ast.Name) -> Any:
        return self.named(node.id)

    def named(self, name: str) -> Any:
        """The value of a name, local or of the module."""
        return self.names[name] if name in self.names else self.machine.global_of(self.module, name)

    def _e_attribute(self, node: ast.Attribute) -> Any:
        if dotted_name(node) == "__spec__.parent":
            space = self.library.space_of(self.module)
            return self.module if space is not None and space.is_package else self.module.rpartition(".")[0]
        return self.machine.attribute_of(self.value(node.value), node.attr)

    def _e_subscript(self, node: ast.Subscript) -> Any:
        if dotted_name(node.value) == "sys.modules":
            key = self.value(node.slice)
            return Module(key) if isinstance(key, str) else UNKNOWN
        value, key = self.value(node.value), self.value(node.slice)
        if isinstance(node.slice, ast.Slice) and isinstance(value, (str, list, tuple)) and node.slice.step is None:
            ends = [None if end is None else self.value(end) for end in (node.slice.lower, node.slice.upper)]
            return UNKNOWN if UNKNOWN in ends else value[ends[0] : ends[1]]
        if isinstance(value, Names) and isinstance(key, str):
            return self._named(value, key)
        if not isinstance(value, (dict, tuple, list)) or key is UNKNOWN:
            if self._is_asked(key):
                raise GaveUpError  # it may well raise KeyError
            return UNKNOWN
        try:
            return value[key]
        except (KeyError, IndexError, TypeError) as error:
            raise ThrownError(Throw(type(error).__name__, str(error))) from None

    def _named(self, names: Names, name: str) -> Any:
        inside = self._inside(name, names)
        if inside is False:
            raise ThrownError(Throw("KeyError", repr(name)))
        if inside is UNKNOWN:
            raise GaveUpError
        return self.machine.global_of(names.module, name)

    def _is_asked(self, value: Any) -> bool:
        """Whether a value is made from the name that is being asked for, so that what takes it may refuse it."""
        return isinstance(value, str) and bool(self.machine.asked) and self.machine.asked in value

    def _e_compare(self, node: ast.Compare) -> Any:
        left, right = self.value(node.left), self.value(node.comparators[0])
        operator = node.ops[0]
        if len(node.ops) > 1 or left is UNKNOWN:
            return UNKNOWN
        if isinstance(operator, (ast.In, ast.NotIn)):
            inside = self._inside(left, right)
            return inside if inside is UNKNOWN else inside is isinstance(operator, ast.In)
        if right is UNKNOWN:
            return UNKNOWN
        if isinstance(operator, (ast.Eq, ast.NotEq)):
            return (left == right) is isinstance(operator, ast.Eq)
        if isinstance(operator, (ast.Is, ast.IsNot)) and (left is None or right is None):
            return (left is right) is isinstance(operator, ast.Is)
        return UNKNOWN

    def _inside(self, name: Any, container: Any) -> Any:
        if isinstance(container, Names):
            space = self.library.space_of(container.module)
            bound = space.names.get(name) if space is not None else None
            if space is None or (bound is None and (space.hazy or space.loading)):
                return UNKNOWN
            # A name that only a function declares `global` is not there before that function has run.
            return bound is not None and (bound.certain or UNKNOWN if bound.line else False)
        if not isinstance(container, (dict, tuple, list, set, frozenset, str)):
            return UNKNOWN
        if not isinstance(container, str) and UNKNOWN in container and name not in container:
            return UNKNOWN
        return name in container

    def _e_boolop(self, node: ast.BoolOp) -> Any:
        conjunction = isinstance(node.op, ast.And)
        unknown = False
        last: Any = conjunction
        for part in node.values:
            last = self.value(part)
            if last is UNKNOWN:
                unknown = True
            elif bool(last) is not conjunction:
                return last
        return UNKNOWN if unknown else last

    def _e_unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        return not value if isinstance(node.op, ast.Not) and value is not UNKNOWN else UNKNOWN

    def _e_ifexp(self, node: ast.IfExp) -> Any:
        test = self.value(node.test)
        return UNKNOWN if test is UNKNOWN else self.value(node.body if test else node.orelse)

    def _e_tuple(self, node: ast.Tuple) -> Any:
        return tuple(self.value(item) for item in node.elts)

    def _e_list(self, node: ast.List) -> Any:
        return [self.value(item) for item in node.elts]

    def _e_set(self, node: ast.Set) -> Any:
        values = [self.value(item) for item in node.elts]
        return tuple(values)

    def _e_dict(self, node: ast.Dict) -> Any:
        made: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            known = self.value(key) if key is not None else UNKNOWN
            if not isinstance(known, (str, int)):
                return UNKNOWN
            made[known] = self.value(value)
        return made

    def _e_listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Any:
        frames = self._each(node.generators)
        return tuple(frame.value(node.elt) for frame in frames) if frames is not None else UNKNOWN

    _e_setcomp = _e_generatorexp = _e_listcomp

    def _e_dictcomp(self, node: ast.DictComp) -> Any:
        frames = self._each(node.generators)
        pairs = [(frame.value(node.key), frame.value(node.value)) for frame in frames or ()]
        return dict(pairs) if frames is not None and all(isinstance(key, str) for key, _ in pairs) else UNKNOWN

    def _each(self, generators: list[ast.comprehension]) -> list[Expressions] | None:
        """The names of each turn of a comprehension with one `for` and no `if`; None for any other."""
        items = self.value(generators[0].iter)
        if len(generators) > 1 or generators[0].ifs or not isinstance(items, (list, tuple, dict)):
            return None
        frames = [type(self)(self.machine, self.module, dict(self.names)) for _ in items]
        for frame, item in zip(frames, items, strict=True):
            frame.store(generators[0].target, item)
        return frames

    def _e_joinedstr(self, node: ast.JoinedStr) -> Any:
        parts = [self.value(part) for part in node.values]
        return "".join(parts) if all(isinstance(part, str) for part in parts) else UNKNOWN

    def _e_formattedvalue(self, node: ast.FormattedValue) -> Any:
        value = self.value(node.value)
        if node.format_spec is not None or not isinstance(value, (str, int)):
            return UNKNOWN
        return repr(value) if node.conversion == ord("r") else str(value)

    def _e_binop(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        both = isinstance(left, str) and isinstance(right, str)
        return left + right if both and isinstance(node.op, ast.Add) else UNKNOWN

    def _e_namedexpr(self, node: ast.NamedExpr) -> Any:
        self.names[node.target.id] = self.value(node.value)
        return self.names[node.target.id]

    def _e_call(self, node: ast.Call) -> Any:
        args = [self.value(arg) for arg in node.args]
        called = dotted_name(node.func) or ""
        tail = called.rpartition(".")[2]
        if called == "globals":
            return Names(self.module)
        if called in ("set", "frozenset", "tuple", "list", "dict") and len(args) == 1:
            return args[0]
        if tail in ("import_module", "__import__") and args:
            return self._import_module(args, node)
        if called == "getattr" and len(args) >= 2:
            return self._getattr(args)
        if isinstance(node.func, ast.Attribute):
            return self._method(node, args)
        function = self.value(node.func)
        if not isinstance(function, (Function, Class)):
            if any(self._is_asked(arg) for arg in args):
                raise GaveUpError
            return UNKNOWN
        kwargs = {keyword.arg: self.value(keyword.value) for keyword in node.keywords if keyword.arg}
        return self.machine.call_function(function, args, kwargs)

    def _method(self, node: ast.Call, args: list[Any]) -> Any:
        assert isinstance(node.func, ast.Attribute)
        owner, name = self.value(node.func.value), node.func.attr
        if isinstance(owner, dict) and name == "get" and args and args[0] is not UNKNOWN:
            return owner.get(args[0], args[1] if len(args) > 1 else None)
        if isinstance(owner, dict) and name in ("keys", "values", "items"):
            return tuple(getattr(owner, name)())
        if isinstance(owner, str) and name == "join" and args and isinstance(args[0], (list, tuple)):
            return owner.join(args[0]) if all(isinstance(part, str) for part in args[0]) else UNKNOWN
        if isinstance(owner, str) and name in _TEXT_METHODS and all(isinstance(arg, (str, int)) for arg in args):
            return getattr(owner, name)(*args)
        function = self.machine.attribute_of(owner, name)
        if isinstance(function, (Function, Class)):
            kwargs = {keyword.arg: self.value(keyword.value) for keyword in node.keywords if keyword.arg}
            return self.machine.call_function(function, args, kwargs)
        if any(self._is_asked(arg) for arg in args):
            raise GaveUpError
        return UNKNOWN

    def _import_module(self, args: list[Any], node: ast.Call) -> Any:
        name = args[0]
        if not isinstance(name, str):
            return UNKNOWN
        package = args[1] if len(args) > 1 else None
        package = next((self.value(word.value) for word in node.keywords if word.arg == "package"), package)
        if name.startswith("."):
            if not isinstance(package, str):
                return UNKNOWN
            level = len(name) - len(name.lstrip("."))
            parts = package.split(".")
            name = ".".join([*parts[: len(parts) - level + 1], *([name[level:]] if name[level:] else [])])
        self.need(name)
        return Module(name)

    def _getattr(self, args: list[Any]) -> Any:
        owner, name = args[:2]
        if not isinstance(owner, Module) or not isinstance(name, str):
            if self._is_asked(name) and len(args) < 3:
                raise GaveUpError
            return UNKNOWN
        found = self.library.has(owner.name, name)
        if found is False and len(args) > 2:
            return args[2]
        if found is False:
            raise ThrownError(Throw("AttributeError", f"module {owner.name!r} has no attribute {name!r}"))
        if found is None:
            raise GaveUpError
        return self.machine.global_of(owner.name, name)
