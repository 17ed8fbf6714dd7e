"""A tree that another CPython dumped, made into `ast` nodes of this one.

Node classes that this Python does not have (`TypeAlias`, `TemplateStr`, ...) become subclasses of `ast.AST` of the
same name, made once, with the dumped fields. The form is described in `seatrial.provision.reader_child`.
"""

from __future__ import annotations

import ast
from typing import Any

PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")
_STAND_INS: dict[str, type[ast.AST]] = {}


def rebuild(dumped: object) -> ast.Module | None:
    """The module of a dump; None when there is none, or when it is nested too deeply to be followed."""
    if not isinstance(dumped, list):
        return None
    try:
        tree = _Rebuilder().value(dumped)
    except RecursionError:
        return None
    return tree if isinstance(tree, ast.Module) else None


def node_class(name: str, fields: tuple[str, ...]) -> type[ast.AST]:
    """The class of nodes of this name: this Python's own where it has one, else a stand-in."""
    own = getattr(ast, name, None)
    if isinstance(own, type) and issubclass(own, ast.AST):
        return own
    if name not in _STAND_INS:
        base = ast.stmt if name in ("TypeAlias", "TryStar", "Match") else ast.AST
        _STAND_INS[name] = type(name, (base,), {"_fields": fields, "_attributes": PLACE, "__module__": __name__})
    return _STAND_INS[name]


class _Rebuilder:
    def __init__(self) -> None:
        self._fields: dict[str, tuple[str, ...]] = {}

    def value(self, dumped: list[Any]) -> Any:
        kind = dumped[0]
        if kind == "[":
            return [self.value(item) for item in dumped[1]]
        return _constant(dumped[1], dumped[2]) if kind == "=" else self._node(dumped)

    def _node(self, dumped: list[Any]) -> ast.AST:
        name, values, place = dumped[:3]
        if len(dumped) > 3:
            self._fields[name] = tuple(dumped[3])
        fields = self._fields[name]
        cls = node_class(name, fields)
        node = cls()
        for field, value in zip(fields, values, strict=True):
            setattr(node, field, self.value(value))
        for key, number in zip(PLACE, place, strict=True):
            if number is not None:
                setattr(node, key, number)
        return node


def _constant(kind: str, text: str) -> object:
    if kind == "NoneType":
        return None
    if kind == "ellipsis":
        return ...
    if kind in ("float", "complex") and any(word in text for word in ("inf", "nan")):
        return complex(text) if kind == "complex" else float(text)
    return ast.literal_eval(text)
