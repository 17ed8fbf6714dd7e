"""File that does not compile under the Python that the backend runs on

## What it finds
A file that CPython refuses to compile: a slip of the pen, conflict markers of an unfinished merge, the fences of a
chat's answer, or syntax that only a newer Python has.

## Why it bites
Python compiles a file whole before its first line runs. An `import` of it raises `SyntaxError` (or
`IndentationError`, `TabError`) and the start stops there.

## What is flagged
The line that CPython names, by the grammar of the backend's own Python.

## What is not
Files that cannot be read by that grammar here, because no interpreter of that version is at hand: they are listed
as not analysed.

## Fix safety
Safe where one small insertion or removal at that very place makes the whole file compile: a missing colon, a
bracket never closed, `print` without parentheses, typographic quotes, invisible characters, Markdown fences. Which
side of a merge is right is for a person to say.

## Reference
https://docs.python.org/3/tutorial/errors.html#syntax-errors
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position
from seatrial.project.syntax.parsing import SyntaxFault
from seatrial.rules.case import Case
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import BrokenSyntax

_MARKER = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( |$)")
_MAX_SLIPS = 30  # of the pen in one file that are mended
_TYPOGRAPHY = str.maketrans(
    {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u00a0": " ", "\u200b": None, "\ufeff": None}
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file that does not compile."""
    for group in grouped(case.timeline, BrokenSyntax, lambda fault: fault.module):
        path = group.location.path
        lines = (case.code.text(path) or "").splitlines()
        fix = None if _has_markers(lines) else _fix(case, path)
        message = re.sub(r" \([^()]*, line \d+\)$", "", group.first.failure.message)
        yield Finding(
            location=group.location,
            reach=group.reach,
            certain=group.first.certain,
            problem=f"{path} does not compile: {message}.",
            cause=_cause(case, group, lines),
            fix=fix,
            no_fix_reason=None if fix else _no_fix(lines),
            related=group.related,
        )


def _has_markers(lines: list[str]) -> bool:
    marks = [match[1][0] for line in lines if (match := _MARKER.match(line))]
    return "<" in marks and ">" in marks


def _cause(case: Case, group: Group[BrokenSyntax], lines: list[str]) -> str:
    if _has_markers(lines):
        return "The file holds the conflict markers of a merge that was not finished."
    if case.code.parses_elsewhere(group.location.path):
        version = ".".join(map(str, case.python))
        return f"A newer Python compiles this file; the backend runs on Python {version}."
    number = group.location.line
    line = lines[number - 1].strip() if number <= len(lines) else ""
    return f"Python cannot read line {number}: `{line[:80]}`." if line else f"Python stops reading at line {number}."


def _no_fix(lines: list[str]) -> str:
    if _has_markers(lines):
        return "Which side of the merge is right is for a person to say."
    return "No single small change makes the file compile."


def _fix(case: Case, path: str) -> Fix | None:
    """The small changes after which the whole file compiles, each at the place that CPython names by then."""
    original = text = case.code.text(path) or ""
    steps: list[str] = []
    for _ in range(_MAX_SLIPS):
        fault = case.code.fault(path, text)
        if fault is None:
            break
        better = next((step for step in _attempts(fault, text) if _is_better(case, fault, step[0])), None)
        if better is None:
            return None
        text, explanation = better
        steps += [explanation] if explanation not in steps else []
    if text == original or not case.code.compiles(path, text):
        return None
    return Fix(Applicability.SAFE, " ".join(steps), difference(path, original, text))


def _is_better(case: Case, fault: SyntaxFault, text: str) -> bool:
    """Whether the file compiles now, or fails only further down."""
    after = case.code.fault(fault.path, text)
    return after is None or after.line > fault.line


def _attempts(fault: SyntaxFault, text: str) -> Iterator[tuple[str, str]]:
    """Texts that differ in one small thing where CPython stopped reading, the most literal first."""
    lines = text.split("\n")
    if not 1 <= fault.line <= len(lines):
        return
    line = lines[fault.line - 1].rstrip("\r")
    code = re.sub(r"\s*(#.*)?$", "", line)

    def with_line(new: str) -> str:
        return "\n".join([*lines[: fault.line - 1], new + lines[fault.line - 1][len(line) :], *lines[fault.line :]])

    if "expected ':'" in fault.message or "invalid syntax" in fault.message:
        yield with_line(code + ":" + line[len(code) :]), "Add the colon."
    if match := re.search(r"'([(\[{])' was never closed", fault.message):
        closing = {"(": ")", "[": "]", "{": "}"}[match[1]]
        yield with_line(code + closing + line[len(code) :]), f"Close the bracket with `{closing}`."
    if match := re.match(r"(\s*)print (.+)$", code):
        yield with_line(f"{match[1]}print({match[2]}){line[len(code) :]}"), "Call `print` with parentheses."
    if match := re.match(r"(\s*except\*? )([\w.]+(?:\s*,\s*[\w.]+)+)(\s*:.*)$", line):
        yield (
            with_line(f"{match[1]}({match[2]}){match[3]}"),
            "Put the exceptions in parentheses.",
        )
    if (plain := line.translate(_TYPOGRAPHY)) != line:
        yield with_line(plain), "Write plain quotes and spaces."
    if any(one.startswith("```") for one in lines):
        yield "\n".join(one for one in lines if not one.startswith("```")), "Remove the Markdown fences."


def difference(path: str, before: str, after: str) -> tuple[Edit, ...]:
    """The edits that turn one text into the other, line by line."""
    from difflib import SequenceMatcher  # needed only where something is wrong

    old, new = before.split("\n"), after.split("\n")
    edits = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "replace":
            last = Position(end, len(old[end - 1].rstrip("\r")) + 1)
            lines = (line.rstrip("\r") for line in new[new_start:new_end])
            edits.append(Edit(path, Position(start + 1, 1), last, "\n".join(lines)))
        elif tag == "delete" and end < len(old):
            edits.append(Edit(path, Position(start + 1, 1), Position(end + 1, 1), ""))
        elif tag == "delete":
            above = Position(start, len(old[start - 1].rstrip("\r")) + 1) if start else Position(1, 1)
            edits.append(Edit(path, above, Position(end, len(old[end - 1]) + 1), ""))
    return tuple(edits)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}

RULE = Rule(
    code="IMP009",
    name="syntax-error",
    summary="A file does not compile",
    check=check,
    fix="sometimes",
    requirements=("A1", "B3"),
    bad={
        **_PROJECT,
        "main.py": (
            "from fastapi import FastAPI\n"
            "\n"
            "app = FastAPI()\n"
            "\n"
            "\n"
            '@app.get("/tasks")\n'
            "def tasks() -> list[str]\n"
            '    return ["sail"]\n'
        ),
    },
    good={
        **_PROJECT,
        "main.py": (
            "from fastapi import FastAPI\n"
            "\n"
            "app = FastAPI()\n"
            "\n"
            "\n"
            '@app.get("/tasks")\n'
            "def tasks() -> list[str]:\n"
            '    return ["sail"]\n'
        ),
    },
    expect=Expectation("main.py", 7, exception="SyntaxError"),
)
