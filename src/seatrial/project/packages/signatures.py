"""Which arguments the functions and classes of libraries take, read from their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from seatrial.project.packages.conditions import dotted_name, executed

Kind = Literal["positional", "either", "rest", "keyword", "keywords"]
_TRANSPARENT = frozenset({"Generic", "Protocol", "ABC", "object"})
_HARMLESS = frozenset({"staticmethod", "classmethod", "deprecated", "final", "override", "wraps", "cache", "lru_cache"})
_PLAIN_METACLASSES = frozenset({"ABCMeta", "type"})


class Parameter(NamedTuple):
    """One parameter. `rest` is `*args`, `keywords` is `**kwargs`; `default` is source, None where it is required."""

    name: str
    kind: Kind
    default: str | None


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a function, or of making an instance of a class, without `self`.

    `owner` is the dotted name of the function, or of the class whose `__init__` or `__new__` it is. When not `certain`,
    a decorator or a metaclass may take other arguments.
    """

    owner: str
    parameters: tuple[Parameter, ...]
    certain: bool

    @property
    def open(self) -> bool:
        """Whether any keyword is taken."""
        return any(parameter.kind == "keywords" for parameter in self.parameters)

    def takes(self, keyword: str) -> bool | None:
        """Whether an argument of that name may be given; None when that cannot be told."""
        if any(one.name == keyword and one.kind in ("either", "keyword") for one in self.parameters):
            return True
        return None if self.open or not self.certain else False


class Definitions(Protocol):
    """What is asked of the packages."""

    def outline_of(self, module: str) -> ast.Module | None:
        """The tree of a module's source; function bodies may be missing."""

    def locate(self, module: str, name: str) -> tuple[str, str] | None:
        """(module, name) of the definition behind a name."""


def signature(packages: Definitions, module: str, name: str) -> Signature | None:
    """The parameters of `module.name`, or of `module.Class.method` where the name has a dot.

    None when there is no such definition, or when the class takes what its base from elsewhere takes.
    """
    outer, _, method = name.partition(".")
    found = packages.locate(module, outer)
    node = _definition(packages, *found) if found is not None else None
    if found is None or node is None:
        return None
    owner = f"{found[0]}.{found[1]}"
    if isinstance(node, ast.ClassDef):
        return _of_class(packages, found[0], node, method, depth=0)
    return _of_function(node, owner, bound=False)


def _definition(
    packages: Definitions, module: str, name: str
) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    """The last definition of a name in a module that is no `@overload`."""
    tree = packages.outline_of(module)
    last = None
    for node in executed(tree.body if tree is not None else []):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name != name:
            continue
        if "overload" not in _decorators(node):
            last = node
    return last


def _of_class(packages: Definitions, module: str, node: ast.ClassDef, method: str, depth: int) -> Signature | None:
    """From the class itself, or from the first of its bases that says something."""
    if depth > 12 or (not method and ({"dataclass", "define", "attrs", "s"} & _decorators(node))):
        return None
    wanted = (method,) if method else ("__init__", "__new__")
    for name in wanted:
        for inner in reversed(list(executed(node.body))):
            if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) or inner.name != name:
                continue
            if "overload" not in _decorators(inner):
                found = _of_function(inner, f"{module}.{node.name}", bound=True)
                plain = all(
                    word.arg != "metaclass" or _tail(word.value) in _PLAIN_METACLASSES for word in node.keywords
                )
                return found if plain else Signature(found.owner, found.parameters, certain=False)
    return _of_base(packages, module, node, method, depth)


def _of_base(packages: Definitions, module: str, node: ast.ClassDef, method: str, depth: int) -> Signature | None:
    for base in node.bases:
        if _tail(base) in _TRANSPARENT:
            continue
        dotted = dotted_name(base.value if isinstance(base, ast.Subscript) else base)
        found = _located(packages, module, dotted) if dotted else None
        definition = _definition(packages, *found) if found is not None else None
        if found is None or not isinstance(definition, ast.ClassDef):
            return None
        inherited = _of_class(packages, found[0], definition, method, depth + 1)
        if inherited is not None:
            plain = not node.keywords
            return inherited if plain else Signature(inherited.owner, inherited.parameters, certain=False)
    return None


def _located(packages: Definitions, module: str, dotted: str) -> tuple[str, str] | None:
    """(module, name) of what a dotted name stands for within a module."""
    head, *rest = dotted.split(".")
    found = packages.locate(module, head)
    for name in rest:
        if found is None:
            return None
        found = packages.locate(".".join(part for part in found if part), name)
    return found


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str, *, bound: bool) -> Signature:
    decorators = _decorators(node)
    parameters = list(_parameters(node.args))
    if bound and "staticmethod" not in decorators and parameters and parameters[0].kind in ("positional", "either"):
        parameters = parameters[1:]
    harmless = all(name in _HARMLESS or name.startswith("deprecated") for name in decorators)
    return Signature(owner, tuple(parameters), certain=harmless)


def _parameters(args: ast.arguments) -> Iterator[Parameter]:
    positional = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [*[None] * (len(positional) - len(args.defaults)), *args.defaults]
    for index, (arg, default) in enumerate(zip(positional, defaults, strict=True)):
        yield Parameter(arg.arg, "positional" if index < len(args.posonlyargs) else "either", _source(default))
    if args.vararg is not None:
        yield Parameter(args.vararg.arg, "rest", None)
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield Parameter(arg.arg, "keyword", _source(default))
    if args.kwarg is not None:
        yield Parameter(args.kwarg.arg, "keywords", None)


def _source(node: ast.expr | None) -> str | None:
    return None if node is None else ast.unparse(node)


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[str]:
    """The last parts of the names of the decorators; "?" for what has no name."""
    return {_tail(one.func if isinstance(one, ast.Call) else one) for one in node.decorator_list}


def _tail(node: ast.expr) -> str:
    value = node.value if isinstance(node, ast.Subscript) else node
    return (dotted_name(value) or "?").rpartition(".")[2]
