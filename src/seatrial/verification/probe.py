"""What a probe is: a frozen value with a function, in a file of its own below `probes/<group>/`.

How to write one: copy `probes/isolation/foreign_read.py`. The file's docstring is its documentation: a title, then the
sections of `SECTIONS`. `check(session)` sends what it needs through `session.send`, and returns `passed(...)`,
`failed(...)`, `unclear(...)` or `skipped(...)`; it may also raise `Unclear`, as every helper of the session does where
something that it stands on is missing. `PROBE = Probe(...)` comes last.

A pass is believed only where it shows an answer to a request that was meant to be refused (`seen`) and a control: an
answer of the same run that proves that the same request works where it should. The suite checks that both
really went over the wire during the run, and turns a pass without them into `inconclusive`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange

if TYPE_CHECKING:
    from seatrial.verification.session import Session

SECTIONS = ("What it asks", "What is right", "Why it matters", "How to mend it", "Reference")


class Verdict(StrEnum):
    """What a probe found."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


class Need(StrEnum):
    """What a probe stands on. Where it is missing the probe is skipped, with the sentence of `settle`."""

    USER = "user"  # one identity that the server accepts
    TWO_USERS = "two users"
    THING = "thing"  # a resource whose objects users can create and read
    PRIVATE = "private"  # a resource that is not for everybody to read
    TOKEN = "token"  # the identities carry JSON Web Tokens
    SECRET = "secret"  # the key that signs the tokens
    FRONTEND = "frontend"
    REMOTE = "remote"  # the server is not on this machine
    HTTPS = "https"
    LOGIN = "login"  # an operation that takes a password
    HEALTH = "health"  # an endpoint that tells the service's health
    HOOK = "hook"  # commands that take the database away and bring it back
    BROWSER = "browser"


class Unclear(Exception):
    """Something that a probe stands on is missing. `settle` says what would settle it."""

    def __init__(self, reason: str, settle: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.settle = settle


@dataclass(frozen=True, slots=True)
class Finding:
    """What `check` returns. Made by `passed`, `failed`, `unclear` and `skipped`.

    `seen` are the exchanges that show it, `control` those that prove that a refusal was not an accident.
    `root` names the flaw where several probes can trip over the same one: it is reported once. `severity`,
    `cause` and `fix` replace the probe's own. `facts` are lines to print beside the reason (a score, a measurement).
    """

    verdict: Verdict
    reason: str
    seen: tuple[Exchange, ...] = ()
    control: tuple[Exchange, ...] = ()
    root: str = ""
    severity: Severity | None = None
    cause: str = ""
    fix: str = ""
    settle: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question to a live service.

    `id` is `<group>.<what>`, in kebab case. `name` says in a few words what holds when it passes. `reference` names
    the standards (`OWASP API1:2023, CWE-639`). `cause` and `fix` are what to tell when it fails. `requests` is the
    most that it may send; `extra` is what it may send beyond the budget of the run. `rank` orders the run: 0 is
    asked first, 9 last. `writes` says that it sends something that changes data.
    """

    id: str
    name: str
    check: Callable[[Session], Finding]
    severity: Severity
    reference: str
    requirements: tuple[str, ...]
    requests: int
    cause: str
    fix: str
    needs: tuple[Need, ...] = ()
    rank: int = 5
    extra: int = 0
    writes: bool = False
    core: bool = False

    @property
    def group(self) -> str:
        """The folder that the probe's file lies in."""
        return self.check.__module__.split(".")[-2]

    @property
    def documentation(self) -> str:
        """The docstring of the probe's file: a title, then the sections of `SECTIONS`."""
        return sys.modules[self.check.__module__].__doc__ or ""


def passed(
    reason: str, *seen: Exchange, control: tuple[Exchange, ...] | Exchange, facts: tuple[str, ...] = ()
) -> Finding:
    """It holds: `seen` shows the refusals, `control` that the same request works where it should.

    Where a probe reads what any request shows (a header, a schema), the reading itself is the control.
    """
    proof = (control,) if isinstance(control, Exchange) else control
    return Finding(Verdict.PASS, reason, seen, proof, facts=facts)


def failed(
    reason: str,
    *seen: Exchange,
    root: str = "",
    severity: Severity | None = None,
    cause: str = "",
    fix: str = "",
    facts: tuple[str, ...] = (),
) -> Finding:
    """It does not hold: `seen` shows it."""
    return Finding(Verdict.FAIL, reason, seen, (), root, severity, cause, fix, facts=facts)


def unclear(reason: str, *seen: Exchange, settle: str, facts: tuple[str, ...] = ()) -> Finding:
    """It cannot be told; `settle` says what would settle it."""
    return Finding(Verdict.INCONCLUSIVE, reason, seen, settle=settle, facts=facts)


def skipped(reason: str, settle: str = "") -> Finding:
    """It was not tried."""
    return Finding(Verdict.SKIPPED, reason, settle=settle)
