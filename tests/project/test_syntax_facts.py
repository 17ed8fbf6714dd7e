"""The facts of one file: imports with their places, scopes and guards, and what the top level binds."""

from __future__ import annotations

import ast
import sysconfig
import types
from pathlib import Path

import pytest

from seatrial.project.files import Source, decode
from seatrial.project.syntax.facts import FileFacts, Guard
from seatrial.project.syntax.outline import outline
from seatrial.project.syntax.scanner import scan_facts
from seatrial.project.syntax.trees import Trees


def facts(text: str) -> FileFacts:
    source = decode("m.py", text.encode())
    assert isinstance(source, Source)
    return scan_facts(ast.parse(text), source)


TEXT = """\
import os, sys as system
from . import sibling
from ..pkg.mod import (
    a,
    b as c,  # why
)
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from x import y
elif sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib
try:
    import ujson
except (ImportError, ValueError):
    import json as ujson
class K:
    import inner
    def method(self):
        from lazy import thing
async def f():
    with x:
        import deep.er
from star import *
"""


def test_every_import_statement_is_found_in_order() -> None:
    found = facts(TEXT).imports
    seen = [(one.module, one.level, [(name.name, name.asname) for name in one.names]) for one in found]
    assert seen == [
        (None, 0, [("os", None), ("sys", "system")]),
        ("", 1, [("sibling", None)]),
        ("pkg.mod", 2, [("a", None), ("b", "c")]),
        ("typing", 0, [("TYPE_CHECKING", None)]),
        ("x", 0, [("y", None)]),
        (None, 0, [("tomllib", None)]),
        (None, 0, [("tomli", "tomllib")]),
        (None, 0, [("ujson", None)]),
        (None, 0, [("json", "ujson")]),
        (None, 0, [("inner", None)]),
        ("lazy", 0, [("thing", None)]),
        (None, 0, [("deep.er", None)]),
        ("star", 0, [("*", None)]),
    ]


def test_scopes_and_guards() -> None:
    found = {name.name: one for one in facts(TEXT).imports for name in one.names}
    assert found["y"].type_checking
    assert not found["tomli"].type_checking
    assert [guard.kind for guard in found["tomli"].guards] == ["if", "if"]
    assert found["tomli"].guards[1].text == "not (sys.version_info >= (3, 11))"
    assert found["ujson"].guards == (Guard("try", "ImportError ValueError", 14),)
    assert found["json"].guards == (Guard("except", "ImportError ValueError", 16),)
    assert [scope.name for scope in found["thing"].scope] == ["K", "method"]
    assert found["thing"].in_function
    assert not found["inner"].in_function
    assert found["deep.er"].in_function


def test_places_are_exact() -> None:
    text = "é = 1; from x import ü as ö, b\n"
    statement = facts(text).imports[0]
    line = text.rstrip("\n")
    assert line[statement.span.column - 1 : statement.span.end_column - 1] == "from x import ü as ö, b"
    assert [line[name.span.column - 1 : name.span.end_column - 1] for name in statement.names] == ["ü as ö", "b"]
    assert facts(TEXT).imports[2].span[:1] == (3,)
    assert facts(TEXT).imports[2].span.end_line == 6


def test_what_the_top_level_binds() -> None:
    text = """\
import a.b, c as d
x = y = (p, [q, *r]) = z
n: int
m: int = 1
for i, (j, k) in w: pass
with open() as fh, other() as (g, h): pass
def f(): local = 1
async def g2(): pass
class C: attr = 1
try: pass
except E as e: pass
if (u := 1): v = [w2 := 2 for _ in s]
match o:
    case [first, *rest]: pass
    case {"k": val, **others}: pass
    case K() as kk: pass
def setter():
    global made
    made = 1
"""
    bound = {one.name: one.kind for one in facts(text).bindings}
    assert bound == {
        "a": "import", "d": "import", "x": "assign", "y": "assign", "p": "assign", "q": "assign", "r": "assign",
        "m": "assign", "i": "for", "j": "for", "k": "for", "fh": "with", "g": "with", "h": "with", "f": "def",
        "g2": "async def", "C": "class", "e": "except", "u": "walrus", "v": "assign", "w2": "walrus", "first": "match",
        "rest": "match", "val": "match", "others": "match", "kk": "match", "setter": "def", "made": "global",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "exports", "known"),
    [
        ("x = 1\n", None, True),
        ("__all__ = ['a', 'b']\n", ("a", "b"), True),
        ("__all__ = ('a',)\n__all__ += ['b']\n", ("a", "b"), True),
        ("__all__: list[str] = ['a', name]\n", ("a",), False),
        ("__all__ = sub.__all__\n", (), False),
    ],
)
def test_exports(text: str, exports: tuple[str, ...] | None, known: bool) -> None:
    found = facts(text)
    assert (found.exports, found.exports_known) == (exports, known)


def test_a_long_chain_of_elif_is_no_trouble() -> None:
    text = "if a == 0: import m0\n" + "".join(f"elif a == {n}: import m{n}\n" for n in range(1, 900))
    assert len(facts(text).imports) == 900


def test_an_outline_has_the_same_facts_as_the_whole() -> None:
    stdlib = Path(sysconfig.get_path("stdlib"))
    for path in sorted(stdlib.glob("*.py")) + sorted((stdlib / "asyncio").glob("*.py")):
        raw = path.read_bytes()
        source = decode(path.name, raw)
        assert isinstance(source, Source)
        trees = Trees({path.name: source}, (3, 99))
        whole, short = ast.parse(raw), trees.outline(path.name)
        assert isinstance(short, ast.Module)
        first, second = scan_facts(whole, source), scan_facts(short, source)
        assert first.imports == second.imports, path
        # Only where a function ends is not in an outline.
        assert [one[:2] for one in first.bindings] == [one[:2] for one in second.bindings], path


def test_every_name_of_a_loaded_module_has_a_binding() -> None:
    """Run some modules of the standard library, and compare the names that they then have."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    for name in ("bisect", "shlex", "textwrap", "fnmatch", "string", "quopri", "csv", "pprint", "html/entities"):
        raw = (stdlib / f"{name}.py").read_bytes()
        module = types.ModuleType("m")
        exec(compile(raw, name, "exec"), module.__dict__)
        source = decode(name, raw)
        assert isinstance(source, Source)
        whole = outline(name, raw, source.text, lambda *_: True)
        assert isinstance(whole, ast.Module)
        bound = {one.name for one in scan_facts(whole, source).bindings}
        starred = any(alias.name == "*" for one in scan_facts(whole, source).imports for alias in one.names)
        made = {key for key in vars(module) if not (key.startswith("__") and key.endswith("__"))}
        assert made <= bound or starred, (name, made - bound)
