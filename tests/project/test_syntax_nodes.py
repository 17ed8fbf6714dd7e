"""Our walk against that of `ast`: the same nodes in the same order, but for what holds nothing."""

from __future__ import annotations

import ast
import inspect
from types import ModuleType

import pytest

from seatrial.project.syntax.nodes import children, walk
from seatrial.project.syntax.sites import Sites, last_name
from seatrial.simulation import simulator
from seatrial.simulation.language import statements
from tests import conftest

LEFT_OUT = ast.expr_context | ast.operator | ast.boolop | ast.unaryop | ast.cmpop
EVERY_KIND = """
import a.b as c, d
from .e import *
global f
@g.h(1)
async def i(j: k, /, *l, m=n, **o) -> p:
    await q; return (yield from r)
class s[T: int, *U, **V](t, metaclass=u): x: v = 1
type W[X] = list[X]
try:
    for y, *z in a[1:2:3]: del b
    else: pass
except* (C, D) as e: raise F from g
finally: assert h, f"{i!r:>{j}}"
with k as l, m: n = not o and p or q if r < s <= t else lambda u=v: -w
match x:
    case {"y": 1, **rest} | [2, *_] | Z(a=None, b=c) if d: e += [f async for f in g if h]
    case _: {**i, "j": k}, {l for m in n}, {o: p for q in r}
while (s := t): nonlocal_ = 1; continue
"""


@pytest.mark.parametrize("module", [simulator, statements, conftest, inspect])
def test_walks_as_ast_does(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    assert [*walk(tree)] == [node for node in ast.walk(tree) if not isinstance(node, LEFT_OUT)]


def test_every_kind_of_node() -> None:
    try:
        tree = ast.parse(EVERY_KIND)
    except SyntaxError:  # type parameters are newer than Python 3.11
        tree = ast.parse(EVERY_KIND.replace("[T: int, *U, **V]", "").replace("type W[X] = list[X]", ""))
    for node in ast.walk(tree):
        assert children(node) == [it for it in ast.iter_child_nodes(node) if not isinstance(it, LEFT_OUT)]


@pytest.mark.parametrize("module", [simulator, inspect])
def test_what_a_node_stands_in(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    sites = Sites(tree)
    nodes = [node for node in parents if not isinstance(node, LEFT_OUT)]
    assert [sites.parent_of(node) for node in nodes] == [parents[node] for node in nodes]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    assert sorted(map(id, calls)) == sorted(id(call) for found in sites.calls.values() for call in found)
    assert all(call in sites.calls[last_name(call.func)] for call in calls)
    for call in calls:
        around = [*sites.around(call)]
        functions = [node for node in around if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        assert sites.function_of(call) is (functions[0] if functions else None)
        assert around[-1] is tree
