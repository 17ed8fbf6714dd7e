"""Other CPythons are asked about files, and their trees are taken over."""

from __future__ import annotations

import ast
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.project.files import decode
from seatrial.project.syntax.foreign import rebuild
from seatrial.project.syntax.parsing import SyntaxFault, parse
from seatrial.provision.reader import read_foreign, reader

HERE = Path(sys.executable)


def interpreters() -> Iterator[Path]:
    """Every CPython at hand, each minor version once."""
    for minor in range(8, 15):
        named = shutil.which(f"python3.{minor}")
        managed = sorted((Path.home() / ".pyenv" / "versions").glob(f"3.{minor}.*/bin/python"))
        if managed or named:
            yield managed[0] if managed else Path(str(named))


def test_answers_for_every_file() -> None:
    found = read_foreign(HERE, {"a": b"x = 1\n", "b": b"def f(:\n", "c": b"return\n", "d": b"\xff"})
    assert found["a"].rejection is None
    assert not found["a"].unread
    rejections = [found[name].rejection for name in "bcd"]
    assert [one.exception for one in rejections if one is not None] == ["SyntaxError"] * 3
    assert [one.in_bytes for one in rejections if one is not None] == [False, True, False]


def test_an_interpreter_that_is_not_there() -> None:
    found = read_foreign(Path("/nowhere/python3"), {"a": b"", "b": b""})
    assert {one.unread for one in found.values()} == {"its Python cannot be started: no such file or directory"}


def test_a_file_that_kills_the_interpreter_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    """A stand-in for an interpreter whose compiler overflows its stack, as 3.8's does on a deep file."""
    fragile = tmp_path / "python"
    fragile.write_text(
        f"#!{HERE}\nimport os, runpy, sys\nscript = sys.argv[-1]\nsys.argv = [script]\n"
        "import builtins; real = compile\n"
        "def fragile(raw, *rest):\n    if b'deadly' in raw: os._exit(139)\n    return real(raw, *rest)\n"
        "builtins.compile = fragile\nrunpy.run_path(script, run_name='__main__')\n"
    )
    fragile.chmod(0o755)
    found = read_foreign(fragile, {"a": b"x = 1", "b": b"deadly", "c": b"y = 1", "d": b"deadly", "e": b"return"})
    assert [found[name].unread for name in "abcde"] == ["", "its Python dies of it", "", "its Python dies of it", ""]
    assert found["e"].rejection is not None


def test_an_interpreter_that_never_answers(tmp_path: Path) -> None:
    silent = tmp_path / "python"
    silent.write_text(f"#!{HERE}\nimport time\nwhile True: time.sleep(60)\n")
    silent.chmod(0o755)
    found = read_foreign(silent, {"a": b"x = 1\n" * 100_000, "b": b""}, seconds=0.3)
    assert {one.unread for one in found.values()} == {"its Python gave no answer in 0.3 s"}


def test_trees_survive_the_way() -> None:
    stdlib = Path(sysconfig.get_path("stdlib"))
    files = {path.name: path.read_bytes() for path in sorted(stdlib.glob("*.py"))[:12]}
    found = read_foreign(HERE, files, frozenset(files))
    for name, raw in files.items():
        tree = rebuild(found[name].tree)
        assert tree is not None
        assert ast.dump(tree, include_attributes=True) == ast.dump(ast.parse(raw), include_attributes=True)


def test_odd_constants_survive_the_way() -> None:
    raw = "x = (1e400, -1e400j, b'\\xff\\x00', '\\ud800é', ..., None, True, 1_0, 'a' 'b', 3.5j)\n".encode()
    tree = rebuild(read_foreign(HERE, {"a": raw}, frozenset("a"))["a"].tree)
    assert tree is not None
    assert ast.dump(tree) == ast.dump(ast.parse(raw))


@pytest.mark.parametrize("interpreter", list(interpreters()), ids=lambda path: path.parts[-3])
def test_each_python_reads_its_own_standard_library(interpreter: Path) -> None:
    import subprocess

    show = "import sys, sysconfig; print(sysconfig.get_path('stdlib'), *sys.version_info[:2])"
    out = subprocess.run([interpreter, "-c", show], capture_output=True, text=True, check=True).stdout.split()
    version = (int(out[1]), int(out[2]))
    ask = reader(interpreter)
    for path in (Path(out[0]) / name for name in ("typing.py", "dataclasses.py", "asyncio/tasks.py", "enum.py")):
        assert isinstance(parse(decode(path.name, path.read_bytes()), version, ask), ast.Module)
    walrus = parse(decode("m.py", b"if (n := 10) > 5: pass\nmatch n:\n    case 1: pass\n"), version, ask)
    assert isinstance(walrus, ast.Module if version >= (3, 10) else SyntaxFault)
    generic = parse(decode("m.py", b"type Pair[T] = tuple[T, T]\nx = f'{'a'}'\n"), version, ask)
    assert isinstance(generic, ast.Module if version >= (3, 12) else SyntaxFault)
    if isinstance(generic, ast.Module):
        assert type(generic.body[0]).__name__ == "TypeAlias"
