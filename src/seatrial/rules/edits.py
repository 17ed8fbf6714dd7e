"""The text edits that rules share: each gives exact spans, or None where the text is written too oddly to be sure."""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Collection, Iterable

from seatrial.issue import Edit, Position
from seatrial.rules.code import CodeFile, FunctionNode, ImportNode, ImportSite


def replace(file: CodeFile, node: ast.expr | ast.stmt, text: str) -> Edit:
    """Put `text` in the place of one node."""
    return Edit(file.path, file.start(node), file.end(node), text)


def rename_module(file: CodeFile, node: ast.ImportFrom, module: str) -> Edit | None:
    """Let `from … import` name another module; `module` may begin with dots."""
    span = file.module_span(node)
    return Edit(file.path, *span, module) if span else None


def rename_alias(file: CodeFile, alias: ast.alias, name: str) -> Edit:
    """Let one imported name be another; its `as` stays."""
    start = file.start(alias)
    return Edit(file.path, start, Position(start.line, start.column + len(alias.name)), name)


def remove_aliases(file: CodeFile, site: ImportSite, aliases: Collection[ast.alias]) -> tuple[Edit, ...] | None:
    """Take several names out of an import statement; the whole statement goes when no other is left."""
    names = site.node.names
    kept = [alias for alias in names if alias not in aliases]
    if not kept:
        edit = remove_statement(file, site)
        return (edit,) if edit else None
    edits = []
    for index, alias in enumerate(names):
        if alias in aliases:
            behind = index > names.index(kept[0])
            start = file.end(names[index - 1]) if behind else file.start(alias)
            edits.append(Edit(file.path, start, file.end(alias) if behind else file.start(names[index + 1]), ""))
    return tuple(edits)


def remove_statement(file: CodeFile, site: ImportSite) -> Edit | None:
    """Remove an import statement with its lines; `pass` takes its place when its block holds nothing else."""
    node = site.node
    if not alone_on_its_lines(file, node):
        return None
    if site.parents and _only_child(site):
        return replace(file, node, "pass")
    last = node.end_lineno or node.lineno
    if node.lineno == 1 or not file.lines[node.lineno - 2].strip():
        while last + 1 < len(file.lines) and not file.lines[last].strip():
            last += 1  # no two groups of empty lines where there was one statement between them
    if last < len(file.lines):
        return Edit(file.path, Position(node.lineno, 1), Position(last + 1, 1), "")
    return Edit(file.path, Position(node.lineno, 1), Position(last, len(file.lines[last - 1]) + 1), "")


def _only_child(site: ImportSite) -> bool:
    parent = site.parents[-1]
    blocks = [getattr(parent, name, []) for name in ("body", "orelse", "finalbody")]
    return any(site.node in block and len(block) == 1 for block in blocks)


def alone_on_its_lines(file: CodeFile, node: ast.stmt) -> bool:
    """Whether nothing but blanks stands before it and nothing but a comment behind it."""
    start, end = file.start(node), file.end(node)
    before, behind = file.lines[start.line - 1][: start.column - 1], file.lines[end.line - 1][end.column - 1 :]
    return not before.strip() and (not behind.strip() or behind.lstrip().startswith("#"))


def insert_before(file: CodeFile, node: ast.stmt, text: str) -> Edit | None:
    """Put a statement on lines of its own before another, at the same indentation."""
    line = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])
    indent = file.lines[line - 1][: len(file.lines[line - 1]) - len(file.lines[line - 1].lstrip())]
    if file.lines[line - 1][: file.start(node).column - 1].strip() and line == node.lineno:
        return None
    return Edit(file.path, Position(line, 1), Position(line, 1), _indented(text, indent) + "\n")


def insert_after(file: CodeFile, node: ast.stmt, text: str) -> Edit | None:
    """Put a statement on lines of its own behind another, at the same indentation."""
    if not alone_on_its_lines(file, node):
        return None
    indent = file.lines[node.lineno - 1][: file.start(node).column - 1]
    end = Position(node.end_lineno or node.lineno, len(file.lines[(node.end_lineno or node.lineno) - 1]) + 1)
    return Edit(file.path, end, end, "\n" + _indented(text, indent))


def _indented(text: str, indent: str) -> str:
    return "\n".join(indent + line if line else line for line in text.split("\n"))


def insert_in_function(file: CodeFile, function: FunctionNode, text: str) -> Edit | None:
    """Put an import at the head of a function's body, behind its docstring."""
    first = function.body[0]
    if first.lineno == function.lineno or not _starts_its_line(file, first):
        return None
    if _is_docstring(function.body, first):
        return insert_after(file, first, "\n" + text)
    return insert_before(file, first, text if isinstance(first, ImportNode) else text + "\n")


def _starts_its_line(file: CodeFile, node: ast.stmt) -> bool:
    start = file.start(node)
    return not file.lines[start.line - 1][: start.column - 1].strip()


def add_import(file: CodeFile, statement: str, *, without: ast.stmt | None = None) -> Edit:
    """Put an import statement among those that begin the file: the standard library's before the others.

    A file that begins without imports gets it before its first statement that is no docstring. `without` is a
    statement that is about to be removed, and no place to put anything behind.
    """
    begin, leading = _beginning(file, without)
    group = _group(ast.parse(statement).body[0])
    for node in reversed(leading):
        if _group(node) <= group and (edit := insert_after(file, node, statement)) is not None:
            return edit
    if begin and (edit := insert_before(file, begin[0], statement + "\n")) is not None:
        return edit
    return _at_end(file, statement)


def _beginning(file: CodeFile, without: ast.stmt | None = None) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The statements of a file but for its docstring, and the imports that they begin with."""
    body = file.tree.body
    begin = [node for node in body if not _is_docstring(body, node) and node is not without]
    return begin, list(itertools.takewhile(lambda node: isinstance(node, ImportNode), begin))


def imported(file: CodeFile, statement: str) -> Edit | None:
    """Add `from a import b` or `import a`: to the statement that imports from there already, or among the others.

    None where the file imports it already: `import a` counts only among the imports that begin the file, since a
    later one may come too late.
    """
    if statement.startswith("import "):
        return (
            None
            if _modules([ast.parse(statement).body[0]]) <= _modules(_beginning(file)[1])
            else add_import(file, statement)
        )
    module, _, name = statement.removeprefix("from ").partition(" import ")
    for node in file.tree.body:
        if not isinstance(node, ast.ImportFrom) or node.names[0].name == "*":
            continue
        if "." * node.level + (node.module or "") == module:
            if any(alias.name == name and alias.asname is None for alias in node.names):
                return None
            end = file.end(node.names[-1])
            return Edit(file.path, end, end, f", {name}")
    return add_import(file, statement)


def _modules(statements: Iterable[ast.stmt]) -> set[tuple[str, str | None]]:
    """What `import a` and `import a as b` among these import, and as which name."""
    found = (node for node in statements if isinstance(node, ast.Import))
    return {(alias.name, alias.asname) for node in found for alias in node.names}


def _group(node: ast.stmt) -> int:
    """0 for `__future__`, 1 for the standard library, 2 for the rest: the order that import sorters keep."""
    if isinstance(node, ast.ImportFrom):
        name = node.module or "" if not node.level else ""
    else:
        name = node.names[0].name if isinstance(node, ast.Import) else ""
    top = name.partition(".")[0]
    return 0 if top == "__future__" else 1 if top in sys.stdlib_module_names else 2


def _is_docstring(body: list[ast.stmt], node: ast.stmt) -> bool:
    return node is body[0] and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _at_end(file: CodeFile, statement: str) -> Edit:
    end = Position(len(file.lines), len(file.lines[-1]) + 1)
    return Edit(file.path, end, end, ("\n" if file.lines[-1] else "") + statement + "\n")
