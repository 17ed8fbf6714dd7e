"""`seatrial demo`."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.commands.console import page_of, progress, show
from seatrial.commands.exits import CLEAN, ISSUES
from seatrial.report import formats

if TYPE_CHECKING:
    from seatrial.options import VerifyOptions
    from seatrial.proof.berth import Berth
    from seatrial.report.dossier import Dossier
    from seatrial.report.results import Build
    from seatrial.verification.results import Verification

HELP = "the whole voyage, with two backends that come along"
DESCRIPTION = (
    "Audits a bundled backend with several faults that hide one another, and starts it after each fix until it serves. "
    "Then builds the reference backend in a clean room, serves it on this machine, tries it live with two users, and "
    "leaves the report of both in a new folder."
)
QUICK = (
    "--quick left out the clean room of the reference backend, and the probes beyond health, tokens, isolation, CORS."
)
# Development shows the documentation on purpose.
SHOWN_IN_DEVELOPMENT = ("exposure.documentation",)


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    command.add_argument(
        "--quick",
        action="store_true",
        help="without the clean room, and only the probes of health, tokens, isolation and CORS",
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    broken, serves = _mended()
    reference, holds = _proven(quick=arguments.quick)
    show(f"\nThe evidence in one page: {_report(broken, reference)}\n")
    if arguments.quick:
        show(f"{QUICK}\n")
    return CLEAN if serves and holds else ISSUES


def _mended() -> tuple[Dossier, bool]:
    """The backend that does not start: read, then started after each fix. Whether it serves in the end."""
    from seatrial import pipeline
    from seatrial.boot import Outcome
    from seatrial.options import AuditOptions, BootOptions
    from seatrial.report.gathering import dossier_with

    place = pipeline.bundled("leaky")
    page = page_of(str(place))
    _leg("1 of 4: seatrial audit examples/leaky")
    with progress() as line:
        audit = pipeline.audit(place, AuditOptions(), line)
    show(formats.audit("text", (audit,), page, False))
    _leg("2 of 4: seatrial boot examples/leaky")
    with progress() as line:
        trial = pipeline.boot(place, BootOptions(), line)
    show(formats.trial("text", trial, page))
    told = {"boot": formats.trial("json", trial, page)}
    return dossier_with(audit, str(place), told), trial.after.outcome is Outcome.SERVES


def _proven(*, quick: bool) -> tuple[Dossier, bool]:
    """The reference backend: built and tried live. Whether it passed."""
    from seatrial import pipeline
    from seatrial.options import AuditOptions
    from seatrial.report.gathering import dossier_with

    place = pipeline.bundled("backend")
    page = page_of(str(place))
    if not quick:
        _leg("3 of 4: seatrial build backend")
    with progress() as line:
        line.step("the reference backend gets an environment")
        with pipeline.berthed(place) as berth:  # it comes up while the clean room is at work
            build = None if quick else _build(place)
            verification = _verify(berth, quick=quick)
    audit = pipeline.audit(place, AuditOptions())
    told = {"verify": formats.verification("json", verification, page)}
    told |= {"build": formats.build("json", build, page)} if build else {}
    holds = not (verification.failed or verification.unjudged or verification.left)
    passed = build is None or build.verdict == "pass"
    decisions, complaints = pipeline.check_decisions(place)
    dossier = replace(dossier_with(audit, str(place), told, decisions), complaints=complaints)
    return dossier, holds and passed


def _build(place: Path) -> Build:
    from seatrial import pipeline
    from seatrial.options import BuildOptions

    with progress() as line:
        build = pipeline.build(place, BuildOptions(), line)
    show(formats.build("text", build, page_of(str(place))))
    return build


def _verify(berth: Berth, *, quick: bool) -> Verification:
    from seatrial import pipeline
    from seatrial.commands.verify import ears

    _leg("4 of 4: seatrial verify, on this machine, in its development settings")
    with progress() as line:
        line.step("the reference backend starts")
        verification = pipeline.verify(berth.url(), _wishes(berth, quick=quick), ears(line))
    show(formats.verification("text", verification, page_of()))
    return verification


def _wishes(berth: Berth, *, quick: bool) -> VerifyOptions:
    from seatrial.options import REQUIRED, VerifyOptions
    from seatrial.proof.berth import FRONTEND

    return VerifyOptions(
        frontend=FRONTEND,
        credentials=(("SEATRIAL_JWT_SECRET", berth.secret),),
        journals=berth.folder,
        select=REQUIRED if quick else (),
        ignore=SHOWN_IN_DEVELOPMENT,
        budget=500,  # with the key there is more to ask than the usual 160: here nothing is to be left over
    )


def _leg(text: str) -> None:
    """The head of one leg of the voyage, printed before it is made."""
    show(f"\n{page_of().paint(f'== {text}', 'bold')}\n\n")


def _report(*dossiers: Dossier) -> Path:
    """Leave one page where the demo's own backends stay as they are."""
    from seatrial.report import html
    from seatrial.report.binding import bind
    from seatrial.report.saving import write

    target = Path(tempfile.mkdtemp(prefix="seatrial-demo-")) / "report.html"
    write(target, html.pages(tuple(bind(it) for it in dossiers)))
    return target
