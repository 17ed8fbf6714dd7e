"""How a long command says what it is doing, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Somebody who wants to know what is going on."""

    def step(self, text: str) -> None:
        """Say what is being done from now on, as a short phrase: `reading 42 files`."""


class Silence:
    """Nobody listens."""

    def step(self, text: str) -> None:
        """Forget it."""


SILENT: Progress = Silence()
