"""Trees and facts of many files: the background check, and the file that only another Python can read."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.issue import NotAnalysed
from seatrial.project.files import Source, Undecodable, decode
from seatrial.project.syntax.facts import FileFacts
from seatrial.project.syntax.parsing import SyntaxFault
from seatrial.project.syntax.trees import SMALL, Trees, gather
from seatrial.provision.foreign import Foreign
from seatrial.provision.reader import reader

RUNNING = sys.version_info[:2]


def sources(**files: str | bytes) -> dict[str, Source | Undecodable]:
    texts = {name.replace("__", "/") + ".py": text for name, text in files.items()}
    return {name: decode(name, text.encode() if isinstance(text, str) else text) for name, text in texts.items()}


def test_facts_and_faults_side_by_side() -> None:
    found = gather(
        sources(
            good="import os\ndef f():\n    from x import y\n",
            hidden="def f():\n    return (1\n",
            late="def f(a, a):\n    pass\n",
            bytes_=b"x = '\xff'\n",
            big="x = 1\n" * 1_000_000,
        ),
        RUNNING,
    )
    good = found["good.py"]
    assert isinstance(good, FileFacts)
    assert [one.span.line for one in good.imports] == [1, 3]
    assert isinstance(found["hidden.py"], SyntaxFault)
    assert isinstance(found["late.py"], SyntaxFault)
    assert isinstance(found["bytes_.py"], SyntaxFault)
    assert isinstance(found["big.py"], NotAnalysed)


def test_what_the_check_finds_later_is_told() -> None:
    filler = "# " + "x" * SMALL + "\n"
    trees = Trees(sources(good="x = 1\n", late="return\n", filler=filler), RUNNING, reader(Path(sys.executable)))
    assert isinstance(trees.tree("late.py"), ast.Module)
    assert isinstance(trees.tree("good.py"), ast.Module)
    assert trees.settle() == {"late.py"}
    assert isinstance(trees.tree("late.py"), SyntaxFault)
    assert isinstance(trees.facts("late.py"), SyntaxFault)
    assert isinstance(trees.tree("good.py"), ast.Module)
    assert trees.settle() == frozenset()


def test_an_answer_that_was_never_given_is_not_taken_back() -> None:
    filler = "# " + "x" * SMALL + "\n"
    trees = Trees(sources(late="return\n", filler=filler), RUNNING, reader(Path(sys.executable)))
    assert trees.settle() == frozenset()
    assert isinstance(trees.outline("late.py"), SyntaxFault)


def test_a_reader_that_cannot_be_started_leaves_our_own_judgement() -> None:
    filler = "# " + "x" * SMALL + "\n"
    trees = Trees(sources(good="x = 1\n", late="return\n", filler=filler), RUNNING, reader(Path("/nowhere/python")))
    assert trees.settle() == frozenset()
    assert isinstance(trees.tree("good.py"), ast.Module)
    assert isinstance(trees.tree("late.py"), SyntaxFault)


def test_bodies_left_out_can_be_had() -> None:
    text = (
        "class A:\n    @deco\n    def f(self):\n        def g(): return 2\n        return g()\n"
        "    async def f(self):\n        return 1\n"
    )
    trees = Trees(sources(m=text), RUNNING)
    short = trees.outline("m.py")
    assert isinstance(short, ast.Module)
    kept = short.body[0]
    assert isinstance(kept, ast.ClassDef)
    first, second = kept.body
    assert isinstance(first, ast.FunctionDef)
    assert isinstance(second, ast.AsyncFunctionDef)
    assert [type(one).__name__ for one in trees.body("m.py", first)] == ["FunctionDef", "Return"]
    assert [type(one).__name__ for one in trees.body("m.py", second)] == ["Return"]


def test_a_file_that_only_the_backends_python_can_read() -> None:
    """A stand-in for a newer Python, made of this one: it takes what this one cannot, and hands over a tree."""
    name = "m.py"
    statement = ["NewStatement", [["=", "str", "'X'"], ["[", []]], [1, 0, 1, 5], ["name", "items"]]
    dumped = ["Module", [["[", [statement]], ["[", []]], [None] * 4, ["body", "type_ignores"]]

    def newer(files: Mapping[str, bytes], wanted: frozenset[str]) -> Mapping[str, Foreign]:
        return {path: Foreign(tree=dumped if path in wanted else None) for path in files}

    tree = Trees(sources(m="new X\n"), (3, 99), newer).tree(name)
    assert isinstance(tree, ast.Module)
    node = tree.body[0]
    assert type(node).__name__ == "NewStatement"
    assert isinstance(node, ast.AST)
    assert (node.name, node.items, node.lineno, node.end_col_offset) == ("X", [], 1, 5)  # type: ignore[attr-defined]
    assert [type(one).__name__ for one in ast.walk(tree)] == ["Module", "NewStatement"]


def test_what_the_backends_python_refuses_is_a_fault() -> None:
    found = gather(sources(good="x = 1\n", bad="def f(:\n"), RUNNING, reader(Path(sys.executable)))
    assert isinstance(found["good.py"], FileFacts)
    assert isinstance(found["bad.py"], SyntaxFault)


@pytest.mark.parametrize("version", [(3, 99), RUNNING])
def test_every_path_has_an_answer(version: tuple[int, int]) -> None:
    files = sources(a="x = 1\n", b="x = (\n", c=b"\xff", d="")
    assert list(gather(files, version)) == list(files)
