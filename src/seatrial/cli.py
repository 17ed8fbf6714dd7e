"""argv -> one function of the pipeline -> report -> exit code. No logic."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypedDict

from seatrial import __version__
from seatrial.errors import UsageError
from seatrial.report import formats

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from seatrial.progress import Progress
    from seatrial.report.page import Page

CLEAN, ISSUES, USAGE, UNJUDGED, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 130, 143
_SEVERITIES = ("blocker", "error", "warning", "note")  # as seatrial.issue has them, without loading it for --help


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; whatever happens, a person reads a sentence and no traceback."""
    command = "seatrial"
    with suppress(ValueError):  # not in the main thread: whoever owns that decides
        signal.signal(signal.SIGTERM, _terminate)
    try:
        parsed = parser().parse_args(arguments)
        command = f"seatrial {parsed.command}"
        run: Callable[[argparse.Namespace], int] = parsed.run
        return run(parsed)
    except UsageError as error:
        return _fail(f"seatrial: {error}", USAGE)
    except KeyboardInterrupt:
        return _fail("seatrial: interrupted", INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, and the traceback when they ask for it
        return _crash(command, error)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(
        prog="seatrial", description="Takes a FastAPI backend from a folder to a server that is seen to serve."
    )
    top.add_argument("--version", action="version", version=f"seatrial {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    _add_audit(commands.add_parser("audit", help="list what stops the server or will break it, with an exact patch"))
    _add_boot(commands.add_parser("boot", help="start the backend in a scratch copy and prove that the patch mends it"))
    _add_demo(commands.add_parser("demo", help="audit and mend a bundled backend that does not start"))
    _add_explain(commands.add_parser("explain", help="print the documentation of one rule"))
    _add_rules(commands.add_parser("rules", help="list the rules"))
    return top


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one sentence, like every other mistake."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options, allow_abbrev=False)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


def _add_audit(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Reads the source of a FastAPI backend, runs none of it, and lists what is wrong, worst first."
    )
    command.set_defaults(run=_audit)
    _add_common(command)
    command.add_argument("--format", choices=formats.AUDIT, default="text", help="how to print (default: text)")
    command.add_argument("--patch", metavar="FILE", help="write the fixes to FILE, as a diff that git apply takes")
    command.add_argument(
        "--fail-level",
        choices=_SEVERITIES,
        metavar="SEVERITY",
        help="mildest severity to exit with 1 for (default: error)",
    )
    command.add_argument("--select", action="append", default=[], metavar="CODES", help="judge by these rules only")
    command.add_argument("--ignore", action="append", default=[], metavar="CODES", help="leave out these rules")
    command.add_argument("--all", action="store_true", help="audit each backend of the folder")


def _add_boot(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Starts the backend for real in a scratch copy, before and after each fix of the audit, until it serves."
    )
    command.set_defaults(run=_boot)
    _add_common(command)
    command.add_argument("--format", choices=formats.TRIAL, default="text", help="how to print (default: text)")
    command.add_argument("--patch", metavar="FILE", help="write the fixes that were applied to FILE")
    command.add_argument(
        "--timeout", type=_seconds, default=60.0, metavar="SECONDS", help="for one start (default: 60)"
    )


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Audits a bundled backend with several faults that hide one another, applies the fixes in a scratch copy one "
        "after another, and starts the server after each, until it answers."
    )
    command.set_defaults(run=_demo)


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", nargs="?", default=".", metavar="PATH", help="the folder (default: this one)")
    command.add_argument("--target", metavar="MODULE:APP", help="what starts the server, if its files do not say")
    command.add_argument("--python", metavar="PYTHON", help="version or path of the Python it runs on")
    command.add_argument("--offline", action="store_true", help="do not ask the package index")
    command.add_argument("--as-of", type=_day, metavar="DATE", help="with the releases of that day, as 2026-11-21")
    command.add_argument("--env-file", metavar="FILE", help="set the variables of FILE as well")
    command.add_argument(
        "--env",
        action="append",
        type=_variable,
        default=[],
        metavar="NAME=VALUE",
        help="set one more variable; `none` sets none at all",
    )
    command.add_argument("--save", action="store_true", help="leave the result in PATH/.seatrial for the report")


def _add_explain(command: argparse.ArgumentParser) -> None:
    command.description = "Prints what a rule finds, why it bites, what it leaves alone and how safe its fix is."
    command.set_defaults(run=_explain)
    command.add_argument("code", metavar="CODE", help="code or name of a rule")


def _add_rules(command: argparse.ArgumentParser) -> None:
    command.description = "Lists every rule with its code, name and summary."
    command.set_defaults(run=_rules)


def _audit(arguments: argparse.Namespace) -> int:
    from seatrial import pipeline
    from seatrial.issue import Severity
    from seatrial.options import AuditOptions

    level = Severity(arguments.fail_level) if arguments.fail_level else None
    select, ignore = _codes(arguments.select), _codes(arguments.ignore)
    options = AuditOptions(select=select, ignore=ignore, fail_level=level, **_start(arguments))
    with _progress() as progress:
        if arguments.all:
            results = pipeline.audit_all(Path(arguments.path), options, progress)
        else:
            results = (pipeline.audit(Path(arguments.path), options, progress),)
    page = _page(arguments.path)
    _keep(arguments, "audit", lambda: formats.audit("json", results, page, arguments.all))
    _patch(arguments, "".join(it.patch for it in results))
    _print(formats.audit(arguments.format, results, page, arguments.all))
    return ISSUES if any(it.failed for it in results) else CLEAN


def _boot(arguments: argparse.Namespace) -> int:
    from seatrial import pipeline
    from seatrial.boot import Outcome
    from seatrial.options import BootOptions

    options = BootOptions(timeout_s=arguments.timeout, **_start(arguments))
    with _progress() as progress:
        result = pipeline.boot(Path(arguments.path), options, progress)
    page = _page(arguments.path)
    _keep(arguments, "boot", lambda: formats.trial("json", result, page))
    _patch(arguments, result.patch)
    _print(formats.trial(arguments.format, result, page))
    return {Outcome.SERVES: CLEAN, Outcome.FAILS: ISSUES, Outcome.UNKNOWN: UNJUDGED}[result.before.outcome]


def _demo(_arguments: argparse.Namespace) -> int:
    from seatrial import pipeline
    from seatrial.boot import Outcome
    from seatrial.options import AuditOptions, BootOptions

    place = pipeline.demo_backend()
    page = _page(str(place))
    with _progress() as progress:
        results = (pipeline.audit(place, AuditOptions(), progress),)
    _print(formats.audit("text", results, page, False))
    with _progress() as progress:
        trial = pipeline.boot(place, BootOptions(), progress)
    _print("\n" + formats.trial("text", trial, page))
    return CLEAN if trial.after.outcome is Outcome.SERVES else ISSUES


def _explain(arguments: argparse.Namespace) -> int:
    from seatrial.report import manual
    from seatrial.rules.registry import find_rule

    rule = find_rule(arguments.code)
    if rule is None:
        raise UsageError(f"there is no rule {arguments.code!r}; `seatrial rules` lists them all")
    _print(manual.explain(rule, _page()))
    return CLEAN


def _rules(_arguments: argparse.Namespace) -> int:
    from seatrial.report import manual
    from seatrial.rules.registry import all_rules

    _print(manual.rules(all_rules(), _page()))
    return CLEAN


class _Start(TypedDict):
    python: str | None
    target: str | None
    offline: bool
    as_of: date | None
    env_file: Path | None
    env: tuple[tuple[str, str], ...]
    bare: bool


def _start(arguments: argparse.Namespace) -> _Start:
    return {
        "python": arguments.python,
        "target": arguments.target,
        "offline": arguments.offline,
        "as_of": arguments.as_of,
        "env_file": Path(arguments.env_file) if arguments.env_file else None,
        "env": tuple(variable for variable in arguments.env if variable),
        "bare": None in arguments.env,
    }


def _variable(text: str) -> tuple[str, str] | None:
    """A variable and its value; None for `none`, which takes away all the others."""
    name, equals, value = text.partition("=")
    if text == "none":
        return None
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is neither NAME=VALUE nor none")
    return name, value


def _codes(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def _day(text: str) -> date:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-11-21") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time in seconds above 0")
    return seconds


def _keep(arguments: argparse.Namespace, command: str, document: Callable[[], str]) -> None:
    from seatrial.report.saving import save

    if arguments.save:
        save(Path(arguments.path), command, document())


def _patch(arguments: argparse.Namespace, patch: str) -> None:
    from seatrial.report.saving import write

    if arguments.patch:
        write(Path(arguments.patch), patch)


def _page(path: str = ".") -> Page:
    from seatrial.report.page import Page

    if not sys.stdout.isatty():
        return Page(path=path, colour=bool(os.environ.get("FORCE_COLOR")))
    return Page(shutil.get_terminal_size().columns, _colour(), path)


def _colour() -> bool:
    # An old Windows console prints control codes as they are.
    speaks = os.environ.get("TERM") != "dumb" and (os.name != "nt" or "WT_SESSION" in os.environ)
    return speaks and not os.environ.get("NO_COLOR")


@contextmanager
def _progress() -> Iterator[Progress]:
    from seatrial.progress import SILENT
    from seatrial.report.progress import Line, shows

    if not shows(sys.stderr):
        yield SILENT
        return
    line = Line(sys.stderr)
    try:
        yield line
    finally:
        line.done()


def _print(text: str) -> None:
    """Print a report. A reader that has seen enough (`| head`) is no mistake; a console's encoding neither."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer would be written, and complained about, at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str, code: int) -> int:
    from seatrial.report.page import clean

    print(clean(" ".join(sentence.split())), file=sys.stderr)
    return code


def _crash(command: str, error: Exception) -> int:
    import traceback

    if os.environ.get("SEATRIAL_DEBUG"):
        traceback.print_exception(error)
        return USAGE
    last = traceback.extract_tb(error.__traceback__)[-1]
    mistake = f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
    sentence = (
        f"{command} stopped by a mistake of its own, {mistake}; please report it with what SEATRIAL_DEBUG=1 shows"
    )
    return _fail(sentence, USAGE)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    """Leave as after an exception, so that whatever was started is ended and whatever was made is removed."""
    raise SystemExit(TERMINATED)
