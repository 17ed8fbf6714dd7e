"""The words of verdicts, each with its tone, the same in every chapter."""

from __future__ import annotations

from seatrial.report.blocks import Mark, Tone

_TONES: dict[str, Tone] = {
    "serves": "good",
    "holds": "good",
    "pass": "good",
    "passed": "good",
    "ok": "good",
    "fails": "bad",
    "fail": "bad",
    "failed": "bad",
    "unknown": "warn",
    "cannot tell": "warn",
    "inconclusive": "warn",
    "skipped": "info",
}


def verdict_mark(verdict: str) -> Mark:
    """A verdict as any command words it."""
    return Mark(verdict, _TONES.get(verdict, "plain"))
