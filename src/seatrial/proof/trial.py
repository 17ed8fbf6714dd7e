"""The trial: a start as the backend stands, one more after each fix, on top of the earlier ones, until it serves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from seatrial.boot import Outcome
from seatrial.proof.scratch import Scratch
from seatrial.proof.values import Observation

Files = Mapping[str, bytes | None]  # path relative to the backend's folder -> content, None where it is to be removed
Start = Callable[[Scratch], Observation]


@dataclass(frozen=True, slots=True)
class Mend:
    """One fix: the code it mends, and a function from the files mended so far to the files it changes.

    Where several fixes touch one file, `apply` sees the earlier ones' work in the scratch copy it is handed.
    """

    code: str
    apply: Callable[[Scratch], Files]


@dataclass(frozen=True, slots=True)
class Tried:
    """One step of a trial: the fix, what it changed, and the start after it."""

    code: str
    files: Files
    observation: Observation


@dataclass(frozen=True, slots=True)
class Trial:
    """All starts of a trial. `scratch` is the copy after the last fix."""

    before: Observation
    steps: tuple[Tried, ...]
    scratch: Scratch

    @property
    def after(self) -> Observation:
        """The last start."""
        return self.steps[-1].observation if self.steps else self.before


def hold(
    scratch: Scratch,
    mends: Iterable[Mend],
    start: Start,
    tell: Callable[[str, Observation | None], None] = lambda code, observation: None,
    *,
    every: bool = True,
) -> Trial:
    """Start, mend, start again. `tell` hears of each step twice: before it (None) and after it.

    With `every` all fixes are tried, also those that come after the first start that serves; without it the trial
    ends there.
    """
    tell("", None)
    before = start(scratch)
    tell("", before)
    steps: list[Tried] = []
    for mend in mends:
        latest = steps[-1].observation if steps else before
        if not every and latest.boot.outcome is Outcome.SERVES:
            break
        tell(mend.code, None)
        files = dict(mend.apply(scratch))
        scratch = scratch.patched(files)
        observation = start(scratch) if files else latest
        tell(mend.code, observation)
        steps.append(Tried(mend.code, files, observation))
    return Trial(before, tuple(steps), scratch)


def content(scratch: Scratch, name: str) -> bytes | None:
    """What a file of the scratch copy holds now; None where it has none of this name."""
    if name in scratch.contents:
        return scratch.contents[name]
    if name in scratch.removed or name not in {*scratch.files, *scratch.large}:
        return None
    try:
        return (scratch.root / name).read_bytes()
    except OSError:
        return None
