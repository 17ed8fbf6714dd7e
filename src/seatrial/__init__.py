"""Takes a FastAPI backend from "it doesn't start" to "verified in production".

The public names are loaded when they are first asked for, so that `import seatrial` stays cheap. What `seatrial boot`
does on the command line is `trial` here, because `seatrial.boot` is the module of the value it returns.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seatrial.boot import Boot, Failure, Frame, Outcome
    from seatrial.errors import UsageError
    from seatrial.issue import Issue, Location, Severity, Stage
    from seatrial.options import AuditOptions, BootOptions, BuildOptions, PrepareOptions, VerifyOptions
    from seatrial.pipeline import audit, audit_all, build, prepare, verify, write_papers
    from seatrial.pipeline import boot as trial
    from seatrial.report.preparation import Preparation
    from seatrial.report.results import Audit, Build, Entry, Trial
    from seatrial.verification.results import Verification

__version__ = "0.1.0"

__all__ = [
    "Audit",
    "AuditOptions",
    "Boot",
    "BootOptions",
    "Build",
    "BuildOptions",
    "Entry",
    "Failure",
    "Frame",
    "Issue",
    "Location",
    "Outcome",
    "Preparation",
    "PrepareOptions",
    "Severity",
    "Stage",
    "Trial",
    "UsageError",
    "Verification",
    "VerifyOptions",
    "__version__",
    "audit",
    "audit_all",
    "build",
    "prepare",
    "trial",
    "verify",
    "write_papers",
]

_HOMES = {
    "seatrial.boot": ("Boot", "Failure", "Frame", "Outcome"),
    "seatrial.errors": ("UsageError",),
    "seatrial.issue": ("Issue", "Location", "Severity", "Stage"),
    "seatrial.options": ("AuditOptions", "BootOptions", "BuildOptions", "PrepareOptions", "VerifyOptions"),
    "seatrial.pipeline": ("audit", "audit_all", "build", "prepare", "verify", "write_papers"),
    "seatrial.report.preparation": ("Preparation",),
    "seatrial.report.results": ("Audit", "Build", "Entry", "Trial"),
    "seatrial.verification.results": ("Verification",),
}


def __getattr__(name: str) -> object:
    """Load a public name from the module it lives in."""
    if name == "trial":
        return import_module("seatrial.pipeline").boot
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(__all__)
