"""Binding the arguments of a call to parameters, with the TypeErrors that CPython gives."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from seatrial.libraries.values import ABSENT, Function, Module, Unknown, Value
from seatrial.project.packages.signatures import Signature
from seatrial.simulation.language.suggestions import suggestion

_NOWHERE = Module("", {}, None, first_party=False, loading=False)


def bind_arguments(
    function: Function, args: list[Value], kwargs: dict[str, Value], python: tuple[int, int], *, partial: bool = False
) -> dict[str, Value] | TypeError:
    """The names that a call gives its parameters, or the error of a call that does not fit.

    With `partial` the arguments came in part from something unknown, and what is missing is Unknown too.
    """
    spec = function.node.args
    name = function.qualname if python >= (3, 10) else function.name
    positional = [arg.arg for arg in (*spec.posonlyargs, *spec.args)]
    names = dict(zip(positional, args, strict=False))
    extra = args[len(positional) :]
    if spec.vararg is not None:
        names[spec.vararg.arg] = tuple(extra)
        extra = []
    problem = _take_keywords(spec, name, names, kwargs, python)
    if problem is not None:
        return problem
    if extra and not partial:
        return _too_many(function, name, positional, args, names)
    _fill_defaults(spec, function, positional, names)
    missing = [p for p in positional if p not in names]
    missing_keyword = [arg.arg for arg in spec.kwonlyargs if arg.arg not in names]
    if partial:
        for key in (*missing, *missing_keyword):
            names[key] = Unknown(f"the argument {key}")
    elif missing:
        return TypeError(_missing(name, missing, "positional"))
    elif missing_keyword:
        return TypeError(_missing(name, missing_keyword, "keyword-only"))
    return names


def _take_keywords(
    spec: ast.arguments, name: str, names: dict[str, Value], kwargs: dict[str, Value], python: tuple[int, int]
) -> TypeError | None:
    known = [arg.arg for arg in (*spec.args, *spec.kwonlyargs)]
    rest: dict[str, Value] = {}
    only_positional = [arg.arg for arg in spec.posonlyargs if arg.arg in kwargs]
    for key, value in kwargs.items():
        if key in known:
            if key in names:
                return TypeError(f"{name}() got multiple values for argument {key!r}")
            names[key] = value
        else:
            rest[key] = value
    if spec.kwarg is not None:
        names[spec.kwarg.arg] = rest
    elif rest:
        if only_positional:
            listed = ", ".join(only_positional)
            return TypeError(f"{name}() got some positional-only arguments passed as keyword arguments: {listed!r}")
        return TypeError(f"{name}() got an unexpected keyword argument {unexpected(next(iter(rest)), known, python)}")
    return None


def unexpected(key: str, known: Sequence[str], python: tuple[int, int]) -> str:
    """The name of a keyword that is refused, with the one that CPython 3.13 and later suggest in its place."""
    nearest = suggestion(key, known) if python >= (3, 13) else None
    return repr(key) if nearest is None else f"{key!r}. Did you mean {nearest!r}?"


def _fill_defaults(spec: ast.arguments, function: Function, positional: list[str], names: dict[str, Value]) -> None:
    if function.defaults:
        for key, value in zip(positional[-len(function.defaults) :], function.defaults, strict=True):
            names.setdefault(key, value)
    for key, value in function.keyword_defaults.items():
        names.setdefault(key, value)


def _too_many(
    function: Function, name: str, positional: list[str], args: list[Value], names: dict[str, Value]
) -> TypeError:
    spec = function.node.args
    given, most = len(args), len(positional)
    least = most - len(function.defaults)
    takes = f"from {least} to {most}" if function.defaults else str(most)
    plural = "s" if most != 1 or function.defaults else ""
    keywords = sum(arg.arg in names for arg in spec.kwonlyargs)
    was = "were" if given != 1 or keywords else "was"
    if keywords:
        given_text = (
            f"{given} positional argument{'s' if given != 1 else ''} "
            f"(and {keywords} keyword-only argument{'s' if keywords != 1 else ''})"
        )
    else:
        given_text = str(given)
    return TypeError(f"{name}() takes {takes} positional argument{plural} but {given_text} {was} given")


def _missing(name: str, missing: Sequence[str], kind: str) -> str:
    quoted = [repr(key) for key in missing]
    if len(quoted) == 1:
        text = quoted[0]
    elif len(quoted) == 2:
        text = f"{quoted[0]} and {quoted[1]}"
    else:
        text = ", ".join(quoted[:-1]) + f", and {quoted[-1]}"
    return f"{name}() missing {len(quoted)} required {kind} argument{'s' if len(quoted) != 1 else ''}: {text}"


def declared(found: Signature, name: str, qualname: str, *, method: bool) -> Function:
    """A function with the parameters that a library's source declares, to bind arguments to; it has no body."""
    by_kind: dict[str, list[ast.arg]] = {kind: [] for kind in ("positional", "either", "rest", "keyword", "keywords")}
    if method:
        first = "positional" if any(one.kind == "positional" for one in found.parameters) else "either"
        by_kind[first].append(ast.arg("self"))
    for one in found.parameters:
        by_kind[one.kind].append(ast.arg(one.name))
    optional = [one for one in found.parameters if one.kind in ("positional", "either") and one.default is not None]
    keywords = {one.name: ABSENT for one in found.parameters if one.kind == "keyword" and one.default is not None}
    arguments = ast.arguments(
        posonlyargs=by_kind["positional"],
        args=by_kind["either"],
        vararg=next(iter(by_kind["rest"]), None),
        kwonlyargs=by_kind["keyword"],
        kw_defaults=[],
        kwarg=next(iter(by_kind["keywords"]), None),
        defaults=[],
    )
    node = ast.Lambda(args=arguments, body=ast.Constant(None), lineno=1, col_offset=0)
    return Function(node, _NOWHERE, None, name, qualname, (ABSENT,) * len(optional), keywords)
