"""What `prepare` found, as a frozen value: how each paper stands, and the one diff that brings all into step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seatrial.artifacts.plan import Sheet, State


@dataclass(frozen=True, slots=True)
class Preparation:
    """The papers of one backend. Every path is relative to PATH.

    `patch` is the diff of all that would be written, `files` the bytes of each changed file (None: it goes away), and
    `executable` those of them that are run. `applied` are the codes of the audit's fixes that are part of it. `notes`
    say what was left out, and why.
    """

    backend: str
    sheets: tuple[Sheet, ...]
    patch: str = ""
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()
    applied: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    duration_s: float = 0.0

    @property
    def out_of_step(self) -> bool:
        """Whether anything would be written."""
        return bool(self.files)

    @property
    def yours(self) -> tuple[Sheet, ...]:
        """The papers that a person wrote or changed."""
        return tuple(sheet for sheet in self.sheets if sheet.state is State.YOURS)
