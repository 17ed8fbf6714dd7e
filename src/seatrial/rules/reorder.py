"""Moving a statement in its file: a definition up to before what needs it, a call down to behind another."""

from __future__ import annotations

import ast
import builtins

from seatrial.issue import Edit, Position
from seatrial.rules.code import CodeFile, FunctionNode, bindings_of
from seatrial.rules.edits import alone_on_its_lines

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}


def statement_at(file: CodeFile, line: int) -> ast.stmt | None:
    """The top-level statement that covers this line, its decorators included."""
    for node in file.tree.body:
        if _first_line(node) <= line <= (node.end_lineno or node.lineno):
            return node
    return None


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(item.lineno for item in decorators)])


def move_up(file: CodeFile, definition: ast.stmt, user: ast.stmt) -> tuple[Edit, ...] | None:
    """Move one top-level statement to before another; None where it needs what is bound only between the two.

    Comments directly above the definition go with it, and so do the empty lines behind it.
    """
    if definition is user or definition.lineno < user.lineno or not alone_on_its_lines(file, definition):
        return None
    if not needed_at_load(definition) <= _bound_before(file, user) | _BUILTINS:
        return None
    start, stop = _first_line(definition), definition.end_lineno or definition.lineno
    while start > 1 and file.lines[start - 2].startswith("#"):
        start -= 1
    text = "\n".join(file.lines[start - 1 : stop])
    gap = "\n\n\n" if isinstance(definition, FunctionNode | ast.ClassDef) else "\n"
    above = _first_line(user)
    while above > 1 and file.lines[above - 2].startswith("#"):
        above -= 1
    place = Position(above, 1)
    return (*_removed(file, start, stop), Edit(file.path, place, place, text + gap))


def move_down(file: CodeFile, statement: ast.stmt, other: ast.stmt) -> tuple[Edit, ...] | None:
    """Move one statement to behind a later one of the same block, with the comments directly above it."""
    if not alone_on_its_lines(file, statement) or not alone_on_its_lines(file, other):
        return None
    start, stop = _first_line(statement), statement.end_lineno or statement.lineno
    while start > 1 and file.lines[start - 2].lstrip().startswith("#"):
        start -= 1
    text = "\n".join(file.lines[start - 1 : stop])
    last = other.end_lineno or other.lineno
    end = Position(last, len(file.lines[last - 1]) + 1)
    gap = "\n\n\n" if isinstance(other, FunctionNode | ast.ClassDef) else "\n"
    return (*_removed(file, start, stop), Edit(file.path, end, end, gap + text))


def _removed(file: CodeFile, start: int, stop: int) -> tuple[Edit, ...]:
    """Take lines out, with the empty lines behind them, or before them at the end of the file."""
    behind = stop
    while behind < len(file.lines) and not file.lines[behind].strip():
        behind += 1
    if behind < len(file.lines):
        return (Edit(file.path, Position(start, 1), Position(behind + 1, 1), ""),)
    before = start
    while before > 1 and not file.lines[before - 2].strip():
        before -= 1
    end = Position(stop, len(file.lines[stop - 1]) + 1)
    first = Position(before - 1, len(file.lines[before - 2]) + 1) if before > 1 else Position(start, 1)
    return (Edit(file.path, first, end, ""),)


def _bound_before(file: CodeFile, user: ast.stmt) -> frozenset[str]:
    body = file.tree.body[: file.tree.body.index(user)]
    return frozenset(binding.name for binding in bindings_of(body))


def needed_at_load(statement: ast.stmt) -> frozenset[str]:
    """The names that executing a statement looks up in its module: bodies of functions are not executed by it."""
    names: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.add(node.id)
        if isinstance(node, FunctionNode):
            arguments = node.args
            waiting += [*node.decorator_list, *arguments.defaults, *filter(None, arguments.kw_defaults)]
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            waiting += [argument.annotation for argument in every if argument is not None and argument.annotation]
            waiting += [node.returns] if node.returns is not None else []
        elif isinstance(node, ast.Lambda):
            waiting += [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        else:
            waiting.extend(ast.iter_child_nodes(node))
    own = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return frozenset(names - own)
