"""Let a call run in a thread instead of on the event loop, in the text that is there."""

from __future__ import annotations

import ast

from seatrial.issue import Edit, Position
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.edits import imported

_COMPREHENSION = ast.GeneratorExp | ast.Lambda


def in_thread(file: CodeFile, call: ast.Call) -> tuple[Edit, ...]:
    """`await run_in_threadpool(f, x)` for `f(x)`; nothing where it stands where nobody can wait, or is odd to read."""
    around = list(file.sites.around(call))
    owner = next((index for index, it in enumerate(around) if isinstance(it, FunctionNode)), len(around))
    opening = file.end(call.func)
    behind = Position(opening.line, opening.column + 1)
    if any(isinstance(it, _COMPREHENSION) for it in around[:owner]) or file.segment(opening, behind) != "(":
        return ()
    closed = isinstance(around[0], ast.Attribute | ast.Subscript | ast.Call) and _is_head(around[0], call)
    start, end = file.start(call), file.end(call)
    edits = [
        Edit(file.path, start, start, ("(" if closed else "") + "await run_in_threadpool("),
        Edit(file.path, opening, behind, ", " if call.args or call.keywords else ""),
    ]
    edits += [Edit(file.path, end, end, ")")] if closed else []
    helper = imported(file, "from fastapi.concurrency import run_in_threadpool")
    return (*edits, *([helper] if helper is not None else []))


def _is_head(parent: ast.AST, call: ast.Call) -> bool:
    """Whether more of the expression hangs on a call, so that it has to be in brackets."""
    return getattr(parent, "value", None) is call or getattr(parent, "func", None) is call
