"""Gathers what a report is made from: the audit just made, what the other commands left, the decision records."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial import __version__
from seatrial.report.dossier import Dossier, Saved, read_saved
from seatrial.report.json import audit_document

if TYPE_CHECKING:
    from seatrial.project.decisions import Decisions
    from seatrial.project.files import Tree
    from seatrial.report.results import Audit


def dossier_of(audit: Audit, path: str) -> Dossier:
    """What there is to tell of one audit alone. `path` is PATH as it was typed."""
    name = posixpath.normpath(posixpath.join(Path(path).resolve().name or "backend", audit.backend))
    return Dossier(name, __version__, datetime.now(UTC), audit_document(audit), sources=audit.sources)


def dossier_with(audit: Audit, path: str, documents: Mapping[str, str], decisions: Decisions | None = None) -> Dossier:
    """What there is to tell of one audit and of what other commands just gave as JSON, by command, without any file."""
    now = datetime.now(UTC)
    saved = {command: Saved(json.loads(text), now) for command, text in documents.items()}
    return replace(dossier_of(audit, path), saved=saved, decisions=decisions)


def states(tree: Tree) -> dict[str, tuple[int, int, int]]:
    """What changes when a file is written, of each file: its time in nanoseconds, its size in bytes, its inode."""
    found = {}
    for path in tree.files:
        with suppress(OSError):
            status = (tree.root / path).stat()
            found[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def gather(
    audit: Audit, tree: Tree, decisions: Decisions, folder: Path, before: Mapping[str, tuple[int, int, int]]
) -> Dossier:
    """What there is to tell of one backend, with the documents in its `.seatrial`; `folder` is where it is written.

    `before` are the states of its files before the audit. Raises UsageError for a file there that is no document of
    its command.
    """
    now = states(tree)
    newest = max((state[0] for state in now.values()), default=0) / 1e9
    saved = read_saved(tree.root, newest)
    alone = dossier_of(audit, str(tree.root))
    return replace(alone, saved=saved, decisions=decisions, folder=folder, unchanged=now == before)
