"""A tree in outline is the whole tree, without the bodies of functions."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest

from seatrial.project.files import Source, decode
from seatrial.project.syntax.outline import cut, is_cut, outline
from seatrial.project.syntax.parsing import read_tree

STDLIB = Path(sysconfig.get_path("stdlib"))


def nothing(_indent: str, _name: str, _body: str) -> bool:
    return False


def without_bodies(tree: ast.Module) -> str:
    """The dump of a tree with every place in it, function bodies and the ends of statements that hold them aside."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body = []
        if isinstance(node, (ast.stmt, ast.ExceptHandler)):
            node.end_lineno = node.end_col_offset = 0
    return ast.dump(tree, include_attributes=True)


@pytest.mark.parametrize("folder", ["", "asyncio", "email", "json", "logging", "test", "unittest"])
def test_outlines_of_the_standard_library_lack_nothing_but_bodies(folder: str) -> None:
    files = sorted((STDLIB / folder).glob("*.py"))[:120]
    for path in files:
        raw = path.read_bytes()
        source = decode(str(path), raw)
        whole = read_tree(str(path), raw)
        if isinstance(source, Source) and isinstance(whole, ast.Module):
            short = outline(str(path), raw, source.text, nothing)
            assert isinstance(short, ast.Module)
            assert without_bodies(short) == without_bodies(whole), path


TRICKY = [
    'def f():\n    x = """\nimport os\n"""\n    return x\ny = 1\n',
    "def f():\n    return [\n1,\n]\ny = 1\n",
    "def f(): return 1\ndef g():\n    pass\n",
    'def f(a=")", b=":", *, c={"x": lambda q: q}) -> "a:b":  # a: b\n    """Doc."""\nx = 1\n',
    "class A:\n    def f(self):\n        def g():\n            pass\n        return g\n    x = 1\n",
    '"""\ndef f():\n    an example\n"""\nx = 1\n',
    "if x:\n    def f():\n        pass\nelse:\n    def f():\n        pass\n",
    "def f():\n    '''\n    \"\"\"\n    '''\nx = 1\n",
    "def f():\n    x = 1 + \\\n2\ny = 1\n",
    "async def f[T](a: T) -> T:\n    await x\n",
    "def f():\n\n# a comment\n\n    return 1\n\n\nx = 1\n",
    "def f():\n\treturn 1\nx = 1\n",
    "def f():\n    return 1",
]


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_bodies(text: str) -> None:
    raw = text.encode()
    whole = read_tree("m.py", raw)
    short = outline("m.py", raw, text, nothing)
    if isinstance(whole, ast.Module):
        assert isinstance(short, ast.Module)
        assert without_bodies(short) == without_bodies(whole)
    else:
        assert short == whole


def test_bodies_that_are_wanted_stay() -> None:
    text = "def f():\n    import os\n\ndef g():\n    return 1\n"
    short = outline("m.py", text.encode(), text, lambda _indent, _name, body: "import" in body)
    assert isinstance(short, ast.Module)
    first, second = short.body
    assert isinstance(first, ast.FunctionDef)
    assert isinstance(second, ast.FunctionDef)
    assert isinstance(first.body[0], ast.Import)
    assert not is_cut(first)
    assert is_cut(second)


def test_the_text_keeps_its_lines() -> None:
    text = "def f(a,\n      b):\n    return (a,\n            b)\nx = 1\n"
    short = cut(text, nothing)
    assert short is not None
    assert short.count("\n") == text.count("\n")
    assert short.split("\n")[4] == "x = 1"
