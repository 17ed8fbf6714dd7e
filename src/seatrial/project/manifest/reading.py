"""Reading the text of manifests: which encodings installers take, and how far outside the audited folder they lie."""

from __future__ import annotations

import codecs
import posixpath
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.issue import Location, NotAnalysed
from seatrial.project.files import read_bytes
from seatrial.project.manifest.values import Problem

# As pip and uv recognise them; neither reads UTF-32.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COOKIE = re.compile(rb"^#.*?coding[:=]\s*([-\w.]+)")
_TOML_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Text:
    """The text of one manifest; `problems` says what an installer would not take."""

    path: str
    text: str
    encoding: str = "utf-8"
    problems: tuple[Problem, ...] = ()


def read_text(root: Path, path: str) -> Text:
    """Decode a manifest by its byte order mark or declaration, UTF-8 where it has neither.

    A text that no installer could decode is still read as well as can be, with a problem that says so; a file that
    cannot be read is empty text with a problem.
    """
    raw = read_bytes(root, path)
    if isinstance(raw, NotAnalysed):
        return Text(path, "", problems=(Problem("unreadable", raw.reason, Location(path, 1)),))
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _decoded(path, raw[len(mark) :], encoding)
    cookies = [match[1].decode() for line in raw.split(b"\n", 2)[:2] if (match := _COOKIE.match(line))]
    return _decoded(path, raw, cookies[0] if cookies else "utf-8")


def _decoded(path: str, raw: bytes, encoding: str) -> Text:
    if b"\0" in raw and encoding == "utf-8":
        likely = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
        problem = Problem("unreadable", f"{likely[:6].upper()} without a byte order mark", Location(path, 1))
        return Text(path, raw.decode(likely, "replace"), likely, (problem,))
    try:
        return Text(path, raw.decode(encoding), encoding)
    except (UnicodeError, LookupError) as error:
        line = raw.count(b"\n", 0, getattr(error, "start", 0)) + 1
        problem = Problem("unreadable", f"cannot be decoded: {error}", Location(path, line))
        return Text(path, raw.decode("latin-1"), "latin-1", (problem,))


def load_toml(text: Text) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """A TOML file as values. What is no TOML is empty, with the parser's message and line as a problem."""
    try:
        return tomllib.loads(text.text), text.problems
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.search(str(error))
        last = text.text.count("\n") + 1
        location = (
            Location(text.path, int(match[1]), int(match[2])) if match and match[1] else Location(text.path, last)
        )
        message = _TOML_PLACE.sub("", str(error))
        return {}, (*text.problems, Problem("syntax", f"not TOML: {message}", location))
    except RecursionError:
        return {}, (
            *text.problems,
            Problem("syntax", "not TOML that can be read: nested too deep", Location(text.path, 1)),
        )


def joined(folder_of: str, relative: str) -> str:
    """The path, relative to the root, of a file named in `folder_of` (a file's path) by a path relative to it."""
    path = posixpath.join(posixpath.dirname(folder_of), relative.replace("\\", "/"))
    return posixpath.normpath(path)


def is_outside(root: Path, path: str) -> bool:
    """Whether a file is none of the project's: absolute, or above the folder that `project_root` gives."""
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return True
    levels = path.split("/").count("..")
    return levels > len(_above(root))


def folders_outside(root: Path) -> tuple[str, ...]:
    """The folders above the root that may belong to the same project, nearest first: `..`, `../..`.

    Up to the checkout that holds `.git`; where there is none, two at most.
    """
    return tuple("/".join([".."] * (index + 1)) for index in range(len(_above(root))))


def _above(root: Path) -> list[Path]:
    found: list[Path] = []
    if (root / ".git").exists():
        return found
    for folder in root.parents:
        if folder in (Path.home(), Path(folder.anchor)):
            break
        found.append(folder)
        if (folder / ".git").exists():
            return found
    return found[:2]
