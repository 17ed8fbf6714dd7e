"""What the installed source of a library says about itself: its classes, and the words in which it refuses.

A check of a library is taken to exist where its message stands in the source of the installed release, and is worded
as that release words it.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.libraries.world import World
from seatrial.project.packages_library import Library as Sources

_HOLE = re.compile(r"\{[^{}]*\}")
_LOOKUPS = frozenset({"__getattr__", "__getattribute__"})
_PLAIN_METACLASSES = frozenset({"ABCMeta", "type", "ModelMetaclass", "EnumMeta", "EnumType"})


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What is known of a library's class without importing it.

    `ancestry` are the canonical dotted names of the class and everything it derives from, nearest first; `members` the
    names bound in those class bodies or on `self`. When not `closed`, there may be further ancestors or members.
    """

    ancestry: tuple[str, ...]
    members: frozenset[str]
    closed: bool
    dataclass: bool

    def derives(self, *names: str) -> bool:
        """Whether one of these canonical names is among the ancestors."""
        return any(name in self.ancestry for name in names)


def blueprint(world: World, dotted: str) -> Blueprint | None:
    """The class of that canonical name; None where its source is not there."""
    packages = world.packages
    if packages is None:
        return None
    found = packages.asked(("class", dotted), lambda sources: _read_class(sources, dotted))
    return None if found is None else Blueprint(tuple(found[0]), frozenset(found[1]), found[2], found[3])


def _read_class(sources: Sources, dotted: str) -> tuple[tuple[str, ...], tuple[str, ...], bool, bool] | None:
    module, name = _split(sources, dotted)
    node = _class_node(sources, module, name) if module else None
    if node is None:
        return None
    ancestry, members = [dotted], set(_members(node))
    closed = not _LOOKUPS & members and _plain(node)
    is_dataclass = any("dataclass" in ast.unparse(one) for one in node.decorator_list)
    for base in node.bases:
        outer = _base(sources, module, base)
        if outer in _TRANSPARENT:
            continue
        above = _read_class(sources, outer) if outer and outer != dotted else _builtin(outer)
        above = above or _builtin(outer)
        ancestry += [one for one in (above[0] if above else (outer,)) if one not in ancestry]
        members |= set(above[1]) if above else set()
        closed = closed and above is not None and above[2]
        is_dataclass = is_dataclass or (above is not None and above[3])
    return tuple(ancestry), tuple(sorted(members)), closed, is_dataclass


_TRANSPARENT = frozenset({
    "typing.Generic", "typing.Protocol", "typing_extensions.Protocol", "typing_extensions.Generic", "abc.ABC", "builtins.object",
})  # fmt: skip


def _builtin(dotted: str) -> tuple[tuple[str, ...], tuple[str, ...], bool, bool] | None:
    """A built-in class by its name."""
    kind = getattr(builtins, dotted.removeprefix("builtins."), None)
    if not isinstance(kind, type):
        return None
    return tuple(f"builtins.{one.__name__}" for one in kind.__mro__[:-1]), tuple(dir(kind)), True, False


def _split(sources: Sources, dotted: str) -> tuple[str, str]:
    module, _, name = dotted.rpartition(".")
    return (module, name) if module and sources.is_module(module) else ("", name)


def _class_node(sources: Sources, module: str, name: str) -> ast.ClassDef | None:
    tree = sources.tree_of(module)
    found = None
    for node in _statements(tree.body if tree is not None else []):
        if isinstance(node, ast.ClassDef) and node.name == name:
            found = node
    return found


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try):
            yield from _statements(statement.body)
            yield from _statements(statement.orelse)
            for handler in getattr(statement, "handlers", []):
                yield from _statements(handler.body)


def _plain(node: ast.ClassDef) -> bool:
    """Whether no metaclass or decorator of its own can add names."""
    for word in node.keywords:
        if word.arg == "metaclass" and ast.unparse(word.value).rpartition(".")[2] not in _PLAIN_METACLASSES:
            return False
    return True


def _base(sources: Sources, module: str, base: ast.expr) -> str:
    """The canonical name of a base class; "" where it is not a name."""
    text = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
    head, *rest = text.split(".")
    if not head.isidentifier():
        return ""
    found = sources.locate(module, head)
    for name in rest:
        found = sources.locate(".".join(part for part in found if part), name) if found is not None else None
    if found is None:
        return f"builtins.{text}" if isinstance(getattr(builtins, text, None), type) else ""
    return ".".join(part for part in found if part)


def _members(node: ast.ClassDef) -> Iterator[str]:
    for statement in _statements(node.body):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement.name
            yield from _on_self(statement)
        elif isinstance(statement, ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.AnnAssign):
            yield from _names(statement.target)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from _names(target)
        elif isinstance(statement, ast.ImportFrom | ast.Import):
            yield from (alias.asname or alias.name for alias in statement.names)


def _names(target: ast.expr) -> Iterator[str]:
    yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _on_self(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    first = function.args.args[0].arg if function.args.args else ""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == first:
            if isinstance(node.ctx, ast.Store):
                yield node.attr
        elif isinstance(node, ast.Name) and node.id == "setattr":
            yield "__getattr__"


# -- words ---------------------------------------------------------------------------------------------------------


def wording(world: World, module: str, fragment: str, *values: str) -> str | None:
    """The message that contains `fragment` (holes written `{}`), filled in; None where the release has none."""
    for template in _texts(world, module):
        if fragment in _HOLE.sub("{}", template):
            parts = iter(values)
            return _HOLE.sub(lambda _: next(parts, ""), template)
    return None


def position(world: World, module: str, fragment: str) -> int:
    """Where among the messages of a module the last one with `fragment` stands; -1 without."""
    found = [i for i, text in enumerate(_texts(world, module)) if fragment in _HOLE.sub("{}", text)]
    return found[-1] if found else -1


def _texts(world: World, module: str) -> tuple[str, ...]:
    packages = world.packages
    if packages is None:
        return ()
    found: tuple[str, ...] = packages.asked(("texts", module), lambda sources: _read_texts(sources, module))
    return found


def _read_texts(sources: Sources, module: str) -> tuple[str, ...]:
    """The texts of `raise`, `assert` and assignments, in the order of the source."""
    tree = sources.tree_of(module)
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Raise | ast.Assign):
            found += [(node.lineno, text) for text in _strings(node)]
        elif isinstance(node, ast.Assert) and node.msg is not None:
            found += [(node.lineno, text) for text in _strings(node.msg)]
    return tuple(text for _, text in sorted(found, key=lambda one: one[0]))


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 8:
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)


def first_attribute(world: World, dotted: str, parameter: str, given: dict[str, bool]) -> str | None:
    """The attribute that a function asks first of one of its parameters, where the truth of others is `given`."""
    packages = world.packages
    if packages is None:
        return None
    known = ",".join(f"{name}={value}" for name, value in sorted(given.items()))
    found: str | None = packages.asked(
        ("first", dotted, parameter, known), lambda sources: _read_first(sources, dotted, parameter, given)
    )
    return found


def _read_first(sources: Sources, dotted: str, parameter: str, given: dict[str, bool]) -> str | None:
    owner, _, method = dotted.rpartition(".")
    module, name = _split(sources, owner)
    node = _class_node(sources, module, name) if module else None
    for statement in node.body if node is not None else []:
        if isinstance(statement, ast.FunctionDef) and statement.name == method:
            return _first_in(statement.body, parameter, given)
    return None


def _first_in(body: list[ast.stmt], parameter: str, given: dict[str, bool]) -> str | None:
    for statement in body:
        if isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and statement.test.id in given:
            found = _first_in(statement.body if given[statement.test.id] else statement.orelse, parameter, given)
        else:
            found = next((node.attr for node in _asked(statement, parameter)), None)
        if found is not None:
            return found
    return None


def _asked(statement: ast.stmt, parameter: str) -> list[ast.Attribute]:
    found = [
        node
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == parameter
    ]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))
