"""File that does not compile under the Python that the backend runs on

## What it finds
A file that CPython refuses to compile: a slip of the pen, conflict markers of an unfinished merge, the fences of a
chat's answer, or syntax that only a newer Python has.

## Why it bites
Python compiles a file whole before its first line runs. An `import` of it raises `SyntaxError` (or `IndentationError`,
`TabError`) and the start stops there.

## What is flagged
The line that CPython names, by the grammar of the backend's own Python.

## What is not
Files that cannot be read by that grammar here, because no interpreter of that version is at hand: they are listed as
not analysed.

## Fix safety
Safe where one small insertion or removal at that very place makes the whole file compile: a missing colon, a bracket
never closed, `print` without parentheses, typographic quotes, invisible characters, Markdown fences. Which side of
a merge is right is for a person to say.

## Reference
https://docs.python.org/3/tutorial/errors.html#syntax-errors
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position
from seatrial.rules.case import Case
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import BrokenSyntax

_MARKER = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( |$)")
_QUOTES = str.maketrans(
    {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u00a0": " ", "\u200b": None, "\ufeff": None}
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file that does not compile."""
    for group in grouped(case.timeline, BrokenSyntax, lambda fault: fault.module):
        path = group.location.path
        lines = (case.code.text(path) or "").splitlines()
        fix = next(_fixes(case, group, lines), None)
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


def _fixes(case: Case, group: Group[BrokenSyntax], lines: list[str]) -> Iterator[Fix]:
    """Changes after which the file compiles, the most literal first."""
    path = group.location.path
    if _has_markers(lines):
        return
    for edit, explanation in _attempts(group, lines):
        if case.code.compiles_with(path, edit):
            yield Fix(Applicability.SAFE, explanation, (edit,))


def _attempts(group: Group[BrokenSyntax], lines: list[str]) -> Iterator[tuple[Edit, str]]:
    message, path, number = group.first.failure.message, group.location.path, group.location.line
    if not 1 <= number <= len(lines):
        return
    line = lines[number - 1]
    code = re.sub(r"\s*(#.*)?$", "", line)
    end = Position(number, len(code) + 1)
    if "expected ':'" in message or "invalid syntax" in message:
        yield Edit(path, end, end, ":"), "Add the colon."
    if match := re.search(r"'([(\[{])' was never closed", message):
        closing = {"(": ")", "[": "]", "{": "}"}[match[1]]
        yield Edit(path, end, end, closing), f"Close the bracket with `{closing}`."
    if match := re.match(r"\s*(print) (.+)$", code):
        start = Position(number, match.start(1) + 1)
        yield Edit(path, start, end, f"print({match[2]})"), "Call `print` with parentheses."
    plain = line.translate(_QUOTES)
    if plain != line:
        whole = Position(number, len(line) + 1)
        yield Edit(path, Position(number, 1), whole, plain), "Write plain quotes and spaces."
    for fence in (number, 1, len(lines)):
        if lines[fence - 1].startswith("```"):
            stop = Position(fence + 1, 1) if fence < len(lines) else Position(fence, len(lines[fence - 1]) + 1)
            yield Edit(path, Position(fence, 1), stop, ""), "Remove the Markdown fence."


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
