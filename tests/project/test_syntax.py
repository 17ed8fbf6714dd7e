"""What `parse` says of broken files is what the interpreter itself says when it imports them."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.issue import NotAnalysed
from seatrial.project.files import Source, decode
from seatrial.project.syntax.parsing import Columns, SyntaxFault, parse, position, span

RUNNING = sys.version_info[:2]

BROKEN = {
    "return": b"x = 1\nreturn x\n",
    "unclosed": b"f(\n",
    "colon": b"if x\n    pass\n",
    "indent": b"def f():\npass\n",
    "unindent": b"if x:\n        a\n    b\n",
    "tabs": b"if 1:\n\tx = 1\n        y = 2\n",
    "repeated argument": b"def f(a, a): ...\n",
    "repeated keyword": '"é"; f(a=1, a=2)\n'.encode(),
    "await": b"def f():\n    await g()\n",
    "nonlocal": b"nonlocal x\n",
    "break": b"break\n",
    "star in function": b"def f():\n    from x import *\n",
    "future": b"import os\nfrom __future__ import annotations\n",
    "unknown future": b"from __future__ import braces\n",
    "bare except first": b"try:\n    x\nexcept:\n    y\nexcept ValueError:\n    z\n",
    "global after use": b"def f():\n    x = 1\n    global x\n",
    "conflict": b"<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n",
    "nul": b"x = \x00 1\n",
    "encoding": b"# -*- coding: klingon -*-\n",
    "not utf-8": b"x = '\xff'\n",
    "not utf-8, latin declared": b"# coding: ascii\nx = '\xff'\n",
    "print": b"print 'hello'\n",
    "brackets": b"x = " + b"(" * 10_000 + b"1" + b")" * 10_000,
    "quotes": b"x = 'abc\n",
    "match": b"match x:\n    case a: pass\n    case b: pass\n",
    "walrus": b"[i := 0 for i in range(3)]\n",
    "wide, then fault": "x = '𝕏é'; break\n".encode(),
}

IMPORT_ALL = """
import json, sys, importlib, os
sys.path.insert(0, sys.argv[1])
found = {}
for name in sorted(os.listdir(sys.argv[1])):
    if name.endswith(".py"):
        try:
            importlib.import_module(name[:-3])
        except BaseException as error:
            found[name[:-3]] = [type(error).__name__, str(error), getattr(error, "lineno", None)]
        else:
            found[name[:-3]] = None
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object] | None]:
    folder = tmp_path_factory.mktemp("broken")
    for index, raw in enumerate(BROKEN.values()):
        (folder / f"m{index}.py").write_bytes(raw)
    command = [sys.executable, "-B", "-W", "ignore", "-c", IMPORT_ALL, str(folder)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, list[object] | None] = json.loads(out)
    return found


@pytest.mark.parametrize("index", range(len(BROKEN)), ids=list(BROKEN))
def test_faults_are_reported_as_an_import_reports_them(index: int, imported: dict[str, list[object] | None]) -> None:
    raw = list(BROKEN.values())[index]
    truth = imported[f"m{index}"]
    found = parse(decode(f"src/m{index}.py", raw), RUNNING)
    if truth is None:
        assert isinstance(found, ast.Module)
        return
    assert isinstance(found, SyntaxFault)
    assert [found.exception, found.text(f"m{index}.py"), found.reported_line] == truth


def test_columns_of_compiler_faults_count_characters() -> None:
    found = parse(decode("m.py", "x = '𝕏é'; break\n".encode()), RUNNING)
    assert isinstance(found, SyntaxFault)
    assert (found.line, found.column) == (1, 11)


@pytest.mark.parametrize(
    "raw",
    [
        b"x = 1" + b" + 1" * 100_000,
        b"x = " + b"-" * 100_000 + b"1",
        b"x = a" + b".b" * 100_000,
        b"if a: pass\n" + b"elif b: pass\n" * 100_000,
        b"x = " + b"lambda: " * 50_000 + b"0",
    ],
    ids=["sum", "minus", "attributes", "elif", "lambda"],
)
def test_deep_nesting_is_not_analysed_and_never_a_crash(raw: bytes) -> None:
    assert isinstance(parse(decode("m.py", raw), RUNNING), NotAnalysed)


def test_deep_indentation_is_a_fault_of_the_file() -> None:
    raw = "".join(" " * depth + "if x:\n" for depth in range(1000)).encode() + b" " * 1000 + b"pass\n"
    found = parse(decode("m.py", raw), RUNNING)
    assert isinstance(found, SyntaxFault)
    assert found.exception == "IndentationError"


def test_a_huge_file_is_not_analysed() -> None:
    found = parse(decode("m.py", b"x = 1\n" * 1_000_000), RUNNING)
    assert isinstance(found, NotAnalysed)
    assert "6.0 MB" in found.reason


@pytest.mark.parametrize(
    "raw",
    [b"\xef\xbb\xbfx = 1\n", b"x = 1\r\ny = 2\r\n", b"x = 1", b"", b"# coding: latin-1\nx = '\xe9'\n", b"x = 1\ry = 2"],
)
def test_odd_but_right_files_are_parsed(raw: bytes) -> None:
    found = parse(decode("m.py", raw), RUNNING)
    assert isinstance(found, ast.Module)
    assert ast.dump(found) == ast.dump(ast.parse(raw))


def test_without_the_python_of_the_backend_newer_grammar_is_not_analysed() -> None:
    found = parse(decode("m.py", b"def f(:\n"), (3, 99))
    assert found == NotAnalysed("m.py", f"needs Python 3.99, read with {RUNNING[0]}.{RUNNING[1]}")
    assert isinstance(parse(decode("m.py", b"x = 1\n"), (3, 99)), ast.Module)


def test_spans_count_characters_from_one() -> None:
    source = decode("m.py", "é = 'ü'; imp = ñ\n".encode())
    assert isinstance(source, Source)
    tree = ast.parse(source.text)
    place = span(source, tree.body[1])
    assert (place.line, place.column, place.end_line, place.end_column) == (1, 10, 1, 17)
    assert source.text[place.column - 1 : (place.end_column or 0) - 1] == "imp = ñ"
    assert position(source, tree.body[1]).column == 10


def test_spans_are_right_for_every_node_of_a_wide_file() -> None:
    text = "名前 = 'ü'\nif 名前:\n    print(f'{名前!r}é', 'x'); 名 = 1\n"
    source = decode("m.py", text.encode())
    assert isinstance(source, Source)
    columns = Columns(source)
    lines = text.split("\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            place = columns.span(node)
            assert lines[place.line - 1][place.column - 1 : (place.end_column or 0) - 1] == node.id


def test_reading_a_file_prints_no_warnings(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    parse(decode("m.py", b"x = '\\d'; y = 1 is 1\n"), RUNNING)
    assert capfd.readouterr() == ("", "")
