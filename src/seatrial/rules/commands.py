"""Edits of launch commands, wherever they stand: as words of a shell line or as strings of a list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seatrial.issue import Edit, Location, Position
from seatrial.project.launch.targets import Target
from seatrial.rules.case import Case

_WORD = r"(?<![\w./:-]){}(?![\w./:-])"


def in_commands(case: Case, target: Target, value: str, options: Sequence[str] = ()) -> tuple[Edit, ...]:
    """Let every command that names this target name another, followed by options (`--app-dir`, `backend`).

    Empty where one of the commands is written in a way that cannot be edited exactly. A file that has nothing of the
    target takes its command from another one: a compose service that builds an image runs what its Dockerfile says.
    """
    places = [it for it in (target.location, *target.also) if target.value in (case.code.text(it.path) or "")]
    edits = [command_edit(case, place, target.value, value, options) for place in places]
    return tuple(edit for edit in edits if edit is not None) if None not in edits else ()


def command_edit(case: Case, place: Location, old: str, new: str, options: Sequence[str] = ()) -> Edit | None:
    """The edit of one command; None where the target does not stand alone, exactly once, in its lines."""
    lines = (case.code.text(place.path) or "").splitlines()
    pattern = re.compile(_WORD.format(re.escape(old)))
    for number in range(place.line, min(place.end_line or place.line, len(lines)) + 1):
        found = list(pattern.finditer(lines[number - 1]))
        if len(found) == 1:
            line, start, end = lines[number - 1], found[0].start(), found[0].end()
            text = _written(line[:start], line[end:], new, options)
            return Edit(place.path, Position(number, start + 1), Position(number, end + 1), text) if text else None
    return None


def _written(before: str, behind: str, value: str, options: Sequence[str]) -> str | None:
    """The target and its options, quoted as its surroundings are."""
    quote = before[-1:] if before[-1:] in ("'", '"') and before[-1:] == behind[:1] else ""
    if not quote:
        return " ".join((value, *options))
    if options and re.search(r"run\($", before[:-1]):
        return None  # Python's `uvicorn.run("a:b")` takes its options in another way
    return f"{quote}, {quote}".join((value, *options))
