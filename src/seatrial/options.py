"""What a person asks of a command: frozen values, the same for the command line and for the Python API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from seatrial.issue import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """Under which circumstances the backend is started, in thought (`audit`) or for real (`boot`).

    `python` is a path or a version such as `3.12`; None takes the backend's own. `target` replaces the launch
    target that the backend's files name. `as_of` limits resolved releases to those of that day. `env_file` and
    `env` change the documented environment, the later value winning; `bare` starts with nothing set instead.
    """

    python: str | None = None
    target: str | None = None
    offline: bool = False
    as_of: date | None = None
    env_file: Path | None = None
    env: tuple[tuple[str, str], ...] = ()
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions(StartOptions):
    """What `audit` judges. `select` and `ignore` hold rule codes or their beginnings; an empty `select` is all of them.

    `fail_level` is the mildest severity that makes the command exit with 1. `severities` are pairs of a rule
    code and the severity that its issues get, None to drop them. What is not set here is as the backend's
    own configuration has it; a `fail_level` that nobody sets is `error`.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_level: Severity | None = None
    severities: tuple[tuple[str, Severity | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BootOptions(StartOptions):
    """How `boot` waits: `timeout_s` is the time in seconds that one start may take until it answers."""

    timeout_s: float = 60.0


REQUIRED = ("health", "jwt", "isolation", "cors")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """What `verify` tries at a live URL, and with what.

    `frontend` is the origin of the front end. The operations come from the live schema, else from `openapi` (a file),
    `app` (`module:app`, exported by a child process in `project`), or `project` (its source). `credentials` are
    environment variables such as `SEATRIAL_USER_A`; `auth` is a file with more. `budget` is the number of requests,
    `seconds` the time of a run; `wait_s` the time that a fresh deployment may take first. `db_down` and `db_up` are
    shell commands. `select` and `ignore` hold ids of probes or names of groups. `require` names the groups that have
    to be judged. `journals` is the folder for the journal; None for the user's own.
    """

    frontend: str | None = None
    openapi: Path | None = None
    app: str | None = None
    project: Path | None = None
    python: str | None = None
    auth: Path | None = None
    credentials: tuple[tuple[str, str], ...] = ()
    db_down: str | None = None
    db_up: str | None = None
    browser: bool = False
    load: tuple[int, float] | None = None
    wait_s: float = 0.0
    budget: int = 160
    seconds: float = 60.0
    allow_leftover: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    require: tuple[str, ...] = REQUIRED
    fail_level: Severity | None = None
    journals: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions(StartOptions):
    """What `build` does besides the clean room, and under which limits.

    `timeout_s` is for one start, in seconds. `platform` is `railway` or "". `repeat` is how often to build anew.
    `memory` is in bytes and `cpus` in processors; None leaves them alone.
    """

    timeout_s: float = 60.0
    docker: bool = False
    compose: bool = False
    platform: str = ""
    fix: bool = False
    repeat: int = 1
    memory: int | None = None
    cpus: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareOptions(StartOptions):
    """Which papers `prepare` is about. `purposes` empty is all of them.

    `replace` takes in papers that a person wrote or changed, `with_fixes` the fixes of the audit that are safe.
    `today` is the day that decision records bear; None is the day of the run.
    """

    purposes: tuple[str, ...] = ()
    replace: bool = False
    with_fixes: bool = False
    today: date | None = None
