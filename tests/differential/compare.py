"""Whether a predicted and an observed boot say the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seatrial.boot import Boot, Failure, Frame, Outcome


@dataclass(frozen=True, slots=True)
class Agreement:
    """Outcome, stage, exception, message and failing frame are the same."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`field` is the first of outcome, stage, exception, message and frame that differs."""

    field: str
    predicted: Boot
    observed: Boot

    @property
    def cause(self) -> str:
        """What groups disagreements that look alike: the field and both sides without their particulars."""
        return f"{self.field}: predicted {_gist(self.predicted)}, observed {_gist(self.observed)}"

    def resembles(self, other: Disagreement) -> bool:
        """Whether it may well be the same fault: what should not be predicted, or what is not seen, is the same."""
        if self.field != other.field and "frame" in (self.field, other.field):
            return False
        mine, theirs = (_gist(self.predicted), _gist(self.observed)), (_gist(other.predicted), _gist(other.observed))
        fails = (self.predicted.failure is not None, self.observed.failure is not None)
        return any(failing and a == b for failing, a, b in zip(fails, mine, theirs, strict=True))

    @property
    def root(self) -> str:
        """What is wrong first: the failure that does not happen, or else the one that is not seen."""
        wrong = self.predicted if self.predicted.failure is not None else self.observed
        return f"{self.field == 'frame'} {self.field == 'message'} {_gist(wrong)}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """The prediction does not commit itself, or CPython gave no answer in time."""

    reason: str


Verdict = Agreement | Disagreement | Unknown


def compare(predicted: Boot, observed: Boot) -> Verdict:
    """Judge a prediction by what CPython did."""
    if observed.outcome is Outcome.UNKNOWN:
        return Unknown(f"CPython: {observed.reason}")
    if predicted.outcome is Outcome.UNKNOWN:
        return Unknown(predicted.reason)
    field = _first_difference(predicted, observed)
    return Disagreement(field, predicted, observed) if field else Agreement()


def _first_difference(predicted: Boot, observed: Boot) -> str:
    if predicted.outcome is not observed.outcome:
        return "outcome"
    ours, theirs = predicted.failure, observed.failure
    if ours is None or theirs is None:
        return "" if ours is theirs else "outcome"
    if ours.stage is not theirs.stage:
        return "stage"
    if ours.exception != theirs.exception:
        return "exception"
    if _plain(ours.message) != _plain(theirs.message):
        return "message"
    return "frame" if _place(ours) != _place(theirs) else ""


def _plain(message: str) -> str:
    """A message without what nobody can predict (addresses), and without uvicorn's log prefix."""
    return re.sub(r"0x[0-9a-f]+", "0x...", message.removeprefix("Error loading ASGI app. "))


def _place(failure: Failure) -> tuple[str, int] | None:
    last: Frame | None = failure.frames[-1] if failure.frames else None
    return (last.path, last.line) if last else None


def _gist(boot: Boot) -> str:
    if boot.failure is None:
        return boot.outcome.value
    message = re.sub(r"'[^']*'|\"[^\"]*\"|\([^)]*\.py[^)]*\)|\d+", "_", boot.failure.message)
    name = re.sub(r"^.*\.(?=\w+$)", "", boot.failure.exception)
    return f"{boot.failure.stage.value} {name}: {message[:120]}"
