"""What earlier commits held: the added lines that may have a secret in them, as git itself tells them.

git is told to run nothing that the repository's own configuration names (no pager, hook, filter, signature program,
external diff), and to fetch nothing. A history that takes too long to read is said to be so.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 2.0
_COMMITS = 3000
_FLAGS = (
    [
        "-c",
        "core.fsmonitor=",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "safe.directory=*",
        "-c",
        "log.showSignature=false",
    ]
    + ["--no-pager", "--no-optional-locks", "log", "--all", f"--max-count={_COMMITS}", "--format=%x00%h", "--unified=0"]
    + ["--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-show-signature", "--patch"]
)
_HUNK = re.compile(r"@@ -\S+ \+(\d+)")


@dataclass(frozen=True, slots=True)
class Added:
    """One line that a commit added. `path` is relative to the folder that was asked about, `line` as of the commit."""

    commit: str
    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """The lines found; `problem` says why they may not be all, or none ("" when they are)."""

    lines: tuple[Added, ...] = ()
    problem: str = ""


def added_lines(root: Path, pattern: str, patience_s: float = PATIENCE_S) -> History:
    """The lines below `root`, added by any commit, that a pattern (POSIX extended) matches. Outside git: none."""
    if not _is_in_git(root):
        return History()
    command = ["git", "-C", str(root), *_FLAGS, f"-G{pattern}", "--relative", "--", "."]
    environment = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0"}
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_EXTERNAL_DIFF", "GIT_INDEX_FILE"):
        environment.pop(name, None)
    try:
        done = subprocess.run(command, capture_output=True, env=environment, timeout=patience_s, check=False)
    except FileNotFoundError:
        return History(problem="git is not installed")
    except subprocess.TimeoutExpired:
        return History(problem=f"reading it takes longer than {patience_s} s")
    if done.returncode != 0:
        return History(problem=done.stderr.decode("utf-8", "replace").strip().split("\n")[0])
    return History(_read(done.stdout.decode("utf-8", "replace"), re.compile(pattern)))


def _is_in_git(root: Path) -> bool:
    return any((folder / ".git").exists() for folder in (root, *root.parents))


def _read(text: str, pattern: re.Pattern[str]) -> tuple[Added, ...]:
    found: list[Added] = []
    commit, path, number = "", "", 0
    for line in text.split("\n"):
        if line.startswith("\0"):
            commit = line[1:]
        elif line.startswith("+++ "):
            path = line[4:].removeprefix("b/")
        elif match := _HUNK.match(line):
            number = int(match[1])
        elif line.startswith("+"):
            if pattern.search(line):
                found.append(Added(commit, path, number, line[1:]))
            number += 1
    return tuple(found)
