"""Says on a terminal what a long command is doing, in one line that is gone when it is done."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO

from seatrial.report.page import clean

_WIDTH = 72  # columns; a line that wraps could not be taken back


@dataclass(frozen=True, slots=True)
class Line:
    """A `seatrial.progress.Progress` that writes on a terminal and leaves nothing behind."""

    stream: TextIO

    def step(self, text: str) -> None:
        """Show `text` in the place of what was shown before."""
        self.stream.write(f"\r\x1b[2K{clean(text)[:_WIDTH]} ...")
        self.stream.flush()

    def done(self) -> None:
        """Take the line back."""
        self.stream.write("\r\x1b[2K")
        self.stream.flush()


def shows(stream: TextIO) -> bool:
    """Whether a passing line can be shown on `stream`: it is a terminal that understands being told."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"
