"""What the installed source of a library says about itself: its classes, and the words in which it refuses.

A check of a library is taken to exist where its message stands in the source of the installed release, and is worded
as that release words it.
"""

from __future__ import annotations

import ast
import builtins
import collections.abc
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.libraries.world import World
from seatrial.project.packages.sources import Library as Sources

_HOLE = re.compile(r"\{[^{}]*\}")
_LOOKUPS = frozenset({"__getattr__", "__getattribute__"})
_PLAIN_METACLASSES = frozenset({"ABCMeta", "type", "ModelMetaclass", "EnumMeta", "EnumType"})


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What is known of a library's class without importing it.

    `ancestry` are the canonical dotted names of the class and everything it derives from, nearest first; `members` are
    the names bound in those class bodies or on `self`. When not `rooted`, there may be further ancestors; when not
    `closed`, further members.
    """

    ancestry: tuple[str, ...]
    members: frozenset[str]
    rooted: bool
    closed: bool
    dataclass: bool


def blueprint(world: World, dotted: str) -> Blueprint | None:
    """The class of that canonical name; None where its source is not there."""
    packages = world.packages
    if packages is None:
        return None
    found = packages.asked(("blueprint", dotted), lambda sources: _read_class(sources, dotted))
    return None if found is None else Blueprint(tuple(found[0]), frozenset(found[1]), *found[2:])


_Read = tuple[tuple[str, ...], tuple[str, ...], bool, bool, bool]


def _read_class(sources: Sources, dotted: str) -> _Read | None:
    module, name = _split(sources, dotted)
    node = _class_node(sources, module, name) if module else None
    if node is None:
        return None
    ancestry, members = [dotted], set(_members(node))
    rooted, closed = True, not _LOOKUPS & members and _plain(node)
    is_dataclass = any("dataclass" in ast.unparse(one) for one in node.decorator_list)
    for base in node.bases:
        outer = _base(sources, module, base)
        if outer in _TRANSPARENT:
            continue
        above = _read_class(sources, outer) if outer and outer != dotted else _builtin(outer)
        above = above or _builtin(outer)
        ancestry += [one for one in (above[0] if above else (outer,)) if one not in ancestry]
        members |= set(above[1]) if above else set()
        rooted = rooted and above is not None and above[2]
        closed = closed and above is not None and above[3]
        is_dataclass = is_dataclass or (above is not None and above[4])
    return tuple(ancestry), tuple(sorted(members)), rooted, closed and rooted, is_dataclass


_TRANSPARENT = frozenset({
    "typing.Generic", "_typing.Generic", "typing.Protocol", "typing_extensions.Protocol", "typing_extensions.Generic",
    "abc.ABC", "builtins.object",
})  # fmt: skip


def _builtin(dotted: str) -> _Read | None:
    """A built-in class by its name."""
    kind = getattr(builtins, dotted.removeprefix("builtins."), None)
    if not isinstance(kind, type):
        return None
    return tuple(f"builtins.{one.__name__}" for one in kind.__mro__[:-1]), tuple(dir(kind)), True, True, False


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
    if found[0] in ("typing", "collections.abc") and hasattr(collections.abc, found[1]):
        return f"_collections_abc.{found[1]}"
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


@dataclass(frozen=True, slots=True)
class Words:
    """One message of a library: its exception by its dotted name, "" for an assertion's or a text on its own.

    `code` is what the library passes as `code=`.
    """

    exception: str
    text: str
    code: str


def wording(world: World, module: str, fragment: str, *values: str) -> str | None:
    """The message that contains `fragment` (holes written `{}`), filled in; None where the release has none."""
    found = words(world, module, fragment, *values)
    return None if found is None else found.text


def words(world: World, module: str, fragment: str, *values: str) -> Words | None:
    """As `wording`, with the exception that carries the message."""
    for exception, template, code in _texts(world, module):
        if fragment in _HOLE.sub("{}", template):
            return Words(exception, _filled(template, values), code)
    return None


def _filled(template: str, values: tuple[str, ...]) -> str:
    parts = iter(values)
    return _HOLE.sub(lambda _: next(parts, ""), template)


def position(world: World, module: str, fragment: str) -> int:
    """Where among the messages of a module the last one with `fragment` stands; -1 without."""
    found = [i for i, (_, text, _) in enumerate(_texts(world, module)) if fragment in _HOLE.sub("{}", text)]
    return found[-1] if found else -1


def _texts(world: World, module: str) -> tuple[tuple[str, str, str], ...]:
    packages = world.packages
    if packages is None:
        return ()
    found: tuple[tuple[str, str, str], ...] = packages.asked(
        ("messages", module), lambda sources: _read_texts(sources, module)
    )
    return found


def _read_texts(sources: Sources, module: str) -> tuple[tuple[str, str, str], ...]:
    """The texts of `raise`, `assert` and assignments, in the order of the source."""
    tree = sources.tree_of(module)
    found: list[tuple[int, str, str, str]] = []
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Raise | ast.Assign):
            exception, code = _raised(sources, module, node)
            found += [(node.lineno, exception, text, code) for text in _strings(node)]
        elif isinstance(node, ast.Assert) and node.msg is not None:
            found += [(node.lineno, "", text, "") for text in _strings(node.msg)]
    return tuple(one[1:] for one in sorted(found, key=lambda one: one[0]))


def _raised(sources: Sources, module: str, node: ast.Raise | ast.Assign) -> tuple[str, str]:
    if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
        return "", ""
    given = next((word.value for word in node.exc.keywords if word.arg == "code"), None)
    code = given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""
    return _base(sources, module, node.exc.func).removeprefix("builtins."), code


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 8:
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)


def attributes_asked(world: World, dotted: str, parameter: str, given: dict[str, bool]) -> tuple[str, ...]:
    """The attributes that a method asks of one of its parameters, in order, where the truth of others is `given`.

    The bodies of loops are left out.
    """
    packages = world.packages
    if packages is None:
        return ()
    known = ",".join(f"{name}={value}" for name, value in sorted(given.items()))
    found: tuple[str, ...] = packages.asked(
        ("asked of", dotted, parameter, known), lambda sources: _read_asked(sources, dotted, parameter, given)
    )
    return found


def _read_asked(sources: Sources, dotted: str, parameter: str, given: dict[str, bool]) -> tuple[str, ...]:
    owner, _, method = dotted.rpartition(".")
    module, name = _split(sources, owner)
    node = _class_node(sources, module, name) if module else None
    for statement in node.body if node is not None else []:
        if isinstance(statement, ast.FunctionDef) and statement.name == method:
            return tuple(dict.fromkeys(_asked_in(statement.body, parameter, given)))
    return ()


def _asked_in(body: list[ast.stmt], parameter: str, given: dict[str, bool]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and statement.test.id in given:
            branch = statement.body if given[statement.test.id] else statement.orelse
            yield from _asked_in(branch, parameter, given)
        else:
            yield from _asked(statement.iter if isinstance(statement, ast.For) else statement, parameter)


def _asked(node: ast.AST, parameter: str) -> list[str]:
    found = [
        one
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == parameter
    ]
    return [one.attr for one in sorted(found, key=lambda one: (one.lineno, one.col_offset))]
