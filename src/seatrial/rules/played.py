"""Calls of libraries as the start played them, with the values that they were given, and where each is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Edit, Location, Position
from seatrial.libraries.values import External
from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.simulation.timeline import Call, Reach

ABSENT = object()
APPLICATION = ("fastapi.applications.FastAPI", "starlette.applications.Starlette")


@dataclass(frozen=True, slots=True)
class Written:
    """One call that was played, and its text."""

    call: Call
    file: CodeFile
    node: ast.Call

    @property
    def place(self) -> Location:
        """The span of the call."""
        return self.file.place(self.node)

    def keyword(self, name: str) -> ast.keyword | None:
        """The keyword argument of this name."""
        return next((keyword for keyword in self.node.keywords if keyword.arg == name), None)


def argument(call: Call, name: str, default: object = ABSENT) -> object:
    """The value of a keyword argument: a plain value, or what stands for one that is not known."""
    return dict(call.kwargs).get(name, default)


def written(case: Case, *callees: str) -> Iterator[Written]:
    """The calls of these canonical names in the backend's own text, each place once."""
    seen: set[tuple[str, int, int]] = set()
    for call in case.timeline.calls:
        if call.callee in callees and call.reach in (Reach.BOOT, Reach.STARTUP):
            for file, node in _text_of(case, call):
                place = (file.path, node.lineno, node.col_offset)
                if place not in seen:
                    seen.add(place)
                    yield Written(call, file, node)


def _text_of(case: Case, call: Call) -> Iterator[tuple[CodeFile, ast.Call]]:
    file = case.code.file(call.location.path)
    first, last = call.location.line, call.location.end_line or call.location.line
    names = {call.callee.rpartition(".")[2]}
    for name in names if file is not None else ():
        for node in file.sites.calls.get(name, ()) if file is not None else ():
            if file is not None and first <= node.lineno <= last:
                yield file, node


def applications(case: Case) -> tuple[Written, ...]:
    """The applications that the start makes, in order."""
    return tuple(written(case, *APPLICATION))


def middleware(case: Case, name: str) -> Iterator[Written]:
    """Every `add_middleware` of this class, and every `Middleware(Class, ...)`."""
    for found in written(case, *(f"{app}.add_middleware" for app in APPLICATION), "starlette.middleware.Middleware"):
        given = [
            value for value in (*found.call.args, *dict(found.call.kwargs).values()) if isinstance(value, External)
        ]
        if any(value.name.rpartition(".")[2] == name for value in given):
            yield found


def add_keyword(found: Written, text: str) -> Edit | None:
    """Give a call one more keyword argument, behind those it has; None where the text is written too oddly."""
    parts: list[ast.expr] = [*found.node.args, *(keyword.value for keyword in found.node.keywords)]
    if not parts:
        end = found.file.end(found.node)
        inner = Position(end.line, end.column - 1)
        return Edit(found.file.path, inner, inner, text)
    last = max(parts, key=lambda part: (part.end_lineno or 0, part.end_col_offset or 0))
    if last_name(found.node.func) == "" or isinstance(last, ast.Starred):
        return None
    end, closing = found.file.end(last), found.file.end(found.node)
    between = found.file.segment(end, Position(closing.line, closing.column - 1))
    if between.strip() not in ("", ",") or found.file.segment(Position(end.line, end.column - 1), end) == "":
        return None
    first = min(parts, key=lambda part: part.lineno)
    if first.lineno == found.node.lineno:
        return Edit(found.file.path, end, end, f", {text}")
    indent = " " * (len(found.file.lines[first.lineno - 1]) - len(found.file.lines[first.lineno - 1].lstrip()))
    return Edit(found.file.path, end, end, f",\n{indent}{text}")


def put_keyword(found: Written, name: str, value: str) -> Edit | None:
    """Let a call's keyword argument have this value, whether it has one already or not."""
    keyword = found.keyword(name)
    if keyword is None:
        return add_keyword(found, f"{name}={value}")
    return Edit(found.file.path, found.file.start(keyword.value), found.file.end(keyword.value), value)
