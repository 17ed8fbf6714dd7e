"""Python text with the bodies of its functions taken out, line for line, so that it parses three times as fast.

Most of what is asked of a module (its names, imports, signatures, decorators) stands outside of function bodies. Each
body that is taken out becomes the constant 0 on the line of the function's colon, followed by as many empty lines:
every other node keeps its exact place. What is cut is found by indentation; wherever that could be wrong the whole
text is parsed: a cut within a string leaves an odd number of triple quotes behind, a cut within brackets leaves them
unbalanced.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from seatrial.project.syntax.parsing import Parsed, quiet, read_tree

_DEF = re.compile(r"^([ \t]*)(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*(?=[(\[])", re.MULTILINE)
_PLAIN_HEADER = re.compile(r"\([^()\"'#]*(?:\([^()\"'#]*\)[^()\"'#]*)*\)[ \t]*(?:->[^:\"'#\n{]*)?:")
_HEADER_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|#[^\n]*|[\[({]|[])}]|:(?!=)|\blambda\b',
    re.DOTALL,
)
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*)?\n")
_TRIPLE = ('"""', "'''")
_BODY_END: dict[int, re.Pattern[str]] = {}

Keep = Callable[[str, str, str], bool]
"""Whether a function's body stays: asked with its indentation, its name and the text of the body."""


def outline(path: str, raw: bytes, text: str, keep: Keep) -> Parsed:
    """The tree of a file whose function bodies are left out, save those that `keep` wants.

    Cut bodies are `[Expr(Constant(0))]`, see `is_cut`. What `seatrial.project.syntax.parsing.read_tree` says of the
    whole file when it does not parse, or when a cut could have gone wrong.
    """
    if "\r" not in text and "\f" not in text:
        short = cut(text, keep)
        if short is not None:
            try:
                with quiet():
                    tree = compile(short, "<file>", "exec", ast.PyCF_ONLY_AST, True)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                tree = None
            if isinstance(tree, ast.Module):
                return tree
    return read_tree(path, raw)


def is_cut(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether this function's body was taken out."""
    first = function.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and first.value.value == 0


def cut(text: str, keep: Keep) -> str | None:
    """The text without function bodies, or None where a cut could be wrong."""
    pieces: list[str] = []
    at = 0
    for colon, end in _bodies(text, keep):
        if colon < 0:
            return None
        pieces.append(text[at:colon])
        pieces.append(" 0")
        pieces.append("\n" * text.count("\n", colon, end))
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def _bodies(text: str, keep: Keep) -> Iterator[tuple[int, int]]:
    """(place behind the colon, end of the last line) of each function to cut, outermost only; (-1, -1) for a doubt."""
    at = 0
    while found := _DEF.search(text, at):
        start, at = at, found.end()
        quote = next((quote for quote in _TRIPLE if text.count(quote, start, at) % 2), None)
        if quote is not None:  # an example within a string
            at = text.find(quote, at) + 3
            if at < 3:
                return
            continue
        colon = _header_end(text, at)
        if colon < 0:
            continue
        line_end = _REST_OF_LINE.match(text, colon)
        if line_end is None:
            continue
        start, indent = line_end.end(), found[1]
        end = _body_end(text, start, indent)
        body = text[start:end]
        if body.count('"""') % 2 or body.count("'''") % 2 or body.endswith("\\\n"):
            yield -1, -1
            return
        at = end
        if not keep(indent, found[2], body):
            yield colon, end


def _header_end(text: str, at: int) -> int:
    """Behind the colon that ends the header whose parameters begin at `at`; -1 when there is none to be found."""
    plain = _PLAIN_HEADER.match(text, at)
    if plain is not None:
        return plain.end()
    depth = 0
    for token in _HEADER_TOKEN.finditer(text, at):
        first = token[0][0]
        if first in "([{":
            depth += 1
        elif first in ")]}":
            depth -= 1
        elif first == ":" and depth == 0:
            return token.end()
        if depth < 0:
            break
    return -1


def _body_end(text: str, start: int, indent: str) -> int:
    """Where the first line begins that is not deeper than `indent`, comments and empty lines aside."""
    width = len(indent)
    pattern = _BODY_END.get(width)
    if pattern is None:
        pattern = _BODY_END[width] = re.compile(rf"^[ \t]{{0,{width}}}(?![ \t\n#])", re.MULTILINE)
    found = pattern.search(text, start)
    return found.start() if found is not None else len(text)
