"""`seatrial verify`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.commands.console import page_of, progress, show
from seatrial.commands.exits import CLEAN, INTERRUPTED, ISSUES, LEFT, UNJUDGED
from seatrial.commands.start import SEVERITIES, codes_of, seconds
from seatrial.errors import UsageError
from seatrial.report import formats

if TYPE_CHECKING:
    from seatrial.options import VerifyOptions
    from seatrial.progress import Progress
    from seatrial.verification.results import Result, Verification
    from seatrial.verification.run import Ears

HELP = "try a live URL with two users: isolation, tokens, CORS, health, exposure"
DESCRIPTION = (
    "Tries a live URL from outside with two users, proves what it says, and removes what it made. Credentials come "
    "from the environment: SEATRIAL_USER_A and _B (email:password), SEATRIAL_TOKEN_A and _B, SEATRIAL_JWT_SECRET; "
    "without any it makes two accounts and deletes them. In a job of GitHub Actions the job's summary tells the result."
)


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add = command.add_argument
    add("url", nargs="?", metavar="URL", help="where the service answers")
    add("--frontend", type=_origin, metavar="ORIGIN", help="the front end, such as https://app.example.com")
    add("--openapi", type=Path, metavar="FILE", help="the schema, where the service does not show it")
    add("--app", metavar="MODULE:APP", help="ask the application itself for its schema, in a child process")
    add("--project", type=Path, metavar="PATH", help="the folder of its source: for --app, or to read its routes")
    add("--python", metavar="PYTHON", help="the interpreter that imports --app (default: this one)")
    add("--auth", type=Path, metavar="FILE", help="verify.toml or an authentication file of Web Fuzzing Commons")
    add("--plan", action="store_true", help="print what would be asked, and send nothing")
    add("--wait", type=seconds, default=0.0, metavar="SECONDS", help="wait for a fresh deployment to be well")
    add("--yes", action="store_true", help="write to a URL beyond this machine without asking")
    add("--db-down", metavar="CMD", help="a command that takes the database away (staging only)")
    add("--db-up", metavar="CMD", help="a command that brings it back")
    add("--browser", action="store_true", help="let a real Chromium call it, from the front end and from an evil page")
    add("--load", type=_load, metavar="USERS:SECONDS", help="measure it under so many users, afterwards")
    add("--budget", type=_number, default=160, metavar="REQUESTS", help="the most it may send (default: 160)")
    add("--seconds", type=seconds, default=60.0, metavar="SECONDS", help="the time it may take (default: 60)")
    add("--select", action="append", default=[], metavar="IDS", help="ask these probes or groups only")
    add("--ignore", action="append", default=[], metavar="IDS", help="leave out these probes or groups")
    add("--require", metavar="GROUPS", help="exit with 3 where one is not judged (default: health,jwt,isolation,cors)")
    add(
        "--fail-level",
        choices=SEVERITIES,
        metavar="SEVERITY",
        help="mildest severity to exit with 1 for (default: error)",
    )
    add("--allow-leftover-accounts", action="store_true", help="sign up even where no account can be deleted")
    add("--journal", type=Path, metavar="FOLDER", help="where to keep the journal (default: the user's own folder)")
    add("--cleanup", type=Path, metavar="JOURNAL", help="remove what an interrupted run left, and do nothing else")
    add("--format", choices=formats.names("verifications"), default="text", help="how to print (default: text)")
    add(
        "--save",
        action="store_true",
        help="leave the result in .seatrial of --project, or of this folder, for the report",
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    if arguments.cleanup:
        return _clean_up(arguments)
    if not arguments.url:
        raise UsageError("which URL? seatrial verify URL --frontend ORIGIN")
    return _plan(arguments) if arguments.plan else _verify(arguments)


def _verify(arguments: argparse.Namespace) -> int:
    from seatrial import pipeline
    from seatrial.report.saving import save

    options = _options(arguments)
    _ask(arguments)
    with progress() as line:
        result = pipeline.verify(arguments.url, options, ears(line))
    if arguments.save:
        save(arguments.project or Path(), "verify", formats.verification("json", result, page_of()))
    _summarise(result)
    show(formats.verification(arguments.format, result, page_of()))
    return _code(result)


def _summarise(result: Verification) -> None:
    """In a job of GitHub Actions, leave the result in the job's summary as well."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(formats.verification("markdown", result, page_of()))


def _code(result: Verification) -> int:
    if result.journal:
        return LEFT
    if result.interrupted:
        return INTERRUPTED
    return ISSUES if result.failed else UNJUDGED if result.unjudged else CLEAN


def _plan(arguments: argparse.Namespace) -> int:
    from seatrial import pipeline
    from seatrial.report.formats.verifications import text

    show(text.plan(pipeline.plan(arguments.url, _options(arguments)), page_of()))
    return CLEAN


def _clean_up(arguments: argparse.Namespace) -> int:
    from seatrial import pipeline
    from seatrial.report.formats.verifications import text

    result = pipeline.clean_up(arguments.cleanup, _options(arguments), arguments.url or "")
    show(text.recovery(result, page_of()))
    return LEFT if result.left else CLEAN


def _options(arguments: argparse.Namespace) -> VerifyOptions:
    from seatrial.issue import Severity
    from seatrial.options import REQUIRED, VerifyOptions

    if bool(arguments.db_down) != bool(arguments.db_up) and not arguments.cleanup:
        raise UsageError("--db-down and --db-up go together")
    names = {"tokens": "jwt"}
    required = (
        tuple(names.get(it, it) for it in codes_of([arguments.require])) if arguments.require is not None else REQUIRED
    )
    return VerifyOptions(
        frontend=arguments.frontend,
        openapi=arguments.openapi,
        app=arguments.app,
        project=arguments.project,
        python=arguments.python,
        auth=arguments.auth,
        credentials=tuple((name, value) for name, value in os.environ.items() if name.startswith("SEATRIAL_")),
        db_down=arguments.db_down,
        db_up=arguments.db_up,
        browser=arguments.browser,
        load=arguments.load,
        wait_s=arguments.wait,
        budget=arguments.budget,
        seconds=arguments.seconds,
        allow_leftover=arguments.allow_leftover_accounts,
        select=codes_of(arguments.select),
        ignore=codes_of(arguments.ignore),
        require=required,
        fail_level=Severity(arguments.fail_level) if arguments.fail_level else None,
        journals=arguments.journal,
    )


def _ask(arguments: argparse.Namespace) -> None:
    """A service beyond this machine is written to by consent only. Raises UsageError."""
    from seatrial.verification.run import origin_at
    from seatrial.verification.session import is_local

    if arguments.yes or is_local(origin_at(arguments.url)):
        return
    question = f"This signs up two users at {arguments.url}, makes a few objects, and deletes them all. Go on? [y/N] "
    if not sys.stdin.isatty():
        raise UsageError("this writes to a URL beyond this machine: --yes says that it may (--plan says what it asks)")
    sys.stderr.write(question)
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was sent")


def ears(line: Progress) -> Ears:
    """Hears of each probe as it ends, and tells it on the passing line."""
    from seatrial.verification.run import Ears

    told = 0

    def watch(result: Result) -> None:
        nonlocal told
        told += 1
        line.step(f"{told} asked; {result.verdict.value}: {result.probe.id}")

    return Ears(line, watch)


def _origin(text: str) -> str:
    from seatrial.verification.client import origin_of

    try:
        return origin_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no origin; write it as https://app.example.com") from None


def _load(text: str) -> tuple[int, float]:
    users, _, duration = text.partition(":")
    if not users.isdigit() or not int(users):
        raise argparse.ArgumentTypeError(f"{text!r} is not USERS:SECONDS, such as 50:30")
    return int(users), seconds(duration)


def _number(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)
