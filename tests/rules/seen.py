"""What a hazard is looked for in, and what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.rules.database import Database


@dataclass(frozen=True)
class Place:
    """A project on disk, the environment it is run in, the variables that its papers document, and its database."""

    project: Path
    environment: Path
    variables: Mapping[str, str]
    database: Database | None = None


@dataclass(frozen=True)
class Seen:
    """Whether the hazard shows, and what was looked at, for the message of a failing test."""

    hazard: bool
    evidence: str
