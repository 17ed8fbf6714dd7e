"""Playing expressions: one function per node, in the order in which CPython evaluates them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import (
    ABSENT,
    Cell,
    Class,
    Function,
    Instance,
    Module,
    Stream,
    Undecided,
    Unknown,
    Value,
)
from seatrial.simulation.attributes import class_lookup, missing, type_name
from seatrial.simulation.calls import await_value, call, make_stream, yield_value
from seatrial.simulation.imports import missing_attribute
from seatrial.simulation.names import assign, load_name, private
from seatrial.simulation.operators import binary, compare, iterate, natively, subscript, unary
from seatrial.simulation.player import Active, Player
from seatrial.simulation.scopes import binds
from seatrial.simulation.spreading import mapped, spread_names, spread_positions, unpacked
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

Play = Callable[[Any, Any], Value]
EXPRESSIONS: dict[type, Play] = {}
_HUGE_WIDTH = re.compile(r"\d{6,}")


def plays(*kinds: type) -> Callable[[Play], Play]:
    """Register the function that plays these kinds of node."""

    def register(function: Play) -> Play:
        for kind in kinds:
            EXPRESSIONS[kind] = function
        return function

    return register


def _sim(player: Player) -> Simulator:
    return player.sim


@plays(ast.Constant)
def _constant(player: Player, node: ast.Constant) -> Value:
    return node.value


@plays(ast.Name)
def _name(player: Player, node: ast.Name) -> Value:
    return load_name(_sim(player), node.id, node)


@plays(ast.Attribute)
def _attribute(player: Player, node: ast.Attribute) -> Value:
    value = player.evaluate(node.value)
    sim = _sim(player)
    name = private(player.frame, node.attr)
    found = sim.get(value, name)
    if found is not ABSENT:
        return found
    # CPython gives an attribute that stands on a later line that line.
    end = node.end_lineno or node.lineno
    player.frame.line = node.lineno if end == node.lineno or sim.python < (3, 11) else end
    return attribute_error(sim, value, name)


def attribute_error(sim: Simulator, value: Value, name: str) -> Value:
    """`value.name` where there is no such attribute."""
    if isinstance(value, Module):
        return missing_attribute(sim, value, name)
    cls = value.type if isinstance(value, Instance) else getattr(value, "metaclass", None)
    hook = class_lookup(cls, "__getattr__") if isinstance(cls, Class) else None
    if isinstance(hook, Function):
        return call(sim, hook, [value, name], {})
    return sim.player.fail(missing(sim, value, name), RaisedByCode("attribute"))


@plays(ast.Subscript)
def _subscript(player: Player, node: ast.Subscript) -> Value:
    value = player.evaluate(node.value)
    key = player.evaluate(node.slice)
    player.frame.line = node.lineno
    return subscript(_sim(player), value, key)


@plays(ast.Slice)
def _slice(player: Player, node: ast.Slice) -> Value:
    parts = [None if part is None else player.evaluate(part) for part in (node.lower, node.upper, node.step)]
    if any(isinstance(part, Unknown) for part in parts):
        return Unknown("a slice")
    return slice(*parts)


@plays(ast.BinOp)
def _binary(player: Player, node: ast.BinOp) -> Value:
    left = player.evaluate(node.left)
    right = player.evaluate(node.right)
    player.frame.line = node.lineno
    if isinstance(node.op, ast.Mod) and isinstance(left, str) and _HUGE_WIDTH.search(left):
        return Unknown("a text too long to make")
    return binary(_sim(player), node.op, left, right)


@plays(ast.UnaryOp)
def _unary(player: Player, node: ast.UnaryOp) -> Value:
    return unary(_sim(player), node.op, player.evaluate(node.operand))


@plays(ast.BoolOp)
def _boolean(player: Player, node: ast.BoolOp) -> Value:
    sim = _sim(player)
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


@plays(ast.Compare)
def _compare(player: Player, node: ast.Compare) -> Value:
    sim = _sim(player)
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


@plays(ast.IfExp)
def _conditional(player: Player, node: ast.IfExp) -> Value:
    sim = _sim(player)
    truth = sim.maybe_truth(player.evaluate(node.test))
    if truth is not None:
        return player.evaluate(node.body if truth else node.orelse)
    with player.undecided():
        return sim.join(player.evaluate(node.body), player.evaluate(node.orelse))


@plays(ast.NamedExpr)
def _named(player: Player, node: ast.NamedExpr) -> Value:
    value = player.evaluate(node.value)
    assign(_sim(player), node.target.id, value)
    return value


@plays(ast.Tuple)
def _tuple(player: Player, node: ast.Tuple) -> Value:
    items = _items(player, node.elts)
    return items if isinstance(items, Unknown) else tuple(items)


@plays(ast.List)
def _list(player: Player, node: ast.List) -> Value:
    return _items(player, node.elts)


@plays(ast.Set)
def _set(player: Player, node: ast.Set) -> Value:
    items = _items(player, node.elts)
    return items if isinstance(items, Unknown) else natively(_sim(player), lambda: set(items), "call", "a set")


def _items(player: Player, nodes: list[ast.expr]) -> Value:
    items: list[Value] = []
    unknown = False
    for node in nodes:
        if not isinstance(node, ast.Starred):
            items.append(player.evaluate(node))
            continue
        more = spread_positions(_sim(player), player.evaluate(node.value))
        unknown = unknown or more is None
        items.extend(more or [])
    return Unknown("a list with unknown items") if unknown else items


@plays(ast.Dict)
def _dict(player: Player, node: ast.Dict) -> Value:
    result: dict[Value, Value] = {}
    unknown = False
    for key, item in zip(node.keys, node.values, strict=True):
        if key is None:
            more = mapped(_sim(player), player.evaluate(item))
            unknown = unknown or more is None
            result.update(more or {})
            continue
        name = player.evaluate(key)
        value = player.evaluate(item)
        player.frame.line = node.lineno
        done = natively(_sim(player), lambda name=name, value=value: result.__setitem__(name, value), "call")  # type: ignore[misc]
        unknown = unknown or isinstance(done, Unknown)
    return Unknown("a dict with unknown keys") if unknown else result


@plays(ast.Call)
def _call(player: Player, node: ast.Call) -> Value:
    function = player.evaluate(node.func)
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    partial = False
    for arg in node.args:
        if isinstance(arg, ast.Starred):
            more = spread_positions(_sim(player), player.evaluate(arg.value), function, alone=len(node.args) == 1)
            partial = partial or more is None
            args.extend(more or [])
        else:
            args.append(player.evaluate(arg))
    for keyword in node.keywords:
        value = player.evaluate(keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        else:
            partial = not spread_names(_sim(player), value, function, kwargs) or partial
    player.frame.line = _call_line(player, node)
    player.sim.statement = node
    return call(_sim(player), function, args, kwargs, partial)


def _call_line(player: Player, node: ast.Call) -> int:
    """The line that a traceback gives a call: a method's own line where it stands below its object (3.11 on)."""
    function = node.func
    if isinstance(function, ast.Attribute) and _sim(player).python >= (3, 11):
        return function.end_lineno or node.lineno
    return node.lineno


@plays(ast.Starred)
def _starred(player: Player, node: ast.Starred) -> Value:
    # `x[*items]`: a tuple of the items.
    more = unpacked(_sim(player), player.evaluate(node.value))
    return Unknown("starred items") if more is None else tuple(more)


@plays(ast.JoinedStr)
def _joined(player: Player, node: ast.JoinedStr) -> Value:
    parts = [player.evaluate(part) for part in node.values]
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return Unknown("a text with unknown parts")


@plays(ast.FormattedValue)
def _formatted(player: Player, node: ast.FormattedValue) -> Value:
    value = player.evaluate(node.value)
    spec = player.evaluate(node.format_spec) if node.format_spec is not None else ""
    if isinstance(value, Unknown) or not isinstance(spec, str) or _HUGE_WIDTH.search(spec):
        return Unknown("a formatted value")
    conversions: dict[int, Callable[[Any], Any]] = {-1: lambda v: v, 115: str, 114: repr, 97: ascii}
    convert = conversions[node.conversion]
    return natively(_sim(player), lambda: format(convert(value), spec), "operator", "a formatted value")


@plays(ast.Lambda)
def _lambda(player: Player, node: ast.Lambda) -> Value:
    return make_function(player, node, "<lambda>", default_values(player, node.args))


Defaults = tuple[tuple[Value, ...], dict[str, Value]]


def default_values(player: Player, args: ast.arguments) -> Defaults:
    """The defaults of parameters, by position and by keyword: evaluated where the function is made."""
    positional = tuple(player.evaluate(default) for default in args.defaults)
    keywords = {
        arg.arg: player.evaluate(default)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        if default is not None
    }
    return positional, keywords


def make_function(
    player: Player, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str, defaults: Defaults
) -> Function:
    """A function object."""
    frame = player.frame
    made = Function(node, frame.module, frame.cell, name, qualified(frame, name), *defaults)
    made.owner = frame.owner
    return made


def qualified(frame: Active, name: str) -> str:
    """`__qualname__` of something defined in a frame."""
    frame = frame.behind or frame
    if frame.function == "<module>":
        return name
    if frame.is_class:
        return f"{frame.namespace.get('__qualname__', frame.function)}.{name}"
    return f"{frame.qualname}.<locals>.{name}"


@plays(ast.Await)
def _await(player: Player, node: ast.Await) -> Value:
    value = player.evaluate(node.value)
    player.frame.line = node.lineno
    return await_value(_sim(player), value)


@plays(ast.Yield)
def _yield(player: Player, node: ast.Yield) -> Value:
    value = None if node.value is None else player.evaluate(node.value)
    return yield_value(_sim(player), value)


@plays(ast.YieldFrom)
def _yield_from(player: Player, node: ast.YieldFrom) -> Value:
    sim = _sim(player)
    source = player.evaluate(node.value)
    try:
        for item in iterate(sim, source):
            yield_value(sim, item)
    except Undecided as why:
        return Unknown(str(why))
    return source.result if isinstance(source, Stream) else None


# -- comprehensions ------------------------------------------------------------------------------------------------


@plays(ast.ListComp, ast.SetComp, ast.DictComp)
def _comprehension(player: Player, node: ast.ListComp | ast.SetComp | ast.DictComp) -> Value:
    sim = _sim(player)
    first = player.evaluate(node.generators[0].iter)
    result: list[Value] = []
    active = _comprehension_frame(player, node)

    def take() -> Iterator[Value]:
        if isinstance(node, ast.DictComp):
            key = player.evaluate(node.key)
            result.append((key, player.evaluate(node.value)))
        else:
            result.append(player.evaluate(node.elt))
        return iter(())

    player.stack.append(active)
    try:
        for _ in _generate(sim, node.generators, 0, first, take):
            pass
    except Undecided as why:
        return Unknown(str(why) or "a comprehension")
    finally:
        player.stack.pop()
    if isinstance(node, ast.DictComp):
        return natively(sim, lambda: dict(result), "call", "a dict")
    return result if isinstance(node, ast.ListComp) else natively(sim, lambda: set(result), "call", "a set")


@plays(ast.GeneratorExp)
def _generator(player: Player, node: ast.GeneratorExp) -> Value:
    sim = _sim(player)
    first = player.evaluate(node.generators[0].iter)
    if isinstance(first, Unknown):
        return Unknown("a generator over an unknown value")
    active = _comprehension_frame(player, node)

    def take() -> Iterator[Value]:
        yield player.evaluate(node.elt)

    def body() -> Value:
        for item in _generate(sim, node.generators, 0, first, take):
            yield_value(sim, item)
        return None

    return make_stream(sim, active, "<genexpr>", body, any(g.is_async for g in node.generators))


def _comprehension_frame(player: Player, node: Any) -> Active:
    frame = player.frame
    own = {name for part in node.generators for child in ast.walk(part.target) for name in binds(child)}
    cell = Cell({}, frozenset(own), frame.cell)
    names = {ast.ListComp: "<listcomp>", ast.SetComp: "<setcomp>", ast.DictComp: "<dictcomp>"}
    function = names.get(type(node), "<genexpr>")
    if _sim(player).python >= (3, 12) and function != "<genexpr>":
        function = frame.function  # inlined since PEP 709
    active = Active(frame.module, function, frame.module.namespace, cell, player.maybe)
    active.line = node.lineno
    active.owner, active.subject = frame.owner, frame.subject
    active.qualname = frame.qualname if function == frame.function else qualified(frame, function)
    active.is_async = frame.is_async
    return active


def _generate(
    sim: Simulator, generators: list[ast.comprehension], index: int, first: Value, take: Callable[[], Iterator[Value]]
) -> Iterator[Value]:
    if index == len(generators):
        yield from take()
        return
    part = generators[index]
    source = first if index == 0 else sim.player.evaluate(part.iter)
    for item in async_iterate(sim, source) if part.is_async else iterate(sim, source):
        sim.assign_target(part.target, item)
        if all(_holds(sim, test) for test in part.ifs):
            yield from _generate(sim, generators, index + 1, first, take)


def _holds(sim: Simulator, test: ast.expr) -> bool:
    truth = sim.maybe_truth(sim.player.evaluate(test))
    if truth is None:
        raise Undecided("a condition in a comprehension")
    return truth


def async_iterate(sim: Simulator, value: Value) -> Iterator[Value]:
    """The items of `async for`."""
    if isinstance(value, Stream):
        yield from iter(value)
        return
    method = sim.special(value, "__aiter__")
    if method is ABSENT:
        text = f"'async for' requires an object with __aiter__ method, got {type_name(value)}"
        sim.player.fail(TypeError(text), RaisedByCode("iteration"))
        raise Undecided("not an asynchronous iterable")
    iterator = sim.call(method, [], {}) if not isinstance(method, Unknown) else method
    if isinstance(iterator, Unknown):
        raise Undecided("asynchronous iteration outside the backend")
    if isinstance(iterator, Stream):
        yield from iter(iterator)
        return
    while True:
        step = lambda: await_value(sim, sim.call(sim.special(iterator, "__anext__"), [], {}))  # noqa: E731
        item = sim.catching(step, StopAsyncIteration)
        if item is ABSENT:
            return
        yield item
