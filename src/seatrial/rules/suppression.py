"""What a user said about single issues and codes: comments in the code, severities in pyproject.toml. Pure."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from seatrial.fault import Fault
from seatrial.issue import Issue, Location, Severity, Stage

IDLE = Fault(
    "SUP001",
    "idle-suppression",
    Severity.NOTE,
    Stage.PRODUCTION,
    ("A11",),
    "A suppression suppresses nothing",
    "It would hide the next issue of its line, and nobody would know that it is there.",
    "Take the comment away; if it is to hold, write `# seatrial: ignore[CODE] reason` with the code of the issue.",
    category="configuration",
)
_COMMENT = re.compile(r"#\s*seatrial:\s*ignore(?:\[(?P<codes>[^\]]*)\])?(?P<reason>.*)")


@dataclass(frozen=True, slots=True)
class Suppression:
    """`# seatrial: ignore[CODE, CODE] reason` on one line. Without codes or reason it suppresses nothing."""

    location: Location
    codes: frozenset[str]
    reason: str

    @property
    def valid(self) -> bool:
        """Whether it names at least one code and says why."""
        return bool(self.codes and self.reason)


def suppressions(path: str, text: str) -> tuple[Suppression, ...]:
    """The suppression comments of one file; in Python files those inside strings do not count."""
    if "seatrial:" not in text:
        return ()
    return tuple(_read(path, line, column, comment) for line, column, comment in _comments(path, text))


def _read(path: str, line: int, column: int, comment: str) -> Suppression:
    match = _COMMENT.search(comment)
    assert match is not None  # _comments gives only those that match
    codes = frozenset(code.strip().upper() for code in (match["codes"] or "").split(",") if code.strip())
    return Suppression(Location(path, line, column), codes, match["reason"].strip(" \t-:"))


def _comments(path: str, text: str) -> Iterable[tuple[int, int, str]]:
    if path.endswith(".py"):
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        except (tokenize.TokenError, SyntaxError):
            tokens = []
        if tokens:
            found = [(*token.start, token.string) for token in tokens if token.type == tokenize.COMMENT]
            return [(line, column + 1, string) for line, column, string in found if _COMMENT.search(string)]
    lines = enumerate(text.splitlines(), 1)
    return [(number, match.start() + 1, match.group()) for number, line in lines if (match := _COMMENT.search(line))]


def apply_suppressions(
    issues: Sequence[Issue], found: Iterable[Suppression], judged: Container[str] | None = None
) -> tuple[Issue, ...]:
    """Drop what is suppressed on its own line; report comments that suppress nothing as notes.

    `judged` are the codes that were looked for, None for all: whether a comment is needed for others is not known.
    """
    places = {(comment.location.path, comment.location.line): comment for comment in found}
    kept: list[Issue] = []
    used: set[Suppression] = set()
    for issue in issues:
        comment = places.get((issue.location.path, issue.location.line))
        if comment is not None and comment.valid and issue.code in comment.codes:
            used.add(comment)
        else:
            kept.append(issue)
    idle = [comment for comment in places.values() if comment not in used]
    return (*kept, *(_unused(comment) for comment in idle if judged is None or _is_judged(comment, judged)))


def _is_judged(comment: Suppression, judged: Container[str]) -> bool:
    return IDLE.code in judged and (not comment.valid or any(code in judged for code in comment.codes))


def _unused(comment: Suppression) -> Issue:
    if not comment.codes:
        problem, cause = "This suppression names no code.", "Write `# seatrial: ignore[CODE] reason`."
    elif not comment.reason:
        problem, cause = "This suppression gives no reason.", "It is not applied until it says why, after the codes."
    else:
        codes = ", ".join(sorted(comment.codes))
        problem, cause = "This suppression suppresses nothing.", f"No issue {codes} was found on this line."
    way_out = "Whether the comment or the code is out of date is for its author to say."
    return IDLE.issue(comment.location, problem, cause, way_out=way_out)


def override_severities(issues: Iterable[Issue], wanted: Mapping[str, Severity | None]) -> tuple[Issue, ...]:
    """The issues with the severities that a project sets by code; None drops the issue."""
    levels = [(issue, wanted.get(issue.code, issue.severity)) for issue in issues]
    return tuple(replace(issue, severity=level) for issue, level in levels if level is not None)
