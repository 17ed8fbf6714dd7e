"""What makes an issue the same one tomorrow: its rule, its file and the text of its line, wherever that has moved to.

Where several issues have all of these in common, they are told apart by their order in the file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from seatrial.issue import Issue
from seatrial.report.results import Entry

KEY = "seatrial/v1"


def fingerprints(entries: Sequence[Entry], sources: Mapping[str, str]) -> dict[int, str]:
    """The fingerprint of each entry, by its place in the sequence: 32 hexadecimal digits."""
    met: Counter[tuple[str, str, str]] = Counter()
    found: dict[int, str] = {}
    for index in sorted(range(len(entries)), key=lambda it: _place(entries[it].issue)):
        essence = _essence(entries[index].issue, sources)
        whole = "\0".join((*essence, str(met[essence]))).encode("utf-8", "surrogateescape")
        found[index] = hashlib.sha256(whole).hexdigest()[:32]
        met[essence] += 1
    return found


def _place(issue: Issue) -> tuple[str, int, int, str]:
    return issue.location.path, issue.location.line, issue.location.column, issue.problem


def _essence(issue: Issue, sources: Mapping[str, str]) -> tuple[str, str, str]:
    lines = sources.get(issue.location.path, "").splitlines()
    line = lines[issue.location.line - 1] if issue.location.line <= len(lines) else ""
    return issue.code, issue.location.path, "".join(line.split())
