"""Playing expressions: one function per node, in the order in which CPython evaluates them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from seatrial.libraries.values import ABSENT, Stream, Undecided, Unknown, Value
from seatrial.simulation.language.attribute_errors import attribute_error
from seatrial.simulation.language.calls import await_value, call, yield_value
from seatrial.simulation.language.comprehensions import COMPREHENSIONS
from seatrial.simulation.language.definitions import default_values, make_function
from seatrial.simulation.language.iteration import iterate
from seatrial.simulation.language.names import assign, load_name, private
from seatrial.simulation.language.natively import natively
from seatrial.simulation.language.operators import binary, compare, unary
from seatrial.simulation.language.signals import Expressions
from seatrial.simulation.language.spreading import mapped, spread_names, spread_positions, unpacked
from seatrial.simulation.language.subscripts import subscript
from seatrial.simulation.player import Player

_HUGE_WIDTH = re.compile(r"\d{6,}")


def _constant(player: Player, node: ast.Constant) -> Value:
    return node.value


def _name(player: Player, node: ast.Name) -> Value:
    return load_name(player.sim, node.id, node)


def _attribute(player: Player, node: ast.Attribute) -> Value:
    value = player.evaluate(node.value)
    sim = player.sim
    name = private(player.frame, node.attr)
    found = sim.get(value, name)
    if found is not ABSENT:
        return found
    # CPython gives an attribute that stands on a later line that line.
    end = node.end_lineno or node.lineno
    player.frame.line = node.lineno if end == node.lineno or sim.python < (3, 11) else end
    return attribute_error(sim, value, name)


def _subscript(player: Player, node: ast.Subscript) -> Value:
    value = player.evaluate(node.value)
    key = player.evaluate(node.slice)
    player.frame.line = node.lineno
    return subscript(player.sim, value, key)


def _slice(player: Player, node: ast.Slice) -> Value:
    parts = [None if part is None else player.evaluate(part) for part in (node.lower, node.upper, node.step)]
    if any(isinstance(part, Unknown) for part in parts):
        return Unknown("a slice")
    return slice(*parts)


def _binary(player: Player, node: ast.BinOp) -> Value:
    left = player.evaluate(node.left)
    right = player.evaluate(node.right)
    player.frame.line = node.lineno
    if isinstance(node.op, ast.Mod) and isinstance(left, str) and _HUGE_WIDTH.search(left):
        return Unknown("a text too long to make")
    return binary(player.sim, node.op, left, right)


def _unary(player: Player, node: ast.UnaryOp) -> Value:
    return unary(player.sim, node.op, player.evaluate(node.operand))


def _boolean(player: Player, node: ast.BoolOp) -> Value:
    sim = player.sim
    stop_at = isinstance(node.op, ast.Or)
    for index, part in enumerate(node.values):
        value = player.evaluate(part)
        if index + 1 == len(node.values):
            return value
        truth = sim.maybe_truth(value)
        if truth is None:
            return _rest_undecided(player, node.values[index + 1 :], value)
        if truth == stop_at:
            return value
    return Unknown("an empty condition")


def _rest_undecided(player: Player, rest: list[ast.expr], first: Value) -> Value:
    with player.undecided():
        for part in rest:
            player.evaluate(part)
    return Unknown("one of two values", getattr(first, "hint", None))


def _compare(player: Player, node: ast.Compare) -> Value:
    sim = player.sim
    left = player.evaluate(node.left)
    answer: Value = True
    for index, (op, comparator) in enumerate(zip(node.ops, node.comparators, strict=True)):
        right = player.evaluate(comparator)
        player.frame.line = node.lineno
        answer = compare(sim, op, left, right)
        if index + 1 == len(node.ops):
            return answer
        truth = sim.maybe_truth(answer)
        if truth is None:
            return Unknown("a chain of comparisons")
        if not truth:
            return answer
        left = right
    return answer


def _conditional(player: Player, node: ast.IfExp) -> Value:
    sim = player.sim
    truth = sim.maybe_truth(player.evaluate(node.test))
    if truth is not None:
        return player.evaluate(node.body if truth else node.orelse)
    with player.undecided():
        return sim.join(player.evaluate(node.body), player.evaluate(node.orelse))


def _named(player: Player, node: ast.NamedExpr) -> Value:
    value = player.evaluate(node.value)
    assign(player.sim, node.target.id, value)
    return value


def _tuple(player: Player, node: ast.Tuple) -> Value:
    items = _items(player, node.elts)
    return items if isinstance(items, Unknown) else tuple(items)


def _list(player: Player, node: ast.List) -> Value:
    return _items(player, node.elts)


def _set(player: Player, node: ast.Set) -> Value:
    items = _items(player, node.elts)
    return items if isinstance(items, Unknown) else natively(player.sim, lambda: set(items), "call", "a set")


def _items(player: Player, nodes: list[ast.expr]) -> Value:
    items: list[Value] = []
    unknown = False
    for node in nodes:
        if not isinstance(node, ast.Starred):
            items.append(player.evaluate(node))
            continue
        more = spread_positions(player.sim, player.evaluate(node.value))
        unknown = unknown or more is None
        items.extend(more or [])
    return Unknown("a list with unknown items") if unknown else items


def _dict(player: Player, node: ast.Dict) -> Value:
    result: dict[Value, Value] = {}
    unknown = False
    for key, item in zip(node.keys, node.values, strict=True):
        if key is None:
            more = mapped(player.sim, player.evaluate(item))
            unknown = unknown or more is None
            result.update(more or {})
            continue
        name = player.evaluate(key)
        value = player.evaluate(item)
        player.frame.line = node.lineno
        done = natively(player.sim, lambda name=name, value=value: result.__setitem__(name, value), "call")  # type: ignore[misc]
        unknown = unknown or isinstance(done, Unknown)
    return Unknown("a dict with unknown keys") if unknown else result


def _call(player: Player, node: ast.Call) -> Value:
    function = player.evaluate(node.func)
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    partial = False
    for arg in node.args:
        if isinstance(arg, ast.Starred):
            more = spread_positions(player.sim, player.evaluate(arg.value), function, alone=len(node.args) == 1)
            partial = partial or more is None
            args.extend(more or [])
        else:
            args.append(player.evaluate(arg))
    for keyword in node.keywords:
        value = player.evaluate(keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        else:
            partial = not spread_names(player.sim, value, function, kwargs) or partial
    player.frame.line = _call_line(player, node)
    player.sim.statement = node
    return call(player.sim, function, args, kwargs, partial)


def _call_line(player: Player, node: ast.Call) -> int:
    """The line that a traceback gives a call: a method's own line where it stands below its object (3.11 on)."""
    function = node.func
    if isinstance(function, ast.Attribute) and player.sim.python >= (3, 11):
        return function.end_lineno or node.lineno
    return node.lineno


def _starred(player: Player, node: ast.Starred) -> Value:
    # `x[*items]`: a tuple of the items.
    more = unpacked(player.sim, player.evaluate(node.value))
    return Unknown("starred items") if more is None else tuple(more)


def _joined(player: Player, node: ast.JoinedStr) -> Value:
    parts = [player.evaluate(part) for part in node.values]
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return Unknown("a text with unknown parts")


def _formatted(player: Player, node: ast.FormattedValue) -> Value:
    value = player.evaluate(node.value)
    spec = player.evaluate(node.format_spec) if node.format_spec is not None else ""
    if isinstance(value, Unknown) or not isinstance(spec, str) or _HUGE_WIDTH.search(spec):
        return Unknown("a formatted value")
    conversions: dict[int, Callable[[Any], Any]] = {-1: lambda v: v, 115: str, 114: repr, 97: ascii}
    convert = conversions[node.conversion]
    return natively(player.sim, lambda: format(convert(value), spec), "operator", "a formatted value")


def _lambda(player: Player, node: ast.Lambda) -> Value:
    return make_function(player, node, "<lambda>", default_values(player, node.args))


def _await(player: Player, node: ast.Await) -> Value:
    value = player.evaluate(node.value)
    player.frame.line = node.lineno
    return await_value(player.sim, value)


def _yield(player: Player, node: ast.Yield) -> Value:
    value = None if node.value is None else player.evaluate(node.value)
    return yield_value(player.sim, value)


def _yield_from(player: Player, node: ast.YieldFrom) -> Value:
    sim = player.sim
    source = player.evaluate(node.value)
    try:
        for item in iterate(sim, source):
            yield_value(sim, item)
    except Undecided as why:
        return Unknown(str(why))
    return source.result if isinstance(source, Stream) else None


EXPRESSIONS: Expressions = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.NamedExpr: _named,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.Call: _call,
    ast.Starred: _starred,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _formatted,
    ast.Lambda: _lambda,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    **COMPREHENSIONS,
}
