"""Edits after which a file does not compile, of many kinds."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from random import Random

SNIPPETS = (
    "def broken(:\n    pass", "def broken()\n    return 1", "if True\n    pass", "for x in range(3) print(x)", "print 'hello'", "x = (1, 2", "x = [1, 2", "x = {'a': 1",
    "x = 'unterminated", 'x = """never closed', "class Broken\n    pass", "def f(a, a):\n    return a", "return 5", "yield 1", "await something()", "async with x:\n    pass",
    "break", "continue", "nonlocal x", "def f():\n    nonlocal y\n    y = 1", "def f():\n    x = 1\n    global x", "f(a=1, a=2)", "f(a=1, 2)", "def f(a=1, b):\n    pass",
    "1 = x", "f() = 1", "x + 1 = 2", "None = 1", "True = 0", "del f()", "from . import *, x", "import a.b as", "from x import", "from __future__ import braces", "from __future__ import nothing_known",
    "x = 5 5", "else:\n    pass", "except ValueError:\n    pass", "try:\n    pass", "with open('x') as 5:\n    pass", "lambda x: yield", "@\ndef f(): pass", "f'{'", "f'{x!z}'", "f'{a b}'",
    "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other", "x = 0777", "x = 1__0", "x = 5abc", "x = '\\N{no such thing}'", "x == = 1", "import", "def", "class 1: pass", "x := 1", "(x for x in y, 1)",
    "match 1:\n    case x:\n        pass\n    case y:\n        pass", "match x:\n    case 1 | y:\n        pass", "def f():\n    from os import *", "class A:\n    def f(self):\n    return 1", "if x:\npass", "  x = 1",
    "def f():\n\treturn 1\n        return 2", "def f():\n    x = 1\n  y = 2", "def f():\n        x = 1\n    return x", "if True:\n\tx = 1\n        y = 2", "x = 1\n    y = 2", "raise ValueError, 'old'", "exec 'x'", "x <> y", "`x`",
    "async def f():\n    yield 1\n    return 2", "def f():\n    yield\n    await x", "[x := 1 for x in y]", "def f(*):\n    pass", "def f(**k, a):\n    pass", "f(**a, *b)", "x = yield = 1", "a, *b, *c = x", "*a = 1", "print(*)", "x = é€", "x = “quoted”", "type X = int = 3",
    "def f[T](x: T) -> T:\n    return x", "type Alias = list[int]", "class Box[T]:\n    pass", "try:\n    pass\nexcept* ValueError:\n    pass", "x = f'{'a'}'", "with (open('a') as a, open('b') as b):\n    pass", "print(f'{x = }' f'{'nested'}')",
    "try:\n    pass\nexcept ValueError, TypeError:\n    pass", "global x\nx = 1\nglobal x", "x: int: str = 1", "(a, b): int = 1, 2", "assert (1, 'x'), ", "def f(): x = 1; return x y", "import os as 'o'", "if (a := 1) and := 2: pass", "not x = 1", "class A(x for x in y): pass",
)  # fmt: skip


def break_syntax(rng: Random, files: dict[str, str], features: set[str]) -> str:
    """Breaks one file; returns its path."""
    path = rng.choice(list(files))
    lines = files[path].split("\n")
    kind = rng.random()
    if kind < 0.45:
        at = rng.choice(
            [number for number, line in enumerate(lines) if not line.startswith((" ", ")", "]", "}"))] or [0]
        )
        lines[at:at] = rng.choice(SNIPPETS).split("\n")
    elif kind < 0.85:
        _hurt_line(rng, lines)
    elif kind < 0.9:
        lines[0:0] = [
            rng.choice(["# -*- coding: klingon -*-", "# coding: ascii\nname = 'é'", "\ufeffx = 1\n\ufeff", "x = '\0'"])
        ]
    else:
        _move_future(rng, lines)
    files[path] = "\n".join(lines)
    features.add("syntax_error")
    return path


def _hurt_line(rng: Random, lines: list[str]) -> None:
    full = [number for number, line in enumerate(lines) if line.strip()]
    if not full:
        lines.append("def")
        return
    at = rng.choice(full)
    line = lines[at]
    marks = [place for place, letter in enumerate(line) if letter in "():[]{}'\",=.@"]
    ways = [
        line + " )",
        line + ":",
        line + " (",
        " " + line,
        "    " + line,
        "\t" + line,
        line.lstrip() or "x y",
        line + " = ",
        line + " x",
    ]
    if marks:
        place = rng.choice(marks)
        ways += [line[:place] + line[place + 1 :]] * 6 + [line[:place] + line[place] + line[place:]] * 2
    lines[at] = rng.choice(ways)


def _move_future(rng: Random, lines: list[str]) -> None:
    at = rng.choice(
        [number for number, line in enumerate(lines) if line and not line.startswith((" ", ")", "]", "}"))] or [0]
    )
    lines.insert(
        at,
        rng.choice(
            [
                "from __future__ import annotations",
                "from __future__ import division, braces",
                "from __future__ import annotation",
            ]
        ),
    )
