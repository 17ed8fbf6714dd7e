"""Paths as a program sees them that stands where the command was run: PATH as it was typed, in front of each."""

from __future__ import annotations

from pathlib import PurePosixPath

from seatrial.report.page import Page


def from_here(path: str, page: Page) -> str:
    """`src/main.py` of an audit of `backend` is `backend/src/main.py`; of one of `.` it stays what it is."""
    return (PurePosixPath(page.path.replace("\\", "/")) / path).as_posix()
