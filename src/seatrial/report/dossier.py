"""Everything that a report is made from: the documents of the commands, the decisions, and when each was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import UsageError
from seatrial.report.saving import FOLDER

if TYPE_CHECKING:
    from seatrial.project.decisions import Decisions
    from seatrial.rules.recorded import Complaint

Document = Mapping[str, Any]

COMMANDS = ("boot", "build", "verify")
"""The commands whose results a report reads from PATH/.seatrial; that of `audit` it makes itself."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The document of one command, and the moment at which it was left."""

    document: Document
    made: datetime
    older_than_code: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """What one report tells. `sources` holds the text of the files that issues lie in, by path.

    `complaints` are what `adr check` says of the decisions. `folder` is where the report will lie, `unchanged` whether
    the backend's files are what they were before it was made; None where nobody looked.
    """

    name: str
    version: str
    made: datetime
    audit: Document
    saved: Mapping[str, Saved] = field(default_factory=dict)
    decisions: Decisions | None = None
    complaints: tuple[Complaint, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    folder: Path = field(default=Path())
    unchanged: bool | None = None

    def document(self, command: str) -> Document | None:
        """What a command left; None where it was not run."""
        saved = self.saved.get(command)
        return saved.document if saved is not None else None


def read_saved(root: Path, newest_source: float) -> dict[str, Saved]:
    """What the commands left in `root`/.seatrial. `newest_source` is when the code was last changed, in seconds.

    Raises UsageError for a file that is no document of its command.
    """
    found = {}
    for command in COMMANDS:
        path = root / FOLDER / f"{command}.json"
        try:
            changed = path.stat().st_mtime
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {path}: {error}") from None
        document = _document(path, command, text)
        found[command] = Saved(document, datetime.fromtimestamp(changed, UTC), changed < newest_source)
    return found


def _document(path: Path, command: str, text: str) -> Document:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    wanted = f"seatrial/{command}/1"
    if not isinstance(document, dict) or document.get("schema") != wanted:
        raise UsageError(
            f"{path} is not a document of {wanted}: delete it, or make it anew with `seatrial {command} --save`"
        )
    return document
