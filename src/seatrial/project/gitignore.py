"""`.gitignore` files -> whether git leaves a path out, by the rules of gitignore(5).

Only the files of the repository count: what a developer has in `.git/info/exclude` or for all repositories does not
protect anybody else.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.project.documents import Documents


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: what it fits, whether it takes a path back in, and where it stands."""

    expression: re.Pattern[str]
    keeps: bool
    folders_only: bool
    path: str
    line: int


def ignored_by(documents: Documents, path: str) -> Pattern | None:
    """The line that leaves a file out; None where none does. `path` is relative to the audited folder."""
    folders = list(documents.folders(posixpath.dirname(path) or "."))
    patterns = [pattern for folder in reversed(folders) for pattern in _patterns(documents, folder)]
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):  # what lies in a folder that is left out cannot be taken back in
        found = _last(patterns, "/".join(parts[:depth]), is_folder=depth < len(parts))
        if found is not None and not found.keeps:
            return found
    return None


def _last(patterns: list[Pattern], path: str, *, is_folder: bool) -> Pattern | None:
    fitting = [it for it in patterns if (is_folder or not it.folders_only) and it.expression.fullmatch(path)]
    return fitting[-1] if fitting else None


def _patterns(documents: Documents, folder: str) -> Iterator[Pattern]:
    path = posixpath.normpath(posixpath.join(folder, ".gitignore"))
    for number, line in enumerate((documents.text(path) or "").split("\n"), 1):
        text = line.rstrip("\r") if line.endswith("\\ ") else line.rstrip("\r ")
        if text and not text.startswith("#"):
            keeps = text.startswith("!")
            text = text[1:] if keeps or text.startswith(("\\#", "\\!")) else text
            anchored = "/" in text.rstrip("/")
            before = "" if folder == "." or folder.startswith("..") else re.escape(folder) + "/"
            expression = before + ("" if anchored else "(?:.*/)?") + _expression(text.strip("/"))
            yield Pattern(re.compile(expression), keeps, text.endswith("/"), path, number)


def _expression(pattern: str) -> str:
    out, index = "", 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            out, index = out + "(?:.*/)?", index + 3
        elif pattern.startswith("/**", index) and index + 3 == len(pattern):
            out, index = out + "/.*", index + 3
        elif pattern[index] == "*":
            out, index = out + "[^/]*", index + 1
        elif pattern[index] == "?":
            out, index = out + "[^/]", index + 1
        elif pattern[index] == "[" and "]" in pattern[index + 2 :]:
            end = pattern.index("]", index + 2)
            inside = pattern[index + 1 : end].replace("\\", "\\\\")
            out, index = out + f"[{'^' + inside[1:] if inside[0] in '!^' else inside}]", end + 1
        elif pattern[index] == "\\" and index + 1 < len(pattern):
            out, index = out + re.escape(pattern[index + 1]), index + 2
        else:
            out, index = out + re.escape(pattern[index]), index + 1
    return out
