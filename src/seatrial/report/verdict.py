"""Whether the server starts, in the words of a text report: the one thing to know first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.boot import Boot, Failure, Outcome
from seatrial.issue import Stage
from seatrial.report.page import Page, clean

if TYPE_CHECKING:
    from seatrial.report.results import LaunchTarget

STOPS = {
    Stage.INSTALL: "its packages cannot be installed",
    Stage.IMPORT: "it stops while it is imported",
    Stage.STARTUP: "it stops in its startup",
    Stage.REQUEST: "it fails at its first request",
    Stage.PRODUCTION: "it fails in production",
}
_FRAMES = 4  # of a deep stack, the innermost ones


def predicted(boot: Boot, target: LaunchTarget | None, page: Page) -> list[str]:
    """What would happen when the server is started, with the place of the failure."""
    return _said(boot, f"{_name(target)} would not start", f"{_name(target)} would start and serve", page)


def observed(boot: Boot, target: LaunchTarget | None, page: Page) -> list[str]:
    """What did happen when the server was started, with the place of the failure."""
    return _said(boot, f"{_name(target)} does not start", f"{_name(target)} starts and serves", page)


def _name(target: LaunchTarget | None) -> str:
    return clean(target.value) if target else "The server"


def _said(boot: Boot, fails: str, serves: str, page: Page) -> list[str]:
    if boot.outcome is Outcome.SERVES:
        return [page.paint(f"{serves}.", "bold green")]
    if boot.failure:
        return [page.paint(f"{fails}: {STOPS[boot.failure.stage]}.", "bold red"), *failure(boot.failure, page)]
    if boot.outcome is Outcome.FAILS:
        return [page.paint(f"{fails}.", "bold red")]
    return [
        page.paint(line, "bold yellow") for line in page.prose(f"It cannot be told whether {serves}: {boot.reason}")
    ]


def failure(stop: Failure, page: Page, indent: str = "  ") -> list[str]:
    """An exception and the backend's own frames that led to it, innermost first."""
    lines = page.prose(f"{stop.exception}: {stop.message}" if stop.message else stop.exception, indent)
    for frame in reversed(stop.frames[-_FRAMES:]):
        where = f"{clean(frame.path)}:{frame.line}"
        inside = "" if frame.function in ("", "<module>") else f" in {clean(frame.function)}"
        innermost = frame is stop.frames[-1]
        lines.append(
            page.paint(f"{indent}{'at' if innermost else 'from'} {where}{inside}", "bold" if innermost else "dim")
        )
    if len(stop.frames) > _FRAMES:
        lines.append(page.paint(f"{indent}and {len(stop.frames) - _FRAMES} more frames", "dim"))
    return lines
