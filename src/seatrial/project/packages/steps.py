"""What the program of a library's module is made of: tuples of a letter and its parts, which can be kept on disk."""

from __future__ import annotations

from typing import Any

Step = tuple[Any, ...]
Program = tuple[Step, ...]

BIND = "B"  # (name, kind "def" | "class" | "value" | "alias" | "const", line, what: dotted name or constant)
IMPORT = "I"  # (dotted, name after `as` or None, line)
FROM = "F"  # (level, module, ((name, bound as), ...), line); a star is ("*", "*")
DELETE = "D"  # (name,)
BRANCH = "?"  # (condition, program, program)
TRY = "T"  # (body, ((exception names or None for all, program), ...), else, finally)
MAYBE = "M"  # (program,): a loop or a `match`, whose body runs any number of times
SUPPRESS = "S"  # (exception names, program): `with contextlib.suppress(...)`
RAISE = "R"  # (exception name, message or None, line)
HAZE = "X"  # (reason,): from here on names may come from where the text does not show
ALL = "A"  # ("=" or "+", tuple of names | dotted name of a module whose `__all__` is meant | None)
GLOBALS = "G"  # (names,): functions that may bind them, if called
PATH = "P"  # (): `__path__` is changed
REGISTER = "Y"  # (dotted,): an entry of `sys.modules` is made
CALL = "C"  # (dotted, line): a function is called without arguments, for what it does
LAZY = "L"  # (program,): for type checkers, and for whoever cannot make these names when they are asked for
APART = "K"  # (program,): what it binds are no names of the module
OPAQUE = "O"  # (): within a `try`, something that binds nothing but may raise
