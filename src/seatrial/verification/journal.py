"""What a run makes, written down before it is made: whatever happens, it can be found again and removed.

One JSON object a line, in a file that only its owner can read, since it holds the passwords of the accounts that
the run made. It never holds credentials that a person gave.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.errors import UsageError
from seatrial.verification.seal import home, is_sealed, seal

SCHEMA = "seatrial/journal/1"


@dataclass(frozen=True, slots=True)
class Journal:
    """The file of one run; it is there as long as something may be left behind."""

    path: Path

    def write(self, event: str, **facts: object) -> None:
        """Add one line, and see it on the disk before anything else happens. Raises UsageError."""
        line = json.dumps({"event": event, **facts}) + "\n"
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, line.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise UsageError(f"cannot write the journal {self.path}: {error.strerror or error}") from None

    def remove(self) -> None:
        """Nothing is left behind: the journal has nothing more to tell."""
        self.path.unlink(missing_ok=True)


def begin(run: str, origin: str, folder: Path | None) -> Journal:
    """The journal of a new run. `folder` is where to keep it; None for a folder of this user's own."""
    place = folder or home()
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"cannot make the folder {place} for the journal: {error.strerror or error}") from None
    journal = Journal(place / f"verify-{run}.jsonl")
    journal.write("begin", schema=SCHEMA, run=run, origin=origin, seal=seal("begin", run, origin))
    return journal


def read(path: Path) -> list[Mapping[str, Any]]:
    """The lines of a journal, in order; a last line that was cut off is left out. Raises UsageError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read the journal {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no journal of seatrial verify: it is not text") from None
    lines = [line for line in map(_line, text.splitlines()) if line is not None]
    first = lines[0] if lines else {}
    if first.get("schema") != SCHEMA or not {"run", "origin"} <= first.keys():
        raise UsageError(f"{path} is no journal of seatrial verify")
    return lines


def is_ours(lines: list[Mapping[str, Any]]) -> bool:
    """Whether this user began the journal, on this machine, with a run against the server that it names."""
    first = lines[0]
    return is_sealed(first.get("seal"), "begin", str(first["run"]), str(first["origin"]))


def _line(text: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "event" in value else None
