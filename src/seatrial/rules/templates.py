"""Lines for the example of the environment (`.env.example`): which file, which value, and the edits that add them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from seatrial.artifacts.env_lines import Line
from seatrial.artifacts.env_lines import line_for as example_line
from seatrial.issue import Edit, Position
from seatrial.project import dotenv
from seatrial.rules.case import Case

__all__ = ["EXAMPLE", "Line", "added", "example_path", "line_for", "value_edit"]

EXAMPLE = ".env.example"


def example_path(case: Case) -> str:
    """The example to write to: the one that is followed today where it lies in the folder, else a new one."""
    template = case.papers.template
    if template and not template.startswith("..") and template in case.tree.files:
        return template
    return posixpath.normpath(posixpath.join(case.base, EXAMPLE))


def line_for(case: Case, name: str) -> Line:
    """A line with a value of the right form, which plainly stands for a real one."""
    return example_line(name, case.settings.of(name), _scheme(case, name))


def _scheme(case: Case, name: str) -> str:
    supplied = dict(case.timeline.supplied).get(name, "")
    return supplied.partition("://")[0] or "postgresql"


def added(case: Case, lines: Sequence[Line], heading: str) -> tuple[Edit, ...]:
    """The edits that give every one of these variables a value in the example, in new lines or in those it has."""
    path = example_path(case)
    text = case.code.text(path) if path in case.tree.files else None
    if text is None:
        return (Edit(path, Position(1, 1), Position(1, 1), _block(lines, heading)),)
    written = text.split("\n")
    there = {item.name: item.location.line for item in case.papers.documented if item.location.path == path}
    edits = [_changed(path, written, there[line.name], line) for line in lines if line.name in there]
    new = [line for line in lines if line.name not in there]
    if new:
        end = Position(len(written), len(written[-1].rstrip("\r")) + 1)
        gap = "\n" if not written[-1] else "\n\n"
        gap = "" if not text.strip() else gap
        edits.append(Edit(path, end, end, gap + _block(new, heading)))
    return tuple(edits)


def _block(lines: Iterable[Line], heading: str) -> str:
    return f"# {heading}\n" + "".join(line.text for line in lines)


def _changed(path: str, written: Sequence[str], number: int, line: Line) -> Edit:
    """One line of the example, commented out or empty until now, with a value."""
    old = written[number - 1].rstrip("\r")
    return Edit(path, Position(number, 1), Position(number, len(old) + 1), f"{line.name}={line.value}")


def value_edit(path: str, text: str, name: str, value: str) -> Edit | None:
    """The edit that gives a variable of a dotenv file another value; None where it is not in it, or is in quotes."""
    binding = next((item for item in dotenv.parse(text) if item.name == name), None)
    if binding is None or binding.value is None or "\n" in text[binding.start : binding.end]:
        return None
    start, end = binding.start, binding.end
    if binding.quote:
        start, end = start - 1, end + 1
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return Edit(path, Position(line, column), Position(line, column + end - start), value)
