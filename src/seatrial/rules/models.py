"""The tables that the backend's classes declare, as their text says, by SQLAlchemy or SQLModel."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seatrial.project.syntax.sites import last_name
from seatrial.rules.code import CodeFile
from seatrial.rules.resolving import Meaning, meaning_of

if TYPE_CHECKING:
    from seatrial.rules.codebase import Codebase

_COLUMNS = frozenset({"Column", "mapped_column", "Field"})
_FAMILIES = {
    "integer": {"Integer", "BigInteger", "SmallInteger", "INTEGER", "BIGINT", "int"},
    "text": {"String", "Text", "Unicode", "UnicodeText", "VARCHAR", "AutoString", "str"},
    "uuid": {"UUID", "Uuid", "UUID4"},
}
FAMILY = {name: family for family, names in _FAMILIES.items() for name in names}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the expression that gives its type, whether it is part of the key, and what it refers to."""

    name: str
    node: ast.stmt
    type: ast.expr | None
    primary: bool
    foreign: ast.Constant | None

    @property
    def family(self) -> str | None:
        """`integer`, `text` or `uuid`; None for any other type, and where it is not known."""
        return FAMILY.get(last_name(_bare(self.type))) if self.type is not None else None


@dataclass(frozen=True, slots=True)
class Relation:
    """One `relationship`: the name of the class that it leads to, and of the attribute that leads back."""

    name: str
    node: ast.stmt
    target: ast.Constant | None
    back: ast.Constant | None


@dataclass(frozen=True, slots=True)
class Model:
    """One class with a table of its own."""

    name: str
    table: str
    file: CodeFile
    node: ast.ClassDef
    base: Meaning | str  # what it derives from in the end: a class or value of the backend, or a library's class
    columns: tuple[Column, ...]
    relations: tuple[Relation, ...]
    whole: bool  # whether everything that it inherits was read

    def extends(self) -> bool:
        """Whether it says itself that the table may be there already."""
        return "extend_existing" in ast.unparse(self.node)


def collect(code: Codebase) -> tuple[Model, ...]:
    """Every table of the files that an import can reach."""
    files = code.holding("__tablename__", "table=True", "table = True")
    return tuple(model for file in files for model in _in_file(code, file))


def _in_file(code: Codebase, file: CodeFile) -> Iterator[Model]:
    for node in file.tree.body:
        if isinstance(node, ast.ClassDef) and (table := _table(node)) is not None:
            columns, relations, base, whole = _gathered(code, file, node, 0)
            yield Model(node.name, table, file, node, base, tuple(columns), tuple(relations), whole)


def _table(node: ast.ClassDef) -> str | None:
    named = (_value_of(part, "__tablename__") for part in node.body)
    given = next((it for it in named if it is not None), None)
    if given is not None:
        return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None
    is_table = any(it.arg == "table" and isinstance(it.value, ast.Constant) and it.value.value for it in node.keywords)
    return node.name.lower() if is_table else None


def _value_of(statement: ast.stmt, name: str) -> ast.expr | None:
    if isinstance(statement, ast.Assign) and last_name(statement.targets[0]) == name:
        return statement.value
    if isinstance(statement, ast.AnnAssign) and last_name(statement.target) == name:
        return statement.value
    return None


def _gathered(
    code: Codebase, file: CodeFile, node: ast.ClassDef, depth: int
) -> tuple[list[Column], list[Relation], Meaning | str, bool]:
    """The columns and relationships of a class with those that it inherits, and the class that all begins with."""
    columns, relations = list(_columns(file, node)), list(_relations(file, node))
    base: Meaning | str = ""
    whole = not any(word in ast.unparse(node) for word in ("declared_attr", "__table__", "__mapper_args__"))
    for parent in node.bases:
        meaning = meaning_of(code, file, parent)
        other = code.module(meaning.module) if meaning is not None and meaning.symbol is not None else None
        found = next((it for it in other.tree.body if _is_class(it, meaning)), None) if other is not None else None
        if isinstance(found, ast.ClassDef) and other is not None and depth < 6:
            more, further, root, known = _gathered(code, other, found, depth + 1)
            columns, relations, whole = [*columns, *more], [*relations, *further], whole and known
            base = base or root or (meaning if meaning is not None else "")
        elif meaning is not None and meaning.symbol is not None:
            base = base or meaning  # `Base = declarative_base()`
        else:
            name = file.full_name(parent)
            base = base or name
            whole = whole and name.rpartition(".")[2] in ("SQLModel", "DeclarativeBase", "AsyncAttrs", "object", "Base")
    return columns, relations, base, whole


def _is_class(statement: ast.stmt, meaning: Meaning | None) -> bool:
    return isinstance(statement, ast.ClassDef) and meaning is not None and statement.name == meaning.symbol


def _columns(file: CodeFile, node: ast.ClassDef) -> Iterator[Column]:
    for statement in node.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else None
        call = statement.value if isinstance(statement.value, ast.Call) else None
        if not isinstance(target, ast.Name) or (call is None and annotation is None):
            continue
        if call is not None and _named(file, call.func) not in _COLUMNS:
            continue
        yield _column(file, target.id, statement, annotation, _inner(call))


def _named(file: CodeFile, node: ast.expr) -> str:
    """`Field` of `SQLField` after `from sqlmodel import Field as SQLField`."""
    return file.full_name(node).rpartition(".")[2]


def _inner(call: ast.Call | None) -> ast.Call | None:
    """The `Column` within `Field(sa_column=Column(...))`."""
    given = next((it.value for it in call.keywords if it.arg == "sa_column"), None) if call is not None else None
    return given if isinstance(given, ast.Call) else call


def _column(
    file: CodeFile, name: str, statement: ast.stmt, annotation: ast.expr | None, call: ast.Call | None
) -> Column:
    kind = annotated = _unwrapped(annotation) if annotation is not None else None
    foreign: ast.Constant | None = None
    primary = False
    for part in call.args if call is not None and _named(file, call.func) != "Field" else ():
        inner = _bare(part)
        if isinstance(part, ast.Call) and _named(file, part.func) == "ForeignKey":
            foreign = next((it for it in part.args[:1] if isinstance(it, ast.Constant)), None)
        elif last_name(inner)[:1].isupper():
            kind = part
    for keyword in call.keywords if call is not None else ():
        if keyword.arg == "primary_key":
            primary = not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
        elif keyword.arg == "foreign_key" and isinstance(keyword.value, ast.Constant):
            foreign = keyword.value
        elif keyword.arg in ("type_", "sa_type"):
            kind = keyword.value
    if foreign is not None and call is not None and _named(file, call.func) == "mapped_column" and kind is annotated:
        kind = None  # SQLAlchemy takes the type of the column that is referred to
    return Column(name, statement, kind, primary, foreign)


def _bare(node: ast.expr | None) -> ast.expr:
    """`String` of `String(40)`."""
    return node.func if isinstance(node, ast.Call) else node if node is not None else ast.Constant(None)


def _unwrapped(node: ast.expr) -> ast.expr:
    """`int` of `Mapped[int | None]` and `Optional[int]`."""
    if isinstance(node, ast.Subscript) and last_name(node.value) in ("Mapped", "Optional"):
        return _unwrapped(node.slice)
    if isinstance(node, ast.BinOp):
        left, right = _unwrapped(node.left), _unwrapped(node.right)
        return right if isinstance(left, ast.Constant) and left.value is None else left
    return node


def _relations(file: CodeFile, node: ast.ClassDef) -> Iterator[Relation]:
    for statement in node.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Call) and _named(file, value.func) in ("relationship", "Relationship"):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
            back = next((it.value for it in value.keywords if it.arg == "back_populates"), None)
            if isinstance(target, ast.Name):
                text = back if isinstance(back, ast.Constant) else None
                yield Relation(target.id, statement, _led_to(statement, value), text)


def _led_to(statement: ast.stmt, call: ast.Call) -> ast.Constant | None:
    """The text that names the class: the first argument, or what stands in the annotation."""
    if call.args or not isinstance(statement, ast.AnnAssign):
        return next((it for it in _texts(*call.args[:1])), None)
    found = list(_texts(*ast.walk(statement.annotation)))
    return found[0] if len(found) == 1 and str(found[0].value).isidentifier() else None


def _texts(*nodes: ast.AST) -> Iterator[ast.Constant]:
    return (node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
