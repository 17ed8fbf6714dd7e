"""How far a start got and why it stopped: one type, whether predicted by the simulation or observed by proof."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seatrial.issue import Stage


class Outcome(StrEnum):
    """Whether a server started from this folder would serve."""

    SERVES = "serves"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of the backend on the stack. `path` is relative to the audited PATH, with forward slashes."""

    path: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that reached the server.

    `exception` is spelt as a traceback spells it (`ModuleNotFoundError`,
    `pydantic_core._pydantic_core.ValidationError`). `message` is `str(exception)` as CPython
    makes it when started in the audited PATH. `frames` are the backend's own, outermost first;
    the last of them is the failing frame. A SyntaxError's failing frame is the broken line itself.
    """

    stage: Stage
    exception: str
    message: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Boot:
    """The outcome of one start, with its earliest failure where there is one.

    `reason` says why the outcome is `unknown`, and is empty otherwise.
    """

    outcome: Outcome
    failure: Failure | None = None
    reason: str = ""
