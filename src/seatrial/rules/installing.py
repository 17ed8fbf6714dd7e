"""What rules about installing share: where a declared requirement stands, and exact edits of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seatrial.issue import Edit, Location, Position, Related
from seatrial.project.manifest.declared import Requirement, normalise
from seatrial.provision.problems import InstallProblem, Line
from seatrial.rules.case import Case

_OLD = 2  # versions of Python without a wheel after which a build is not to be expected
_HEAD = r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?"
_SPECIFIER = re.compile(
    rf"(?P<quote>['\"]?)(?P<head>{_HEAD})\s*(?:\(?\s*[=<>!~][^;#'\"@]*?)?(?P<marker>\s*(?:;.*)?)(?P=quote)"
)
_TABLE_VALUE = re.compile(r"(['\"])[\^~=<>!*\d][^'\"]*\1$")
_TABLE_VERSION = re.compile(r"(version\s*=\s*)(['\"])[^'\"]*\2")


def problems(case: Case, *kinds: str) -> tuple[InstallProblem, ...]:
    """What would stop the installation, of these kinds; nothing where an environment exists already."""
    environment = case.environment
    if environment is None or environment.origin == "own":
        return ()
    return tuple(problem for problem in environment.problems if problem.kind in kinds)


def certainly_stops(problem: InstallProblem, python: tuple[int, int]) -> bool:
    """Whether an installation on this Python ends there; what has to be built may be, where a compiler is."""
    if problem.kind in ("unreachable-index", "build-needed") and not problem.broken:
        newest = max((int(it.split(".")[1]) for it in problem.pythons), default=None)
        return problem.kind == "build-needed" and newest is not None and python[1] - newest >= _OLD
    return True


def need_of(requirement: str) -> tuple[str, str]:
    """A requirement as name and specifier: `setuptools<81` is `setuptools`, `<81`."""
    match = re.match(r"([\w.-]+)(?:\[[^\]]*\])?(.*)$", requirement)
    assert match is not None  # requirements are ours
    return match[1], match[2].strip()


def place_of(case: Case, line: Line) -> Location:
    """Where a requirement that uv told of stands: its exact span where the manifest reader knows it."""
    found = requirement_of(case, line)
    if found is not None:
        return found.location
    return line.location or manifest_place(case)


def requirement_of(case: Case, line: Line) -> Requirement | None:
    """The declared requirement that a line of uv's is."""
    same = [it for it in case.manifest.requirements if it.key == normalise(line.name)]
    if line.location is not None:
        here = [it for it in same if it.location.path == line.location.path and it.location.line == line.location.line]
        same = here or same
    return same[0] if same else None


def manifest_place(case: Case) -> Location:
    """The manifest that is installed, as a whole."""
    installed = case.manifest.installed
    return Location(installed[0].path if installed else "requirements.txt", 1)


def related_to(case: Case, lines: Iterable[Line]) -> tuple[Related, ...]:
    """Further requirements, as they are written."""
    return tuple(dict.fromkeys(Related(place_of(case, line), f"Asks for {line.text}") for line in lines))


def respecified(case: Case, requirement: Requirement, specifier: str) -> Edit | None:
    """The requirement with another version specifier (`==1.2`); extras and marker stay.

    None where it lies outside the audited folder, or is written in a way that cannot be edited exactly.
    """
    span = _span(case, requirement)
    if span is None:
        return None
    start, end, text = span
    if match := _SPECIFIER.fullmatch(text):
        made = f"{match['quote']}{match['head'].rstrip()}{specifier}{match['marker']}{match['quote']}"
    elif _TABLE_VALUE.fullmatch(text):
        made = f'"{specifier}"'
    elif text.startswith("{") and len(_TABLE_VERSION.findall(text)) == 1:
        made = _TABLE_VERSION.sub(rf'\g<1>"{specifier}"', text)
    else:
        return None
    return Edit(requirement.location.path, start, end, made)


def rewritten(case: Case, requirement: Requirement, text: str) -> Edit | None:
    """Something else in the place of a requirement, with its quotes where it has some; None as above."""
    span = _span(case, requirement)
    if span is None:
        return None
    start, end, written = span
    if _is_value(case, requirement):
        return _renamed(case, requirement, end, text)
    quote = written[:1] if written[:1] in ("'", '"') and written[-1:] == written[:1] else ""
    return Edit(requirement.location.path, start, end, f"{quote}{text}{quote}")


def _renamed(case: Case, requirement: Requirement, end: Position, text: str) -> Edit | None:
    """An entry of a table (`name = "*"`) with another name, and the version that its new text asks for."""
    wanted = re.fullmatch(r"([\w.-]+)(?:\[([^\]]*)\])?([^;@]*)", text)
    line = (case.code.text(requirement.location.path) or "").splitlines()[requirement.location.line - 1]
    key = re.match(r"\s*", line)
    if wanted is None or key is None or end.line != requirement.location.line:
        return None
    version = f'"{wanted[3].strip() or "*"}"'
    extras = ", ".join(f'"{it.strip()}"' for it in (wanted[2] or "").split(",") if it.strip())
    value = f"{{extras = [{extras}], version = {version}}}" if extras else version
    return Edit(requirement.location.path, Position(end.line, len(key[0]) + 1), end, f"{wanted[1]} = {value}")


def removed(case: Case, requirement: Requirement) -> Edit | None:
    """The lines of a requirement taken out; None where it shares them with something else."""
    span = _span(case, requirement)
    if span is None:
        return None
    lines = (case.code.text(requirement.location.path) or "").split("\n")
    first, last = span[0].line, span[1].line
    before, behind = lines[first - 1][: span[0].column - 1], lines[last - 1][span[1].column - 1 :]
    if before.strip(" \t-") or not re.fullmatch(r"\s*,?\s*(#.*)?", behind):
        return None
    if last < len(lines):
        return Edit(requirement.location.path, Position(first, 1), Position(last + 1, 1), "")
    return Edit(requirement.location.path, Position(first, 1), Position(last, len(lines[last - 1]) + 1), "")


def _is_value(case: Case, requirement: Requirement) -> bool:
    """Whether the entry is a value behind `name =`, as in a table of Poetry's."""
    lines = (case.code.text(requirement.location.path) or "").splitlines()
    before = lines[requirement.location.line - 1][: requirement.location.column - 1]
    return before.rstrip().endswith("=")


def _span(case: Case, requirement: Requirement) -> tuple[Position, Position, str] | None:
    place = requirement.location
    lines = (case.code.text(place.path) or "").splitlines()
    last = place.end_line or place.line
    if place.path.startswith("..") or place.end_column is None or last > len(lines):
        return None
    start, end = Position(place.line, place.column), Position(last, place.end_column)
    if last != place.line:
        return start, end, "\n"
    return start, end, lines[last - 1][place.column - 1 : place.end_column - 1]
