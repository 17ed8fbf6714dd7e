"""Evaluates small functions of libraries that decide at run time which names a module has, or refuse its import.

Only what such functions are made of is understood (comparisons with constants, look-ups in literal tables, imports,
`raise`); anything else makes the answer unknown. Nothing is executed: values are computed from the syntax tree.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from seatrial.project.packages_conditions import dotted_name
from seatrial.project.packages_play import Bound, Namespace, catches

_STEPS = 3000
_CALLS = 12


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


class Throw(NamedTuple):
    """An exception: its dotted name, and `str()` of its one argument, None where that is not known."""

    exception: str
    message: str | None


class Library(Protocol):
    """What the evaluator asks of the packages."""

    def tree_of(self, module: str) -> ast.Module | None:
        """The whole tree of a module's source."""

    def space_of(self, module: str) -> Namespace | None:
        """The names of a module after its import."""

    def has(self, module: str, name: str) -> bool | None:
        """Whether a module has a name."""

    def fails(self, module: str) -> str | None:
        """The exception with which importing a module fails; "" when it does not."""

    def is_module(self, dotted: str) -> bool:
        """Whether there is a module of that name."""


@dataclass(frozen=True, slots=True)
class _Module:
    name: str


@dataclass(frozen=True, slots=True)
class _Names:
    """The namespace of a module: `globals()`, `module.__dict__`."""

    module: str


@dataclass(frozen=True, slots=True)
class _Function:
    module: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    outer: Mapping[str, Any] = field(default_factory=dict)
    owner: object = None


@dataclass(frozen=True, slots=True)
class _Class:
    module: str
    node: ast.ClassDef


@dataclass(frozen=True, slots=True)
class _Instance:
    kind: _Class


class _ThrownError(Exception):
    def __init__(self, throw: Throw) -> None:
        super().__init__(throw)
        self.throw = throw


class _ReturnedError(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class _GaveUpError(Exception):
    """The answer hangs on something that is not understood."""


class Evaluator:
    """Evaluates functions of libraries; one may be asked many things."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._globals: dict[tuple[str, str], Any] = {}
        self._steps = 0
        self._depth = 0

    def attribute(self, module: str, name: str) -> bool | Throw | None:
        """What the `__getattr__` of a module does with a name that it lacks: true for a value, or the exception."""
        made = self._outcome(lambda: self._call(self._global(module, "__getattr__"), [name], {}))
        return made if made is None or isinstance(made, Throw) else True

    def origin(self, module: str, name: str) -> str | None:
        """The dotted name of the definition that the `__getattr__` of a module gives for a name, if it is one."""
        made = self._outcome(lambda: self._call(self._global(module, "__getattr__"), [name], {}))
        if isinstance(made, (_Function, _Class)):
            return f"{made.module}.{made.node.name}"
        return made.name if isinstance(made, _Module) else None

    def call(self, module: str, dotted: str) -> bool | Throw | None:
        """What calling `dotted`, a name of this module, without arguments ends with: true for any value."""

        def run() -> Any:
            head, *rest = dotted.split(".")
            value = self._global(module, head)
            for name in rest:
                value = self._attribute(value, name)
            return self._call(value, [], {})

        made = self._outcome(run)
        return made if made is None or isinstance(made, Throw) else True

    def _outcome(self, run: Callable[[], Any]) -> Any:
        """The value (true for None), the exception as a `Throw`, or None when it cannot be told."""
        self._steps = self._depth = 0
        try:
            value = run()
        except _ThrownError as thrown:
            return thrown.throw
        except (_GaveUpError, RecursionError):
            return None
        return True if value is None else value

    # functions

    def _call(self, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if isinstance(function, _Class):
            return _Instance(function)
        if not isinstance(function, _Function) or function.node.decorator_list:
            raise _GaveUpError
        self._depth += 1
        if self._depth > _CALLS:
            raise _GaveUpError
        frame = _Frame(self, function.module, {**function.outer, **self._arguments(function, args, kwargs)})
        try:
            frame.block(function.node.body)
            return None
        except _ReturnedError as returned:
            return returned.value
        finally:
            self._depth -= 1

    def _arguments(self, function: _Function, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a call, those not given by their defaults."""
        spec = function.node.args
        given = [function.owner, *args] if function.owner is not None else args
        frame = _Frame(self, function.module, dict(function.outer))
        positional = [*spec.posonlyargs, *spec.args]
        values: dict[str, Any] = dict.fromkeys((arg.arg for arg in (*positional, *spec.kwonlyargs)), UNKNOWN)
        for arg, default in zip(reversed(positional), reversed(spec.defaults), strict=False):
            values[arg.arg] = frame.value(default)
        for arg, kw_default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
            values[arg.arg] = frame.value(kw_default) if kw_default is not None else UNKNOWN
        values.update(zip((arg.arg for arg in positional), given, strict=False))
        values.update(kwargs)
        values.update({extra.arg: UNKNOWN for extra in (spec.vararg, spec.kwarg) if extra is not None})
        return values

    def _attribute(self, value: Any, name: str) -> Any:
        if isinstance(value, _Module):
            if name == "__dict__":
                return _Names(value.name)
            return self._global(value.name, name)
        if isinstance(value, _Instance):
            for inner in value.kind.node.body:
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name == name:
                    return _Function(value.kind.module, inner, owner=value)
        return UNKNOWN

    # names of modules

    def _global(self, module: str, name: str) -> Any:
        key = (module, name)
        if key not in self._globals:
            self._globals[key] = UNKNOWN  # for a definition that leads back to itself
            self._globals[key] = self._find_global(module, name)
        return self._globals[key]

    def _find_global(self, module: str, name: str) -> Any:
        space = self.library.space_of(module)
        bound = space.names.get(name) if space is not None else None
        if bound is None:
            child = f"{module}.{name}"
            if name == "__name__":
                return module
            return _Module(child) if self.library.is_module(child) else UNKNOWN
        if bound.kind == "const":
            return bound.value if bound.certain else UNKNOWN
        if bound.kind == "module":
            return _Module(bound.module)
        if bound.kind == "import":
            return self._imported(bound)
        return self._defined(module, name, bound)

    def _imported(self, bound: Bound) -> Any:
        if self.library.space_of(bound.module) is None:
            return UNKNOWN
        return self._global(bound.module, bound.name)

    def _defined(self, module: str, name: str, bound: Bound) -> Any:
        tree = self.library.tree_of(module)
        if tree is None or not bound.certain:
            return UNKNOWN
        found = [node for node in tree.body if _binds(node, name)]
        functions = all(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in found)
        if len(found) != 1 and not (found and functions):
            return UNKNOWN
        node = found[-1]  # the ones before it are overloads
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return _Function(module, node)
        if isinstance(node, ast.ClassDef):
            return _Class(module, node)
        value = getattr(node, "value", None)
        try:
            return _Frame(self, module, {}).value(value) if isinstance(value, ast.expr) else UNKNOWN
        except (_GaveUpError, _ThrownError):
            return UNKNOWN


class _Frame:
    """One call: local names, and the module they stand in."""

    def __init__(self, evaluator: Evaluator, module: str, names: dict[str, Any]) -> None:
        self.evaluator = evaluator
        self.library = evaluator.library
        self.module = module
        self.names = names

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.evaluator._steps += 1
            if self.evaluator._steps > _STEPS:
                raise _GaveUpError
            run = getattr(self, "_" + type(statement).__name__.lower(), None)
            if run is None:
                raise _GaveUpError
            run(statement)

    def _pass(self, _node: ast.stmt) -> None:
        """Nothing that matters here: warnings and log lines are not what decides."""

    _expr = _assert = _global = _nonlocal = _delete = _pass

    def _return(self, node: ast.Return) -> None:
        raise _ReturnedError(self.value(node.value) if node.value is not None else None)

    def _raise(self, node: ast.Raise) -> None:
        if node.exc is None:
            raise _GaveUpError
        call = node.exc if isinstance(node.exc, ast.Call) else None
        name = dotted_name(call.func if call is not None else node.exc)
        message: Any = "" if call is None or not call.args else self.value(call.args[0])
        if name is None:
            raise _GaveUpError
        raise _ThrownError(Throw(self._exception(name), str(message) if isinstance(message, str) else None))

    def _exception(self, name: str) -> str:
        """The dotted name of an exception, as a traceback shows it."""
        head, _, rest = name.partition(".")
        value = self._name(head)
        if rest:
            value = self.evaluator._attribute(value, rest)
        return f"{value.module}.{value.node.name}" if isinstance(value, _Class) else name

    def _if(self, node: ast.If) -> None:
        test = self.value(node.test)
        if test is not UNKNOWN:
            self.block(node.body if test else node.orelse)
            return
        before = dict(self.names)
        ends = [self._way(dict(before), way) for way in (node.body, node.orelse)]
        if isinstance(ends[0], Exception) and isinstance(ends[1], Exception):
            if isinstance(ends[0], _ReturnedError) and isinstance(ends[1], _ReturnedError):
                raise _ReturnedError(UNKNOWN)
            if (
                isinstance(ends[0], _ThrownError)
                and isinstance(ends[1], _ThrownError)
                and ends[0].throw == ends[1].throw
            ):
                raise ends[0]
            raise _GaveUpError
        if any(isinstance(end, Exception) for end in ends):
            raise _GaveUpError
        self._join(ends)

    def _way(self, names: dict[str, Any], body: list[ast.stmt]) -> dict[str, Any] | Exception:
        frame = _Frame(self.evaluator, self.module, names)
        try:
            frame.block(body)
        except (_ReturnedError, _ThrownError, _GaveUpError) as ended:
            return ended
        return frame.names

    def _join(self, ends: list[Any]) -> None:
        every = {name for end in ends for name in end}
        values = {name: [end.get(name, UNKNOWN) for end in ends] for name in every}
        self.names = {name: one if one is other else UNKNOWN for name, (one, other) in values.items()}

    def _try(self, node: ast.Try) -> None:
        try:
            self.block(node.body)
        except _ThrownError as thrown:
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
            raise _GaveUpError
        for item in items:
            self._store(node.target, item)
            self.block(node.body)

    def _assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self._store(target, value)

    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._store(node.target, self.value(node.value))

    def _augassign(self, node: ast.AugAssign) -> None:
        self._store(node.target, UNKNOWN)

    def _store(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = isinstance(value, (tuple, list)) and len(value) == len(target.elts)
            for index, item in enumerate(target.elts):
                self._store(item, value[index] if known else UNKNOWN)

    def _functiondef(self, node: ast.FunctionDef) -> None:
        self.names[node.name] = _Function(self.module, node, self.names)

    def _classdef(self, node: ast.ClassDef) -> None:
        self.names[node.name] = UNKNOWN

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._need(alias.name)
            self.names[alias.asname or alias.name.partition(".")[0]] = _Module(
                alias.name if alias.asname else alias.name.partition(".")[0]
            )

    def _importfrom(self, node: ast.ImportFrom) -> None:
        module = self._absolute(node.level, node.module or "")
        self._need(module)
        for alias in node.names:
            if self.library.has(module, alias.name) is False:
                raise _ThrownError(Throw("ImportError", f"cannot import name {alias.name!r} from {module!r}"))
            self.names[alias.asname or alias.name] = self.evaluator._global(module, alias.name)

    def _need(self, module: str) -> None:
        failing = self.library.fails(module)
        if failing is None:
            raise _GaveUpError
        if failing:
            raise _ThrownError(Throw(failing, f"No module named {module!r}"))

    def _absolute(self, level: int, module: str) -> str:
        if not level:
            return module
        space = self.library.space_of(self.module)
        parts = self.module.split(".")
        keep = len(parts) - level + (1 if space is not None and space.is_package else 0)
        return ".".join([*parts[: max(keep, 0)], *([module] if module else [])])

    # expressions

    def value(self, node: ast.expr) -> Any:
        """The value of an expression, UNKNOWN where it is not understood."""
        compute = getattr(self, "_e_" + type(node).__name__.lower(), None)
        return compute(node) if compute is not None else UNKNOWN

    def _e_constant(self, node: ast.Constant) -> Any:
        return node.value

    def _e_name(self, node: ast.Name) -> Any:
        return self._name(node.id)

    def _name(self, name: str) -> Any:
        return self.names[name] if name in self.names else self.evaluator._global(self.module, name)

    def _e_attribute(self, node: ast.Attribute) -> Any:
        if dotted_name(node) == "__spec__.parent":
            space = self.library.space_of(self.module)
            return self.module if space is not None and space.is_package else self.module.rpartition(".")[0]
        return self.evaluator._attribute(self.value(node.value), node.attr)

    def _e_subscript(self, node: ast.Subscript) -> Any:
        if dotted_name(node.value) == "sys.modules":
            key = self.value(node.slice)
            return _Module(key) if isinstance(key, str) else UNKNOWN
        value, key = self.value(node.value), self.value(node.slice)
        if isinstance(node.slice, ast.Slice) and isinstance(value, (str, list, tuple)) and node.slice.step is None:
            ends = [None if end is None else self.value(end) for end in (node.slice.lower, node.slice.upper)]
            return UNKNOWN if UNKNOWN in ends else value[ends[0] : ends[1]]
        if not isinstance(value, (dict, tuple, list)) or key is UNKNOWN:
            return UNKNOWN
        try:
            return value[key]
        except (KeyError, IndexError, TypeError) as error:
            raise _ThrownError(Throw(type(error).__name__, str(error))) from None

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
        if isinstance(container, _Names):
            space = self.library.space_of(container.module)
            bound = space.names.get(name) if space is not None else None
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

    def _each(self, generators: list[ast.comprehension]) -> list[_Frame] | None:
        """The names of each turn of a comprehension with one `for` and no `if`; None for any other."""
        items = self.value(generators[0].iter)
        if len(generators) > 1 or generators[0].ifs or not isinstance(items, (list, tuple, dict)):
            return None
        frames = [_Frame(self.evaluator, self.module, dict(self.names)) for _ in items]
        for frame, item in zip(frames, items, strict=True):
            frame._store(generators[0].target, item)
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
            return _Names(self.module)
        if called in ("set", "frozenset", "tuple", "list", "dict") and len(args) == 1:
            return args[0]
        if tail in ("import_module", "__import__") and args:
            return self._import_module(args, node)
        if called == "getattr" and len(args) >= 2:
            return self._getattr(args)
        if isinstance(node.func, ast.Attribute):
            return self._method(node, args)
        function = self.value(node.func)
        if not isinstance(function, (_Function, _Class)):
            return UNKNOWN
        kwargs = {keyword.arg: self.value(keyword.value) for keyword in node.keywords if keyword.arg}
        return self.evaluator._call(function, args, kwargs)

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
        self._need(name)
        return _Module(name)

    def _getattr(self, args: list[Any]) -> Any:
        owner, name = args[:2]
        if not isinstance(owner, _Module) or not isinstance(name, str):
            return UNKNOWN
        found = self.library.has(owner.name, name)
        if found is False and len(args) > 2:
            return args[2]
        if found is False:
            raise _ThrownError(Throw("AttributeError", f"module {owner.name!r} has no attribute {name!r}"))
        return self.evaluator._global(owner.name, name) if found else UNKNOWN


_TEXT_METHODS = frozenset(
    {"startswith", "endswith", "removeprefix", "removesuffix", "lower", "upper", "strip", "split"}
)


def _takes(handler: ast.ExceptHandler, exception: str) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return catches(tuple((dotted_name(one) or "").rpartition(".")[2] for one in types), exception)


def _binds(node: ast.stmt, name: str) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name == name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)
