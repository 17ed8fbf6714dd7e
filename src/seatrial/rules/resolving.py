"""What a name or a chain of attributes in one file means: a module of the backend, or a name that one defines."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seatrial.rules.code import CodeFile, Definition
from seatrial.rules.statements import dotted

if TYPE_CHECKING:
    from seatrial.rules.codebase import Codebase

_MAX_HOPS = 20


@dataclass(frozen=True, slots=True)
class Meaning:
    """A module of the backend (`symbol` is None), or what a module of the backend binds by a name of its own."""

    module: str
    symbol: str | None


def meaning_of(code: Codebase, file: CodeFile, node: ast.expr) -> Meaning | None:
    """What an expression names, re-exports followed; None where it is no name, or not the backend's."""
    chain = dotted(node)
    if chain is None:
        return None
    first, *rest = chain.split(".")
    meaning = name_in(code, file, first)
    for attribute in rest:
        if meaning is None or meaning.symbol is not None:
            return None
        meaning = attribute_of(code, meaning.module, attribute)
    return meaning


def name_in(code: Codebase, file: CodeFile, name: str, hops: int = 0) -> Meaning | None:
    """What the top level of a file binds a name to."""
    binding = file.bindings.get(name)
    own = code.names.get(file.path)
    if binding is None or hops > _MAX_HOPS:
        return None
    if binding.kind != "import":
        return Meaning(own, name) if own is not None else None
    dots = len(binding.source) - len(binding.source.lstrip("."))
    parent, _, last = binding.source[dots:].rpartition(".")
    if not dots and name == binding.source.partition(".")[0]:  # `import a.b` binds `a`
        return Meaning(name, None) if _is_module(code, name) else None
    module = code.absolute(file.path, "." * dots + parent) if parent or dots else None
    if module is None:
        return Meaning(last, None) if _is_module(code, last) else None
    return attribute_of(code, module, last, hops + 1)


def bound_to(code: Codebase, file: CodeFile, wanted: Meaning) -> list[str]:
    """The names that the top level of a file binds to this; looked up once for all that may be wanted."""
    if not file.bound:
        for name in file.bindings:
            file.bound.setdefault(name_in(code, file, name), []).append(name)
    return file.bound.get(wanted, [])


def meant_by(code: Codebase, file: CodeFile, attribute: str) -> frozenset[object]:
    """What the chains of a file that end in this attribute name; looked up once."""
    if attribute not in file.meant:
        nodes = file.sites.attributes.get(attribute, ())
        file.meant[attribute] = frozenset(meaning_of(code, file, node) for node in nodes)
    return file.meant[attribute]


def attribute_of(code: Codebase, module: str, name: str, hops: int = 0) -> Meaning | None:
    """What `module.name` is."""
    file = code.module(module)
    if file is not None and (found := name_in(code, file, name, hops)) is not None:
        return found
    child = f"{module}.{name}"
    return Meaning(child, None) if _is_module(code, child) else None


def _is_module(code: Codebase, name: str) -> bool:
    return name in code.modules or name in code.packages


def definition_of(code: Codebase, meaning: Meaning) -> tuple[CodeFile, Definition] | None:
    """What a module of the backend binds by a name, and its file: a function, a class or a value."""
    file = code.module(meaning.module)
    found = file.definitions.get(meaning.symbol or "") if file is not None else None
    return (file, found) if file is not None and found is not None else None
