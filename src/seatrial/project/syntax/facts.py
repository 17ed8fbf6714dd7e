"""What one file imports and which names its top level binds: exact places, scopes and guards.

The values are named tuples, not dataclasses: a large backend has tens of thousands. `scanner` finds them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal, NamedTuple

from seatrial.issue import Location

GuardKind = Literal["try", "except", "else", "finally", "if", "loop", "with", "match"]
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Span(NamedTuple):
    """From the first character to behind the last: lines and columns from 1, in characters."""

    line: int
    column: int
    end_line: int
    end_column: int

    def at(self, path: str) -> Location:
        """The same place with the file that it is in."""
        return Location(path, *self)


class Guard(NamedTuple):
    """A statement around another that decides whether it is executed, or whether its failure matters.

    For `try`, `text` lists the exceptions that the handlers catch, separated by spaces ("*" for a bare `except`); for
    `except` those of this handler. For `if`, it is the condition, with `not (...)` around it in an `else`; for
    `loop`, `with` and `match` what is looped over, entered or matched. `type_checking` marks
    what only type checkers execute.
    """

    kind: GuardKind
    text: str
    line: int
    type_checking: bool = False


class Scope(NamedTuple):
    """A function or class around a statement."""

    kind: Literal["function", "class"]
    name: str
    line: int


class Alias(NamedTuple):
    """One name of an import statement: `name as asname`."""

    name: str
    asname: str | None
    span: Span


class ImportStatement(NamedTuple):
    """`import a.b as c` (`module` is None) or `from ..module import x as y` (`module` may be empty).

    `scope` and `guards` run from the outside in.
    """

    module: str | None
    level: int
    names: tuple[Alias, ...]
    span: Span
    scope: tuple[Scope, ...]
    guards: tuple[Guard, ...]

    @property
    def in_function(self) -> bool:
        """Whether it runs only when a function is called."""
        return any(scope.kind == "function" for scope in self.scope)

    @property
    def type_checking(self) -> bool:
        """Whether it never runs at all."""
        return any(guard.type_checking for guard in self.guards)


BindingKind = Literal[
    "def",
    "async def",
    "class",
    "assign",
    "import",
    "from",
    "for",
    "with",
    "except",
    "walrus",
    "match",
    "type",
    "global",
]


class Binding(NamedTuple):
    """A place at which the top level binds a name; `global` is one in a function that declares it so.

    `conditional` says that it hangs on an `if`, a `try`, a loop, or the call of a function.
    """

    name: str
    kind: BindingKind
    span: Span
    conditional: bool


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The imports and top-level bindings of a file, in the order of its text.

    `exports` is `__all__` where it is a literal list, `exports_known` whether that is the whole of it.
    """

    path: str
    imports: tuple[ImportStatement, ...]
    bindings: tuple[Binding, ...]
    exports: tuple[str, ...] | None
    exports_known: bool
