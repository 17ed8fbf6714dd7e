"""Class definitions by name, and what the type of a field asks of a variable's text."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seatrial.project.settings_facts import Kind
from seatrial.project.settings_walk import PythonFile

_DATABASE = ("PostgresDsn", "CockroachDsn", "MySQLDsn", "MariaDBDsn", "AnyDsn", "MultiHostDsn")
_TYPES: dict[str, Kind] = {
    "int": Kind.INTEGER, "PositiveInt": Kind.INTEGER, "NonNegativeInt": Kind.INTEGER, "conint": Kind.INTEGER,
    "float": Kind.NUMBER, "Decimal": Kind.NUMBER, "PositiveFloat": Kind.NUMBER, "confloat": Kind.NUMBER,
    "bool": Kind.BOOLEAN, "StrictBool": Kind.BOOLEAN,
    "SecretStr": Kind.SECRET, "SecretBytes": Kind.SECRET,
    "AnyUrl": Kind.URL, "HttpUrl": Kind.URL, "AnyHttpUrl": Kind.URL, "RedisDsn": Kind.URL, "AmqpDsn": Kind.URL,
    "MongoDsn": Kind.URL, "KafkaDsn": Kind.URL, "WebsocketUrl": Kind.URL, **dict.fromkeys(_DATABASE, Kind.DATABASE_URL),
    "EmailStr": Kind.EMAIL, "NameEmail": Kind.EMAIL,
    "Path": Kind.PATH, "FilePath": Kind.PATH, "DirectoryPath": Kind.PATH,
    "list": Kind.JSON_LIST, "List": Kind.JSON_LIST, "set": Kind.JSON_LIST, "Set": Kind.JSON_LIST, "tuple":
    Kind.JSON_LIST, "Tuple": Kind.JSON_LIST, "frozenset": Kind.JSON_LIST, "Sequence": Kind.JSON_LIST, "Iterable":
    Kind.JSON_LIST, "dict": Kind.JSON_MAPPING, "Dict": Kind.JSON_MAPPING, "Mapping": Kind.JSON_MAPPING, "Json":
    Kind.JSON_MAPPING, "timedelta": Kind.DURATION, "UUID": Kind.UUID, "UUID4": Kind.UUID, "Literal": Kind.CHOICE,
}  # fmt: skip


@dataclass(slots=True)
class ClassFound:
    """A class definition with annotated fields, before its bases are known."""

    file: PythonFile
    node: ast.ClassDef
    bases: tuple[str, ...]
    last_names: tuple[str, ...]


class ClassIndex:
    """Class definitions by name; one of the same file comes before one of another."""

    def __init__(self, files: Iterable[PythonFile]) -> None:
        self.all: list[ClassFound] = []
        self._by_name: dict[str, list[ClassFound]] = {}
        for file in files:
            for node in file.tree.body if "class " in file.text else ():
                if isinstance(node, ast.ClassDef):
                    self._add(file, node)

    def _add(self, file: PythonFile, node: ast.ClassDef) -> None:
        bases = tuple(file.canonical(base) for base in node.bases)
        found = ClassFound(file, node, bases, tuple(base.rsplit(".", maxsplit=1)[-1] for base in bases))
        self.all.append(found)
        self._by_name.setdefault(node.name, []).append(found)

    def get(self, name: str, seen_from: ClassFound | None = None) -> ClassFound | None:
        """The class of this name, as code beside `seen_from` would mean it."""
        found = self._by_name.get(name, [])
        near = [one for one in found if seen_from is not None and one.file is seen_from.file]
        return next((one for one in near or found if one is not seen_from), None)


def kind_of(annotation: ast.expr, classes: ClassIndex | None = None) -> tuple[Kind, tuple[str, ...]]:
    """The form that a type asks of a variable's text, and the choices it leaves."""
    annotation, _ = annotated(annotation)
    if isinstance(annotation, ast.BinOp):  # `X | None`
        sides = [side for side in _union(annotation) if not (isinstance(side, ast.Constant) and side.value is None)]
        if any(last_name(side) == "str" for side in sides):
            return Kind.TEXT, ()
        return kind_of(sides[0], classes) if sides else (Kind.TEXT, ())
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return kind_of(ast.parse(annotation.value, mode="eval").body, classes)
        except SyntaxError:
            return Kind.TEXT, ()
    if isinstance(annotation, ast.Subscript):
        return _subscripted(annotation, classes)
    last = last_name(annotation)
    if isinstance(annotation, ast.Call):
        last = last_name(annotation.func)
    enum = classes.get(last) if classes else None
    if enum is not None and any("Enum" in base for base in enum.last_names):
        return Kind.CHOICE, tuple(_members(enum.node))
    return _TYPES.get(last, Kind.TEXT), ()


def _subscripted(annotation: ast.Subscript, classes: ClassIndex | None) -> tuple[Kind, tuple[str, ...]]:
    outer = last_name(annotation.value)
    parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    if outer == "Literal":
        return Kind.CHOICE, tuple(str(part.value) for part in parts if isinstance(part, ast.Constant))
    if outer in ("Optional", "Union"):
        if any(last_name(part) == "str" for part in parts):
            return Kind.TEXT, ()
        return kind_of(parts[0], classes)
    return _TYPES.get(outer, Kind.TEXT), ()


def _members(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            yield str(statement.value.value)


def _union(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield from _union(node.left)
        yield from _union(node.right)
    else:
        yield node


def last_name(node: ast.expr) -> str:
    """`pydantic.SecretStr` is `SecretStr`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def annotated(annotation: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
    """A type and what `Annotated` hangs on it."""
    if isinstance(annotation, ast.Subscript) and last_name(annotation.value) == "Annotated":
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        return parts[0], list(parts[1:])
    return annotation, []
