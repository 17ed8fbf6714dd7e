"""Which parameters of a function are sessions of a database: by annotation, or by an alias of `Annotated`."""

from __future__ import annotations

import ast
from collections.abc import Callable

from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.resolving import definition_of, meaning_of

Kind = Callable[[str], bool]
"""Whether a class of this full name is meant."""
_SYNC = frozenset({"sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session", "sqlmodel.Session"})
QUERIES = frozenset("execute exec scalar scalars query get commit flush refresh".split())
"""The methods of a session that ask the database."""


def is_async_session(name: str) -> bool:
    """`AsyncSession`, wherever it comes from."""
    return name.rpartition(".")[2] == "AsyncSession"


def is_sync_session(name: str) -> bool:
    """SQLAlchemy's or SQLModel's `Session`, which others name theirs too."""
    return name in _SYNC


def session_parameters(case: Case, file: CodeFile, function: FunctionNode, kind: Kind) -> frozenset[str]:
    """The names of the parameters that are sessions of this kind."""
    every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    given = ((it.arg, it.annotation) for it in every)
    return frozenset(name for name, note in given if note is not None and names_session(case, file, note, kind))


def names_session(case: Case, file: CodeFile, node: ast.expr, kind: Kind, depth: int = 0) -> bool:
    """Whether an annotation is one of this kind, or an alias of one."""
    if isinstance(node, ast.Subscript) and last_name(node.value) == "Annotated" and isinstance(node.slice, ast.Tuple):
        return names_session(case, file, node.slice.elts[0], kind, depth)
    if kind(file.full_name(node)):
        return True
    meaning = meaning_of(case.code, file, node) if depth < 3 and last_name(node) else None
    found = definition_of(case.code, meaning) if meaning is not None else None
    if found is None or not isinstance(found[1], ast.expr):
        return False
    return names_session(case, found[0], found[1], kind, depth + 1)
