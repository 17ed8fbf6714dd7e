"""Operators, `in` and truth.

Real Python objects are handed to CPython's own operators, so values and error messages are CPython's. Sizes are
bounded first: a program that is only read must not be able to make the reader compute for an hour.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import (
    ABSENT,
    Builtin,
    Class,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    Stream,
    Super,
    TypeForm,
    Undecided,
    Unknown,
    Value,
)
from seatrial.simulation.language.iteration import iterate
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.language.natively import LARGEST, OPAQUE, is_native, natively
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

BINARY: dict[type, tuple[str, str, Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", "add", operator.add, operator.iadd),
    ast.Sub: ("-", "sub", operator.sub, operator.isub),
    ast.Mult: ("*", "mul", operator.mul, operator.imul),
    ast.Div: ("/", "truediv", operator.truediv, operator.itruediv),
    ast.FloorDiv: ("//", "floordiv", operator.floordiv, operator.ifloordiv),
    ast.Mod: ("%", "mod", operator.mod, operator.imod),
    ast.Pow: ("** or pow()", "pow", operator.pow, operator.ipow),
    ast.LShift: ("<<", "lshift", operator.lshift, operator.ilshift),
    ast.RShift: (">>", "rshift", operator.rshift, operator.irshift),
    ast.BitOr: ("|", "or", operator.or_, operator.ior),
    ast.BitAnd: ("&", "and", operator.and_, operator.iand),
    ast.BitXor: ("^", "xor", operator.xor, operator.ixor),
    ast.MatMult: ("@", "matmul", operator.matmul, operator.imatmul),
}
COMPARE: dict[type, tuple[str, str, str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("==", "__eq__", "__eq__", operator.eq),
    ast.NotEq: ("!=", "__ne__", "__ne__", operator.ne),
    ast.Lt: ("<", "__lt__", "__gt__", operator.lt),
    ast.LtE: ("<=", "__le__", "__ge__", operator.le),
    ast.Gt: (">", "__gt__", "__lt__", operator.gt),
    ast.GtE: (">=", "__ge__", "__le__", operator.ge),
}


def _too_large(symbol: str, left: Value, right: Value) -> bool:
    if symbol == "** or pow()" and isinstance(left, int) and isinstance(right, int):
        return abs(right) * max(left.bit_length(), 1) > LARGEST
    if symbol == "<<" and isinstance(right, int):
        return right > LARGEST
    if symbol in ("*", "%"):
        size = _size(left) * (abs(right) if isinstance(right, int) else 1)
        other = _size(right) * (abs(left) if isinstance(left, int) else 1)
        return max(size if _size(left) else 0, other if _size(right) else 0) > LARGEST
    return False


def _size(value: Value) -> int:
    return len(value) if isinstance(value, str | bytes | bytearray | list | tuple) else 0


def binary(sim: Simulator, op: ast.operator, left: Value, right: Value, *, inplace: bool = False) -> Value:
    """`left op right`, or `left op= right`."""
    symbol, name, run, run_inplace = BINARY[type(op)]
    if symbol == "|" and (_are_types(left, right) or _is_lenient(sim, left, right)):
        return _union(sim, left, right)
    if isinstance(left, OPAQUE) or isinstance(right, OPAQUE):
        return Unknown(f"{symbol} of an unknown value")
    if isinstance(left, Class) or isinstance(right, Class):
        return _by_methods(sim, symbol, name, left, right, inplace)
    if isinstance(left, TypeForm | Super) or isinstance(right, TypeForm | Super):
        return _unsupported(sim, symbol, left, right, inplace)
    if _too_large(symbol, left, right):
        return Unknown("a value too large to compute")
    return natively(sim, lambda: (run_inplace if inplace else run)(left, right), "operator")


def _are_types(left: Value, right: Value) -> bool:
    kinds = (type, Class, TypeForm)
    sides = [side for side in (left, right) if side is not None]
    sides = [type if isinstance(side, Builtin) and side.kind in ("type", "NewType") else side for side in sides]
    return bool(sides) and all(isinstance(s, kinds) or (isinstance(s, External) and s.kind == "class") for s in sides)


def _is_lenient(sim: Simulator, left: Value, right: Value) -> bool:
    """Whether `typing` makes the union, which since 3.11 takes whatever is beside a NewType."""
    return sim.python >= (3, 11) and any(isinstance(it, Builtin) and it.kind == "NewType" for it in (left, right))


def _union(sim: Simulator, left: Value, right: Value) -> Value:
    plain = all(side is None or isinstance(side, type | Class) for side in (left, right))
    if sim.python < (3, 10) and plain:
        return _unsupported(sim, "|", left, right, False)
    parts: list[Value] = []
    for side in (left, right):
        nested = (
            isinstance(side, TypeForm) and isinstance(side.origin, External) and side.origin.name == "types.UnionType"
        )
        parts.extend(side.args if nested else [side])
    return TypeForm(External("types.UnionType", "class"), tuple(parts))


def _by_methods(sim: Simulator, symbol: str, name: str, left: Value, right: Value, inplace: bool) -> Value:
    attempts = [(left, f"__{name}__", right), (right, f"__r{name}__", left)]
    if inplace:
        attempts.insert(0, (left, f"__i{name}__", right))
    for subject, method_name, other in attempts:
        method = sim.special(subject, method_name)
        if isinstance(method, Unknown):
            return Unknown(f"{symbol} outside the backend")
        if method is not ABSENT and method is not None:
            answer = sim.call(method, [other], {})
            if answer is not NotImplemented:
                return answer
    if any(isinstance(side, Class) and isinstance(side.metaclass, Class) for side in (left, right)):
        return _unsupported(sim, symbol, left, right, inplace)
    run, run_inplace = next((plain, into) for sign, _, plain, into in BINARY.values() if sign == symbol)
    return natively(sim, lambda: (run_inplace if inplace else run)(left, right), "operator")


def _unsupported(sim: Simulator, symbol: str, left: Value, right: Value, inplace: bool) -> Value:
    if inplace:
        symbol = "**=" if symbol.startswith("**") else symbol + "="
    text = f"unsupported operand type(s) for {symbol}: {type_name(left)!r} and {type_name(right)!r}"
    return sim.player.fail(TypeError(text), RaisedByCode("operator"))


def unary(sim: Simulator, op: ast.unaryop, value: Value) -> Value:
    """`not`, `-`, `+`, `~`."""
    if isinstance(op, ast.Not):
        truth = sim.maybe_truth(value)
        return Unknown("not of an unknown value") if truth is None else not truth
    operations: dict[type, tuple[str, str, Callable[[Any], Any]]] = {
        ast.USub: ("-", "__neg__", operator.neg),
        ast.UAdd: ("+", "__pos__", operator.pos),
        ast.Invert: ("~", "__invert__", operator.invert),
    }
    symbol, method_name, run = operations[type(op)]
    if isinstance(value, OPAQUE):
        return Unknown(f"{symbol} of an unknown value")
    if isinstance(value, Class):
        method = sim.special(value, method_name)
        if method is not ABSENT:
            return sim.call(method, [], {})
    if not is_native(value):
        return sim.player.fail(TypeError(f"bad operand type for unary {symbol}: {type_name(value)!r}"))
    return natively(sim, lambda: run(value), "operator")


def compare(sim: Simulator, op: ast.cmpop, left: Value, right: Value) -> Value:
    """One comparison of a chain."""
    if isinstance(op, ast.Is | ast.IsNot):
        return _identity(left, right, isinstance(op, ast.Is))
    if isinstance(op, ast.In | ast.NotIn):
        found = contains(sim, right, left)
        return found if isinstance(found, Unknown) else found == isinstance(op, ast.In)
    symbol, name, mirrored, run = COMPARE[type(op)]
    if isinstance(left, OPAQUE) or isinstance(right, OPAQUE):
        same = left is right and not isinstance(left, Unknown)
        return symbol == "==" if same and symbol in ("==", "!=") else Unknown(f"{symbol} of an unknown value")
    if isinstance(left, Class) or isinstance(right, Class):
        return _compare_by_methods(sim, symbol, name, mirrored, left, right)
    if not (is_native(left) and is_native(right)) and symbol in ("==", "!="):
        return (left is right or (isinstance(left, TypeForm) and left == right)) == (symbol == "==")
    return natively(sim, lambda: run(left, right), "operator")


def _identity(left: Value, right: Value, wanted: bool) -> Value:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return Unknown("identity of an unknown value")
    if isinstance(left, External) and isinstance(right, External):
        return (left.name == right.name) == wanted
    for side, other in ((left, right), (right, left)):
        if isinstance(side, External) and side.kind not in ("class", "def") and other is not None:
            return Unknown("identity of a library's value")
    return (left is right) == wanted


def _compare_by_methods(sim: Simulator, symbol: str, name: str, mirrored: str, left: Value, right: Value) -> Value:
    for subject, method_name, other in ((left, name, right), (right, mirrored, left)):
        method = sim.special(subject, method_name)
        if method is ABSENT and method_name == "__ne__":
            equal = _compare_by_methods(sim, "==", "__eq__", "__eq__", left, right)
            return Unknown("!=") if isinstance(equal, Unknown) else not sim.truth(equal)
        if isinstance(method, Unknown):
            return Unknown(f"{symbol} outside the backend")
        if method is not ABSENT and method is not None:
            answer = sim.call(method, [other], {})
            if answer is not NotImplemented:
                return answer
    if symbol in ("==", "!="):
        return (left is right) == (symbol == "==")
    text = f"{symbol!r} not supported between instances of {type_name(left)!r} and {type_name(right)!r}"
    return sim.player.fail(TypeError(text), RaisedByCode("operator"))


def contains(sim: Simulator, container: Value, item: Value) -> Value:
    """`item in container`."""
    if isinstance(container, OPAQUE):
        return Unknown("membership in an unknown value")
    if isinstance(container, Class):
        method = sim.special(container, "__contains__")
        if method is not ABSENT:
            answer = sim.maybe_truth(sim.call(method, [item], {}))
            return Unknown("membership") if answer is None else answer
        if sim.special(container, "__iter__") is not ABSENT:
            return natively(sim, lambda: any(item is x or item == x for x in iterate(sim, container)), "operator")
    if not is_native(container) and not isinstance(container, Stream):
        return sim.player.fail(TypeError(f"argument of type {type_name(container)!r} is not iterable"))
    return natively(sim, lambda: operator.contains(container, item), "operator")


def truth(sim: Simulator, value: Value) -> bool:
    """`bool(value)`. Raises Undecided where it cannot be known."""
    if isinstance(value, Unknown):
        raise Undecided(value.why)
    if isinstance(value, External):
        if value.kind in ("class", "def"):
            return True
        raise Undecided(value.name)
    if isinstance(value, Instance):
        for name in ("__bool__", "__len__"):
            method = sim.special(value, name)
            if isinstance(method, Unknown):
                return True  # objects of library classes are true, with very few exceptions
            if method is not ABSENT:
                return truth(sim, sim.call(method, [], {}))
        return True
    if isinstance(value, Class | Function | Module | TypeForm | Stream | ExternalInstance):
        return True
    try:
        return bool(value)
    except Undecided:
        raise
    except Exception as error:
        raise Undecided(str(error)) from error
